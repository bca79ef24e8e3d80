"""A chessboard town with stations in the west and a crowd in the east, as a scenario."""

from dataclasses import replace

from ems_twin.city import save_city
from ems_twin.city.sample import grid_city
from ems_twin.scenario.whatif import answer, prepare, scenario_from

EAST = {"lon": 9.0, "lat": 45.0}
N, STEP_M = 20, 300.0


def lonlat(row, col):
    """Place of a junction."""
    return 9.0 + col * STEP_M / 78_846.8, 45.0 + row * STEP_M / 111_131.8


def line(cells):
    """A course over junctions."""
    return [list(lonlat(*cell)) for cell in cells]


def surge(row, col, calls=60, hours=(8, 16)):
    """Calls around a junction."""
    lon, lat = lonlat(row, col)
    return {
        "id": "crowd", "kind": "surge", "calls": calls, "profile": "even", "place": {"lon": lon, "lat": lat, "radius_m": 700},
        "start": f"2024-05-06T{hours[0]:02}:00", "end": f"2024-05-06T{hours[1]:02}:00",
    }  # fmt: skip


def town(folder, stations=((4, 2), (10, 2), (16, 2)), units=2):
    """Save the city; returns its folder's name."""
    city = grid_city(N, N, spacing_m=STEP_M, stations=stations, hospitals=((10, 4),), units_per_station=units)
    roads = city.roads
    names = ("", *(f"Street {r}" for r in range(N)), *(f"Avenue {c}" for c in range(N)))
    row, col = roads.tail // N, roads.tail % N
    along = row == roads.head // N
    name_id = (along * (1 + row) + ~along * (1 + N + col)).astype(roads.name_id.dtype)
    save_city(replace(city, roads=replace(roads, names=names, name_id=name_id)), folder / "town")
    return "town"


def scenario(folder, **given):
    """A prepared scenario of one day in the town."""
    facts = {
        "name": "trial", "city": "town",
        "window": {"start": "2024-05-06T00:00", "hours": 18, "count_from": "2024-05-06T08:00", "count_to": "2024-05-06T16:00"},
        "variants": [{"name": "as it is"}], "replications": 4, "seed": 7,
    }  # fmt: skip
    file = folder / "trial.yaml"
    return prepare(scenario_from(facts | given, file=file), file=file)


def answered(folder, **given):
    """The same, simulated."""
    return answer(scenario(folder, **given), threads=2)
