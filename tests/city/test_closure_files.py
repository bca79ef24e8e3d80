"""Files of closures: TOML, JSON, GeoJSON, courses beside them, and every fault by its path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ems_twin.city.closures import ClosuresError, plan_from, read_closures, read_course
from ems_twin.errors import InputError

GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="40.7" lon="-74.0"/><trkpt lat="40.8" lon="-73.9"/></trkseg></trk></gpx>"""
LINE = {"type": "LineString", "coordinates": [[-74.0, 40.7], [-73.9, 40.8, 12.0]]}
POINTS = ((-74.0, 40.7), (-73.9, 40.8))


def test_toml_with_a_course_in_a_file_beside_it(tmp_path: Path):
    (tmp_path / "course.gpx").write_text(GPX)
    (tmp_path / "day.toml").write_text(
        'name = "Run"\n[[closures]]\nid = "course"\nline = "course.gpx"\nstart_date = 2024-11-03T08:00:00\n'
        "[[closures.crossings]]\nlon = -73.95\nlat = 40.75\ndelay_s = 120\n"
    )
    plan = read_closures(tmp_path / "day.toml")
    (closure,) = plan.closures
    assert plan.name == "Run"
    assert closure.line == POINTS
    assert closure.crossings[0].delay_s == 120
    assert closure.start_date.tzinfo is None


@pytest.mark.parametrize("content", [LINE, {"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}},
    {"type": "Feature", "properties": {}, "geometry": LINE}]}])  # fmt: skip
def test_a_course_in_geojson(tmp_path: Path, content: dict):
    file = tmp_path / "course.geojson"
    file.write_text(json.dumps(content))
    assert read_course(file) == POINTS


def test_geojson_as_a_whole_file(tmp_path: Path):
    ring = [[0, 0], [0, 1], [1, 1], [0, 0]]
    features = [
        {"type": "Feature", "properties": {"id": "run", "buffer_m": 20, "note": None}, "geometry": LINE},
        {"type": "Feature", "properties": {"vehicle_impact": "some-lanes-closed", "speed_factor": 0.5},
         "geometry": {"type": "Polygon", "coordinates": [ring]}},
        {"type": "Feature", "properties": {"name": "gate"}, "geometry": {"type": "Point", "coordinates": [-73.95, 40.75]}},
    ]  # fmt: skip
    file = tmp_path / "day.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "name": "Run", "features": features}))
    run, fair = read_closures(file).closures
    assert (run.id, run.buffer_m, run.line) == ("run", 20, POINTS)
    assert run.crossings[0].name == "gate"
    assert fair.speed_factor == 0.5
    features[2]["properties"]["crosses"] = "walk"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(ClosuresError, match=r"features\[2\].*no course 'walk'"):
        read_closures(file)


def test_every_fault_is_told_by_its_path():
    with pytest.raises(ClosuresError) as caught:
        plan_from(
            {
                "closures": [
                    {"id": "a", "edges": [1], "speed": 3},
                    {"id": "b"},
                    {
                        "id": "c",
                        "line": [[0, 0], [1, 1]],
                        "crossings": [{"lon": 1, "lat": 1, "delay_s": -5}, {"lon": 2}],
                    },
                    {"id": "d", "edges": [0], "vehicle_impact": "some-lanes-closed"},
                    {"id": "e", "line": [[0, 0], [1, 1]], "from_km": 3, "to_km": 2},
                ]
            }
        )
    told = {fault.field: fault.problem for fault in caught.value.faults}
    assert told["closures[0].speed"] == "there is no such field"
    assert "which streets" in told["closures[1]"]
    assert told["closures[2].crossings[0].delay_s"] == "is -5"
    assert "lon and lat" in told["closures[2].crossings[1]"]
    assert "speed_factor" in told["closures[3]"]
    assert "before it begins" in told["closures[4]"]
    assert len(told) == 6


@pytest.mark.parametrize(
    ("closure", "path"),
    [
        ({"line": [[0, 0], ["a", 1]]}, "closures[0].line[1][0]"),
        ({"line": 3}, "closures[0].line"),
        ({"edges": [1], "keep_open": [1.5]}, "closures[0].keep_open[0]"),
        ({"edges": [1], "start_date": "soon"}, "closures[0].start_date"),
    ],
)
def test_a_field_that_may_be_of_two_kinds_is_told_once(closure: dict, path: str):
    with pytest.raises(ClosuresError) as caught:
        plan_from({"closures": [{"id": "a"} | closure]})
    assert [fault.field for fault in caught.value.faults] == [path]


def test_two_closures_of_one_name_are_refused():
    with pytest.raises(ClosuresError, match="two closures 'a'"):
        plan_from({"closures": [{"id": "a", "edges": [0]}, {"id": "a", "edges": [1]}]})


@pytest.mark.parametrize(
    ("name", "text"),
    [("day.toml", "a = ["), ("day.json", "{"), ("day.txt", ""), ("day.toml", None)],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str | None):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ClosuresError, match="day"):
        read_closures(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "<gpx><trk/></gpx>",
        "<gpx",
        '<gpx><trkpt lat="1"/></gpx>',
        '<gpx><trkpt lat="99" lon="1"/><trkpt lat="1" lon="1"/></gpx>',
    ],
)
def test_a_course_that_is_none_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "course.gpx"
    file.write_text(text)
    with pytest.raises(InputError, match=r"course\.gpx"):
        read_course(file)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.gpx", '<!DOCTYPE a [<!ENTITY x "y">]><gpx><trkpt lat="1" lon="1"/>&x;</gpx>', "document type"),
        ("a.gpx", '<?xml version="1.0" encoding="no-such"?><gpx/>', "is not GPX"),
        ("a.geojson", '{"type": "LineString", "coordinates": [["a", "b"], [1]]}', "pairs of numbers"),
        ("a.geojson", '{"type": "FeatureCollection", "features": 5}', "pairs of numbers"),
        ("a.json", "[" * 100_000, "is not json"),
    ],
)
def test_a_hostile_course_is_refused_in_words(tmp_path: Path, name: str, text: str, problem: str):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=problem):
        read_course(tmp_path / name)
