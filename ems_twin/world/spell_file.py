"""Read ``outages.csv`` and ``diversions.csv``: when units are out of service and hospitals divert ambulances."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ..city.rows import Row, read_rows
from ..demand.cells import CellError, parse_flag, parse_time
from ..faults import Faults
from .fleet_plan import Spell


def read_spells(
    path: Path, who: str, known: Collection[str] | None, zone: ZoneInfo, faults: Faults
) -> tuple[Spell, ...]:
    """Read spells of units or of hospitals; none without the file.

    Parameters
    ----------
    path
        The file: columns ``from`` and ``to`` (ISO 8601), that of ``who``, and of units ``at_once`` (yes or no).
    who
        ``unit`` or ``hospital``.
    known
        Names of all units or hospitals, in order; None if they are not known.
    zone
        Clocks that times without an offset go by.
    faults
        Told all that is wrong; spells of one unit or hospital must not overlap.
    """
    if not path.exists():
        return ()
    columns = (who, "from", "to", *(["at_once"] if who == "unit" else []))
    found: dict[str, list[tuple[Row, Spell]]] = {}
    for row in read_rows(path, columns, faults, may_be_empty=True):
        name = row.one_of(who, known, who)
        begin, end = _time(row, "from", zone), _time(row, "to", zone)
        at_once = who == "unit" and _flag(row, "at_once")
        if begin is not None and end is not None and end <= begin:
            row.fault("to", f"{row.text('to')} is not after {row.text('from')}", "Exchange them or correct one")
        if not row.ok or begin is None or end is None:
            continue
        place = list(known).index(name) if known is not None else -1
        spell = Spell(row=place, begin=begin, end=end, at_once=at_once)
        for earlier_row, earlier in found.setdefault(name, []):
            if spell.begin < earlier.end and earlier.begin < spell.end:
                row.fault("from", f"overlaps row {earlier_row.number} of '{name}'", "Make one row of the two")
        found[name].append((row, spell))
    return tuple(spell for spells in found.values() for _, spell in spells)


def _time(row: Row, field: str, zone: ZoneInfo) -> datetime | None:
    text = row.required(field)
    if text:
        try:
            return parse_time(text, zone)[0]
        except (
            CellError,
            OverflowError,
        ) as error:  # OverflowError: in year 1 or 9999, an offset may leave the calendar
            row.fault(field, str(error), "Correct the time")
    return None


def _flag(row: Row, field: str) -> bool:
    text = row.required(field)
    try:
        return bool(text and parse_flag(text))
    except CellError as error:
        row.fault(field, str(error), "Write yes or no")
        return False
