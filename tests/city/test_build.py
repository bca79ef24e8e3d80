import dataclasses
import io
import subprocess

import numpy as np
import pytest

from ems_twin.city import check_city, load_city
from ems_twin.city.assemble import assemble, edge_lengths_m
from ems_twin.city.build import build_city
from ems_twin.city.fleet import bays_from_beds, split_units
from ems_twin.city.raw import CLASS_INDEX, Candidate, RawRoads
from ems_twin.city.recipe import build_shipped, shipped_recipes
from ems_twin.city.simplify import join_chains
from ems_twin.city.speeds import BOUNDS, ORDINARY_KMH, ordinary_speeds_mps
from ems_twin.city.streets import lay_streets
from ems_twin.errors import CityError


def raw_roads(points, edges, **changes):
    """Raw roads of points (metres, near 9 E 45 N) and edges (from, to)."""
    xy = np.asarray(points, dtype=float)
    m = len(edges)
    values = {
        "osm_id": np.arange(100, 100 + len(xy)),
        "lon": 9 + xy[:, 0] / 78_846.8,
        "lat": 45 + xy[:, 1] / 111_131.8,
        "tail": np.array([a for a, _ in edges], dtype=np.int32),
        "head": np.array([b for _, b in edges], dtype=np.int32),
        "length_m": np.full(m, np.nan),
        "tagged_kmh": np.full(m, np.nan),
        "road_class": np.full(m, CLASS_INDEX["residential"], dtype=np.uint8),
        "name_id": np.zeros(m, dtype=np.int32),
        "names": ("",),
        "shape_first": np.zeros(m + 1, dtype=np.int32),
        "shape_lon": np.zeros(0),
        "shape_lat": np.zeros(0),
        "source": "drawing",
        "candidates": (Candidate(kind="hospital", id="h", name="H", lon=9.0, lat=45.0),),
    }
    return RawRoads(**{**values, **changes})


def both(*pairs):
    return [*pairs, *((b, a) for a, b in pairs)]


def speeds(raw):
    return np.full(len(raw.tail), 10.0)


def test_what_is_dropped_is_counted():
    points = [(0, 0), (100, 0), (200, 0), (200, 300), (0, 900), (100, 900)]
    edges = [*both((0, 1), (1, 2)), (2, 3), (1, 1), *both((4, 5))]  # 3 is a trap, 4 and 5 an island, 1-1 a loop
    roads, dropped = assemble(raw_roads(points, edges), np.full(len(edges), 10.0))
    assert (roads.n_nodes, roads.n_edges) == (3, 4)
    assert (dropped.self_loops, dropped.components) == (1, 3)
    assert (dropped.nodes, dropped.edges) == (3, 3)
    assert dropped.km == pytest.approx(0.5, abs=0.002)


def test_nothing_to_drive_on():
    with pytest.raises(CityError, match="no two junctions"):
        assemble(raw_roads([(0, 0), (1, 0)], [(0, 1)]), np.ones(1))
    with pytest.raises(CityError, match="no roads between different junctions"):
        assemble(raw_roads([(0, 0)], [(0, 0)]), np.ones(1))


def test_junctions_on_one_spot_keep_a_positive_length():
    raw = raw_roads([(0, 0), (0, 0), (9, 0)], both((0, 1), (1, 2)))
    assert edge_lengths_m(raw).min() == 0.1
    assert assemble(raw, speeds(raw))[0].length_m.min() == 0.1


def test_chains_are_joined_without_changing_lengths():
    points = [(0, 0), (100, 50), (200, 0), (300, 0), (300, 100), (400, 0)]
    raw = raw_roads(points, both((0, 1), (1, 2), (2, 3), (3, 4), (3, 5)))
    joined = join_chains(raw)
    assert joined.osm_id.tolist() == [100, 103, 104, 105]
    assert len(joined.tail) == 6
    assert edge_lengths_m(joined).sum() == pytest.approx(edge_lengths_m(raw).sum())
    first = int(np.nonzero(joined.tail == 0)[0][0])
    a, b = joined.shape_first[first : first + 2]
    np.testing.assert_allclose(joined.shape_lon[a:b], raw.lon[[1, 2]])


def test_a_chain_breaks_where_class_name_or_limit_changes():
    raw = raw_roads([(0, 0), (100, 0), (200, 0), (300, 0)], both((0, 1), (1, 2), (2, 3)))
    limits = np.array([50, 30, 30, 50, 30, 30], dtype=float)
    assert join_chains(dataclasses.replace(raw, tagged_kmh=limits)).osm_id.tolist() == [100, 101, 103]
    names = np.array([0, 0, 1, 0, 0, 1], dtype=np.int32)
    assert join_chains(dataclasses.replace(raw, name_id=names, names=("", "A"))).osm_id.tolist() == [100, 102, 103]


