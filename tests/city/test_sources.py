"""Each source on a tiny invented fixture."""

import gzip
import json
import sqlite3
import struct
import zipfile

import numpy as np
import pytest

from ems_twin.city.assemble import assemble, edge_lengths_m
from ems_twin.city.roads import ROAD_CLASSES
from ems_twin.city.sources import read_source, source_kind
from ems_twin.city.sources.aequilibrae import line_of_blob
from ems_twin.city.sources.hive import MEMBER as HIVE_MEMBER
from ems_twin.errors import CityError


def class_names(raw):
    return [ROAD_CLASSES[i] for i in raw.road_class]


# HIVE


def hive_json():
    nodes = [{"id": 10 + i, "x": -73.98 + 0.001 * i, "y": 40.75} for i in range(3)]
    link = {"osmid": 1, "key": 0, "travel_time": 1.0}
    links = [
        {**link, "source": 10, "target": 11, "length": 84.0, "speed_kmph": 39.6},
        {**link, "source": 11, "target": 12, "length": 84.0, "speed_kmph": 40.5},
        {**link, "source": 12, "target": 10, "length": 168.0, "speed_kmph": 251.0},
    ]
    return json.dumps({"graph": {"created_date": "2023-04-04 16:06"}, "nodes": nodes, "links": links})


