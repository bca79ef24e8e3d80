"""Paired comparisons: the same nights for all, and intervals that hold what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ems_twin.city.closures import place_closures, plan_from
from ems_twin.city.sample import grid_city
from ems_twin.demand import defaults_for
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.scenario import OUTCOMES, Comparison, ComparisonError, Contender, compare_policies, contender_of
from ems_twin.scenario.comparison import known, relative_change
from ems_twin.world import PolicyChoice, Rules, plan_roads

CITY = grid_city(12, 12, stations=((0, 0), (11, 11), (0, 11), (6, 6)), hospitals=((5, 5),), units_per_station=1)
DEMAND = replace(defaults_for(CITY), hour_of_week=np.full(168, 2.5))
START = datetime(2024, 5, 6, tzinfo=UTC)
HOME, MOVES = Contender(name="home"), Contender(name="moves", policy=PolicyChoice.named("best-move", least_gain=0.1))


def compared(*contenders: Contender, **options: object) -> Comparison:
    options = {"duration_s": 86_400.0, "replications": 4} | options
    return compare_policies(CITY, DEMAND, contenders, start=START, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def both() -> Comparison:
    return compared(HOME, MOVES, Contender(name="again"))


def test_a_policy_differs_from_itself_by_nothing(both: Comparison) -> None:
    for key in known(both):
        same = both.paired("again", key)
        assert same is not None
        assert same.difference.mean == 0
        assert same.difference.half_width == 0
    apart, half = both.cells("again")
    assert np.nanmax(np.abs(apart)) == 0
    assert np.nanmax(half) == 0


def test_a_users_own_policy_is_compared_with_the_built_in_ones() -> None:
    file = Path(__file__).parents[2] / "experiments" / "policies" / "own_policy.py"
    own = contender_of(f"{file}:fresh-crews", CITY)
    assert own.name == "fresh-crews"
    change = compared(HOME, own, replications=2).paired("fresh-crews", "response_s")
    assert change is not None
    assert change.difference.mean != 0
    with pytest.raises(InputError, match="'shared-load' decides hospital in Python"):
        compared(HOME, contender_of(f"{file}:shared-load", CITY))


def test_another_policy_is_told_apart_pair_by_pair(both: Comparison) -> None:
    pair = both.paired("moves", "response_s")
    change = both.relative("moves", "response_s")
    assert pair is not None
    assert change is not None
    assert pair.difference.mean != 0
    assert pair.variance_factor > 1  # the same nights: fewer replications are needed
    assert change.mean == pytest.approx(pair.relative)
    assert both.values("moves", "moves_per_unit_day").mean() > 0
    assert both.values("home", "moves_per_unit_day").max() == 0


def test_results_do_not_depend_on_the_number_of_threads(both: Comparison) -> None:
    alone = compared(HOME, MOVES, threads=1)
    for name in ("home", "moves"):
        for key in known(alone):
            np.testing.assert_array_equal(alone.values(name, key), both.values(name, key))


def test_all_outcomes_but_kilometres_are_known(both: Comparison) -> None:
    unknown = {outcome.key for outcome in OUTCOMES} - set(known(both))
    assert "km_per_unit_day" in unknown
    assert all("_p" in key and int(key[key.index("_p") + 2]) > 3 for key in unknown - {"km_per_unit_day"})
    assert both.estimate("home", "km_per_unit_day") is None
    driven = compared(HOME, kilometres=True)
    assert driven.values("home", "km_per_unit_day").min() > 0
    assert 0 < driven.values("home", "busy_share").mean() < 100


def test_cells_add_up_to_the_mean(both: Comparison) -> None:
    for one in both.found["moves"]:
        assert one.cell_response_s.sum() / one.cell_calls.sum() == pytest.approx(one.values["response_s"])
        assert 100 * one.cell_late.sum() / one.cell_calls.sum() == pytest.approx(one.values["late_share"])


def test_the_interval_of_a_relative_change_holds_the_truth() -> None:
    rng = np.random.default_rng(5)
    night = rng.gamma(20, 1, (2000, 12))
    a, b = night + rng.normal(0, 1, night.shape), 0.8 * night + rng.normal(0, 1, night.shape)
    found = [relative_change(x, y) for x, y in zip(a, b, strict=True)]
    held = np.mean([one.low <= -0.2 <= one.high for one in found])
    assert 0.93 < held < 0.97


def test_bays_bring_walk_ins_and_send_patients_where_a_bay_is_free() -> None:
    crowded = compared(HOME, Contender(name="nearest", rules=Rules()), bays=True, replications=2)
    assert crowded.values("home", "offload_min").mean() <= crowded.values("nearest", "offload_min").mean()


def test_placements_and_fleets_come_from_folders(tmp_path: Path) -> None:
    names = [station.id for station in CITY.stations]
    rows = "\n".join(f"u{k},{names[s]}" for k, s in enumerate((0, 0, 3, 3)))
    (tmp_path / "units.csv").write_text(f"unit,station\n{rows}\n", "utf-8")
    given = contender_of(f"static@{tmp_path}", CITY)
    assert given.name == f"static@{tmp_path.name}"
    same = Contender(name="same", placement=np.array([2, 0, 0, 2]))
    pair = compared(given, same).paired("same", "response_s")
    assert pair is not None
    assert pair.difference.mean == 0
    with pytest.raises(InputError, match="bases 3 units at 4 stations; the fleet has 4"):
        compared(Contender(name="few", placement=np.array([3, 0, 0, 0])))


def test_all_that_is_wrong_with_a_comparison_is_said_at_once() -> None:
    with pytest.raises(ComparisonError) as caught:
        compared(HOME, HOME, baseline="static", replications=1, duration_s=3600.0, volume=0.0)
    for words in (
        "'home' is there 2 times",
        "'static' is not compared",
        "1 replications",
        "the first 6 h",
        "factor of 0",
    ):
        assert words in str(caught.value)
    with pytest.raises(InputError, match="There are home"):
        contender_of("nearest", CITY)


def test_all_meet_the_same_closed_streets() -> None:
    """A course divides the city, with one crossing: everybody is slower, and a policy still does not differ from itself."""
    lon, lat = CITY.roads.lon, CITY.roads.lat
    ends, middle = [(float(lon[v]), float(lat[v])) for v in (5, 137)], 77
    course = {
        "id": "course", "line": ends,
        "crossings": [{"lon": float(lon[middle]), "lat": float(lat[middle]), "delay_s": 60}],
    }  # fmt: skip
    plan = plan_roads(
        CITY, Router.for_city(CITY), start=START, duration_s=86_400.0,
        closures=place_closures(plan_from({"closures": [course]}), CITY),
    )  # fmt: skip
    free, shut = compared(HOME, MOVES), compared(HOME, MOVES, Contender(name="again"), roads=plan)
    for name in ("home", "moves"):
        assert shut.values(name, "travel_s").mean() > free.values(name, "travel_s").mean()
    same = shut.paired("again", "response_s")
    assert same is not None
    assert same.difference.half_width == 0
