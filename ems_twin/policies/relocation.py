"""Relocation: whether available units should stand elsewhere."""

from __future__ import annotations

from .._compiled import lean_kernel


@lean_kernel
def review(world, ground):  # type: ignore[no-untyped-def]
    """Write the stations that available units should move to into their ``move_to``."""
