"""Small invented cities held in memory: a chessboard, or any drawing given as points and streets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .assemble import assemble
from .city import City
from .fingerprint import content_hash
from .nearest import nearest_node
from .places import Hospital, Station
from .raw import CLASS_INDEX, RawRoads

_ORIGIN_LON, _ORIGIN_LAT = 9.0, 45.0  # on a central meridian of UTM, so that metres on paper stay metres
_METRES_A_DEGREE_LON, _METRES_A_DEGREE_LAT = 78_846.8, 111_131.8  # WGS 84 at 45 degrees north


def grid_city(
    rows: int = 8,
    cols: int = 8,
    *,
    spacing_m: float = 200.0,
    speed_kmh: float = 36.0,
    stations: Sequence[tuple[int, int]] = ((0, 0),),
    hospitals: Sequence[tuple[int, int]] = ((-1, -1),),
    units_per_station: int = 1,
    bays: int = 20,
    sirens_factor: float = 1.3,
    name: str = "grid",
) -> City:
    """Make a chessboard city: two-way streets between neighbours; node ``r * cols + c`` is row r, column c.

    Row 0 is the southernmost, column 0 the westernmost. Every edge is exactly ``spacing_m`` long, so a trip of k
    blocks takes ``k * spacing_m / (speed_kmh / 3.6)`` seconds at ordinary speed.

    Parameters
    ----------
    rows, cols
        Junctions from south to north and from west to east.
    spacing_m
        Block length, metres.
    speed_kmh
        Ordinary speed on every street.
    stations, hospitals
        (row, column) of each; negative numbers count from the end.
    units_per_station
        Ambulances at home at each station.
    bays
        Treatment bays of each hospital.
    sirens_factor
        Lights-and-sirens speed over ordinary speed.
    name
        Name of the city.
    """
    points = [(c * spacing_m, r * spacing_m) for r in range(rows) for c in range(cols)]
    streets = [(r * cols + c, r * cols + c + 1) for r in range(rows) for c in range(cols - 1)]
    streets += [(r * cols + c, (r + 1) * cols + c) for r in range(rows - 1) for c in range(cols)]
    edges = [(a, b, spacing_m) for a, b in streets] + [(b, a, spacing_m) for a, b in streets]
    return city_from_drawing(
        points,
        edges,
        speed_kmh=speed_kmh,
        stations=[(r % rows) * cols + c % cols for r, c in stations],
        hospitals=[(r % rows) * cols + c % cols for r, c in hospitals],
        units_per_station=units_per_station,
        bays=bays,
        sirens_factor=sirens_factor,
        name=name,
    )


def city_from_drawing(
    points: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int] | tuple[int, int, float] | tuple[int, int, float, float]],
    *,
    speed_kmh: float = 36.0,
    stations: Sequence[int] = (0,),
    hospitals: Sequence[int] = (-1,),
    units_per_station: int = 1,
    bays: int = 20,
    sirens_factor: float = 1.3,
    name: str = "drawing",
) -> City:
    """Make a city from points and directed edges; it must be strongly connected, so that rows stay as given.

    Parameters
    ----------
    points
        (x, y) of each node, metres east and north of an origin.
    edges
        (from, to), (from, to, length in m) or (from, to, length in m, speed in km/h). Without a length, the
        straight distance is taken.
    speed_kmh
        Ordinary speed of edges that name none.
    stations, hospitals
        Rows of the nodes they stand at; negative numbers count from the end.
    units_per_station, bays, sirens_factor, name
        As in :func:`grid_city`.

    Raises
    ------
    ValueError
        The drawing is not strongly connected.
    """
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    n, m = len(xy), len(edges)
    tail = np.array([edge[0] for edge in edges], dtype=np.int32)
    head = np.array([edge[1] for edge in edges], dtype=np.int32)
    straight = np.hypot(*(xy[tail] - xy[head]).T)
    raw = RawRoads(
        osm_id=np.arange(1, n + 1, dtype=np.int64),
        lon=_ORIGIN_LON + xy[:, 0] / _METRES_A_DEGREE_LON,
        lat=_ORIGIN_LAT + xy[:, 1] / _METRES_A_DEGREE_LAT,
        tail=tail,
        head=head,
        length_m=np.array([edge[2] if len(edge) > 2 else straight[i] for i, edge in enumerate(edges)]),
        tagged_kmh=np.array([edge[3] if len(edge) > 3 else speed_kmh for edge in edges], dtype=np.float64),
        road_class=np.full(m, CLASS_INDEX["residential"], dtype=np.uint8),
        name_id=np.zeros(m, dtype=np.int32),
        names=("",),
        shape_first=np.zeros(m + 1, dtype=np.int32),
        shape_lon=np.zeros(0),
        shape_lat=np.zeros(0),
        source="a drawing",
    )
    roads, dropped = assemble(raw, raw.tagged_kmh / 3.6)
    if dropped.nodes:
        raise ValueError(f"{dropped.nodes} nodes of the drawing cannot be driven to and from")

    def at(row: int) -> tuple[float, float, int]:
        lon, lat = float(roads.lon[row]), float(roads.lat[row])
        return lon, lat, nearest_node(roads, lon, lat)[0]

    station_rows = [(i, *at(row)) for i, row in enumerate(stations)]
    hospital_rows = [(i, *at(row)) for i, row in enumerate(hospitals)]
    return City(
        name=name,
        title=name.capitalize(),
        timezone="UTC",
        roads=roads,
        stations=tuple(
            Station(id=f"s{i}", name=f"Station {i}", lon=lon, lat=lat, node=node, units=units_per_station)
            for i, lon, lat, node in station_rows
        ),
        hospitals=tuple(
            Hospital(id=f"h{i}", name=f"Hospital {i}", lon=lon, lat=lat, node=node, beds=200, bays=bays)
            for i, lon, lat, node in hospital_rows
        ),
        content_hash=content_hash(roads),
        sirens_factor=sirens_factor,
        attribution="Invented city",
    )