def test_hive_from_json_and_from_the_wheel(tmp_path):
    (tmp_path / "network.json").write_text(hive_json())
    with zipfile.ZipFile(tmp_path / "nrel.hive-1.3.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(HIVE_MEMBER, hive_json())
    for file in ("network.json", "nrel.hive-1.3.1-py3-none-any.whl"):
        raw = read_source(tmp_path / file)
        assert raw.osm_id.tolist() == [10, 11, 12]
        assert raw.tail.tolist() == [0, 1, 2]
        assert raw.head.tolist() == [1, 2, 0]
        assert class_names(raw)[:2] == ["residential", "primary"]
        assert raw.length_m.tolist() == [84.0, 84.0, 168.0]
        assert "2023-04-04" in raw.source


def test_hive_tells_avenues_from_cross_streets(tmp_path):
    turn = np.radians(29)  # the grid leans 29 degrees to the east
    north, east = 0.001 * np.cos(turn), 0.001 * np.sin(turn) / np.cos(np.radians(40.75))
    nodes = [
        {"id": 1, "x": -73.98, "y": 40.75},
        {"id": 2, "x": -73.98 + east, "y": 40.75 + north},  # along the island
        {"id": 3, "x": -73.98 + 0.001 * np.cos(turn) / np.cos(np.radians(40.75)), "y": 40.75 - 0.001 * np.sin(turn)},
    ]
    links = [{"source": 1, "target": t, "length": 100.0, "speed_kmph": 40.2} for t in (2, 3)]
    (tmp_path / "n.json").write_text(json.dumps({"nodes": nodes, "links": links}))
    assert class_names(read_source(tmp_path / "n.json")) == ["secondary", "residential"]


@pytest.mark.parametrize("text", ["{", "[]", '{"nodes": [], "links": []}', '{"nodes": [{"id": 1}], "links": []}'])
def test_hive_refuses_other_json(tmp_path, text):
    (tmp_path / "n.json").write_text(text)
    with pytest.raises(CityError, match=r"n\.json"):
        read_source(tmp_path / "n.json")


# AequilibraE


def blob(*points, order="<"):
    xs, ys = zip(*points, strict=True)
    head = struct.pack(f"{order}i4d", 4326, min(xs), min(ys), max(xs), max(ys))
    body = struct.pack(f"{order}ii", 2, len(points)) + b"".join(struct.pack(f"{order}2d", *p) for p in points)
    return b"\x00" + (b"\x01" if order == "<" else b"\x00") + head + b"\x7c" + body + b"\xfe"


def project_database(path, rows):
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE links (link_id INTEGER, a_node INTEGER, b_node INTEGER, direction INTEGER, distance REAL, "
            "modes TEXT, link_type TEXT, name TEXT, speed_ab REAL, speed_ba REAL, geometry BLOB)"
        )
        database.executemany("INSERT INTO links VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
    database.close()
    return path


A, B, C = (-71.25, -29.90), (-71.24, -29.90), (-71.24, -29.91)


def test_aequilibrae_reads_directions_shapes_and_speeds(tmp_path):
    bend = (-71.245, -29.899)
    rows = [
        (1, 501, 502, 0, 1000.0, "ct", "primary", "Balmaceda", 60, None, blob(A, bend, B)),
        (2, 502, 503, 1, 1100.0, "ct", "residential", None, None, None, blob(B, C, order=">")),
        (3, 501, 503, -1, 1200.0, "ct", "residential", "Matta", None, 40, blob(A, C)),
        (4, 9999, 503, 0, 10.0, "ct", "centroid_connector", None, None, None, blob(C, A)),
        (5, 501, 503, 0, 10.0, "w", "footway", None, None, None, blob(A, C)),
    ]
    database = project_database(tmp_path / "project_database.sqlite", rows)
    with zipfile.ZipFile(tmp_path / "coquimbo.zip", "w") as archive:
        archive.write(database, "project_database.sqlite")
    for file in (database, tmp_path / "coquimbo.zip"):
        raw = read_source(file)
        assert raw.osm_id.tolist() == [501, 502, 503]
        assert list(zip(raw.tail.tolist(), raw.head.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2), (2, 0)]
        assert class_names(raw) == ["primary", "primary", "residential", "residential"]
        np.testing.assert_array_equal(raw.tagged_kmh, [60, np.nan, np.nan, 40])
        assert [raw.names[i] for i in raw.name_id] == ["Balmaceda", "Balmaceda", "", "Matta"]
        assert raw.shape_first.tolist() == [0, 1, 2, 2, 2]
        assert raw.shape_lon.tolist() == [bend[0]] * 2
        assert "2 links that are no roads for cars" in raw.notes[0]


def test_aequilibrae_reverses_the_shape_of_the_way_back(tmp_path):
    points = [A, (-71.248, -29.9), (-71.244, -29.9), B]
    rows = [(1, 1, 2, 0, 1.0, "c", "primary", "", None, None, blob(*points))]
    raw = read_source(project_database(tmp_path / "p.sqlite", rows))
    assert raw.shape_lon.tolist() == [-71.248, -71.244, -71.244, -71.248]


def test_blobs_that_are_no_lines():
    good = blob(A, B)
    np.testing.assert_array_equal(line_of_blob(good), [A, B])
    for bad in (b"", good[:-1], good[:-1] + b"\x00", good[:39] + struct.pack("<i", 3) + good[43:]):
        with pytest.raises(ValueError, match="geometry"):
            line_of_blob(bad)


def test_aequilibrae_refuses_other_files(tmp_path):
    (tmp_path / "p.sqlite").write_bytes(b"no database at all, just text that is long enough")
    with pytest.raises(CityError, match=r"p\.sqlite: is no AequilibraE project"):
        read_source(tmp_path / "p.sqlite")
    rows = [(1, 1, 2, 0, 1.0, "c", "primary", "", None, None, b"junk")]
    with pytest.raises(CityError, match="row 1, field 'geometry'"):
        read_source(project_database(tmp_path / "q.sqlite", rows))


# GraphML

GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="graph" attr.name="crs" attr.type="string"/>
  <key id="x" for="node" attr.name="x" attr.type="string"/>
  <key id="y" for="node" attr.name="y" attr.type="string"/>
  <key id="l" for="edge" attr.name="length" attr.type="string"/>
  <key id="h" for="edge" attr.name="highway" attr.type="string"/>
  <key id="m" for="edge" attr.name="maxspeed" attr.type="string"/>
  <key id="n" for="edge" attr.name="name" attr.type="string"/>
  <key id="g" for="edge" attr.name="geometry" attr.type="string"/>
  <graph edgedefault="directed">
    <data key="d0">epsg:4326</data>
    <node id="42"><data key="x">9.0</data><data key="y">45.0</data></node>
    <node id="43"><data key="x">9.01</data><data key="y">45.0</data></node>
    <edge source="42" target="43" id="0"><data key="l">800.5</data><data key="h">['primary', 'residential']</data>
      <data key="m">['25 mph', '35 mph']</data><data key="n">['Rue "A"', 'Rue B']</data>
      <data key="g">LINESTRING (9 45, 9.005 45.001, 9.01 45)</data></edge>
    <edge source="43" target="42" id="0"><data key="h">secondary_link</data><data key="m">50</data></edge>
  </graph>
</graphml>"""


@pytest.mark.parametrize("packed", [False, True])
def test_graphml(tmp_path, packed):
    file = tmp_path / ("g.graphml.gz" if packed else "g.graphml")
    file.write_bytes(gzip.compress(GRAPHML.encode()) if packed else GRAPHML.encode())
    raw = read_source(file)
    assert raw.osm_id.tolist() == [42, 43]
    assert class_names(raw) == ["primary", "secondary_link"]
    np.testing.assert_allclose(raw.tagged_kmh, [30 * 1.609344, 50])
    assert [raw.names[i] for i in raw.name_id] == ['Rue "A"', ""]
    assert raw.shape_lon.tolist() == [9.005]
    lengths = edge_lengths_m(raw)
    assert lengths[0] == 800.5
    assert lengths[1] == pytest.approx(786.3, abs=0.5)


def test_an_undirected_graphml_is_two_way_everywhere(tmp_path):
    (tmp_path / "g.graphml").write_text(GRAPHML.replace('"directed"', '"undirected"'))
    raw = read_source(tmp_path / "g.graphml")
    assert list(zip(raw.tail.tolist(), raw.head.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 0), (0, 1)]
    assert "undirected" in raw.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epsg:4326", "epsg:32632", "the graph is projected"),
        ('<data key="x">9.0</data>', "", "node 42 has no coordinates"),
        ('<data key="x">9.0</data>', '<data key="x">500000</data>', "not degrees"),
        ('target="43"', 'target="44"', "an edge ends at node 44"),
        ("800.5", "long", "row 1, field 'length': 'long' is no length"),
        ("LINESTRING (9 45,", "POINT (9 45,", "row 1, field 'geometry'"),
        ("</graph>", "", "cannot be read"),
    ],
)
def test_bad_graphml(tmp_path, old, new, message):
    (tmp_path / "g.graphml").write_text(GRAPHML.replace(old, new, 1))
    with pytest.raises(CityError) as caught:
        read_source(tmp_path / "g.graphml")
    assert message in str(caught.value)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "nodes", "edges"),
    [
        ("manhattan/roads_osm2019.graphml.gz", 15_982, 37_620),
        ("san_francisco/roads_tiger2013.graphml.gz", 11_765, 38_156),
    ],
)
def test_real_graphml(shared_data, file, nodes, edges):
    raw = read_source(shared_data / file)
    assert (len(raw.lon), len(raw.tail)) == (nodes, edges)
    assert ("TIGER" in raw.attribution) == ("tiger" in file)
    network, dropped = assemble(raw, np.full(edges, 10.0))
    assert dropped.self_loops > 0
    assert network.n_nodes + dropped.nodes == nodes
    assert network.n_edges + dropped.edges + dropped.self_loops == edges


# the kinds


def test_kinds_are_told_by_the_name(tmp_path):
    assert source_kind("Utrecht.OSM.PBF") == "osm"
    assert source_kind("a.graphml.gz") == "graphml"
    assert source_kind("aequilibrae-1.7.2-cp311-cp311-linux.whl") == "aequilibrae"
    with pytest.raises(CityError, match=r"no source of roads ends like this\. Known endings: .*\.graphml"):
        source_kind("roads.shp")
    with pytest.raises(CityError, match="there is no such file"):
        read_source(tmp_path / "absent.osm")
