"""What a page sends is looked over: every fault by its path, and nothing hostile gets through."""

import copy
import json

import pytest
from made_up_run import HOSTILE, small_city
from planner_client import paths, street

CITY = small_city()


def test_a_sound_plan_has_no_faults_and_says_what_is_simulated(client, plan):
    found = client.post("/api/check", json=plan).json()
    assert found["faults"] == []
    assert found["summary"]["days"] == 4
    assert [one["name"] for one in found["summary"]["variants"]] == ["usual practice", "relocation"]
    assert found["preview"] is None


def test_every_fault_is_told_by_path(client, plan):
    plan["window"]["hours"] = -1
    plan["demand"] = {"changes": [{"id": "crowd", "kind": "crowd", "people": 0, "place": {"lon": 1}}]}
    plan["surprise"] = 1
    found = paths(client.post("/api/check", json=plan))
    assert "window.hours" in found
    assert "surprise" in found
    assert "demand.changes[0].people" in found
    assert "demand.changes[0].place" in found


def test_faults_that_only_the_city_knows_are_told_by_path(client, plan):
    plan["demand"] = {
        "changes": [
            {"id": "far", "kind": "surge", "city_share": 0.2, "place": {"lon": 10.0, "lat": 50.0}},
            {"id": "late", "kind": "surge", "city_share": 0.2, "start": "2025-01-01T00:00"},
        ]
    }
    plan["resources"] = {"crews": [{"id": "a", "at": "nowhere"}]}
    plan["roads"] = {"closures": {"closures": [{"id": "off", "line": [[10.0, 50.0], [10.1, 50.0]]}]}}
    found = paths(client.post("/api/check", json=plan))
    assert found.count("demand.changes[0].place") == 1
    assert any(path.startswith("demand.changes[1]") for path in found)
    assert "resources.crews[0].at" in found
    assert "roads.closures.closures[0].line" in found


def test_what_a_closure_does_is_shown_before_anything_is_simulated(client, plan):
    line = street(CITY, 6, 1, 9)
    gate = {"lon": line[4][0], "lat": line[4][1], "name": HOSTILE[0]}
    closure = {"id": "run", "line": line, "crossings": [gate]}
    plan["roads"] = {"closures": {"closures": [closure]}, "accept_cut_off": True}
    found = client.post("/api/check", json=plan).json()
    assert found["faults"] == []
    preview = found["preview"]
    assert preview["phase"]["in_force"] == ["run"]
    assert preview["phase"]["km_closed"] > 2.0
    assert len(preview["closed"]) >= 8
    assert preview["barrier"]
    assert [one["name"] for one in preview["crossings"]] == [HOSTILE[0]]
    assert {one["kind"] for one in preview["phase"]["detours"]} == {
        "from the nearest station",
        "to the nearest hospital",
    }


def test_the_preview_is_there_though_something_else_is_wrong(client, plan):
    plan["window"]["hours"] = None
    plan["roads"] = {"closures": {"closures": [{"id": "run", "line": street(CITY, 6, 1, 9)}]}}
    found = client.post("/api/check", json=plan).json()
    assert found["preview"]["closed"]
    assert "window.hours" in [fault["path"] for fault in found["faults"]]


@pytest.mark.parametrize(
    ("section", "field", "path"),
    [
        ({"demand": {"calls": "/etc/passwd"}}, "calls", "demand.calls"),
        ({"resources": {"fleet": "../secret"}}, "fleet", "resources.fleet"),
        ({"roads": {"closures": "/etc/hosts.toml"}}, "closures", "roads.closures"),
        ({"roads": {"traffic": "/etc/x.toml"}}, "traffic", "roads.traffic"),
        ({"policy": {"move": "/tmp/evil.py:Policy"}}, "move", "policy.move"),
        ({"policy": {"move": "evil.toml"}}, "move", "policy.move"),
        ({"policy": {"parameters": {"policy": "/tmp/evil.py:Policy"}}}, "policy", "policy.parameters.policy"),
        (
            {"demand": {"changes": [{"id": "a", "kind": "surge", "calls": 3, "place": {"line": "/etc/x.gpx"}}]}},
            "line",
            "demand.changes[0].place.line",
        ),
    ],
)
@pytest.mark.parametrize("where", ["", "variants[0].", "cases[0]."])
def test_a_page_names_no_files_and_no_code(client, plan, section, field, path, where):
    holder = plan
    if where.startswith("variants"):
        holder = plan["variants"][0]
    elif where:
        holder = {"name": "case"}
        plan["cases"] = [holder]
    holder.update(copy.deepcopy(section))
    assert paths(client.post("/api/check", json=plan)) == [where + path]
    assert client.post("/api/runs", json=plan).status_code == 422
    assert client.post("/api/scenario.yaml", json=plan).status_code in (200, 422)


def test_the_city_is_the_one_that_is_served(client, plan, city_folder):
    plan["city"] = "/etc"
    assert client.post("/api/check", json=plan).json()["faults"] == []
    assert str(city_folder) in client.post("/api/scenario.yaml", json=plan).text


@pytest.mark.parametrize("given", [None, 3, "text", [], [1, 2], {}, {"window": 3}, {"variants": "x"}, {"roads": []},
                                   {"roads": {"closures": {"closures": 5}}}, {"roads": {"closures": {"closures": [1]}}},
                                   {"demand": {"changes": {"a": 1}}}])  # fmt: skip
def test_nonsense_is_refused_in_words(client, given):
    answer = client.post("/api/check", json=given)
    assert answer.status_code in (200, 422)
    assert all(fault["problem"] for fault in answer.json()["faults"])
    assert answer.json()["faults"]


def test_deep_and_broken_json_does_no_harm(client):
    for body in (b"{", b"\xff\xfe", b'{"name": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"name": NaN}'):
        answer = client.post("/api/check", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 400, 422)
    assert client.get("/api/city").status_code == 200


def test_bodies_without_their_type_are_no_json(client, plan):
    answer = client.post("/api/check", content=json.dumps(plan), headers={"Content-Type": "text/plain"})
    assert answer.json()["faults"]  # it is text, and text is no plan


def test_large_bodies_are_refused(client):
    body = b'{"name": "' + b"x" * 6_000_000 + b'"}'
    assert client.post("/api/check", content=body, headers={"Content-Type": "application/json"}).status_code == 413


def test_other_pages_and_names_are_refused(client, plan):
    assert client.post("/api/runs", json=plan, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get("/api/runs", headers={"Host": "evil.example"}).status_code == 421
