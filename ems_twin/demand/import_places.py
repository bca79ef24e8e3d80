"""Where the calls of a file were: positions that make sense, zones, and the nearest road nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..city.nearest import nearest_nodes
from .attributes import pick_nodes_in
from .formats import Layout
from .formats.records import Records
from .import_report import Snap
from .import_sieve import EXCHANGED, NOT_IN_CITY, Sieve
from .near import FARTHEST_M
from .streams import Stream, uniforms
from .volume import street_length_m

_AROUND_CITY = 0.5  # degrees: a city's calls may lie well outside its roads, but not on the other side of the world
_AROUND_BULK = 2.0
_FEW = 5
_NO_ZONE = {"?", "-", "n/a", "na", "nan", "none", "null", "unknown"}
_QUANTILES = (0.5, 0.9, 0.99, 1.0)
Degrees = NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """Places of k records."""

    lon: Degrees
    """NaN where only the zone is known."""
    lat: Degrees
    zone: NDArray[np.int32]
    """Row in ``zones``, or -1."""
    zones: tuple[str, ...]
    placed: NDArray[np.bool_]
    """Whether the position was drawn within the zone."""
    n_swapped: int
    """Records whose longitude and latitude were exchanged."""
    doubts: tuple[str, ...]


def find_places(records: Records, layout: Layout, city: City | None, sieve: Sieve, *, swap: bool, seed: int) -> Places:
    """Read the places of all records; those without one are dropped.

    Raises
    ------
    CityError
        The city's zones cannot be read.
    InputError
        The seed is negative.
    """
    zone, zones = records.texts("zone")
    zone[records.is_in("zone", _NO_ZONE)] = -1
    has_columns = records.has("point") or (records.has("lon") and records.has("lat"))
    lon, lat = records.positions()
    at_origin = (lon == 0) & (lat == 0)
    lon[at_origin] = lat[at_origin] = np.nan
    known = ~np.isnan(lon) & ~np.isnan(lat)
    box = _box(layout, city, lon[known], lat[known])
    exchanged = known & ~_is_in(box, lon, lat) & _is_in(box, lat, lon)
    n_swapped, doubts = 0, []
    if swap:
        lon[exchanged], lat[exchanged] = lat[exchanged], lon[exchanged]
        n_swapped = int((exchanged & sieve.kept).sum())
    elif count := sieve.drop(exchanged, EXCHANGED):
        doubts.append(f"{count:,} rows would lie where the others do with lon and lat exchanged: --swap does that.")
    sieve.drop(known & ((np.abs(lon) > 180) | (np.abs(lat) > 90)), "its position is not in degrees")
    if far := int((known & sieve.kept & ~_is_in(box, lon, lat)).sum()):
        doubts.append(f"{far:,} rows lie far from where the calls should be ({_in_words(box)}); they were kept.")
    placed = np.zeros(len(records), dtype=np.bool_)
    if city is not None and (~known & (zone >= 0)).any():
        rows = np.flatnonzero(~known & (zone >= 0))
        luck = uniforms(seed, 0, Stream.NODE, int(records.row.max()))[records.row[rows] - 1]  # each row has its own
        node = _drawn_nodes(city, [zones[i] for i in zone[rows]], luck)
        found = rows[node >= 0]
        lon[found], lat[found] = city.roads.lon[node[node >= 0]], city.roads.lat[node[node >= 0]]
        placed[found] = True
    elsewhere = ~known & ~placed
    sieve.drop(elsewhere & at_origin, "its position is (0, 0)")
    if has_columns:
        sieve.drop(elsewhere, "it has no position")
    else:
        sieve.drop(elsewhere & (zone < 0), "it has neither a position nor a zone")
        if city is not None:
            lost = zone[elsewhere & sieve.kept]
            if count := sieve.drop(elsewhere, NOT_IN_CITY):
                names, n = np.unique(lost, return_counts=True)
                most = [f"{zones[names[i]]} ({n[i]:,})" for i in np.argsort(-n, kind="stable")[:_FEW]]
                doubts.append(
                    f"{count:,} rows name {len(names):,} zones that {city.title} does not have, most often "
                    f"{', '.join(most)}."
                )
        elif (elsewhere & sieve.kept).any():
            doubts.append(
                "The file gives zones without positions: with --city, calls are placed within the city's zones."
            )
    return Places(
        lon=lon, lat=lat, zone=zone, zones=tuple(zones), placed=placed, n_swapped=n_swapped, doubts=tuple(doubts)
    )


OTHER_NAMES = "zone_names.csv"
"""Table of a demand folder with other names of its zones, if there are any."""


def snap_calls(calls: NDArray[np.void], city: City) -> Snap:
    """Set ``node`` of the calls that lie near a road; returns how many do, and how far from it all are."""
    known = np.flatnonzero(~np.isnan(calls["lon"]))
    node, distance_m = nearest_nodes(city.roads, calls["lon"][known], calls["lat"][known])
    near = distance_m <= FARTHEST_M
    calls["node"][known] = np.where(near, node, -1)
    measured = distance_m[~calls["placed"][known].astype(np.bool_)]
    return Snap(
        city=city.name,
        share=float(near.mean()) if len(near) else 0.0,
        within_m=FARTHEST_M,
        quantiles_m={
            f"{q:g}": float(value)
            for q, value in zip(_QUANTILES, np.quantile(measured, _QUANTILES) if len(measured) else [], strict=False)
        },
    )


def _drawn_nodes(city: City, names: list[str], u: NDArray[np.float64]) -> NDArray[np.int32]:
    """Node in each named zone by length of street; -1 where the city has no zone of that name, or no street in it."""
    from .load import load_demand
    from .tables import read_zone_names

    demand = load_demand(city)
    other = (
        {} if city.directory is None else read_zone_names(city.directory / "demand" / OTHER_NAMES, demand.zone_names)
    )
    length_m = street_length_m(city.roads)
    in_zone = np.bincount(demand.node_zone, length_m, len(demand.zone_names))
    # A zone whose only roads are motorways still has nodes: there every node counts alike.
    weight = np.where(in_zone[demand.node_zone] > 0, length_m, 1.0)
    has_nodes = np.bincount(demand.node_zone, minlength=len(demand.zone_names)) > 0
    row = {name: i for i, name in enumerate(demand.zone_names) if has_nodes[i]}
    zone = np.array([row.get(other.get(name, name), -1) for name in names])
    node = np.full(len(names), -1, dtype=np.int32)
    node[zone >= 0] = pick_nodes_in(demand.node_zone, weight, zone[zone >= 0], u[zone >= 0])
    return node


def _box(layout: Layout, city: City | None, lon: Degrees, lat: Degrees) -> Box:
    """West, south, east and north of where calls can be: around the city, the format's, or around the bulk of them."""
    if city is not None:
        roads, d = city.roads, _AROUND_CITY
        west, south, east, north = (
            float(edge) for edge in (roads.lon.min(), roads.lat.min(), roads.lon.max(), roads.lat.max())
        )
        return west - d, south - d, east + d, north + d
    if layout.box is not None:
        return layout.box
    if not len(lon):
        return (-180.0, -90.0, 180.0, 90.0)
    if np.mean(np.abs(lat) <= 90) < 0.5:
        lon, lat = lat, lon
    legal = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if not legal.any():
        return (-180.0, -90.0, 180.0, 90.0)
    middle, height, d = float(np.median(lon[legal])), float(np.median(lat[legal])), _AROUND_BULK
    return middle - d, height - d, middle + d, height + d


def _is_in(box: Box, lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    west, south, east, north = box
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _in_words(box: Box) -> str:
    return f"lon {box[0]:.2f} to {box[2]:.2f}, lat {box[1]:.2f} to {box[3]:.2f}"
