"""What is brought along and taken away: courses, plans, and files of runs."""

import json

import numpy as np
import pytest
import yaml
from made_up_run import HOSTILE, small_city
from planner_client import street

from ems_twin.scenario.whatif import read_scenario

CITY = small_city()
GPX = '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{}</trkseg></trk></gpx>'
BOMB = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]><gpx><trkpt lat="&y;" lon="1"/></gpx>'
FILE_ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trkpt lat="1" lon="1"/>&x;</gpx>'


def course(client, name, text):
    body = text if isinstance(text, bytes) else text.encode()
    return client.post("/api/course", params={"name": name}, content=body)


def test_a_course_comes_from_gpx_and_from_geojson(client):
    line = street(CITY, 3, 0, 5)
    points = "".join(f'<trkpt lon="{lon}" lat="{lat}"/>' for lon, lat in line)
    found = course(client, "my run.gpx", GPX.format(points)).json()
    assert found["name"] == "my run"
    assert found["points_read"] == 6
    assert np.array(found["line"]) == pytest.approx(np.array(line), abs=1e-6)
    feature = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": line}}
    assert course(client, "x.geojson", json.dumps(feature)).json()["line"] == found["line"]


def test_a_course_of_very_many_points_keeps_its_way(client):
    line = [[-73.9 + i * 1e-6, 40.7] for i in range(5000)]
    found = course(client, "x.json", json.dumps({"type": "LineString", "coordinates": line})).json()
    assert found["points_read"] == 5000
    assert len(found["line"]) < 2000
    assert found["line"][-1] == pytest.approx(line[-1], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.gpx", b"\x00\xff\xfe garbage"),
        ("a.gpx", "<gpx><trkpt lat='1'/></gpx>"),
        ("a.gpx", BOMB),
        ("a.gpx", FILE_ENTITY),
        ("a.gpx", '<?xml version="1.0" encoding="no-such"?><gpx/>'),
        ("a.gpx", ""),
        ("a.geojson", "{"),
        ("a.geojson", "[1, 2]"),
        ("a.geojson", '{"type": "LineString", "coordinates": [["a", "b"], [1]]}'),
        ("a.geojson", '{"type": "LineString", "coordinates": 5}'),
        ("a.geojson", '{"type": "FeatureCollection", "features": 5}'),
        ("a.geojson", '{"type": "LineString", "coordinates": [[1e999, 2], [NaN, 1]]}'),
        ("a.geojson", '{"type": "LineString", "coordinates": [[500, 2], [501, 1]]}'),
        ("a.geojson", '{"type": "Feature", "geometry":' * 3000 + "1" + "}" * 3000),
        ("a.json", "[" * 200_000),
        ("a.exe", "x"),
        ("../../etc/passwd", "x"),
        (HOSTILE[0], "x"),
    ],
)
def test_garbage_is_refused_in_words(client, name, text):
    answer = course(client, name, text)
    assert answer.status_code == 422, answer.text
    fault = answer.json()["faults"][0]
    assert fault["problem"]
    assert fault["remedy"]
    assert "passwd:" not in answer.text


def test_a_plan_that_is_saved_opens_again_and_is_what_the_command_line_reads(client, plan, tmp_path):
    plan["roads"] = {"closures": {"closures": [{"id": "run", "line": street(CITY, 6, 1, 9)}]}, "accept_cut_off": True}
    plan["question"] = "Is it: 'enough'? # yes\nno"
    answer = client.post("/api/scenario.yaml", json=plan)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    file = tmp_path / "plan.yaml"
    file.write_text(answer.text, "utf-8")
    scenario = read_scenario(file)
    assert scenario.question == plan["question"]
    opened = client.post("/api/open", params={"name": "plan.yaml"}, content=file.read_bytes()).json()["scenario"]
    again = client.post("/api/scenario.yaml", json=opened)
    assert yaml.safe_load(again.text) == yaml.safe_load(answer.text)


@pytest.mark.parametrize(
    "text", ["", "a: [", "- 1", "name: x", "!!python/object/apply:os.system ['true']", "a: 1\na: 2"]
)
def test_a_plan_that_is_none_is_refused(client, text):
    answer = client.post("/api/open", params={"name": "plan.yaml"}, content=text.encode())
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["problem"]


def test_presets_are_sound(client):
    presets = client.get("/api/presets").json()
    assert [one["key"] for one in presets] == ["ordinary", "gathering"]
    for one in presets:
        scenario = client.get(f"/api/presets/{one['key']}").json()["scenario"]
        assert client.post("/api/check", json=scenario).json()["faults"] == []
    assert client.get("/api/presets/none").status_code == 404


def test_the_page_loads_only_what_is_here(client):
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert "unsafe" not in policy
    assert answer.text.count(f'nonce="{nonce}"') == answer.text.count("<script")
    assert client.get("/").headers["Content-Security-Policy"] != policy
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text
    for address in [part.split('"')[0] for part in answer.text.split('="/assets/')[1:]]:
        asset = client.get(f"/assets/{address}")
        assert asset.status_code == 200
        assert "immutable" in asset.headers["Cache-Control"]
    assert client.get("/assets/../../pyproject.toml").status_code == 404


def test_where_streets_meet(tmp_path):
    from planner_client import served

    with served("manhattan", tmp_path) as client:
        ask = lambda street, cross: client.get("/api/corner", params={"street": street, "cross": cross})  # noqa: E731
        (point,) = ask("1st avenue", "East 72nd Street").json()["points"]
        assert point == pytest.approx([-73.9549, 40.7686], abs=0.003)
        wrong = ask("Frist Avenue", "East 72nd Street")
        assert wrong.status_code == 422
        assert "Did you mean" in wrong.json()["faults"][0]["remedy"]
        assert "does not meet" in ask("1st Avenue", "Broadway").json()["faults"][0]["problem"]
        marathon = client.get("/api/presets/marathon_manhattan").json()["scenario"]
        assert [one["id"] for one in marathon["roads"]["closures"]["closures"]] == [
            "first-avenue",
            "fifth-avenue-and-park",
        ]
        assert client.post("/api/check", json=marathon).json()["faults"] == []
