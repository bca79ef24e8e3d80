import numpy as np
import pytest

from ems_twin.city.build import build_city
from ems_twin.city.profile import directions, drivable_class
from ems_twin.city.roads import ROAD_CLASSES
from ems_twin.city.sources import read_source
from ems_twin.city.tagvalues import class_index, limit_kmh
from ems_twin.errors import CityError

pytest.importorskip("osmium", reason="pyosmium is an extra")


def osm(nodes, ways, relations=""):
    def tags(values):
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in values.items())

    text = "<?xml version='1.0'?><osm version='0.6'>"
    for id_, (lon, lat, *more) in nodes.items():
        text += f'<node id="{id_}" version="1" lon="{lon}" lat="{lat}">{tags(more[0] if more else {})}</node>'
    for id_, (refs, values) in ways.items():
        points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        text += f'<way id="{id_}" version="1">{points}{tags(values)}</way>'
    return f"{text}{relations}</osm>"


@pytest.fixture
def town(tmp_path):
    """A square of streets with a bent southern side, a one-way tail that leads nowhere, and places."""
    nodes = {
        1: (9.000, 45.000),
        2: (9.005, 44.999),  # bend of the southern side
        3: (9.010, 45.000),
        4: (9.010, 45.010),
        5: (9.000, 45.010),
        6: (9.020, 45.000),  # end of the one-way tail
        7: (9.001, 45.001, {"amenity": "hospital", "name": "North", "emergency": "yes", "beds": "120"}),
        8: (9.009, 45.009, {"emergency": "ambulance_station", "name": "Base"}),
        9: (9.0041, 45.0041),
        10: (9.0043, 45.0041),
        11: (9.0043, 45.0043),
    }
    ways = {
        100: ([1, 2, 3], {"highway": "primary", "name": "South Street", "maxspeed": "50"}),
        101: ([3, 4, 5], {"highway": "residential", "name": "Round"}),
        102: ([5, 1], {"highway": "residential", "name": "Round", "access": "private"}),
        103: ([3, 6], {"highway": "residential", "oneway": "yes"}),
        104: ([1, 4], {"highway": "footway"}),
        105: ([1, 3, 4, 1], {"building": "yes"}),
        106: ([9, 10, 11, 9], {"amenity": "hospital", "name": "Clinic"}),
    }
    file = tmp_path / "town.osm"
    file.write_text(osm(nodes, ways))
    return file


def test_streets_become_edges_and_bends_become_shape(town):
    raw = read_source(town)
    city, report = build_city(raw, name="town", timezone="Europe/Rome")
    roads = city.roads
    assert sorted(roads.osm_id.tolist()) == [1, 3]  # nothing branches at 4 and 5, and 6 is a trap
    assert roads.n_edges == 4
    south = [e for e in range(4) if roads.names[roads.name_id[e]] == "South Street"]
    assert {ROAD_CLASSES[roads.road_class[e]] for e in south} == {"primary"}
    np.testing.assert_allclose(roads.speed_mps[south], 0.8 * 50 / 3.6, atol=1e-3)
    eastward = next(e for e in south if roads.osm_id[roads.head[e]] == 3)
    np.testing.assert_allclose(roads.edge_lonlat(eastward), [(9, 45), (9.005, 44.999), (9.01, 45)])
    assert roads.length_m[eastward] == pytest.approx(818, abs=2)
    around = next(e for e in range(4) if roads.osm_id[roads.tail[e]] == 3 and e not in south)
    np.testing.assert_allclose(roads.edge_lonlat(around), [(9.01, 45), (9.01, 45.01), (9, 45.01), (9, 45)])
    assert (report.dropped.nodes, report.dropped.edges) == (1, 1)
    assert report.dropped.km == pytest.approx(0.786, abs=0.002)
    text = "\n".join(report.lines())
    assert "Dropped: 1 nodes and 1 edges outside the largest of 2 strongly connected parts" in text


def test_places_are_found_by_their_tags(town):
    city, report = build_city(read_source(town), name="town")
    assert [(h.name, h.beds, h.bays) for h in city.hospitals] == [("North", 120, 20)]
    assert [(s.name, s.units) for s in city.stations] == [("Base", 2)]
    assert city.hospitals[0].source == "OpenStreetMap node/7"
    assert "1 hospitals without emergency=yes were left out: Clinic" in "\n".join(report.notes)
    assert "no time zone was given; UTC is assumed" in report.notes


