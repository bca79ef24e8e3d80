"""Several policies against one baseline: what is still found when many are tried."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def p_value(baseline: ArrayLike, other: ArrayLike) -> float:
    """Probability of a mean paired difference as far from 0 as this one or farther if there were none (Student's t)."""
    from scipy.stats import t

    apart = np.asarray(other, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)
    error = float(apart.std(ddof=1)) / math.sqrt(len(apart))
    if error == 0:
        return 1.0 if apart.mean() == 0 else 0.0
    return float(2 * t.sf(abs(float(apart.mean())) / error, len(apart) - 1))


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """P-values adjusted so that, taken together, false findings are as rare as each was alone (Holm 1979)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted
