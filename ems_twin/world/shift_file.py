"""Read ``shifts.csv``: the weekly roster of a fleet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..city.rows import Row, read_rows
from ..faults import Faults
from .roster import DAY_MIN, DAYS, MealBreak, Shift, first_overlap

REQUIRED = ("unit", "days", "from", "to")
BREAK = ("break_from", "break_by", "break_min")

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")


def read_shifts(path: Path, units: Mapping[str, Row] | None, faults: Faults) -> tuple[Shift, ...]:
    """Read the roster of a fleet.

    Columns are ``unit`` (call sign), ``days`` (``mon tue``, ``mon-fri``, ``daily``; on which the shift begins), ``from``
    and ``to`` (HH:MM by the clocks of the city; a ``to`` that is not later than ``from`` is of the next day) and
    together, optionally, ``break_from``, ``break_by`` (when the meal break is due and by when it must begin) and
    ``break_min`` (its length in minutes). A unit may have several rows.

    Parameters
    ----------
    path
        The file.
    units
        Rows of units.csv by call sign, in order; None if they are not known.
    faults
        Told all that is wrong: cells, units without a shift, shifts of a unit that overlap.

    Returns
    -------
    tuple of Shift
        Those that could be read.
    """
    rows = read_rows(path, REQUIRED, faults, optional=BREAK)
    given = [name for name in BREAK if rows and name in rows[0].cells]
    for name in BREAK if given else ():
        if name not in given:
            faults.add("the column is missing", file=path, field=name, remedy=f"A break needs {', '.join(BREAK)}.")
    with_break = len(given) == len(BREAK)
    kept = [(row, shift) for row in rows if (shift := _shift(row, units, with_break)) is not None]
    _check_overlaps(kept)
    with_shift = {row.text("unit") for row in rows}
    for name, unit in (units or {}).items() if rows else ():
        if name not in with_shift:
            unit.fault("unit", f"'{name}' has no shift", f"Add a row for it to {path.name}, or take the unit out")
    return tuple(shift for _, shift in kept)


def _shift(row: Row, units: Mapping[str, Row] | None, with_break: bool) -> Shift | None:
    name = row.one_of("unit", units, "unit")
    weekdays = _weekdays(row)
    begin, end = _minutes(row, "from", DAY_MIN - 1), _minutes(row, "to", DAY_MIN)
    if begin is None or end is None:
        return None
    length = end - begin if end > begin else end + DAY_MIN - begin
    meal = _meal(row, begin, length) if with_break else None
    if not row.ok or units is None:
        return None
    return Shift(unit=list(units).index(name), weekdays=weekdays, from_min=begin, length_min=length, meal=meal)


def _weekdays(row: Row) -> tuple[int, ...]:
    """Days such as ``mon tue``, ``mon-fri``, ``fri-mon`` or ``daily``."""
    found: set[int] = set()
    row.required("days")
    for word in row.words("days"):
        first, dash, last = word.lower().partition("-")
        if word.lower() == "daily":
            found.update(range(7))
        elif first in DAYS and (last in DAYS or not dash):
            begin = DAYS.index(first)
            n_days = (DAYS.index(last) - begin) % 7 + 1 if dash else 1
            found.update((begin + i) % 7 for i in range(n_days))
        else:
            row.fault("days", f"'{word}' is no day", "Write days like mon tue, mon-fri or daily")
    return tuple(sorted(found))


def _minutes(row: Row, field: str, latest: int) -> int | None:
    """Minutes after midnight of a time like 07:30, at most ``latest``; None if it is none."""
    text = row.required(field)
    match = _CLOCK.fullmatch(text)
    if match and int(match[2]) < 60 and (minutes := 60 * int(match[1]) + int(match[2])) <= latest:
        return minutes
    if text:
        upper = "00:00 to 24:00" if latest == DAY_MIN else "00:00 to 23:59"
        row.fault(field, f"'{text}' is no time of day", f"Write it like 07:30, {upper}")
    return None


def _meal(row: Row, begin: int, length: int) -> MealBreak | None:
    """The meal break of a shift that begins at minute ``begin`` of a day and is ``length`` minutes long."""
    empty = [name for name in BREAK if not row.text(name)]
    if len(empty) == len(BREAK):
        return None
    for name in empty:
        row.fault(name, "the cell is empty", "A break needs break_from, break_by and break_min")
    times = [None if name in empty else _minutes(row, name, DAY_MIN) for name in BREAK[:2]]
    minutes = 0.0 if "break_min" in empty else row.number_in("break_min", 1, DAY_MIN)
    if minutes > length:
        row.fault("break_min", f"a break of {minutes:g} min is longer than the shift", "Correct one of the two")
        return None
    due, by = (None if clock is None else (clock - begin) % DAY_MIN for clock in times)
    for name, after in (("break_from", due), ("break_by", by)):
        if after is not None and after > length:
            row.fault(name, f"{row.text(name)} lies outside of the shift", "A meal break begins during its shift")
    if due is None or by is None or not row.ok:
        return None
    if by < due:
        row.fault("break_by", f"{row.text('break_by')} comes before break_from", "Exchange them or correct one")
    elif by + minutes > length:
        text = f"a break of {minutes:g} min that begins at {row.text('break_by')} lies partly outside of the shift"
        row.fault("break_by", text, "Let it begin earlier")
    return MealBreak(due_min=due, by_min=by, minutes=minutes)


def _check_overlaps(kept: Sequence[tuple[Row, Shift]]) -> None:
    by_unit: dict[int, list[tuple[Row, Shift]]] = {}
    for row, shift in kept:
        for earlier_row, earlier in by_unit.setdefault(shift.unit, []):
            if (minute := first_overlap(earlier, shift)) is not None:
                when = f"{DAYS[minute // DAY_MIN]} {minute % DAY_MIN // 60:02}:{minute % 60:02}"
                problem = f"overlaps the shift of row {earlier_row.number} of '{row.text('unit')}', from {when}"
                row.fault("from", problem, "A unit works one shift at a time; correct the times or the days")
        by_unit[shift.unit].append((row, shift))
