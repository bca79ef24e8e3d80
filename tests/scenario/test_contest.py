"""Contenders at several sizes of fleet: words, curves, searched placements, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

import ems_twin
from ems_twin.errors import InputError
from ems_twin.faults import faults_of
from ems_twin.scenario import Contender, Contest, Curve, compare_fleets, compare_policies
from ems_twin.scenario.verdict import answer, verdict, verdicts

DAY_S = 86_400.0


@pytest.fixture(scope="module")
def contest(city, router, demand, trial) -> Contest:
    away = Contender(name="all in the west", placement=np.array([6, 0, 0]))
    return compare_fleets(
        city, demand, ["home", "best-move", "best-static", away, "again=home"], start=trial.start, duration_s=3 * DAY_S,
        replications=8, router=router, evaluations=60, seed=3, curve=Curve(),
    )  # fmt: skip


def test_worse_than_the_baseline_is_said_in_words(contest: Contest) -> None:
    said = verdicts(contest)
    assert said["all in the west", 6] == "worse than home: more late calls"
    assert said["again", 6] == "not told apart from home"
    assert said["best-static", 6].startswith("better: fewer late calls")
    (text,) = answer(contest)
    assert text.startswith("With 6 units, ")
    assert "all in the west is worse than home." in text
    assert "fewer (95 % interval" in text


@pytest.mark.parametrize(
    ("late", "mean", "urgent", "words"),
    [
        (-1, 1, 0, "better: fewer late calls, though slower on average"),
        (1, -1, 1, "worse than home: more late calls, though faster on average"),
        (0, -1, 0, "faster on average; late calls not told apart"),
        (-1, -1, 1, "better: fewer late calls; but more of the most urgent are late"),
        (0, 1, 0, "worse than home: slower on average"),
    ],
)
def test_mixed_findings_are_said_as_such(late: int, mean: int, urgent: int, words: str) -> None:
    assert verdict(late, mean, urgent, baseline="home") == words


def test_a_placement_is_searched_for_on_other_nights(contest: Contest) -> None:
    found = contest.placements["best-static", 6]
    assert found.units.sum() == 6
    assert found.aim == "late"
    (one,) = [c for c in contest.comparisons[0].contenders if c.name == "best-static"]
    assert one.placement is not None
    assert one.placement.tolist() == found.units.tolist()


def test_a_curve_goes_from_few_moves_to_many(contest: Contest) -> None:
    assert len(contest.curve) == 8
    moves = [contest.comparisons[0].values(name, "moves_per_unit_day").mean() for name in contest.curve]
    assert moves[0] < moves[-1]
    assert not set(contest.curve) & set(contest.rivals)


def test_adjusted_p_values_are_no_smaller(contest: Contest) -> None:
    adjusted = contest.adjusted("late_share")
    assert set(adjusted) == {(name, 6) for name in contest.rivals}
    assert adjusted["again", 6] == 1.0
    assert all(0 <= p <= 1 for p in adjusted.values())


def test_replications_end_when_precise_enough_whatever_the_threads(city, router, demand, trial) -> None:
    found = [
        compare_fleets(
            city, demand, ["home", "best-move"], start=trial.start, duration_s=DAY_S, replications=30, router=router,
            precision=6.0, threads=threads, units=(6,),
        ).comparisons[0]
        for threads in (1, 3)
    ]  # fmt: skip
    n = len(found[0].replications)
    assert 5 <= n < 30
    assert found[0].replications == found[1].replications
    np.testing.assert_array_equal(
        found[0].values("best-move", "late_share"), found[1].values("best-move", "late_share")
    )
    pair = found[0].paired("best-move", "late_share")
    assert pair is not None
    assert pair.difference.half_width <= 6.0
    assert "to within 6 points after" in found[0].why_stopped


def test_every_fault_is_said_at_once(city, demand, trial, tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        compare_fleets(
            city, demand, ["home", "home", "guess", f"static:{tmp_path / 'nowhere'}", "x=static:"], baseline="nobody",
            start=trial.start, duration_s=60.0, replications=1, units=(6, 6, 0), curve=Curve(), precision=-1.0,
        )  # fmt: skip
    problems = " | ".join(str(fault) for fault in faults_of(caught.value))
    for words in (
        "'home' is there 2 times", "'guess'", "there is no such folder", "names no folder", "'nobody' is not compared",
        "1 replications", "the first 6 h", "6 is there 2 times", "a fleet of 0 units", "no policy has limits on moves",
        "a half-width of -1",
    ):  # fmt: skip
        assert words in problems, words


@pytest.mark.parametrize("text", ["least_gain", "least_gain=a", "speed=1,2", "=1"])
def test_a_curve_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a limit with values"):
        Curve.read(text)


def test_fleets_of_other_sizes_and_skills_are_refused(city, demand, trial, tmp_path) -> None:
    for name, kind in (("small", ""), ("skilled", "als")):
        folder = tmp_path / name
        folder.mkdir()
        rows = "".join(f"u{k},{city.stations[0].id},{kind}\n" for k in range(2 if name == "small" else 6))
        (folder / "units.csv").write_text("unit,station,type\n" + rows, "utf-8")
    (tmp_path / "skilled" / "unit_types.csv").write_text("type,skills\nals,transport als\n", "utf-8")
    options: dict[str, Any] = {"start": trial.start, "duration_s": DAY_S, "replications": 2}
    with pytest.raises(InputError) as caught:
        compare_fleets(
            city, demand, ["home", f"static:{tmp_path / 'small'}", f"home@{tmp_path / 'skilled'}"], **options
        )
    assert "'static:small' has 2 units, the others 6" in str(caught.value)
    assert "fleets know different skills" in str(caught.value)


def test_replications_without_calls_are_refused(city, demand, trial) -> None:
    with pytest.raises(InputError, match="no unit reached a call"):
        compare_fleets(
            city, demand, ["home", "dmexclp"], start=trial.start, duration_s=DAY_S, replications=2, volume=1e-6
        )


def test_fewer_hours_on_duty_are_told(city, demand, trial, tmp_path) -> None:
    rows = "".join(f"u{k},{city.stations[k % 3].id}\n" for k in range(6))
    (tmp_path / "units.csv").write_text("unit,station\n" + rows, "utf-8")
    (tmp_path / "shifts.csv").write_text(
        "unit,days,from,to\n" + "".join(f"u{k},mon-fri,08:00,20:00\n" for k in range(6)), "utf-8"
    )
    found = compare_fleets(
        city, demand, ["home", f"static:{tmp_path}"], start=trial.start, duration_s=DAY_S, replications=2
    )
    assert any("unit-hours a week" in note for note in found.notes)


def test_the_package_offers_it_by_a_short_name() -> None:
    assert ems_twin.compare is compare_policies


def test_a_start_without_a_zone_is_refused(city, demand, trial) -> None:
    naive = (trial.start + timedelta()).replace(tzinfo=None)
    with pytest.raises(InputError, match="has no time zone"):
        compare_fleets(city, demand, ["home"], start=naive, duration_s=DAY_S, replications=2)
