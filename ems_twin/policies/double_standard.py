"""The double standard model (Gendreau, Laporte and Semet 1997): nobody too far, and the most demand covered twice.

max sum_i d_i x2_i;  sum_{j in W_i(far)} y_j >= 1;  sum_i d_i x1_i >= a sum_i d_i;  x2_i <= x1_i;
sum_{j in W_i(near)} y_j >= x1_i + x2_i;  sum_j y_j <= p. What cannot be met is missed by as little as can be: first as few
points beyond the far standard, then the share (JEMSS does the same by slacks at a cost).
Units without which all this is as good go where they add most expected cover, as the model has no use for a third unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import milp
from .expected_cover import greedy, merged
from .siting import MINUTE_S, Busy, Placement, Seconds, SitingProblem

_A_POINT, _THE_SHARE = 1e4, 1e3  # what missing costs, a point or all of the share; all double cover together is worth 1
_A_UNIT = 1e-4  # what all units cost together, so that none is placed in vain


def double_standard(
    problem: SitingProblem,
    *,
    near_s: Seconds,
    far_s: Seconds,
    share: float = 0.9,
    busy_share: Busy = 0.3,
    time_limit_s: float = MINUTE_S,
) -> Placement:
    """Place units for the most double cover; the objective is the demand that is covered twice.

    Parameters
    ----------
    problem
        Demand, sites and units.
    near_s, far_s
        The two standards, seconds of drive, 0 < near <= far.
    share
        Share of the demand to be covered within ``near_s``, 0 to 1.
    busy_share
        Share of the time that a unit is busy, for the units that are left over.
    time_limit_s
        When to be content with what has been found, seconds.

    Raises
    ------
    InputError
        A standard or the share is out of range, or no placement was found in time.
    """
    if np.any(np.asarray(near_s) > np.asarray(far_s)):
        raise InputError(
            f"the far standard of {np.min(far_s):g} s is shorter than the near one of {np.max(near_s):g} s",
            field="far_s",
            remedy="Give the longer one as far_s.",
        )
    if not 0 <= share <= 1:
        raise InputError(f"{share} is no share", field="share", remedy="Give a number from 0 to 1.")
    used = problem.weight > 0
    near, far = problem.covers(near_s)[:, used].T, problem.covers(far_s)[:, used].T
    weight = problem.weight[used] / problem.weight.sum()
    gain, rows, upper, whole = _program(problem, weight, near, far, share)
    found = milp.maximise(gain, rows, whole=whole, upper=upper, time_limit_s=time_limit_s)
    if found is None:
        raise InputError("no placement was found in time", field="time_limit_s", remedy="Give more time.")
    units = np.rint(found.x[: problem.n_sites]).astype(np.int64)
    units = greedy(merged(weight, near), problem.units, problem.room, busy_share, start=units).units
    in_reach = near @ units
    total = float(problem.weight.sum())
    twice = float(weight @ (in_reach >= 2)) * total
    beyond = int((far @ units == 0).sum())
    once = float(weight @ (in_reach >= 1))
    notes = []
    if beyond:
        notes.append(f"{beyond} of {int(used.sum())} demand points are beyond the far standard")
    if once < share - 1e-9:
        notes.append(f"{once:.1%} of the demand is within the near standard, not {share:.0%}")
    # a bound on the double cover among placements that miss no more than this one
    bound = max(min(twice + (found.bound - found.objective) * total, total), twice)
    return Placement(units=units, objective=twice, bound=bound, status=found.status, notes=tuple(notes))


def _program(
    problem: SitingProblem,
    weight: NDArray[np.float64],
    near: NDArray[np.bool_],
    far: NDArray[np.bool_],
    share: float,
) -> tuple[NDArray[np.float64], milp.Rows, NDArray[np.float64], NDArray[np.bool_]]:
    """Variables: units by site, once, twice, beyond the far standard by point, and what is missing of the share."""
    n_sites, n = problem.n_sites, len(weight)
    sites, points = np.arange(n_sites), np.arange(n)
    once, twice, beyond = n_sites + points, n_sites + n + points, n_sites + 2 * n + points
    missing = n_sites + 3 * n
    gain = np.zeros(missing + 1)
    gain[twice], gain[beyond], gain[missing] = weight, -_A_POINT, -_THE_SHARE
    rows = milp.Rows(len(gain))
    point, site = np.nonzero(far)
    rows.add(np.concatenate([point, points]), np.concatenate([site, beyond]), 1.0, n=n, low=1.0)
    point, site = np.nonzero(near)
    rows.add(
        np.concatenate([point, points, points]),
        np.concatenate([site, once, twice]),
        np.concatenate([np.ones(len(point)), -np.ones(2 * n)]),
        n=n,
        low=0.0,
    )
    rows.add(np.concatenate([points, points]), np.concatenate([once, twice]), np.repeat([1.0, -1.0], n), n=n, low=0.0)
    rows.add(np.zeros(n + 1, np.int64), np.append(once, missing), np.append(weight, 1.0), n=1, low=share)
    rows.add(np.zeros(n_sites, np.int64), sites, 1.0, n=1, high=float(problem.units))
    gain[:n_sites] = -_A_UNIT / max(problem.units, 1)
    upper = np.ones(len(gain))
    upper[:n_sites] = problem.room
    whole = np.ones(len(gain), dtype=np.bool_)
    whole[beyond], whole[missing] = False, False
    return gain, rows, upper, whole
