"""Scenarios that contradict themselves or the city: every fault by its path, and none of them a traceback."""

from __future__ import annotations

import json

import pytest
from made_up_scenario import FAIR, given

from ems_twin.scenario.whatif import ScenarioError, json_schema, prepare, read_scenario, scenario_from


def faults(**changes):
    """Paths and problems of a scenario."""
    with pytest.raises(ScenarioError) as caught:
        prepare(scenario_from(given(**changes)))
    return {fault.field: fault.problem for fault in caught.value.faults}


def test_every_fault_is_listed_by_its_path():
    found = faults(
        demand={"changes": [
            {"id": "sea", "kind": "surge", "calls": 5, "place": {"lon": -75.0, "lat": -29.96}},
            {"id": "sea", "kind": "factor", "factor": 2, "start": "2023-01-01T00:00", "end": "2023-01-01T05:00"},
            {"id": "crash", "kind": "mass-casualty", "lon": -71.335, "lat": -29.96, "at": "2024-09-20T00:00", "patients": 3},
        ]},
        roads={"closures": {"closures": [{"id": "old", "streets": ["Nowhere Street"]}]}},
        resources={
            "posts": [{"id": "samu-403", "lon": -71.335, "lat": -29.96}, {"id": "far", "lon": 0, "lat": 0}],
            "crews": [{"id": "a", "at": "moon", "shifts": [
                {"start": "2024-09-18T02:00", "end": "2024-09-18T06:00"},
                {"start": "2024-09-18T05:00", "end": "2024-09-18T08:00"},
                {"start": "2024-09-18T09:00", "end": "2024-09-18T08:30"},
            ]}],
            "withdrawn": [{"count": 100, "start": "2024-09-18T02:00", "end": "2024-09-18T06:00"}],
        },
        hospitals={"bays": {"st-elsewhere": 3}, "surge_beds": {"san-pablo": -1},
                   "diversions": [{"hospital": "nowhere", "start": "2024-09-18T02:00", "end": "2024-09-18T06:00"}]},
        policy={"move": "best-mov", "rules": {"queue_limt": 3, "count_bays": True}},
        comparisons=[{"variant": "moved", "against": "nobody"}],
        baseline="who",
    )  # fmt: skip
    for path in (
        "demand.changes[0].place", "demand.changes[1].id", "demand.changes[1]", "demand.changes[2].at",
        "roads.closures.closures[0].streets[0]", "resources.posts[0].id", "resources.posts[1]", "resources.crews[0].at",
        "resources.crews[0].shifts", "resources.crews[0].shifts[2].end", "resources.withdrawn[0].count",
        "hospitals.bays.st-elsewhere", "hospitals.surge_beds.san-pablo", "hospitals.diversions[0].hospital",
        "policy.move", "policy.rules.count_bays", "policy.rules.queue_limt", "comparisons[0].against", "baseline",
    ):  # fmt: skip
        assert path in found, f"{path} is not among {sorted(found)}"


@pytest.mark.parametrize(("change", "path"), [
    ({"demand": {"factor": 0}}, "demand.factor"),
    ({"demand": {"factor": 1000}}, "demand.factor"),
    ({"demand": {"changes": [{"id": "x", "kind": "surge", "calls": 4, "city_share": 1}]}}, "demand.changes[0].surge"),
    ({"demand": {"changes": [{"id": "x", "kind": "crowd", "people": 4, "place": {}}]}}, "demand.changes[0].crowd"),
    ({"demand": {"changes": [{"id": "x", "kind": "flood"}]}}, "demand.changes[0]"),
    ({"replications": 1}, "replications"),
    ({"window": {"start": "yesterday", "hours": 5}}, "window.start"),
    ({"varaints": []}, "varaints"),
    ({"variants": []}, "variants"),
])  # fmt: skip
def test_what_cannot_be_is_refused_when_it_is_read(change, path):
    with pytest.raises(ScenarioError) as caught:
        scenario_from(given(**change))
    assert any((fault.field or "").startswith(path) for fault in caught.value.faults), str(caught.value)
    assert all(fault.remedy for fault in caught.value.faults)


