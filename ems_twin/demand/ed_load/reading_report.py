"""What was found in a file of emergency-room load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..formats.times import Times
from .history import EDHistory
from .labels import Relabelling, filled

_LONG_H = 24  # a figure as old as that says little about now
_SURE = 0.2  # margin of a match below which another one is nearly as good
_SHARE = 3.0  # occupancies that never pass it are likely shares, not percent


@dataclass(frozen=True, kw_only=True)
class EDReport:
    """Rows, gaps, repeats, repairs of labels and doubts."""

    file: str
    timezone: str
    layout: str = "wide"
    rooms: int = 0
    hours: int = 0
    first: str = ""
    last: str = ""
    torn: int = 0
    """Lines with too many cells or too few, left out."""
    repeats: int = 0
    """Rows that say again what another said, left out."""
    unsorted: int = 0
    """Rows of a wide file that come before an earlier time; long files may have any order."""
    replaced: int = 0
    """Rows of an hour in which a later one came."""
    hours_missing: int = 0
    longest_gap_h: int = 0
    longest_gap_from: str = ""
    left_out: tuple[str, ...] = ()
    """Columns of totals."""
    repairs: tuple[dict[str, Any], ...] = ()
    doubts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people."""
        lines = [
            f"{self.file}: {self.rooms} rooms, {self.hours:,} hours from {self.first} to {self.last}, {self.timezone} "
            f"({self.layout} layout)."
        ]
        if self.hours_missing:
            gap = f"the longest of {self.longest_gap_h} h from {self.longest_gap_from}" if self.longest_gap_h else ""
            lines.append(
                f"Without figures: {self.hours_missing:,} hours ({self.hours_missing / self.hours:.1%}), {gap}."
            )
        counts = (
            (self.repeats, "Rows that repeat another exactly, left out"),
            (self.unsorted, "Rows that come before an earlier time, sorted"),
            (self.replaced, "Times followed by another in the same hour, which counts"),
            (self.torn, "Lines with too many cells or too few, left out"),
        )
        lines += [f"{words}: {n:,}." for n, words in counts if n]
        if self.left_out:
            lines.append(f"Not a room: {', '.join(self.left_out)}, left out.")
        lines += [
            f"Labels: at {found['at']} {found['rooms_moved']} rooms changed column; each has the column of the end now "
            f"(least margin {found['least_margin']:.2f})."
            for found in self.repairs
        ]
        return [*lines, *(f"Doubt: {doubt}" for doubt in self.doubts)]


def report_of(
    report: EDReport, history: EDHistory, times: Times, t: NDArray[np.float64], repairs: Sequence[Relabelling]
) -> EDReport:
    """The report, with what the history on full hours shows."""
    known = ~np.isnan(history.occupancy)
    hours_missing, longest, begin = _gaps(np.asarray(known.any(axis=1)))
    some_hour = np.unique(-(-t // 3600))
    return replace(
        report, rooms=len(history.rooms), hours=history.hours,
        first=f"{history.start:%Y-%m-%d %H:%M}", last=f"{history.end:%Y-%m-%d %H:%M}",
        unsorted=int((np.diff(times.t) < 0).sum()) if report.layout == "wide" else 0, replaced=len(np.unique(t)) - len(some_hour),
        hours_missing=hours_missing, longest_gap_h=longest,
        longest_gap_from=f"{history.time(begin):%Y-%m-%d %H:%M}" if longest else "",
        repairs=tuple(
            {"at": f"{found.at:%Y-%m-%d %H:%M}", "rooms_moved": found.moved, "gain": round(found.gain, 2),
             "least_margin": round(float(found.margin.min()), 2)}
            for found in repairs
        ),
        doubts=(*_label_doubts(history, repairs), *_doubts(history, times)),
    )  # fmt: skip


def _label_doubts(history: EDHistory, repairs: Sequence[Relabelling]) -> list[str]:
    found = []
    for repair in repairs:
        unsure = [history.rooms[column] for column in repair.column[repair.margin < _SURE].tolist()]
        if unsure:
            found.append(
                f"At {repair.at:%Y-%m-%d %H:%M} another match of columns is nearly as good for {', '.join(unsure)}: "
                "figures of waiting and present patients would tell more."
            )
    return found


def _gaps(known: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Hours without a figure; length and first row of the longest stretch of them."""
    edge = np.flatnonzero(np.diff(np.concatenate([[True], known, [True]]).astype(np.int8)))
    begins, ends = edge[::2], edge[1::2]
    if not len(begins):
        return 0, 0, 0
    longest = int(np.argmax(ends - begins))
    return int((~known).sum()), int((ends - begins)[longest]), int(begins[longest])


def _doubts(history: EDHistory, times: Times) -> list[str]:
    found = []
    if times.is_skipped.any():
        found.append(f"{int(times.is_skipped.sum())} times fall into an hour that the clocks went over.")
    if times.either_order:
        found.append("Day and month of all times could be exchanged: they were read month first.")
    if times.has_offset.any() and not times.has_offset.all():
        found.append(f"{int(times.has_offset.sum()):,} times say how far they are from UTC, the others do not.")
    highest = np.nanmax(history.occupancy, initial=0.0)
    if 0 < highest <= _SHARE:
        found.append(f"No occupancy is above {highest:g}: shares are to be given in percent.")
    silent = [room for room, column in zip(history.rooms, history.occupancy.T, strict=True) if np.isnan(column).all()]
    if silent:
        found.append(f"No figure at all: {', '.join(silent)}.")
    row = np.arange(history.hours)[:, None]
    latest = np.where(np.isnan(history.occupancy), -1, row).max(axis=0)
    old = [
        f"{room} ({history.hours - 1 - int(last)} h)"
        for room, last in zip(history.rooms, latest, strict=True)
        if 0 <= last < history.hours - _LONG_H
    ]
    if old:
        found.append(f"The last figure is older than a day: {', '.join(old)}.")
    still = filled(history.occupancy)[-_LONG_H:]
    frozen = [
        room
        for room, column, last in zip(history.rooms, still.T, latest, strict=True)
        if len(still) == _LONG_H and last >= history.hours - _LONG_H and (column == column[0]).all() and column[0] > 0
    ]
    if frozen:
        found.append(f"The figure has not changed for a day: {', '.join(frozen)}.")
    return found
