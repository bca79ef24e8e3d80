"""Read a call file into columns, collecting every bad cell before complaining."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..city import SPECIALITIES
from ..errors import CallsError
from .cells import (
    CellError,
    parse_degrees,
    parse_disposition,
    parse_flag,
    parse_id,
    parse_names,
    parse_priority,
    parse_seconds,
    parse_time,
    parse_units,
)

REQUIRED = ("time", "lon", "lat")
OPTIONAL: dict[str, Callable[[str], float]] = {
    "priority": parse_priority,
    "transport": parse_flag,
    "dispatch_delay_s": parse_seconds,
    "turnout_s": parse_seconds,
    "scene_s": parse_seconds,
    "offload_s": parse_seconds,
    "clear_s": parse_seconds,
}
"""Columns a call file may have, in the order in which their gaps are drawn."""
EXTRA = (
    "cancelled_at", "unit_disposition", "refused", "worsened_at", "worse_priority", "n_units", "skills", "speciality",
    "known_at", "stay_s",
)  # fmt: skip
"""Further columns that it may have; an empty cell in one says that there was nothing of the kind."""

_SHOWN = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Faults:
    """Faults found so far in one file; raised together."""

    file: Path
    found: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, field and problem."""

    def add(self, row: int, column: str, problem: str) -> None:
        """Note a fault."""
        self.found.append((row, column, problem))

    def raise_any(self, remedy: str) -> None:
        """Raise one :class:`CallsError` for all faults, if there are any, listing the first ten."""
        if not self.found:
            return
        if len(self.found) == 1:
            row, column, problem = self.found[0]
            raise CallsError(problem, file=self.file, row=row, field=column or None, remedy=remedy)
        self.found.sort(key=lambda fault: fault[0])
        shown = [f"row {row}{f', {column}' if column else ''}: {text}" for row, column, text in self.found[:_SHOWN]]
        rows = len({row for row, _, _ in self.found})
        more = f"; and {len(self.found) - _SHOWN} more" if len(self.found) > _SHOWN else ""
        raise CallsError(
            f"{len(self.found)} faults in {rows} rows: {'; '.join(shown)}{more}",
            file=self.file,
            row=self.found[0][0] if rows == 1 else None,
            remedy=remedy,
        )


@dataclass
class CallColumns:
    """Columns of a call file of k calls, in file order."""

    row: NDArray[np.int64]
    """Data row in the file, from 1."""
    time_s: NDArray[np.float64]
    """Seconds since 1970 (UTC)."""
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    optional: dict[str, NDArray[np.float64]]
    """Every key of :data:`OPTIONAL`; NaN where the file says nothing."""
    extra: dict[str, NDArray[np.float64]]
    """The keys of :data:`EXTRA` that the file has: times as ``time_s``, names as bits; NaN where a cell is empty."""
    notes: list[str]