def test_a_fault_of_a_case_or_a_variant_is_found_there():
    found = faults(
        cases=[{"name": "a", "resources": {"crews": [{"id": "x", "at": "moon"}]}}],
        variants=[{"name": "v", "hospitals": {"bays": {"moon": 2}}}, {"name": "v"}], comparisons=[],
    )  # fmt: skip
    assert {"cases[0].resources.crews[0].at", "variants[0].hospitals.bays.moon", "variants[1].name"} <= set(found)


def test_closures_on_another_day_are_refused():
    closed = {"closures": [{"id": "old", "area": [[-71.337, -29.962], [-71.333, -29.962], [-71.333, -29.958]],
                            "start_date": "2023-09-18T08:00", "end_date": "2023-09-18T10:00"}]}  # fmt: skip
    assert "never in force" in faults(roads={"closures": closed})["roads.closures"]


@pytest.mark.parametrize(("text", "words"), [
    ("name: a\nname: b\n", "twice"),
    ("name: [a\n", "not YAML"),
    ("- 1\n", "no fields"),
    ("", "no fields"),
])  # fmt: skip
def test_a_file_that_is_no_scenario_is_refused(text, words, tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=words) as caught:
        read_scenario(file)
    assert all(fault.file == str(file) for fault in caught.value.faults)


def test_times_and_words_of_yaml_are_taken_as_they_are_written(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(
        "name: on\nwindow: {start: 2024-09-18T10:00:00, hours: 5}\ncity: coquimbo\nvariants: [{name: no}]\n"
    )
    scenario = read_scenario(file)
    assert scenario.name == "on"
    assert scenario.variants[0].name == "no"
    assert scenario.window.start.hour == 10


def test_yaml_and_json_say_the_same(tmp_path):
    import yaml

    made = given()
    for name, text in (("s.yaml", yaml.safe_dump(made)), ("s.json", json.dumps(made))):
        (tmp_path / name).write_text(text)
    assert read_scenario(tmp_path / "s.yaml") == read_scenario(tmp_path / "s.json")


def test_courses_are_read_from_files_beside_the_scenario(tmp_path):
    course = {"type": "LineString", "coordinates": [[-71.337, -29.962], [-71.333, -29.958]]}
    (tmp_path / "course.geojson").write_text(json.dumps(course))
    made = given(demand={"changes": [{"id": "run", "kind": "surge", "calls": 9, "place": {"line": "course.geojson"}}]})
    (tmp_path / "s.json").write_text(json.dumps(made))
    scenario = read_scenario(tmp_path / "s.json")
    assert len(scenario.demand.changes[0].place.line) == 2
    (tmp_path / "course.geojson").unlink()
    with pytest.raises(ScenarioError) as caught:
        read_scenario(tmp_path / "s.json")
    assert caught.value.field == "demand.changes[0].place.line"


def test_the_schema_knows_every_field_and_says_what_it_is():
    schema = json_schema()
    assert {"window", "demand", "roads", "resources", "hospitals", "policy", "variants"} <= set(schema["properties"])
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            assert name == "kind" or "description" in field or "$ref" in field or "allOf" in field, (
                f"{name} is not told"
            )


def test_a_shipped_scenario_fits_its_city():
    from pathlib import Path

    for file in sorted((Path(__file__).parents[2] / "experiments").rglob("marathon*.yaml")):
        prepared = prepare(read_scenario(file), file=file)
        assert prepared.areas.near.any()
        one = prepared.of(prepared.cases[0], "usual practice")
        usual = prepared.demand.calls_per_day / 24 * (prepared.count_to_s - prepared.count_from_s) / 3600
        assert one.overlay.expected_calls(prepared.count_from_s, prepared.count_to_s) == pytest.approx(
            0.4 * usual, rel=0.3
        )


def test_the_place_of_a_fair_is_on_the_map():
    assert prepare(scenario_from(given())).areas.near.any(), FAIR
