"""Linear programs with whole numbers, solved by HiGHS through SciPy, with how far from the best they may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from ..errors import InputError

_SOLVED, _STOPPED = 0, 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution:
    """The best point that was found."""

    x: NDArray[np.float64]
    """Values, shape (variables,)."""
    objective: float
    """Value of the program there."""
    bound: float
    """The program has no larger value anywhere."""
    status: str
    """``optimal`` or ``time limit``."""


@dataclass(eq=False)
class Rows:
    """Linear constraints, collected as triplets (row, variable, factor)."""

    n_variables: int

    def __post_init__(self) -> None:
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
        self._low: list[NDArray[np.float64]] = []
        self._high: list[NDArray[np.float64]] = []
        self._n = 0

    def add(
        self,
        row: NDArray[np.int64],
        variable: NDArray[np.int64],
        factor: NDArray[np.float64] | float,
        *,
        n: int,
        low: NDArray[np.float64] | float = -np.inf,
        high: NDArray[np.float64] | float = np.inf,
    ) -> None:
        """Add ``n`` constraints low <= sum of factor times variable <= high; ``row`` counts from 0 within them."""
        self._parts.append((row + self._n, variable, np.broadcast_to(np.asarray(factor, np.float64), row.shape)))
        self._low.append(np.broadcast_to(np.asarray(low, np.float64), (n,)))
        self._high.append(np.broadcast_to(np.asarray(high, np.float64), (n,)))
        self._n += n

    def total(self, variable: NDArray[np.int64], value: float) -> None:
        """Add the constraint that some variables sum to a value."""
        self.add(np.zeros(len(variable), np.int64), variable, 1.0, n=1, low=value, high=value)

    def constraint(self) -> LinearConstraint:
        """All of them as SciPy takes them."""
        row, variable, factor = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        matrix = csr_matrix((factor, (row, variable)), shape=(self._n, self.n_variables))
        return LinearConstraint(matrix, np.concatenate(self._low), np.concatenate(self._high))


def maximise(
    gain: NDArray[np.float64],
    rows: Rows,
    *,
    whole: NDArray[np.bool_],
    upper: NDArray[np.float64],
    time_limit_s: float,
) -> Solution | None:
    """Maximise ``gain @ x`` over 0 <= x <= ``upper``; None if time ran out before any point was found.

    Parameters
    ----------
    gain, whole, upper
        Factor in the objective, whether it is a whole number, and upper bound of each variable, shape (variables,).
    rows
        The constraints.
    time_limit_s
        When to stop, seconds.

    Raises
    ------
    InputError
        No point satisfies the constraints, or the time is not above 0.
    """
    if not time_limit_s > 0:
        raise InputError(f"a limit of {time_limit_s} s", field="time_limit_s", remedy="Give seconds above 0.")
    found = milp(
        -gain,
        integrality=whole.astype(np.int64),
        bounds=Bounds(0.0, upper),
        constraints=rows.constraint(),
        options={"time_limit": float(time_limit_s), "mip_rel_gap": 0.0},
    )
    if found.x is None:
        if found.status == _STOPPED:
            return None
        raise InputError(f"no placement satisfies the model ({found.message})", field="units")
    value = float(gain @ found.x)
    dual = found.mip_dual_bound
    bound = value if found.status == _SOLVED or dual is None else max(-float(dual), value)
    return Solution(
        x=found.x, objective=value, bound=bound, status="optimal" if found.status == _SOLVED else "time limit"
    )
