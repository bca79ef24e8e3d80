"""How busy units are by hour of the week: the q of the models that say where units should stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..demand.clock import hours_of_week, time_zone
from ..errors import InputError
from ..world.schema import AVAILABLE, UNSTAFFED, UnitStatus
from .outcomes import status_spells
from .run import Run

_OF_DAY = np.arange(168) % 24

HOUR_BLOCKS: dict[str, NDArray[np.bool_]] = {
    "all": np.ones(168, dtype=np.bool_),
    "day": (_OF_DAY >= 7) & (_OF_DAY < 19),
    "night": (_OF_DAY < 7) | (_OF_DAY >= 19),
}
"""Hours of the week (0: Monday 00:00 to 01:00) of a block: the two halves of a roster of 12-hour shifts, and all."""


def busy_seconds_by_hour(run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit-seconds busy and on duty by hour of the week, each of shape (168,), while calls came in. Needs the trace.

    Busy and on duty are those of :func:`~ems_twin.simulation.outcomes.utilisation`.
    """
    _, status, from_s, to_s = status_spells(run, run.duration_s)
    edges_s, hour = hours_of_week(run.start, run.duration_s, time_zone(run.city.timezone))
    busy = ~np.isin(status, [int(s) for s in (*AVAILABLE, *UNSTAFFED)])
    on_duty = status != UnitStatus.OFF_DUTY

    def by_hour(part: NDArray[np.bool_]) -> NDArray[np.float64]:
        seconds = np.diff(_seconds_until(edges_s, from_s[part], to_s[part]))
        return np.maximum(np.bincount(hour, seconds, 168), 0.0)

    return by_hour(busy), by_hour(on_duty)


def busy_share(run: Run, weight: NDArray[np.float64] | NDArray[np.bool_] | None = None) -> float:
    """Share of the time on duty that units are busy, 0 to 1. Needs the trace.

    Parameters
    ----------
    run
        A run that kept its trace.
    weight
        How much each hour of the week counts, shape (168,), >= 0: an hour's calls, for the share that calls meet; by
        default 1, for the share of time.

    Raises
    ------
    InputError
        Nobody was on duty in hours that count, or the run did not last into them.
    """
    busy_s, on_duty_s = busy_seconds_by_hour(run)
    weight = np.ones(168) if weight is None else weight
    if not (weight * on_duty_s).sum() > 0:
        raise InputError("nobody is on duty in these hours", field="hours", remedy="Simulate a whole week.")
    return float((weight * busy_s).sum() / (weight * on_duty_s).sum())


def _seconds_until(
    edges_s: NDArray[np.float64], from_s: NDArray[np.float64], to_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Seconds of all spells before each of some times."""
    total = np.zeros(len(edges_s))
    for sign, at in ((1.0, np.sort(from_s)), (-1.0, np.sort(to_s))):
        before = np.searchsorted(at, edges_s)
        total += sign * (before * edges_s - np.concatenate([[0.0], np.cumsum(at)])[before])
    return total
