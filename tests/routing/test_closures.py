"""Closures on a chessboard and on random towns: what is closed, cut, crossed, cut off, and reached all the same."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_router import oracle_s, towns

from ems_twin.city import City
from ems_twin.city.closures import ClosuresError, PlacedPlan, place_closures, plan_from
from ems_twin.city.sample import city_from_drawing, grid_city
from ems_twin.routing import ORDINARY, SIRENS, Router
from ems_twin.routing.closure_check import check_closures, closed_router, refuse_isolated
from ems_twin.routing.closures import state_of
from ems_twin.routing.hierarchy import check_hierarchy
from ems_twin.routing.phases import phases

SIDE = 5
BLOCK_S = 20.0  # 200 m at 36 km/h
ON_FOOT_S = 200 / 1.4


def board() -> City:
    """Five by five junctions; node 5 r + c is row r from the south, column c from the west."""
    return grid_city(SIDE, SIDE, stations=((0, 0),), hospitals=((4, 4),), sirens_factor=2.0)


def place(city: City, *closures: dict) -> PlacedPlan:
    return place_closures(plan_from({"closures": list(closures)}), city)


def at(city: City, *nodes: int) -> list[tuple[float, float]]:
    return [(float(city.roads.lon[v]), float(city.roads.lat[v])) for v in nodes]


def column(city: City, c: int) -> list[tuple[float, float]]:
    return at(city, c, 20 + c)


def closed(placed: PlacedPlan) -> Router:
    roads = placed.city.roads
    return closed_router(Router(roads, sirens_factor=2.0), state_of(roads, placed.closures), placed.plan.on_foot_mps)


def test_a_course_closes_its_street_and_cuts_what_meets_it():
    city = board()
    (one,) = place(city, {"id": "run", "line": column(city, 2)}).closures
    roads = city.roads
    assert sorted(one.nodes) == [2, 7, 12, 17, 22]
    assert {(roads.tail[e] % 5, roads.head[e] % 5) for e in one.on} == {(2, 2)}
    assert len(one.on) == 8  # four blocks, both ways
    assert {(roads.tail[e] % 5, roads.head[e] % 5) for e in one.cut} == {(1, 2), (2, 1), (2, 3), (3, 2)}
    assert len(one.cut) == 20


def test_what_only_lies_in_the_buffer_is_not_closed():
    city = board()
    (one,) = place(city, {"id": "run", "line": column(city, 2), "buffer_m": 150}).closures
    assert {int(city.roads.tail[e]) % 5 for e in one.on} == {2}


def test_part_of_a_course_closes_only_that_part():
    city = board()
    (one,) = place(city, {"id": "run", "line": column(city, 2), "from_km": 0.2, "to_km": 0.6}).closures
    assert sorted(one.nodes) == [7, 12, 17]
    assert len(one.on) == 4


def test_a_crossing_lets_units_over_after_its_delay_and_nowhere_else():
    city = board()
    crossing = {"lon": at(city, 12)[0][0], "lat": at(city, 12)[0][1], "delay_s": 90}
    router = closed(place(city, {"id": "run", "line": column(city, 2), "crossings": [crossing]}))
    assert router.travel_s(11, 13, metric=ORDINARY) == pytest.approx(2 * BLOCK_S + 90, abs=0.01)
    assert router.travel_s(11, 13, metric=SIRENS) == pytest.approx(BLOCK_S + 90, abs=0.01)  # sirens do not shorten it
    assert router.travel_s(1, 3, metric=ORDINARY) == pytest.approx(6 * BLOCK_S + 90, abs=0.01)  # round by row 2
    assert router.travel_s(12, 13, metric=ORDINARY) == pytest.approx(BLOCK_S, abs=0.01)  # who is there is let go


def test_who_is_behind_the_barrier_is_reached_up_to_it_and_from_one_side_only():
    city = board()
    crossing = {"lon": at(city, 12)[0][0], "lat": at(city, 12)[0][1], "delay_s": 0}
    placed = place(city, {"id": "run", "line": column(city, 2), "crossings": [crossing]})
    router = closed(placed)
    access = state_of(city.roads, placed.closures).access
    assert sorted(np.flatnonzero(access.cut_off)) == [2, 7, 17, 22]
    assert access.walk_m.max() == 0.0
    from_west, from_east = router.travel_s(6, 7, metric=ORDINARY), router.travel_s(8, 7, metric=ORDINARY)
    assert min(from_west, from_east) == pytest.approx(BLOCK_S, abs=0.01)
    assert max(from_west, from_east) == pytest.approx(5 * BLOCK_S, abs=0.01)  # round by the crossing


def test_what_no_vehicle_gets_to_is_reached_on_foot_by_a_dead_end():
    city = board()
    (west, south), (_, north), (east, _) = at(city, 0, 20, 2)
    west, south, north, east = west - 0.001, south - 0.001, north + 0.001, east - 0.001
    area = [(west, south), (west, north), (east, north), (east, south)]
    placed = place(city, {"id": "fair", "area": area})
    access = state_of(city.roads, placed.closures).access
    router = closed(placed)
    assert access.cut_off.any()
    assert access.walk_m.max() > 0
    everywhere = np.arange(25)
    assert np.isfinite(router.matrix_s(everywhere, everywhere)).all()
    assert not access.cut_off[2]  # it lies outside
    assert router.travel_s(2, 1, metric=SIRENS) == pytest.approx(ON_FOOT_S, rel=0.01)  # nobody drives
    assert router.travel_s(2, 1, metric=ORDINARY) == pytest.approx(ON_FOOT_S, rel=0.01)


def test_an_ambulance_lane_is_driven_in_both_directions_at_its_speed():
    ring = [(0, 1), (1, 2), (2, 3), (3, 0)]
    city = city_from_drawing([(0, 0), (400, 0), (400, 400), (0, 400)], ring, stations=[0], hospitals=[2])
    gates = [{"lon": lon, "lat": lat, "delay_s": 0} for lon, lat in at(city, 0, 1)]
    placed = place(city, {"id": "lane", "line": at(city, 0, 1), "ambulance_lane_kmh": 18, "crossings": gates})
    router = closed(placed)
    assert router.travel_s(1, 0, metric=ORDINARY) == pytest.approx(400 / 5, rel=0.01)
    assert router.travel_s(0, 1, metric=SIRENS) == pytest.approx(400 / 5, rel=0.01)
    assert router.roads.n_edges == city.roads.n_edges + 1
    path = router.path(1, 0, metric=ORDINARY)
    np.testing.assert_allclose(path.lonlat(), at(city, 1, 0))


def test_works_make_a_street_slower_for_all():
    city = board()
    works = {"id": "works", "line": column(city, 0), "vehicle_impact": "some-lanes-closed", "speed_factor": 0.5}
    router = closed(place(city, works))
    assert router.travel_s(0, 5, metric=ORDINARY) == pytest.approx(2 * BLOCK_S, abs=0.01)
    assert router.travel_s(0, 1, metric=ORDINARY) == pytest.approx(BLOCK_S, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(towns(), st.data())
def test_under_any_closure_every_place_has_a_travel_time_and_it_is_dijkstras(city: City, data: st.DataObject):
    roads = city.roads
    edges = data.draw(st.lists(st.integers(0, roads.n_edges - 1), min_size=1, unique=True))
    placed = place(city, {"id": "some", "edges": edges})
    router = closed(placed)
    check_hierarchy(router.hierarchy, router.roads)
    everywhere = np.arange(roads.n_nodes)
    before = Router(roads, sirens_factor=2.0)
    for metric in (SIRENS, ORDINARY):
        times = router.matrix_s(everywhere, everywhere, metric=metric)
        assert np.isfinite(times).all()
        np.testing.assert_allclose(times, oracle_s(router, metric=metric), atol=1e-6)
    cut_off = state_of(roads, placed.closures).access.cut_off
    reached = before.with_closures(edges).matrix_s(everywhere, everywhere, metric=ORDINARY)
    (drivable,) = np.nonzero(~cut_off)
    assert np.isfinite(reached[np.ix_(drivable, drivable)]).all()


def test_phases_follow_the_closures_and_share_states():
    city = board()
    placed = place(
        city,
        {"id": "a", "edges": [0], "start_date": "2024-11-03T08:00:00+00:00", "end_date": "2024-11-03T10:00:00+00:00"},
        {"id": "b", "edges": [1], "start_date": "2024-11-03T09:00:00+00:00", "end_date": "2024-11-03T11:00:00+00:00"},
        {"id": "c", "edges": [2], "start_date": "2024-11-03T11:00:00+00:00", "end_date": "2024-11-03T12:00:00+00:00"},
    )
    found = phases(city.roads, placed.closures)
    assert [phase.in_force for phase in found] == [(), ("a",), ("a", "b"), ("b",), ("c",), ()]
    assert found[0].begins is None
    assert found[0].state is found[-1].state
    assert [phase.begins.hour for phase in found[1:]] == [8, 9, 10, 11, 12]


def test_a_place_that_is_cut_off_is_named_and_refused_until_accepted():
    city = board()
    check = check_closures(place(city, {"id": "fair", "area": at(city, 18, 19, 24, 23)}), Router(city.roads))
    (place_,) = check.phases[0].places
    assert (place_.kind, place_.id) == ("hospital", city.hospitals[0].id)
    assert place_.walk_m > 0
    assert not check.ok
    with pytest.raises(ClosuresError, match="--accept-cut-off"):
        refuse_isolated(check)
    (to_hospital,) = [detour for detour in check.phases[0].detours if "hospital" in detour.kind]
    assert to_hospital.mean_s > to_hospital.mean_before_s
    assert any("cut off" in line for line in check.lines())


def test_a_course_that_runs_along_a_street_leaves_bridges_over_it_open():
    points = [(0, 0), (200, 0), (400, 0), (100, -200), (100, 200), (0, 200), (0, -200)]
    bridge = (3, 4)
    streets = [(0, 1), (1, 2), bridge, (4, 5), (5, 0), (0, 6), (6, 3)]
    city = city_from_drawing(points, streets + [(b, a) for a, b in streets], stations=[0], hospitals=[2])
    (one,) = place(city, {"id": "run", "line": at(city, 0, 2)}).closures
    ends = set(zip(city.roads.tail[one.cut].tolist(), city.roads.head[one.cut].tolist(), strict=True))
    assert bridge not in ends
    assert (0, 5) in ends


def test_a_course_through_a_park_cuts_what_it_crosses_unless_it_is_kept_open():
    points = [(0, 0), (0, 600), (600, 600), (600, 0)]
    ring = [(0, 1), (1, 2), (2, 3), (3, 0)]
    city = city_from_drawing(points, ring + [(b, a) for a, b in ring], stations=[0], hospitals=[2])
    (lon0, lat0), (_, lat1), (lon2, _) = at(city, 0, 1, 2)
    line = [(lon0, lat0), (lon0, lat1), ((lon0 + lon2) / 2, (lat0 + lat1) / 2), (lon2 + 0.005, (lat0 + lat1) / 2)]
    placed = place(city, {"id": "run", "line": line})
    crossed = [e for e in placed.closures[0].cut if {city.roads.tail[e], city.roads.head[e]} == {2, 3}]
    assert len(crossed) == 2
    assert any("away from junctions" in note for note in placed.notes)
    kept = place(city, {"id": "run", "line": line, "keep_open": [int(e) for e in crossed]})
    assert not set(crossed) & set(kept.closures[0].cut.tolist())


@pytest.mark.parametrize(
    ("closure", "path", "words"),
    [
        ({"id": "a", "streets": ["Nowhere"]}, "closures[0].streets[0]", "there is no street"),
        ({"id": "a", "edges": [10_000]}, "closures[0].edges", "does not exist"),
        ({"id": "a", "area": [(0, 0), (0, 1), (1, 1)]}, "closures[0].area", "no street of the map"),
        ({"id": "a", "line": [(0, 0), (0, 1)]}, "closures[0].line", "runs along no street"),
        (
            {"id": "a", "edges": [0], "start_date": "2024-05-06T10:00", "end_date": "2024-05-06T10:00"},
            "closures[0].end_date",
            "before it begins",
        ),
        ({"id": "a", "edges": [0], "start_date": "2024-03-31T02:30"}, "closures[0].start_date", "does not exist"),
    ],
)
def test_what_the_city_does_not_have_is_named(closure: dict, path: str, words: str):
    city = city_from_drawing([(0, 0), (200, 0)], [(0, 1), (1, 0)], stations=[0], hospitals=[1])
    city = City(**{**vars(city), "timezone": "Europe/Rome"})
    with pytest.raises(ClosuresError, match=words) as caught:
        place(city, closure)
    assert caught.value.faults[0].field == path


def test_times_are_on_the_citys_clock():
    city = City(**{**vars(board()), "timezone": "America/New_York"})
    (one,) = place(city, {"id": "a", "edges": [0], "start_date": datetime(2024, 11, 3, 8)}).closures
    assert one.begins.isoformat() == "2024-11-03T08:00:00-05:00"


def test_a_crossing_away_from_the_course_is_told_how_far():
    city = board()
    (lon, lat) = at(city, 11)[0]
    with pytest.raises(ClosuresError, match=r"200 m from the nearest junction of the course"):
        place(city, {"id": "run", "line": column(city, 2), "crossings": [{"lon": lon, "lat": lat}]})


def test_closures_that_hold_the_same_street_at_once_are_told():
    placed = place(board(), {"id": "a", "edges": [0, 1]}, {"id": "b", "edges": [1, 2]})
    assert any("'a' and 'b' hold 1 edges" in note for note in placed.notes)
