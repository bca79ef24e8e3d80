"""Patients whom ambulances are bringing: what they add to the load of the hours to come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...faults import Faults
from ..formats.layout import plain_name
from ..formats.records import Records
from ..formats.tables import read_texts
from .history import Measure
from .rolling import LONGEST_H

_COLUMNS = ("hours_ahead", "room", "expected", "usual")


@dataclass(frozen=True, kw_only=True, eq=False)
class Inbound:
    """Ambulance arrivals that the twin expects after the origin.

    The history has the usual arrivals in it already, and so has any forecast from it. Only the excess over them counts:
    of x patients too many in hour k, the share exp(-(h - k) / s) is still there in hour h, for stays of s on average
    that end at a constant rate. One patient is 100 / C percent of C stretchers, or one who waits.

    Parameters
    ----------
    expected
        Patients who arrive in the hour that ends k + 1 hours after the origin, shape (hours, rooms).
    usual
        Patients who usually do at this time, same shape or one that broadcasts to it.
    stretchers
        C, shape (rooms,). NaN or 0: not known, nothing is added to the occupancy.
    stay_h
        Mean stay on a stretcher, hours, > 0.
    wait_h
        Mean wait to be seen of patients by ambulance, hours, > 0.

    Raises
    ------
    InputError
        A number is negative or not finite, or the shapes do not fit.
    """

    expected: NDArray[np.float64]
    usual: NDArray[np.float64]
    stretchers: NDArray[np.float64]
    stay_h: float = 6.0
    wait_h: float = 1.0

    def __post_init__(self) -> None:
        for name in ("expected", "usual"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            if not np.isfinite(values).all() or (values < 0).any():
                raise InputError("a number of patients is negative or not finite", field=name, remedy="Give counts.")
        if self.expected.ndim != 2 or self.stretchers.shape != self.expected.shape[1:]:
            raise InputError(
                f"{self.expected.shape} and {self.stretchers.shape}", field="expected",
                remedy="Give expected arrivals by hour and room, and stretchers by room.",
            )  # fmt: skip
        try:
            np.broadcast_to(self.usual, self.expected.shape)
        except ValueError:
            raise InputError(
                f"{np.shape(self.usual)} does not fit {self.expected.shape}", field="usual",
                remedy="Give the usual arrivals of the same hours and rooms.",
            ) from None  # fmt: skip
        if min(self.stay_h, self.wait_h) <= 0:
            raise InputError("is not above 0", field="stay_h", remedy="Give mean hours above 0.")

    def added(self, horizons_h: NDArray[np.intp], measure: Measure) -> NDArray[np.float64]:
        """What the excess adds to a measure, shape (horizons, rooms): percentage points or patients.

        Negative where fewer than usual arrive.
        """
        excess = self.expected - self.usual
        hour = np.arange(1, len(excess) + 1)
        since = np.asarray(horizons_h)[:, None] - hour[None, :]
        mean_h = self.stay_h if measure == "occupancy" else self.wait_h
        still_there = np.where(since >= 0, np.exp(-np.maximum(since, 0) / mean_h), 0.0)
        patients: NDArray[np.float64] = still_there @ excess
        if measure == "waiting":
            return patients
        known = np.nan_to_num(self.stretchers) > 0
        return np.where(known, patients * 100 / np.where(known, self.stretchers, 1.0), 0.0)


def read_inbound(path: Path, *, rooms: tuple[str, ...], stretchers: NDArray[np.float64]) -> Inbound:
    """Read expected arrivals from a CSV file with columns ``hours_ahead``, ``room``, ``expected`` and ``usual``.

    ``hours_ahead`` 1 is the first hour after the origin. Rooms and hours that the file does not name have no excess.

    Raises
    ------
    InputError
        The file cannot be read or lacks a column.
    ModelError
        Rows name no known room, an hour below 1 or above 72, or no number of patients: all of them at once.
    """
    header, columns, row, _ = read_texts(path)
    names = [plain_name(name) for name in header]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise InputError(f"lacks {' and '.join(missing)}", file=path, remedy=f"Give columns {', '.join(_COLUMNS)}.")
    records = Records({name: columns[header[names.index(name)]] for name in _COLUMNS}, row)
    code, words = records.texts("room")
    known = np.array([rooms.index(word) if word in rooms else -1 for word in words] + [-1], dtype=np.intp)[code]
    hour = records.numbers("hours_ahead")
    faults = Faults()
    for wrong, field, remedy in (
        (known < 0, "room", f"Known are {', '.join(rooms)}."),
        (~((hour >= 1) & (hour <= LONGEST_H) & (hour == np.round(hour))), "hours_ahead", "Give 1 to 72."),
        *((~(records.numbers(name) >= 0), name, "Give a number of patients.") for name in ("expected", "usual")),
    ):
        for number in row[wrong].tolist():
            faults.add("is not known here" if field == "room" else "is out of range", file=path, row=number, field=field,
                       remedy=remedy)  # fmt: skip
    faults.raise_if_any()
    table = np.zeros((2, int(hour.max()), len(rooms)))
    for values, name in zip(table, ("expected", "usual"), strict=True):
        np.add.at(values, (hour.astype(np.intp) - 1, known), records.numbers(name))
    return Inbound(expected=table[0], usual=table[1], stretchers=stretchers)
