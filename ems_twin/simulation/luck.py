"""What chance makes of a drive: a multiple of its median, by the quantile that the call has brought with it.

``exp(c(m) z)`` with z the quantile of Student's t with four degrees of freedom (closed form: Shaw 2006); see
:mod:`ems_twin.city.travel`, which says the same for arrays.
"""

from __future__ import annotations

import numpy as np

from .._compiled import leaf_kernel


@leaf_kernel
def pace_of_luck(ground, median_s, u):  # type: ignore[no-untyped-def]
    """How many times its median a drive takes; 1 where chance has no say or the call brought no luck (``u`` = 0)."""
    law = ground.drives[0]
    if law.uncertain == 0 or u <= 0.0 or median_s <= 0.0:
        return 1.0
    m = max(median_s / 60.0, 1e-3)
    c = np.sqrt(law.b0 * (law.b2 + 1.0) + law.b1 * (law.b2 + 1.0) * m + law.b2 * m * m) / m
    u = law.trim + (1.0 - 2.0 * law.trim) * u
    a = 4.0 * u * (1.0 - u)
    q = np.cos(np.arccos(min(np.sqrt(a), 1.0)) / 3.0) / np.sqrt(a)
    z = 2.0 * np.sqrt(max(q - 1.0, 0.0))
    return np.exp(c * z) if u > 0.5 else np.exp(-c * z)
