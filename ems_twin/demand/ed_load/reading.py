"""Read what emergency rooms publish by the hour, and say what was found in it.

Two layouts are known by their columns. *Long*: ``time``, ``room``, ``occupancy`` and, if known, ``waiting`` and
``present``, one row for each room and time. *Wide*: a column of times, then one of occupancy for each room, as the
ministry of Quebec publishes it; waiting and present patients come in files of their own with the same columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...faults import Faults, ModelError
from ..clock import time_zone
from ..formats.layout import plain_name
from ..formats.records import Records
from ..formats.tables import read_texts
from ..formats.times import Times, read_times
from .history import MEASURES, EDHistory
from .labels import Relabelling, repair_labels
from .reading_report import EDReport, report_of

_TIMES = ("time", "date", "datetime", "timestamp", "hour")
_TOTAL = "total"
_HIGHEST = {"occupancy": 1000.0}  # percent; beyond, a figure is no occupancy


class EDFileError(ModelError):
    """A file of emergency-room load cannot be read as it stands."""

    subject = "the file"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """One row for each time, one column for each room."""

    t: NDArray[np.float64]
    rooms: tuple[str, ...]
    values: dict[str, NDArray[np.float64]]


def read_ed_file(
    path: Path,
    *,
    timezone: str | None,
    waiting: Path | None = None,
    present: Path | None = None,
    changes: Sequence[datetime] = (),
    holidays: frozenset[date] = frozenset(),
) -> tuple[EDHistory, EDReport]:
    """Read a file of hourly load.

    Parameters
    ----------
    path
        CSV, packed by gzip or not, or Parquet, in one of the two layouts.
    timezone
        IANA name of the rooms' civil time.
    waiting, present
        Files in the wide layout with patients who wait, and with all patients present, where ``path`` is wide.
    changes
        When the columns of the table changed owner; civil time where they have no zone. See :func:`repair_labels`.
    holidays
        Days that are not worked.

    Raises
    ------
    InputError
        A file cannot be read, is in neither layout, or no time zone is given.
    EDFileError
        Cells are no numbers, negative or beyond 1,000 percent, times cannot be read, or a time comes twice with
        different figures: all of them at once.
    """
    if timezone is None:
        raise InputError(
            "the clock of the times is not known", file=path, field="timezone",
            remedy="Name it, as in --timezone America/Toronto.",
        )  # fmt: skip
    zone = time_zone(timezone)
    faults = Faults(EDFileError)
    notes = EDReport(file=path.name, timezone=timezone)
    table, times, notes = _read(path, "occupancy", zone, faults, notes)
    values = dict(table.values)
    for measure, extra in (("waiting", waiting), ("present", present)):
        if extra is None:
            continue
        other, _, notes = _read(extra, measure, zone, faults, notes)
        if measure in values:
            faults.add(f"the file has {measure} already", file=extra, remedy=f"Leave --{measure} out.")
        elif other.rooms != table.rooms:
            faults.add(f"its rooms are not those of {path.name}", file=extra, remedy="Give both the same columns.")
        else:
            values[measure] = _at_times(table.t, other)
    faults.raise_if_any()
    unknown = np.full((len(table.t), len(table.rooms)), np.nan)
    rows = {name: values.get(name, unknown) for name in MEASURES}
    stamps = [datetime.fromtimestamp(t, UTC) for t in table.t.tolist()]
    history = EDHistory.from_stamps(stamps, zone=zone, rooms=table.rooms, holidays=holidays, sort=True, **rows)
    repairs: list[Relabelling] = []
    if changes:
        aware = [at if at.tzinfo else at.replace(tzinfo=zone) for at in changes]
        history, repairs = repair_labels(history, aware)
    return history, report_of(notes, history, times, table.t, repairs)


def _read(path: Path, measure: str, zone: ZoneInfo, faults: Faults, notes: EDReport) -> tuple[_Table, Times, EDReport]:
    header, columns, row, torn = read_texts(path)
    notes = replace(notes, torn=notes.torn + len(torn))
    plain = [plain_name(name) for name in header]
    at = next((plain.index(name) for name in _TIMES if name in plain), None)
    if at is None:
        raise InputError(
            f"no column holds the times ({', '.join(header[:6])})", file=path,
            remedy=f"Name one {' or '.join(_TIMES[:2])}, beside a column for each room, or columns room and occupancy.",
        )  # fmt: skip
    records = Records({"time": columns[header[at]]}, row)
    times = read_times(records, "time", zone, local=False, month_first=False)
    for number in row[np.isnan(times.t)].tolist():
        faults.add("is no time", file=path, row=number, field=header[at], remedy="Write 2024-05-06T18:00.")
    if "room" in plain:
        table, repeats = _long(path, plain, header, columns, row, times, faults)
        return table, times, replace(notes, layout="long", repeats=repeats)
    named = [name for i, name in enumerate(header) if i != at and _TOTAL not in plain[i].split("_")]
    totals = tuple(name for i, name in enumerate(header) if i != at and _TOTAL in plain[i].split("_"))
    if not named or len(set(named)) != len(named):
        raise InputError("its rooms have no names of their own", file=path, remedy="Give each room one named column.")
    numbers = np.stack([_numbers(path, columns[name], name, measure, row, faults) for name in named], axis=1)
    kept, again = _first_of_each(path, times, numbers, row, faults)
    table = _Table(t=_shifted(times, again)[kept], rooms=tuple(named), values={measure: numbers[kept]})
    if measure != "occupancy":
        return table, times, notes
    return table, times, replace(notes, layout="wide", repeats=int((~kept).sum()), left_out=totals)


def _long(
    path: Path, plain: list[str], header: list[str], columns: dict[str, Any], row: NDArray[np.int64], times: Times,
    faults: Faults,
) -> tuple[_Table, int]:  # fmt: skip
    if "occupancy" not in plain:
        raise InputError(
            "no column is named occupancy", file=path, remedy="Long files have time, room, occupancy and waiting."
        )
    code, rooms = Records({"room": columns[header[plain.index("room")]]}, row).texts("room")
    for number in row[code < 0].tolist():
        faults.add("names no room", file=path, row=number, field="room")
    found = {
        name: _numbers(path, columns[header[plain.index(name)]], name, name, row, faults)
        for name in MEASURES
        if name in plain
    }
    faults.raise_if_any()
    numbers = np.stack([*found.values()], axis=1)
    kept, again = _first_of_each(path, times, numbers, row, faults, group=code)
    faults.raise_if_any()
    t, at = np.unique(_shifted(times, again)[kept], return_inverse=True)
    values = {}
    for name, column in found.items():
        values[name] = np.full((len(t), len(rooms)), np.nan)
        values[name][at, code[kept]] = column[kept]
    return _Table(t=t, rooms=tuple(rooms), values=values), int((~kept).sum())


def _numbers(
    path: Path, column: Any, name: str, measure: str, row: NDArray[np.int64], faults: Faults
) -> NDArray[np.float64]:
    """Figures of a column, NaN for empty cells; whatever is no such figure is a fault."""
    records = Records({name: column}, row)
    values, (code, _) = records.numbers(name), records.texts(name)
    highest = _HIGHEST.get(measure, np.inf)
    for wrong, problem in (
        (np.isnan(values) & (code >= 0), "is no number"),
        (values < 0, "is negative"),
        (values > highest, f"is above {highest:,.0f} percent"),
    ):
        for number in row[wrong].tolist():
            faults.add(problem, file=path, row=number, field=name, remedy="Leave the cell empty if it is not known.")
    return values


def _first_of_each(
    path: Path, times: Times, numbers: NDArray[np.float64], row: NDArray[np.int64], faults: Faults,
    group: NDArray[np.int32] | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:  # fmt: skip
    """Rows to keep, without exact repeats; and those that are the second pass of an hour that the clocks repeat."""
    kept, again = ~np.isnan(times.t), np.zeros(len(row), dtype=np.bool_)
    seen: dict[tuple[float, int], list[int]] = {}
    groups = np.zeros(len(row), dtype=np.int32) if group is None else group
    for i, key in enumerate(zip(times.t.tolist(), groups.tolist(), strict=True)):
        if not kept[i]:
            continue
        before = seen.setdefault(key, [])
        if any(np.array_equal(numbers[i], numbers[j], equal_nan=True) for j in before):
            kept[i] = False
        elif before and (len(before) > 1 or not times.later_s[i]):
            faults.add(
                f"the time comes again with other figures than in row {row[before[0]]}", file=path, row=int(row[i]),
                remedy="Keep one of the rows.",
            )  # fmt: skip
        else:
            again[i] = bool(before)
            before.append(i)
    return kept, again


def _shifted(times: Times, again: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(times.t + np.where(again, times.later_s, 0.0), np.float64)


def _at_times(t: NDArray[np.float64], other: _Table) -> NDArray[np.float64]:
    """Figures of another table at these times; NaN where it has none."""
    order = np.argsort(other.t, kind="stable")
    at = np.minimum(np.searchsorted(other.t[order], t), len(other.t) - 1)
    (values,) = other.values.values()
    return np.where((other.t[order][at] == t)[:, None], values[order][at], np.nan)