def read_columns(
    path: Path, zone: ZoneInfo, skill_names: tuple[str, ...], hospital_ids: tuple[str, ...] = ()
) -> CallColumns:
    """Read a call file; ``skill_names`` and ``hospital_ids`` are what may stand in ``skills`` and ``known_at``.

    Raises
    ------
    CallsError
        The file cannot be read, has no calls, lacks a column, or has bad cells.
    """
    header, lines = _read_lines(path)
    faults = Faults(path)
    k = len(lines)
    row, time_s = np.zeros(k, dtype=np.int64), np.zeros(k)
    degrees = {"lon": np.zeros(k), "lat": np.zeros(k)}
    optional = {name: np.full(k, np.nan) for name in OPTIONAL}
    place = {name: i for i, name in enumerate(header)}
    parse_place: dict[str, Callable[[str], float]] = {
        "lon": partial(parse_degrees, most=180.0),
        "lat": partial(parse_degrees, most=90.0),
    }
    extra_parse = _extra_parse(zone, skill_names, hospital_ids)
    extra = {name: np.full(k, np.nan) for name in EXTRA if name in place}
    given = [(name, OPTIONAL[name], optional[name]) for name in OPTIONAL if name in place]
    given += [(name, extra_parse[name], values) for name, values in extra.items()]
    n_repeated = 0
    for i, (number, cells) in enumerate(lines):
        row[i] = number
        if len(cells) != len(header):
            faults.add(number, "", f"has {len(cells)} cells, the header has {len(header)}")
            continue
        try:
            time, repeated = parse_time(cells[place["time"]], zone)
            time_s[i] = (time - _EPOCH).total_seconds()
            n_repeated += repeated
        except (CellError, OverflowError) as error:
            faults.add(number, "time", str(error))
        for name, parse in parse_place.items():
            try:
                degrees[name][i] = parse(cells[place[name]])
            except CellError as error:
                faults.add(number, name, str(error))
        for name, parse, values in given:
            text = cells[place[name]]
            if text:
                try:
                    values[i] = parse(text)
                except (CellError, OverflowError) as error:
                    faults.add(number, name, str(error))
    faults.raise_any("Mend or delete what is named.")
    notes = []
    ignored = [name for name in header if name not in (*REQUIRED, *OPTIONAL, *EXTRA)]
    if ignored:
        notes.append(f"{path}: columns not used: {', '.join(ignored)}.")
    if n_repeated:
        notes.append(
            f"{path}: {n_repeated} local times came twice because the clocks went back; the first was taken. "
            "Times with an offset would leave no doubt."
        )
    return CallColumns(
        row=row, time_s=time_s, lon=degrees["lon"], lat=degrees["lat"], optional=optional, extra=extra, notes=notes
    )


def _extra_parse(
    zone: ZoneInfo, skill_names: tuple[str, ...], hospital_ids: tuple[str, ...]
) -> dict[str, Callable[[str], float]]:
    """How to read each of the columns :data:`EXTRA`."""

    def seconds(text: str) -> float:
        return (parse_time(text, zone)[0] - _EPOCH).total_seconds()

    return {
        "cancelled_at": seconds,
        "unit_disposition": parse_disposition,
        "refused": parse_flag,
        "worsened_at": seconds,
        "worse_priority": parse_priority,
        "n_units": parse_units,
        "skills": partial(parse_names, known=skill_names),
        "speciality": partial(parse_names, known=SPECIALITIES),
        "known_at": partial(parse_id, known=hospital_ids),
        "stay_s": parse_seconds,
    }


def _read_lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header and numbered data rows, cells stripped; empty lines are passed over but keep their number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CallsError(
            f"is not UTF-8 text (byte {error.start})", file=path, remedy="Save it as CSV in UTF-8."
        ) from None
    except OSError as error:
        raise CallsError(f"cannot be read ({error.strerror})", file=path, remedy="Check the path.") from None
    try:
        rows = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines(keepends=True))]
    except csv.Error as error:
        raise CallsError(f"is not a CSV file: {error}", file=path, remedy="Save it as CSV in UTF-8.") from None
    need = f"The first line must name the columns {', '.join(REQUIRED)} and may name {', '.join((*OPTIONAL, *EXTRA))}."
    if not any(map(any, rows)):
        raise CallsError("is empty", file=path, remedy=need)
    header = [name.lower() for name in rows[0]]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise CallsError("cells are not separated by commas", file=path, remedy="Save it with commas between cells.")
    for name in header:
        if name and header.count(name) > 1:
            raise CallsError("the column comes twice", file=path, field=name, remedy="Keep one of them.")
    for name in REQUIRED:
        if name not in header:
            raise CallsError("the column is missing", file=path, field=name, remedy=need)
    lines = [(number, cells) for number, cells in enumerate(rows[1:], start=1) if any(cells)]
    if not lines:
        raise CallsError("has a header but no calls", file=path, remedy="Add one row for each call.")
    return header, lines