def test_without_stations_units_stand_at_the_hospitals(town):
    town.write_text(
        town.read_text().replace("ambulance_station", "siren").replace('v="yes"/><tag k="beds"', 'v="x"/><tag k="beds"')
    )
    city, report = build_city(read_source(town), name="town")
    assert sorted(h.name for h in city.hospitals) == ["Clinic", "North"]
    assert sorted(s.name for s in city.stations) == ["Ambulances at Clinic", "Ambulances at North"]
    assert any("no hospital says emergency=yes" in note for note in report.notes)


def test_without_a_hospital_the_remedy_is_a_table(town):
    town.write_text(town.read_text().replace('v="hospital"', 'v="bar"'))
    with pytest.raises(CityError, match=r"no hospital on the map.*--hospitals FILE"):
        build_city(read_source(town), name="town")


def test_a_hospital_mapped_as_a_multipolygon(tmp_path):
    nodes = {1: (9.0, 45.0), 2: (9.01, 45.0), 3: (9.002, 45.001), 4: (9.004, 45.001), 5: (9.004, 45.003)}
    ways = {100: ([1, 2], {"highway": "primary"}), 200: ([3, 4, 5, 3], {})}
    relation = (
        '<relation id="7" version="1"><member type="way" ref="200" role="outer"/><tag k="type" v="multipolygon"/>'
        '<tag k="amenity" v="hospital"/><tag k="name" v="Ring"/></relation>'
    )
    (tmp_path / "t.osm").write_text(osm(nodes, ways, relation))
    (place,) = read_source(tmp_path / "t.osm").candidates
    assert (place.kind, place.id, place.name) == ("hospital", "relation/7", "Ring")
    assert (place.lon, place.lat) == pytest.approx((9.003, 45.002))


def test_ways_are_cut_at_the_rim_of_the_extract(tmp_path):
    nodes = {1: (9.0, 45.0), 2: (9.01, 45.0)}
    (tmp_path / "t.osm").write_text(osm(nodes, {100: ([1, 2, 3, 4], {"highway": "primary"})}))
    raw = read_source(tmp_path / "t.osm")
    assert len(raw.tail) == 2
    assert raw.notes == ("1 ways run over the rim of the extract and were cut there",)


def test_files_without_roads_or_without_sense(tmp_path):
    (tmp_path / "t.osm").write_text(osm({1: (9, 45), 2: (9.1, 45)}, {1: ([1, 2], {"highway": "footway"})}))
    with pytest.raises(CityError, match="no road that an ambulance may use"):
        read_source(tmp_path / "t.osm")
    (tmp_path / "t.osm.pbf").write_bytes(b"nothing of the kind")
    with pytest.raises(CityError, match=r"t\.osm\.pbf: cannot be read"):
        read_source(tmp_path / "t.osm.pbf")


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ({"highway": "residential"}, "residential"),
        ({"highway": "residential", "access": "private"}, "residential"),
        ({"highway": "residential", "access": "no"}, None),
        ({"highway": "residential", "access": "no", "emergency": "yes"}, "residential"),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, "residential"),
        ({"highway": "busway"}, "service"),
        ({"highway": "road"}, "unknown"),
        ({"highway": "pedestrian"}, None),
        ({"highway": "pedestrian", "emergency": "designated"}, "living_street"),
        ({"highway": "service", "service": "driveway"}, None),
        ({"highway": "service", "service": "emergency_access"}, "service"),
        ({"highway": "residential", "area": "yes"}, None),
        ({"highway": "construction"}, None),
        ({"building": "yes"}, None),
    ],
)
def test_where_an_ambulance_may_drive(tags, wanted):
    assert drivable_class(tags) == wanted


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "yes", "oneway:emergency": "no"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
    ],
)
def test_directions(tags, wanted):
    assert directions(tags) == wanted


def test_speed_limits_and_classes_from_tags():
    assert limit_kmh("50") == 50
    assert limit_kmh("30 mph") == pytest.approx(48.28, abs=0.01)
    assert limit_kmh("50;30") == 40
    assert limit_kmh("none") == 130
    assert limit_kmh("DE:urban") == 50
    assert np.isnan(limit_kmh("signals"))
    assert np.isnan(limit_kmh(None))
    assert ROAD_CLASSES[class_index("['motorway_link', 'primary']")] == "motorway_link"
    assert ROAD_CLASSES[class_index(None)] == "unknown"
