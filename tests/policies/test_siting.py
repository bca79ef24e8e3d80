"""Siting models against every placement there is, in cases small enough to try them all."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.policies.covering import mclp, nested_mclp
from ems_twin.policies.double_standard import double_standard
from ems_twin.policies.mexclp import expected_cover, greedy_mexclp, mexclp
from ems_twin.policies.p_median import mean_drive_s, p_median
from ems_twin.policies.siting import BusyHours, Placement, SitingProblem

ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "jemss" / "expected_unit_cases.json"
SEEDS = range(6)


def some_problem(seed: int, *, capacity: bool = False, units: int | None = None) -> SitingProblem:
    rng = np.random.default_rng(seed)
    n_sites, n_points = int(rng.integers(2, 6)), int(rng.integers(3, 12))
    sites, points = rng.uniform(0, 1000, (n_sites, 2)), rng.uniform(0, 1000, (n_points, 2))
    weight = rng.uniform(0.0, 5.0, n_points)
    weight[0] = 0.0
    room = rng.integers(1, 3, n_sites) if capacity else None
    if units is None:
        units = int(rng.integers(1, n_sites + 1))
    drive_s = np.linalg.norm(sites[:, None] - points[None], axis=2)
    return SitingProblem(weight=weight, drive_s=drive_s, units=units, capacity=room)


def placements(problem: SitingProblem, most: int | None = None) -> Iterator[np.ndarray]:
    room = problem.room if most is None else np.minimum(problem.room, most)
    for counts in itertools.product(*(range(r + 1) for r in room)):
        if sum(counts) == problem.units:
            yield np.array(counts)


def best_of(problem: SitingProblem, worth: Callable[[np.ndarray], float], most: int | None = None) -> float:
    return max(worth(units) for units in placements(problem, most))


def check_room(problem: SitingProblem, placement: Placement) -> None:
    assert placement.units.sum() == problem.units
    assert (placement.units >= 0).all()
    assert (placement.units <= problem.room).all()


def covered(problem: SitingProblem, seconds: float, q: float) -> Callable[[np.ndarray], float]:
    covers = problem.drive_s <= seconds
    return lambda units: float(sum(w * (1 - q ** int(covers[:, i] @ units)) for i, w in enumerate(problem.weight)))


@pytest.mark.parametrize("seed", SEEDS)
def test_mclp_finds_the_best_cover(seed):
    problem = some_problem(seed)
    found = mclp(problem, cover_s=350.0)
    check_room(problem, found)
    worth = covered(problem, 350.0, 0.0)
    assert found.objective == pytest.approx(worth(found.units))
    assert found.objective == pytest.approx(best_of(problem, worth, most=1))
    assert (found.gap, found.status) == (0.0, "optimal")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [False, True])
@pytest.mark.parametrize("q", [0.1, 0.3, 0.6])
def test_mexclp_finds_the_best_expected_cover_and_greedy_keeps_its_word(seed, capacity, q):
    problem = some_problem(seed, capacity=capacity)
    worth = covered(problem, 400.0, q)
    exact = best_of(problem, worth)
    found = mexclp(problem, cover_s=400.0, busy_share=q)
    check_room(problem, found)
    assert found.objective == pytest.approx(exact, rel=1e-6)
    assert found.bound >= exact * (1 - 1e-9)
    assert found.gap < 1e-3
    quick = greedy_mexclp(problem, cover_s=400.0, busy_share=q)
    check_room(problem, quick)
    assert quick.objective == pytest.approx(worth(quick.units))
    assert (1 - 1 / np.e) * exact <= quick.objective <= exact + 1e-9
    assert quick.bound >= exact - 1e-9


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("q", [0.0, 0.4])
def test_p_median_finds_the_least_drive(seed, q):
    problem = some_problem(seed)

    def drive(units: np.ndarray) -> float:
        """By the story: the units in their order, each busy with chance q; nobody free: the farthest site."""
        total = 0.0
        for i, w in enumerate(problem.weight):
            left = 1.0
            for s in np.argsort(problem.drive_s[:, i]):
                for _ in range(units[s]):
                    total += w * left * (1 - q) * problem.drive_s[s, i]
                    left *= q
            total += w * left * problem.drive_s[:, i].max()
        return total

    found = p_median(problem, busy_share=q)
    check_room(problem, found)
    assert found.objective == pytest.approx(drive(found.units))
    assert found.objective == pytest.approx(
        -best_of(problem, lambda units: -drive(units), 1 if q == 0 else None), rel=1e-6
    )
    assert found.bound <= found.objective + 1e-9
    assert mean_drive_s(problem, found, busy_share=q) == pytest.approx(found.objective / problem.weight.sum())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capacity", [False, True])
def test_the_double_standard_covers_most_twice(seed, capacity):
    problem = some_problem(seed, capacity=capacity)
    near, far = problem.drive_s <= 400.0, problem.drive_s <= 700.0
    used = problem.weight > 0
    weight = problem.weight / problem.weight.sum()

    def rank(units: np.ndarray) -> tuple[int, float, float]:
        beyond = int((far[:, used].T @ units == 0).sum())
        once = float(weight @ (near.T @ units >= 1))
        return -beyond, min(once - 0.8, 0.0), float(problem.weight @ (near.T @ units >= 2))

    found = double_standard(problem, near_s=400.0, far_s=700.0, share=0.8)
    check_room(problem, found)
    best = max(rank(units) for units in placements(problem))
    assert rank(found.units) == pytest.approx(best, abs=1e-6)
    assert found.objective == pytest.approx(best[2])
    assert found.status == "optimal"
    assert len(found.notes) == (best[0] < 0) + (best[1] < -1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_nested_table_is_the_best_order(seed):
    problem = some_problem(seed)
    worth = covered(problem, 400.0, 0.0)
    share = np.random.default_rng(seed).dirichlet(np.ones(problem.units))

    def value(order: tuple[int, ...]) -> float:
        table = np.cumsum(np.eye(problem.n_sites, dtype=int)[list(order)], axis=0)
        return float(sum(s * worth(row) for s, row in zip(share, table, strict=True)))

    found = nested_mclp(problem, cover_s=400.0, idle_share=share)
    exact = max(map(value, itertools.permutations(range(problem.n_sites), problem.units)))
    assert value(tuple(found.order)) == pytest.approx(exact)
    assert found.objective == pytest.approx(exact)
    table = found.compliance_table(problem.n_sites)
    assert table.sum(axis=1).tolist() == list(range(1, problem.units + 1))
    assert (np.diff(table, axis=0) >= 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_busy_shares_by_the_hour_count_as_the_mean_over_hours(seed):
    problem = some_problem(seed)
    shares, calls = (0.1, 0.5, 0.8), (1.0, 3.0, 2.0)
    hours = BusyHours(share=np.array(shares), weight=np.array(calls))
    by_hour = [covered(problem, 400.0, q) for q in shares]

    def worth(units: np.ndarray) -> float:
        return float(np.average([one(units) for one in by_hour], weights=calls))

    found = mexclp(problem, cover_s=400.0, busy_share=hours)
    assert found.objective == pytest.approx(worth(found.units))
    assert found.objective == pytest.approx(best_of(problem, worth), rel=1e-6)
    assert greedy_mexclp(problem, cover_s=400.0, busy_share=hours).objective >= (1 - 1 / np.e) * found.objective
    drives = [mean_drive_s(problem, found, busy_share=q) for q in shares]
    assert mean_drive_s(problem, found, busy_share=hours) == pytest.approx(np.average(drives, weights=calls))
    with pytest.raises(InputError, match="busy a share"):
        BusyHours(share=np.array([0.2, 1.0]), weight=np.ones(2))
    with pytest.raises(InputError, match="hours and weights do not fit"):
        BusyHours(share=np.array([0.2]), weight=np.zeros(1))


def test_expected_cover_of_one_point_is_the_books():
    """0.70, 0.91, 0.973, 0.9919 by one to four units that are busy three tenths of the time."""
    for units, share in enumerate([0.70, 0.91, 0.973, 0.9919], start=1):
        problem = SitingProblem(weight=np.array([2.0]), drive_s=np.array([[10.0]]), units=units)
        found = mexclp(problem, cover_s=60.0, busy_share=0.3)
        assert found.objective == pytest.approx(2 * share)
        assert expected_cover(problem, found, cover_s=60.0, busy_share=0.3) == pytest.approx(share)


def oracle(name: str) -> dict:
    if not ORACLE.is_file():
        pytest.skip("needs the cases of JEMSS in ../shared/oracles")
    return json.loads(ORACLE.read_text("utf-8"))[name]


def oracle_problem(case: dict, units: int) -> SitingProblem:
    cover = np.array(case["cover_matrix_facility_by_point"])
    return SitingProblem(weight=np.array(case["point_demands"], float), drive_s=np.where(cover, 1.0, 9.0), units=units)


@pytest.mark.shared
def test_mclp_answers_as_jemss_does():
    case = oracle("mclp")
    for units, answer in case["solutions"].items():
        found = mclp(oracle_problem(case, int(units)), cover_s=5.0)
        assert found.units.tolist() == answer["x"]
        assert found.objective == answer["obj"]


@pytest.mark.shared
def test_nested_mclp_answers_as_jemss_does():
    case = oracle("nested_mclp")
    for one in case["cases"]:
        share = np.array([float(Fraction(text)) for text in one["weights"]])
        found = nested_mclp(oracle_problem(case, len(share)), cover_s=5.0, idle_share=share)
        assert (found.order + 1).tolist() == one["nested_order"]
        assert found.objective == pytest.approx(eval(one["obj"]))


def test_a_mid_sized_case_is_solved_with_a_gap():
    rng = np.random.default_rng(3)
    sites, points = rng.uniform(0, 6000, (30, 2)), rng.uniform(0, 6000, (150, 2))
    drive_s = np.linalg.norm(sites[:, None] - points[None], axis=2) / 8
    problem = SitingProblem(weight=rng.exponential(1.0, 150), drive_s=drive_s, units=20)
    found = mexclp(problem, cover_s=200.0, busy_share=0.4)
    quick = greedy_mexclp(problem, cover_s=200.0, busy_share=0.4)
    assert quick.objective <= found.objective <= found.bound <= quick.bound
    assert found.gap < 0.01


WEIGHT, DRIVE = np.ones(3), np.full((2, 3), 100.0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weight": np.zeros(3)}, "there is no demand"),
        ({"weight": np.array([1.0, -1.0, 0.0])}, "a weight is negative"),
        ({"weight": np.ones(4)}, "do not fit"),
        ({"drive_s": np.full((2, 3), np.nan)}, "a drive is negative or not a number"),
        ({"drive_s": np.array([[1.0] * 3, [np.inf] * 3])}, "no demand can be reached from 'B'"),
        ({"units": -1}, "field 'units': -1 units"),
        ({"units": 5, "capacity": np.array([2, 2])}, "5 units do not fit into 2 places with room for 4"),
        ({"capacity": np.array([2])}, "no capacities of 2 sites"),
        ({"names": ("A",)}, "1 names for 2 sites"),
    ],
)
def test_what_is_no_problem_is_refused(changed, message):
    facts = {"weight": WEIGHT, "drive_s": DRIVE, "units": 1, "names": ("A", "B")}
    with pytest.raises(InputError, match=message):
        SitingProblem(**facts | changed)


def test_models_refuse_what_they_cannot_use():
    crowd = SitingProblem(weight=WEIGHT, drive_s=DRIVE, units=3)
    two = SitingProblem(weight=WEIGHT, drive_s=DRIVE, units=2)
    apart = SitingProblem(
        weight=WEIGHT, drive_s=np.array([[1.0, 1.0, 1.0], [1.0, np.inf, 1.0]]), units=1, names=("A", "B")
    )
    for task, message in (
        (lambda: mclp(crowd, cover_s=60.0), "3 units are more than the 2 places, and MCLP"),
        (lambda: p_median(crowd), "3 units are more than the 2 places, and p-median"),
        (lambda: mexclp(crowd, cover_s=60.0, busy_share=0.0), "3 units are more than the 2 places"),
        (lambda: mclp(two, cover_s=0.0), "field 'target': a drive of 0.0 s covers nothing"),
        (lambda: mexclp(two, cover_s=60.0, busy_share=1.0), "field 'busy_share'"),
        (lambda: p_median(apart), "there is no way from 'B' to point 1"),
        (lambda: double_standard(two, near_s=90.0, far_s=60.0), "field 'far_s'"),
        (lambda: double_standard(two, near_s=60.0, far_s=90.0, share=1.5), "field 'share'"),
        (lambda: nested_mclp(two, cover_s=60.0, idle_share=np.ones(3)), "field 'idle_share'"),
    ):
        with pytest.raises(InputError, match=message):
            task()