def test_rings_do_not_vanish():
    square = [(0, 0), (100, 0), (100, 100), (0, 100)]
    ring = [(0, 1), (1, 2), (2, 3), (3, 0)]
    for edges in (ring, both(*ring)):
        joined = join_chains(raw_roads(square, edges))
        roads, dropped = assemble(joined, speeds(joined))
        assert dropped.self_loops == 0
        assert roads.length_m.sum() == pytest.approx(100 * len(edges), rel=2e-3)
    lollipop = join_chains(raw_roads([*square, (-100, 0)], [*ring, *both((0, 4))]))
    roads, dropped = assemble(lollipop, speeds(lollipop))
    assert (dropped.self_loops, dropped.nodes) == (0, 0)
    assert roads.length_m.sum() == pytest.approx(600, rel=2e-3)


def test_joining_keeps_shortest_ways_of_a_random_net():
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    rng = np.random.default_rng(5)
    points = rng.uniform(0, 2000, (60, 2))
    pairs = {tuple(sorted(rng.choice(60, 2, replace=False).tolist())) for _ in range(75)}
    edges = [edge for a, b in sorted(pairs) for edge in ([(a, b)] if rng.random() < 0.3 else [(a, b), (b, a)])]
    raw = raw_roads(points, edges)

    def distances(r):
        table = {}
        for a, b, d in zip(r.tail.tolist(), r.head.tolist(), edge_lengths_m(r).tolist(), strict=True):
            table[a, b] = min(d, table.get((a, b), np.inf))
        ends = np.array(list(table))
        return dijkstra(csr_array((list(table.values()), (ends[:, 0], ends[:, 1])), shape=(len(r.lon),) * 2))

    joined = join_chains(raw)
    assert len(joined.lon) < len(raw.lon)
    kept = np.searchsorted(raw.osm_id, joined.osm_id)
    np.testing.assert_allclose(distances(joined), distances(raw)[np.ix_(kept, kept)], rtol=1e-9)


def test_absurd_speeds_are_cleaned():
    tags = np.array([np.nan, 50, 251, 3, 130, 20])
    raw = raw_roads([(0, 0), (1, 0)], [(0, 1)] * 6, tagged_kmh=tags)
    mps, report = ordinary_speeds_mps(raw)
    base = ORDINARY_KMH["residential"]
    np.testing.assert_allclose(mps * 3.6, [base, 40, base, base, BOUNDS[1] * base, BOUNDS[0] * base])
    assert (report.from_class, report.from_tag, report.clamped, report.implausible) == (3, 1, 2, 2)
    assert (report.tagged_min_kmh, report.tagged_max_kmh) == (3, 251)
    mps, _ = ordinary_speeds_mps(raw, kmh_by_class={"residential": 12.0}, use_tags=False)
    np.testing.assert_allclose(mps * 3.6, 12.0)


def test_streets_are_named_and_opened_both_ways(tmp_path):
    points = [(0, 0), (100, 0), (200, 0), (200, 100), (0, 100)]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]
    raw = raw_roads(points, edges, length_m=np.array([100.0, 100, 100, 200, 100]))
    table = tmp_path / "streets.csv"
    table.write_text("name,class,two_way,nodes\nMain Street,primary,1,100 102\nOld Lane,tertiary,0,104 100\n")
    laid = lay_streets(raw, table)
    assert list(zip(laid.tail.tolist(), laid.head.tolist(), strict=True)) == [*edges, (1, 0), (2, 1)]
    assert [laid.names[i] for i in laid.name_id] == ["Main Street"] * 2 + [""] * 2 + ["Old Lane"] + ["Main Street"] * 2
    assert laid.length_m[-2:].tolist() == [100.0, 100.0]
    assert laid.notes[-1].startswith("2 of the edges (0 km) were added")
    for text, message in (
        ("Main,primary,1,100 999", "row 1, field 'nodes': the roads have no node 999"),
        ("Main,boulevard,1,100 101", "'boulevard' is no road class"),
        ("Main,primary,often,100 101", "row 1: cannot be read"),
    ):
        table.write_text(f"name,class,two_way,nodes\n{text}\n")
        with pytest.raises(CityError, match=message):
            lay_streets(raw, table)


