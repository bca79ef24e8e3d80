"""Maximal covering (MCLP; Church and ReVelle 1974), and an order of sites that covers well at every length.

MCLP: max sum_i d_i y_i;  y_i <= sum_{j in W_i} x_j;  sum_j x_j = p. The nested table (Sudtachat, Mayorga and McLay 2016)
wants its first k sites when k units are idle; row k + 1 has one site more, so that one unit at most has to move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import milp
from .expected_cover import best, merged
from .siting import MINUTE_S, Placement, Seconds, SitingProblem


def mclp(problem: SitingProblem, *, cover_s: Seconds, time_limit_s: float = MINUTE_S) -> Placement:
    """Place units so that the most demand has a unit within ``cover_s`` seconds, every unit being free.

    Raises
    ------
    InputError
        ``cover_s`` is not above 0, or there are more units than sites.
    """
    cover = merged(problem.weight, problem.covers(cover_s).T)
    return best(cover, problem.units, problem.one_each("MCLP"), 0.0, time_limit_s)


@dataclass(frozen=True, eq=False, kw_only=True)
class NestedTable:
    """Sites in the order in which they are to be filled."""

    order: NDArray[np.int64]
    """Site of the k-th idle unit, shape (units,)."""
    objective: float
    """Weighted cover over the numbers of idle units, in the unit of the demand."""
    bound: float
    """No order has more."""
    status: str
    """``optimal`` or ``time limit``."""

    def compliance_table(self, n_sites: int) -> NDArray[np.int64]:
        """Units wanted by (row, site), row k for k + 1 idle units: a table for the compliance policy."""
        table = np.zeros((len(self.order), n_sites), dtype=np.int64)
        for k, site in enumerate(self.order):
            table[k:, site] += 1
        return table


def nested_mclp(
    problem: SitingProblem, *, cover_s: Seconds, idle_share: NDArray[np.float64], time_limit_s: float = MINUTE_S
) -> NestedTable:
    """Order sites for the most cover, weighed with how often k units are idle.

    max sum_k s_k sum_i d_i y_ik;  y_ik <= sum_{j in W_i} x_jk;  sum_j x_jk = k;  x_jk <= x_j,k+1.

    Parameters
    ----------
    problem
        Demand, sites and units.
    cover_s
        Drive within which a site covers a point, seconds, > 0: one number, or one a point.
    idle_share
        Share s_k of the time that k = 1, 2, ... units are idle, shape (units,), >= 0.
    time_limit_s
        When to be content with what has been found, seconds.

    Raises
    ------
    InputError
        As :func:`mclp`; or the shares do not fit the units, or no order was found in time.
    """
    p, n_sites = problem.units, problem.n_sites
    if idle_share.shape != (p,) or not (np.isfinite(idle_share) & (idle_share >= 0)).all():
        raise InputError(
            f"these are no shares of time for 1 to {p} idle units", field="idle_share", remedy=f"Give {p} shares."
        )
    room = problem.one_each("MCLP")
    cover = merged(problem.weight, problem.covers(cover_s).T)
    n_rows = len(cover.weight)
    n_x = p * n_sites
    gain = np.concatenate([np.zeros(n_x), np.outer(idle_share, cover.weight).ravel()])
    rows = milp.Rows(len(gain))
    set_row, set_site = np.nonzero(cover.sets)
    of_row, sites = np.arange(n_rows), np.arange(n_sites)
    for k in range(p):
        rows.add(
            np.concatenate([of_row, set_row]),
            np.concatenate([n_x + k * n_rows + of_row, k * n_sites + set_site]),
            np.concatenate([np.ones(n_rows), -np.ones(len(set_row))]),
            n=n_rows,
            high=0.0,
        )
        rows.total(k * n_sites + sites, k + 1.0)
        if k + 1 < p:
            rows.add(
                np.concatenate([sites, sites]),
                np.concatenate([k * n_sites + sites, (k + 1) * n_sites + sites]),
                np.repeat([1.0, -1.0], n_sites),
                n=n_sites,
                high=0.0,
            )
    upper = np.concatenate([np.tile(room, p).astype(np.float64), np.ones(p * n_rows)])
    found = milp.maximise(gain, rows, whole=np.arange(len(gain)) < n_x, upper=upper, time_limit_s=time_limit_s)
    if found is None:
        raise InputError("no order was found in time", field="time_limit_s", remedy="Give more time or fewer units.")
    wanted = np.rint(found.x[:n_x]).astype(np.int64).reshape(p, n_sites)
    added = np.diff(wanted, axis=0, prepend=np.zeros((1, n_sites), np.int64))
    order = added.argmax(axis=1)
    return NestedTable(order=order, objective=found.objective, bound=found.bound, status=found.status)
