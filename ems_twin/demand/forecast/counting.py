"""Sums by row number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def binned(
    row: NDArray[np.integer], n: int, weight: NDArray[np.floating] | NDArray[np.integer] | None = None
) -> NDArray[np.float64]:
    """Sum of the weights (or the number of entries) in each of ``n`` rows."""
    return np.asarray(np.bincount(row, weight, n), dtype=np.float64)