def test_units_are_split_by_share_with_one_each():
    assert split_units({"a": 0.7, "b": 0.2, "c": 0.1}, 10) == {"a": 6, "b": 2, "c": 2}
    assert split_units({"a": 1.0, "b": 0.0}, 2) == {"a": 1, "b": 1}
    for fleet in range(3, 40):
        assert sum(split_units({"a": 3.1, "b": 2.2, "c": 0.4}, fleet).values()) == fleet
    with pytest.raises(CityError, match="1 units cannot man 2 stations"):
        split_units({"a": 1, "b": 1}, 1)
    with pytest.raises(CityError, match="no station has any calls"):
        split_units({"a": 0, "b": 0}, 5)
    assert (bays_from_beds(0), bays_from_beds(1000)) == (20, 60)


def test_a_place_mapped_twice_counts_once_and_one_off_the_map_not_at_all():
    places = (
        Candidate(kind="hospital", id="node/1", name="General", lon=9.0, lat=45.0),
        Candidate(kind="hospital", id="way/2", name="general", lon=9.001, lat=45.0),
        Candidate(kind="hospital", id="node/3", name="Far", lon=9.5, lat=45.0),
    )
    raw = raw_roads([(0, 0), (900, 0)], both((0, 1)), candidates=places)
    city, report = build_city(raw, name="x")
    assert [hospital.name for hospital in city.hospitals] == ["General"]
    notes = "\n".join(report.notes)
    assert "'general' is mapped twice" in notes
    assert "'Far' is more than 500 m from a road and left out" in notes


@pytest.mark.parametrize("name", ["New York", "", "../x", "A", "-a"])
def test_unfit_names(name):
    with pytest.raises(CityError, match="is no name for a city"):
        build_city(raw_roads([(0, 0), (9, 0)], both((0, 1))), name=name)


def test_an_unknown_time_zone_is_refused_before_anything_is_saved():
    with pytest.raises(CityError, match="there is no time zone 'Europe/Utrecht'"):
        build_city(raw_roads([(0, 0), (9, 0)], both((0, 1))), name="x", timezone="Europe/Utrecht")


def test_the_shipped_cities_are_sound():
    for name, nodes in (("manhattan", 4197), ("coquimbo", 9051)):
        check = check_city(load_city(name))
        assert check.ok
        assert check.nodes == nodes
        assert check.unreachable_nodes == 0
        assert [finding for finding in check.findings if finding.about in ("roads", "stations", "hospitals")] == []
        assert all(5 <= kmh <= 110 for row in check.classes for kmh in row.kmh)


def test_manhattan_has_its_fleet_and_its_two_way_streets():
    city = load_city("manhattan")
    assert sum(station.units for station in city.stations) == 80
    assert len(city.hospitals) == 13
    assert all(hospital.bays >= 20 for hospital in city.hospitals)
    assert check_city(city).two_way_share > 0.25
    streets = {city.roads.names[i] for i in city.roads.name_id}
    assert {"West 42nd Street", "Broadway", "1st Avenue", "FDR Drive"} <= streets


def test_every_bundle_says_where_it_comes_from_and_how_it_is_licensed():
    for name, folder in shipped_recipes().items():
        text = (folder / "SOURCE.md").read_text(encoding="utf-8")
        assert "© OpenStreetMap contributors" in text, name
        assert "ODbL" in text
        assert (folder / "roads.npz").stat().st_size < 1_500_000


def test_recipes_that_cannot_be_cooked(tmp_path, monkeypatch):
    with pytest.raises(CityError, match=r"there is no recipe for 'atlantis'\. Recipes: .*manhattan"):
        build_shipped("atlantis")
    with pytest.raises(CityError, match="there is no such file"):
        build_shipped("manhattan", tmp_path / "nrel.hive-1.3.1-py3-none-any.whl", directory=tmp_path / "m")

    def offline(command, **kwargs):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found")

    monkeypatch.setattr(subprocess, "run", offline)
    with pytest.raises(CityError, match=r"nrel\.hive 1\.3\.1 cannot be downloaded .*--package FILE"):
        build_shipped("manhattan", directory=tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_check_tells_what_is_wrong(tmp_path):
    from rich.console import Console

    from ems_twin.city import save_city
    from ems_twin.city.sample import grid_city

    city = load_city(save_city(grid_city(3, 3, speed_kmh=200, units_per_station=0), tmp_path / "grid"))
    check = check_city(city)
    assert not check.ok
    assert [finding.level for finding in check.findings] == ["error", "warning", "warning", "note"]
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(check)
    text = console.export_text()
    assert "error: stations: the city has no ambulance" in text
    assert "the bundle has no demand" in text
    assert check.to_dict()["classes"][0]["name"] == "residential"
