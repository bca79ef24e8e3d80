"""Calls that are out of the ordinary: their shares and times, their streams, and the settings that say so."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.city import load_city
from ems_twin.demand import CALL_DRAW, CaseMix, Chance, Delay, default, generate_calls, load_demand
from ems_twin.demand.settings import read_settings
from ems_twin.errors import CityError, InputError

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 1, 5, tzinfo=NEW_YORK)
DAY_S = 86_400.0
LAW = Delay(median_s=300, sigma=0.5, longest_s=3600)
EVERYTHING = CaseMix(
    cancelled=Chance(share=0.2, after=LAW),
    refused=0.1,
    refused_scene=Delay(median_s=700, sigma=0.2, longest_s=1500),
    worsens=Chance(share=0.3, after=LAW),
    worse_priority=1,
    units={2: 0.2, 3: 0.05},
    skills={"als": 0.5, "als+lift": 0.1},
    specialities={"stroke": 0.1, "trauma+paediatric": 0.02},
)
SKILLS = ("transport", "als", "lift")
NEW_FIELDS = (
    "stay_s",
    "needs",
    "n_units",
    "speciality",
    "known_at",
    "refused",
    "cancel_s",
    "worsens_s",
    "worse_priority",
)


@pytest.fixture(scope="module")
def able(city):
    hospitals = tuple(replace(h, specialities=("stroke", "trauma", "paediatric")) for h in city.hospitals)
    return replace(city, hospitals=hospitals)


@pytest.fixture(scope="module")
def mixed(demand):
    """Everything out of the ordinary may happen to calls of priority 2, and nothing to others."""
    return replace(demand, case_mix=(CaseMix(), EVERYTHING, CaseMix()))


@pytest.fixture(scope="module")
def calls(mixed, able):
    return generate_calls(mixed, able, start=MONDAY, duration_s=60 * DAY_S, seed=5, skill_names=SKILLS)


def near(seen: np.ndarray, share: float) -> bool:
    """Whether a share comes out within five standard errors."""
    return abs(seen.mean() - share) < 5 * np.sqrt(share * (1 - share) / len(seen))


@pytest.mark.parametrize(
    ("name", "n", "digest"),
    [("manhattan", 1044, "1f20e530631d2afd"), ("coquimbo", 62, "689db20be7adfa84")],
)
def test_calls_of_the_shipped_cities_are_what_they_were_before_there_was_a_case_mix(name, n, digest):
    city = load_city(name)
    start = datetime(2024, 5, 6, tzinfo=ZoneInfo(city.timezone))
    calls = generate_calls(load_demand(city), city, start=start, duration_s=DAY_S, seed=1)
    assert len(calls) == n
    old = [field for field in CALL_DRAW.names if field not in (*NEW_FIELDS, "u_transport")]
    numbers = np.round(np.column_stack([calls[field].astype(float) for field in old]), 6)  # microseconds
    assert hashlib.sha256(numbers.tobytes()).hexdigest()[:16] == digest
    assert not any(calls[field].any() for field in NEW_FIELDS)


def test_shares_come_out(calls):
    two = calls[calls["priority"] == 2]
    assert near(two["cancel_s"] > 0, 0.2)
    assert near(two["refused"] == 1, 0.1)
    assert near(two["worsens_s"] > 0, 0.3)
    assert near(two["n_units"] == 2, 0.2)
    assert near(two["n_units"] == 3, 0.05)
    assert near(two["needs"] == 0b010, 0.5)
    assert near(two["needs"] == 0b110, 0.1)
    assert near(two["speciality"] == 0b0010, 0.1)  # bit 1: stroke
    assert near(two["speciality"] == 0b1001, 0.02)  # bits 0 and 3: trauma and paediatric
    assert set(two["n_units"]) == {0, 2, 3}
    assert set(two["worse_priority"][two["worsens_s"] > 0]) == {1}
    assert not two["worse_priority"][two["worsens_s"] == 0].any()


def test_other_priorities_are_ordinary(calls):
    others = calls[calls["priority"] != 2]
    assert not any(others[field].any() for field in NEW_FIELDS)


@pytest.mark.parametrize("field", ["cancel_s", "worsens_s"])
def test_times_have_the_quantiles_of_their_law(calls, field):
    times = calls[field][calls[field] > 0]
    for q in (0.25, 0.5, 0.9):
        assert near(times <= LAW.quantile_s(q), q)


def test_who_refuses_is_not_taken_to_hospital(calls):
    refused = calls[calls["refused"] == 1]
    assert not refused["transport"].any()
    assert near(refused["scene_s"] <= 700, 0.5)
    assert refused["scene_s"].max() <= 1500


def test_who_refuses_takes_the_time_of_the_untransported_when_nothing_is_said(demand, city):
    mix = (CaseMix(refused=1.0),) * 3
    usual = generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=1)
    refused = generate_calls(replace(demand, case_mix=mix), city, start=MONDAY, duration_s=DAY_S, seed=1)
    alike = usual["transport"] == 0
    np.testing.assert_array_equal(usual["scene_s"][alike], refused["scene_s"][alike])
    assert refused["refused"].all()


@pytest.mark.parametrize(
    ("part", "touched"),
    [
        ({"cancelled": EVERYTHING.cancelled}, {"cancel_s"}),
        ({"refused": 0.3}, {"refused", "transport", "scene_s"}),
        ({"worsens": EVERYTHING.worsens, "worse_priority": 1}, {"worsens_s", "worse_priority"}),
        ({"units": {2: 0.5}}, {"n_units"}),
        ({"skills": {"als": 0.5}}, {"needs"}),
        ({"specialities": {"stroke": 0.5}}, {"speciality"}),
        ({"known": 0.5}, {"known_at"}),
    ],
)
def test_turning_one_on_leaves_all_other_fields_alone(demand, able, part, touched):
    mix = (CaseMix(), CaseMix(**part), CaseMix(**part))
    before = generate_calls(demand, able, start=MONDAY, duration_s=2 * DAY_S, seed=7)
    after = generate_calls(
        replace(demand, case_mix=mix), able, start=MONDAY, duration_s=2 * DAY_S, seed=7, skill_names=SKILLS
    )
    changed = {name for name in CALL_DRAW.names if not np.array_equal(before[name], after[name])}
    assert changed == touched
    untouched = after["refused"] == 0
    np.testing.assert_array_equal(before["scene_s"][untouched], after["scene_s"][untouched])


def test_attributes_are_independent(calls):
    two = calls[calls["priority"] == 2]
    names = ("cancel_s", "refused", "worsens_s", "n_units", "needs", "speciality", "u_travel")
    matrix = np.corrcoef([(two[name] > 0 if name != "u_travel" else two[name]).astype(float) for name in names])
    assert abs(matrix - np.eye(len(names))).max() < 5 / np.sqrt(len(two))


def test_a_larger_share_keeps_the_calls_that_were_struck_and_their_times(demand, city):
    def drawn(share: float) -> np.ndarray:
        mix = (CaseMix(cancelled=Chance(share=share, after=LAW)),) * 3
        return generate_calls(replace(demand, case_mix=mix), city, start=MONDAY, duration_s=DAY_S, seed=3)["cancel_s"]

    few, many = drawn(0.1), drawn(0.3)
    assert 0 < (few > 0).sum() < (many > 0).sum()
    np.testing.assert_array_equal(few[few > 0], many[few > 0])


def test_a_skill_that_nobody_has(mixed, able):
    with pytest.raises(InputError, match="calls of priority 2 need the skill 'als', which nobody has"):
        generate_calls(mixed, able, start=MONDAY, duration_s=DAY_S, seed=1)


def test_a_speciality_that_no_hospital_offers(mixed, city):
    with pytest.raises(InputError, match="calls of priority 2 need stroke, which no hospital offers"):
        generate_calls(mixed, city, start=MONDAY, duration_s=DAY_S, seed=1, skill_names=SKILLS)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"refused": 1.2}, "field 'refused': 1.2 is not a share"),
        ({"units": {2: 0.7, 3: 0.4}}, "field 'units': the shares sum to 1.1"),
        ({"units": {1: 0.1}}, "field 'units': 1 units"),
        ({"skills": {"als": -0.1}}, "field 'skills.als': -0.1 is not a share"),
        ({"specialities": {"eyes": 0.1}}, "'eyes' is no speciality. Known are trauma"),
        ({"worse_priority": 1}, "goes with worsens"),
    ],
)
def test_a_case_mix_that_cannot_be(part, message):
    with pytest.raises(InputError, match=message):
        CaseMix(**part)


def test_a_chance_takes_some_time_and_a_worse_priority_is_more_urgent(demand):
    with pytest.raises(InputError, match="field 'median_s': is 0"):
        Chance(share=0.1, after=Delay(median_s=0, sigma=0, longest_s=0))
    with pytest.raises(InputError, match=r"priority 1 is not more urgent than 1\. The most urgent calls"):
        replace(demand, case_mix=(EVERYTHING,) * 3)


SETTINGS = """cancelled = { share = 0.05, median_s = 240, sigma = 0.8, longest_s = 1800 }
refused = { share = 0.08, median_s = 600, sigma = 0.5, longest_s = 3600 }
worsens = { share = 0.02, to = 1, median_s = 900, sigma = 0.7, longest_s = 7200 }
units = { 2 = 0.1, 3 = 0.01 }
skills = { als = 0.6, "als+lift" = 0.02 }
specialities = { trauma = 0.03, stroke = 0.02 }
"""


def with_mix(tmp_path: Path, text: str) -> Path:
    """A demand file whose priority 2 has these entries."""
    toml = (Path(default.__file__).parent / "default" / "demand.toml").read_text()
    path = tmp_path / "demand.toml"
    path.write_text(toml.replace("[[priority]] # 2\n", f"[[priority]] # 2\n{text}"))
    return path


def test_settings_are_read(tmp_path):
    first, second, third = read_settings(with_mix(tmp_path, SETTINGS)).case_mix
    assert first == third == CaseMix()
    assert second == CaseMix(
        cancelled=Chance(share=0.05, after=Delay(median_s=240, sigma=0.8, longest_s=1800)),
        refused=0.08,
        refused_scene=Delay(median_s=600, sigma=0.5, longest_s=3600),
        worsens=Chance(share=0.02, after=Delay(median_s=900, sigma=0.7, longest_s=7200)),
        worse_priority=1,
        units={2: 0.1, 3: 0.01},
        skills={"als": 0.6, "als+lift": 0.02},
        specialities={"trauma": 0.03, "stroke": 0.02},
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("share = 0.05", "share = 5", r"field 'priority\[2\].cancelled.share': 5 is not a number .* at most 1"),
        ("median_s = 240", "median_s = 0", r"field 'priority\[2\].cancelled.median_s': is 0"),
        ("longest_s = 1800", "longest_s = 18", r"field 'priority\[2\].cancelled.longest_s': 18 is below the median"),
        ("share = 0.08, median_s", "share = 0.08, medium_s", r"refused.medium_s': is not a known entry"),
        ("to = 1", "to = 2", r"field 'priority\[2\].worsens.to': priority 2 is not more urgent than 2"),
        ("to = 1, ", "", r"field 'priority\[2\].worsens.to': is missing"),
        ("to = 1", "to = 'high'", r"worsens.to': 'high' is not a priority"),
        ("3 = 0.01", "3 = 0.95", r"field 'priority\[2\].units': the shares sum to 1.05"),
        ("3 = 0.01", "many = 0.01", r"field 'priority\[2\].units': 'many' is not a number of units"),
        ("3 = 0.01", "30 = 0.01", r"field 'priority\[2\].units': 30 units. Give numbers from 2 to 20"),
        ("stroke", "strokes", r"field 'priority\[2\].specialities': 'strokes' is no speciality"),
        ("units = {", "units = 2 # {", r"field 'priority\[2\].units': is not a table"),
    ],
)
def test_settings_that_cannot_be(tmp_path, old, new, message):
    assert old in SETTINGS
    with pytest.raises(CityError, match=message):
        read_settings(with_mix(tmp_path, SETTINGS.replace(old, new, 1)))


def test_all_faults_of_a_file_are_named(tmp_path):
    text = SETTINGS.replace("share = 0.05", "share = 5").replace("to = 1", "to = 3").replace("stroke", "strokes")
    path = with_mix(tmp_path, text)
    path.write_text(path.read_text().replace("title", "titel", 1))
    with pytest.raises(CityError) as caught:
        read_settings(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: 4 faults")
    for place in ("titel", "priority[2].cancelled.share", "priority[2].worsens.to", "priority[2].specialities"):
        assert f"field '{place}': " in message
    assert "Known are trauma, stroke" in message
