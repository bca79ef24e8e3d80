"""San Francisco's unit rows as trips from home: engines and trucks answering in the area of their own station.

A row says when a unit set out and when it was there, not where it stood. An engine answers most calls from its house,
so what is kept is an engine or a truck in the area that its house serves first, with no other job of its own in the
file that ended less than :data:`HOME_S` before. Ambulances wait on street corners and are left out.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ..formats.records import Records

HOME_S = 900.0
"""Time after which a unit that has become free is taken to be home again, seconds (assumed: a drive and no errand)."""

_ENGINE = re.compile(r"[ET]0*(\d+)")
_NUMBER = re.compile(r"\bstation 0*(\d+)\b", re.IGNORECASE)


def home_stations(
    records: Records, city: City, departed: NDArray[np.float64], available: NDArray[np.float64]
) -> tuple[NDArray[np.int64], list[tuple[NDArray[np.bool_], str]]]:
    """Station of each row's unit, -1 where it is not known; and which rows are not trips from home, with the reason."""
    by_number = {int(found.group(1)): row for row, s in enumerate(city.stations) if (found := _NUMBER.search(s.name))}
    code, units = records.texts("unit")
    matches = [_ENGINE.fullmatch(unit) for unit in units]
    number = np.array([int(found.group(1)) if found else -1 for found in matches] + [-1])[code]
    station = np.array([by_number.get(int(found.group(1)), -1) if found else -1 for found in matches] + [-1])[code]
    area = np.nan_to_num(records.numbers("area"), nan=-2.0)
    return station, [
        (number < 0, "not an engine or truck, whose house is known"),
        ((number >= 0) & (area != number), "outside the area of the unit's house"),
        ((number >= 0) & (station < 0), "the unit's house is not among the city's stations"),
        (_busy_before(code, departed, available), f"the unit had finished another job less than {HOME_S / 60:.0f} min before"),
    ]  # fmt: skip


def _busy_before(
    unit: NDArray[np.int32], departed: NDArray[np.float64], available: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether a unit's job before, by the time it set out, had not ended long enough ago."""
    busy = np.zeros(len(unit), dtype=np.bool_)
    order = np.lexsort((np.nan_to_num(departed, nan=np.inf), unit))
    ended = -np.inf
    for before, row in zip(np.concatenate(([-1], order[:-1])), order, strict=True):
        if before < 0 or unit[before] != unit[row]:
            ended = -np.inf
        elif np.isfinite(available[before]):
            ended = max(ended, available[before])
        busy[row] = departed[row] < ended + HOME_S
    return busy
