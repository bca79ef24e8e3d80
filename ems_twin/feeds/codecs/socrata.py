"""Rows of open call feeds (San Francisco, Seattle, New York) as their portals' interface sends them.

Which column is which, in which zone a feed's clocks are and what its priorities mean is known to
:mod:`ems_twin.demand.formats`, which imports the same feeds as files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from ...demand.formats import LAYOUTS, Layout
from ...demand.formats.layout import plain_name
from ...demand.import_times import LONGEST_S
from ..codec import Codec
from ..events import CallEvent, UnitStatusEvent
from ..fields import Use
from ..intake import Intake
from ..moments import Heard
from ..statuses import TIMES, primary_of
from ..vocabulary import CallAction, UnitStatus

if TYPE_CHECKING:
    from ...demand.formats.records import Records

MOST_ROWS = 50_000
_STEPS = tuple(row for row in TIMES if row.name != "received")
_SAN_FRANCISCO = LAYOUTS["san-francisco"]
FEEDS: dict[str, Layout] = {
    "san-francisco": replace(
        _SAN_FRANCISCO,
        columns={
            **_SAN_FRANCISCO.columns,
            "entered": ("entry_dttm", "entry_timestamp"),
            "unit": ("unit_id",),
            "unit_type": ("unit_type",),
        },
    ),
    "new-york": replace(
        LAYOUTS["new-york"],
        columns={**LAYOUTS["new-york"].columns, "incident": ("cad_incident_id", "incident_id")},
    ),
    "seattle": LAYOUTS["seattle"],
}
"""Formats of the feeds, with columns that only a live twin needs."""


def _rows(document: Any) -> list[Any]:
    return document if isinstance(document, list) else [document]


def _layout(document: Any) -> Layout | None:
    header = {plain_name(name) for row in _rows(document)[:50] if isinstance(row, dict) for name in row}
    return next((layout for layout in FEEDS.values() if not layout.missing(header)), None)


def recognises(document: Any) -> bool:
    """Whether a message has the columns of one of the feeds."""
    return _layout(document) is not None


def read(document: Any, intake: Intake) -> None:
    """Read every row: its call, and every time of its unit."""
    layout = _layout(document)
    if layout is None:
        intake.refuse("has the columns of no feed that is known", "", f"There are {', '.join(FEEDS)}.", document)
        return
    rows = [row for row, _ in intake.objects(document, "")]
    if len(rows) > MOST_ROWS:
        intake.refuse(f"has more than {MOST_ROWS:,} rows", "", "Ask for fewer with $limit.")
        rows = rows[:MOST_ROWS]
    _Feed(layout, rows, intake).read()


class _Feed:
    """Rows of one feed being read, column by column."""

    def __init__(self, layout: Layout, rows: list[dict[str, Any]], intake: Intake) -> None:
        from ...demand.formats.files import table_of_rows
        from ...demand.formats.records import Records

        self.layout, self.intake = layout, intake
        by_name: dict[str, str] = {}
        for row in rows:
            for name in row:
                by_name.setdefault(plain_name(name), name)
        used = {field: layout.column_of(field, by_name) for field in layout.columns}
        self.column = {field: column for field, column in used.items() if column is not None}
        table = table_of_rows(rows, list(dict.fromkeys(self.column.values())))
        self.records: Records = Records(
            {field: table[column] for field, column in self.column.items()}, np.arange(len(rows))
        )

    def read(self) -> None:
        received, uncertain, _ = self.times("time")
        zone_known = {name: self.times(name, after=received) for name in (step.name for step in _STEPS)}
        priority = self.layout.priority(self.records)
        lon, lat = self.records.positions()
        calls = self.words("incident")
        told: set[str] = set()
        for i, call in enumerate(calls):
            where = f"[{i}]"
            if np.isnan(received[i]):
                self.intake.refuse("has no time", f"{where}.{self.column['time']}", "Send when the call came.")
                continue
            call_id = self.intake.needed(call, f"{where}.{self.column.get('incident', 'incident')}")
            if call_id is None:
                continue
            steps = list(self.steps(i, where, zone_known, received[i]))
            if call_id not in told:
                told.add(call_id)
                self.call(i, where, call_id, _instant(received[i], bool(uncertain[i])), priority, lon, lat, steps)
            if "unit" in self.column:
                self.unit(i, where, call_id, steps)

    def times(self, field: str, after: Any = None) -> tuple[Any, Any, Any]:
        """Seconds since 1970 of a column, whether a rule chose them, and whether a cell holds something else."""
        from ...demand.formats.times import read_times

        if not self.records.has(field):
            none = np.zeros(len(self.records), dtype=np.bool_)
            return np.full(len(self.records), np.nan), none, none
        zone = self.intake.reading.zone or (ZoneInfo(self.layout.timezone) if self.layout.timezone else None)
        read = read_times(self.records, field, zone, local=False, month_first=self.layout.month_first)
        at = read.t.copy()
        if after is not None:
            again = (read.later_s > 0) & (at < after)  # the second pass of the hour that the clocks repeat
            at[again] += read.later_s[again]
        return at, read.is_skipped | (read.later_s > 0), np.isnan(at) & ~read.is_empty

    def words(self, field: str) -> list[str | None]:
        code, words = self.records.texts(field)
        return [None if place < 0 else words[place] for place in code.tolist()]

    def steps(
        self, i: int, where: str, times: dict[str, tuple[Any, Any, Any]], received: float
    ) -> Iterator[tuple[str, UnitStatus | None, Heard]]:
        """Times of a row that are times and lie within a day after the call; the others are refused."""
        for step in _STEPS:
            at, uncertain, wrong = (part[i] for part in times[step.name])
            path = f"{where}.{self.column.get(step.name, step.name)}"
            if wrong:
                self.intake.refuse("is no time", path, "Send ISO 8601.")
            elif not np.isnan(at) and not received <= at <= received + LONGEST_S:
                self.intake.refuse("is not within a day after the call", path, "Check the clock that wrote it.")
            elif not np.isnan(at):
                yield step.name, step.status, _instant(at, bool(uncertain))

    def call(
        self, i: int, where: str, call_id: str, at: Heard, priority: Any, lon: Any, lat: Any,
        steps: list[tuple[str, UnitStatus | None, Heard]],
    ) -> None:  # fmt: skip
        take = self.intake
        is_placed = not (np.isnan(lon[i]) or np.isnan(lat[i]))
        place = take.place(float(lon[i]), float(lat[i]), f"{where}.position") if is_placed else None
        word = self.words("priority")[i] if self.records.has("priority") else None
        times = {"received": at.at}
        times |= {name: heard.at for name, _, heard in steps if "unit" not in self.column or name == "entered"}
        about: dict[str, Any] = {
            "call_id": call_id,
            "lon": None if place is None else place[0],
            "lat": None if place is None else place[1],
            "zone": take.title(self.words("zone")[i]) or self.zip_code(i),
            "priority": int(priority[i]) or None,
            "source_priority": word if word is not None and word.isalnum() and len(word) <= 2 else None,
            "kind": take.title(self.words("kind")[i]),
            "times": times,
        }
        take.add(CallEvent, where, at, action=CallAction.received, **about)
        closed = next((heard for name, _, heard in steps if name == "back_in_service"), None)
        if "unit" not in self.column and closed is not None:
            take.add(CallEvent, where, closed, action=CallAction.closed, **about)

    def zip_code(self, i: int) -> str | None:
        """A ZIP code, which has as many digits as a number that is not kept."""
        word = self.words("zone")[i]
        return word if word is not None and word.isdecimal() and len(word) == 5 else None

    def unit(self, i: int, where: str, call_id: str, steps: list[tuple[str, UnitStatus | None, Heard]]) -> None:
        unit_id = self.intake.identifier(self.words("unit")[i], f"{where}.{self.column['unit']}")
        if unit_id is None:
            return
        kind = self.intake.title(self.words("unit_type")[i]) if "unit_type" in self.column else None
        for _, status, at in steps:
            if status is not None:
                self.intake.add(
                    UnitStatusEvent, where, at, unit_id=unit_id, status=status, primary=primary_of(status),
                    call_id=call_id, unit_type=kind,
                )  # fmt: skip


def _instant(seconds: float, is_uncertain: bool) -> Heard:
    return Heard(datetime.fromtimestamp(float(seconds), UTC), is_uncertain)


def _uses() -> tuple[Use, ...]:
    becomes = {
        "time": "occurred_at, times.received", "unit": "unit_id", "incident": "call_id", "point": "lon, lat",
        "group": "priority", **{row.name: f"status {row.status}" if row.status else f"times.{row.name}" for row in TIMES},
    }  # fmt: skip
    unused = ("_after_s", "_valid")
    return tuple(
        Use(f"[].{column}{'.**' if field == 'point' else ''}", becomes.get(field, field))
        for layout in FEEDS.values()
        for field, columns in layout.columns.items()
        if not field.endswith(unused)
        for column in columns
    )


CODEC = Codec(
    name="socrata",
    title="Open call feeds of San Francisco, Seattle and New York (Socrata rows)",
    form="json",
    uses=_uses(),
    recognises=recognises,
    read=read,
    drops=("addresses",),
)
