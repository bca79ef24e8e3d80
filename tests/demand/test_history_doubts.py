"""Holes and clocks that went wrong are found, and a sound record raises no doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from ems_twin.demand import CALL_HISTORY, CallHistory
from ems_twin.demand.clock import clock_seconds, time_zone
from ems_twin.demand.default import default_hour_of_week
from ems_twin.demand.import_doubts import find_doubts

START = datetime(2025, 9, 1, 4, tzinfo=UTC).timestamp()
NEW_YORK = time_zone("America/New_York")


def drawn(days: int, per_day: float, seed: int = 5) -> CallHistory:
    """Poisson calls with the default shape of the week, in New York."""
    random = np.random.default_rng(seed)
    t = np.sort(random.uniform(START, START + days * 86_400, random.poisson(days * per_day * 2.5)))
    rate = default_hour_of_week() / default_hour_of_week().mean() / 2.5
    hour = np.floor(clock_seconds(t, NEW_YORK) / 3600).astype(int)
    t = np.floor(t[random.random(len(t)) < rate[(hour + 72) % 168]])
    calls = np.zeros(len(t), dtype=CALL_HISTORY)
    calls["t"], calls["hospital"] = t, -1
    calls["lon"], calls["lat"] = -74.0, 40.7
    return CallHistory(calls=calls, timezone="America/New_York", kinds=("",), zones=("",))


def without(history: CallHistory, first: float, last: float) -> CallHistory:
    t = history.calls["t"]
    return replace(history, calls=history.calls[(t < first) | (t > last)])


@pytest.mark.parametrize(("days", "per_day"), [(7, 200), (120, 30), (90, 900)])
def test_a_sound_record_raises_no_doubt(days, per_day):
    found = find_doubts(drawn(days, per_day), civil=False)
    assert found.gaps == ()
    assert found.hours_off == 0
    assert found.resolution_s == 1
    assert not found.passes_merged
    assert found.sentences(remedy=True) == []


def test_a_hole_is_found_with_what_is_missing():
    history = drawn(90, 200)
    first = START + 40 * 86_400
    (gap,) = find_doubts(without(history, first, first + 86_400), civil=False).gaps
    assert gap.start == pytest.approx(first, abs=3600)
    assert gap.hours == pytest.approx(24, abs=1)
    assert gap.expected == pytest.approx(200, rel=0.1)


def test_a_quiet_night_is_no_hole_but_a_quiet_afternoon_is():
    history = drawn(90, 60)
    night = START + 40 * 86_400 + 3 * 3600
    assert find_doubts(without(history, night, night + 3 * 3600), civil=False).gaps == ()
    noon = START + 40 * 86_400 + 12 * 3600
    assert len(find_doubts(without(history, noon, noon + 6 * 3600), civil=False).gaps) == 1


def test_both_passes_of_a_repeated_hour_in_one():
    history = drawn(90, 1500)
    back = datetime(2025, 11, 2, 6, tzinfo=UTC).timestamp()
    calls = history.calls.copy()
    second = (calls["t"] >= back) & (calls["t"] < back + 3600)
    calls["t"][second] -= 3600  # as a file without offsets is read
    merged = replace(history, calls=np.sort(calls, order="t"))
    found = find_doubts(merged, civil=True)
    assert found.passes_merged
    assert found.gaps == ()  # the empty second pass is no hole
    (hour,) = found.repeated_hours
    assert hour.start == back - 3600
    assert hour.calls / hour.usual == pytest.approx(2, abs=0.5)
    assert not find_doubts(history, civil=False).passes_merged
    assert len(find_doubts(merged, civil=False).gaps) == 1


@pytest.mark.parametrize("hours", [-8, 5])
def test_a_day_that_runs_at_the_wrong_time(hours):
    history = drawn(60, 300)
    calls = history.calls.copy()
    calls["t"] += hours * 3600
    found = find_doubts(replace(history, calls=calls), civil=False)
    assert found.hours_off == hours
    text = " ".join(found.sentences(remedy=True))
    assert f"runs {abs(hours)} h {'later' if hours > 0 else 'earlier'}" in text
    assert "--local-times" in text
    assert "--timezone" in " ".join(found.sentences(remedy=False))


@pytest.mark.parametrize(("step", "word"), [(60, "minutes"), (3600, "hours")])
def test_rounded_times_are_said(step, word):
    history = drawn(30, 200)
    calls = history.calls.copy()
    calls["t"] = calls["t"] // step * step
    found = find_doubts(replace(history, calls=calls), civil=False)
    assert found.resolution_s == step
    assert found.gaps == ()
    assert any(word in sentence for sentence in found.sentences(remedy=True))


def test_one_call_is_a_history():
    history = drawn(30, 200)
    assert find_doubts(replace(history, calls=history.calls[:1]), civil=True).sentences(remedy=True) == []


def test_places_under_another_sun_are_doubted():
    history = drawn(7, 50)
    exchanged = history.calls.copy()
    exchanged["lon"], exchanged["lat"] = 40.7, -74.0
    found = find_doubts(replace(history, calls=exchanged), civil=False)
    assert found.sun_off_h == pytest.approx(-4 - 40.7 / 15)
    assert "the sun is 7 h off the clock: lon and lat may be exchanged" in found.sentences(remedy=True)[0]
    zones = history.calls.copy()
    zones["lon"] = zones["lat"] = np.nan
    assert find_doubts(replace(history, calls=zones), civil=False).sun_off_h == 0
