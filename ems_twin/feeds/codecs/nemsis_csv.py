"""CSV with the element names of NEMSIS: one row for each unit of a call, its times in columns ``eTimes.01`` and so on.

A time that is not known is an empty cell, never zero. Cells that a spreadsheet would take for a formula begin with ``'``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from ..codec import Codec
from ..events import CallEvent, Event, UnitStatusEvent
from ..intake import Intake
from ..statuses import TIMES
from .nemsis import HOSPITAL, INCIDENT, KIND, PLACE, PRIORITY, UNIT, USES, read_report

COLUMNS = (INCIDENT, UNIT, PRIORITY, KIND, PLACE, HOSPITAL, *(row.nemsis for row in TIMES))
MOST_ROWS = 100_000
_PRIORITY = {1: "2305001", 2: "2305003", 3: "2305005"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def _header(document: Any) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(document)), [])]
    except csv.Error:
        return []


def recognises(document: Any) -> bool:
    """Whether a text's first line names the call and a time."""
    header = _header(document[:10_000])
    return INCIDENT in header and any(row.nemsis in header for row in TIMES)


def read(document: Any, intake: Intake) -> None:
    """Read every row."""
    header = _header(document)
    if INCIDENT not in header:
        intake.refuse(f"has no column {INCIDENT}", "", f"Name the columns {', '.join(COLUMNS[:4])} ...")
        return
    reader = csv.reader(io.StringIO(document, newline=""))
    try:
        next(reader, None)
        for number, cells in enumerate(reader, start=1):
            if number > MOST_ROWS:
                intake.refuse(f"has more than {MOST_ROWS:,} rows", "", "Send it in smaller parts.")
                return
            if not cells:
                continue
            if len(cells) != len(header):
                intake.refuse(f"has {len(cells)} cells, the header has {len(header)}", f"row {number}", "Mend the row.")
                continue
            values = {name: _plain(cell) for name, cell in zip(header, cells, strict=True)}
            read_report(values, f"row {number}", intake)
    except csv.Error:
        intake.refuse("is no CSV from there on", f"row {reader.line_num}", "Save it as CSV in UTF-8.")


def outline(document: Any) -> dict[str, None]:
    """The columns."""
    return dict.fromkeys(_header(document))


def _plain(cell: str) -> str | None:
    text = cell.strip()
    return (text[1:] if text.startswith("'") and text[1:2] in _FORMULA else text) or None


def write(events: Sequence[Event]) -> bytes:
    """One row for each unit of a call, and one for a call that no unit is told of."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    calls = {event.call_id: event for event in events if isinstance(event, CallEvent)}
    for event in events:
        if isinstance(event, UnitStatusEvent) and event.call_id is not None:
            row = rows.setdefault((event.call_id, event.unit_id), {})
            column = next(
                (each.nemsis for each in TIMES if each.status is not None and each.status == event.status), None
            )
            if column is not None:
                row[column] = event.occurred_at.isoformat()
            if event.hospital_id is not None:
                row[HOSPITAL] = event.hospital_id
    with_units = {call_id for call_id, _ in rows}
    for call_id in calls:
        if call_id not in with_units:
            rows[call_id, ""] = {}
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for (call_id, unit_id), row in rows.items():
        full = _of_call(calls.get(call_id)) | row | {INCIDENT: call_id, UNIT: unit_id}
        table.writerow({name: _safe(cell) for name, cell in full.items()})
    return out.getvalue().encode()


def _of_call(call: CallEvent | None) -> dict[str, str]:
    if call is None:
        return {}
    row = {}
    if call.priority is not None:
        row[PRIORITY] = _PRIORITY[call.priority]
    if call.kind is not None:
        row[KIND] = call.kind
    if call.lon is not None and call.lat is not None:
        row[PLACE] = f"{call.lat!r},{call.lon!r}"
    for each in TIMES:
        at = getattr(call.times, each.name, None) if call.times is not None else None
        if at is not None:
            row[each.nemsis] = at.isoformat()
    return row


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


CODEC = Codec(
    name="nemsis-csv",
    title="CSV with NEMSIS names",
    form="text",
    uses=USES,
    recognises=recognises,
    read=read,
    write=write,
    carries=(CallEvent, UnitStatusEvent),
    outline=outline,
)
