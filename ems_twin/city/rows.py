"""Rows of a CSV table that people write by hand: every fault is noted with its file, row and field."""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Collection, Sequence
from pathlib import Path

from ..faults import Faults

_FEW = 8  # names that a message lists


class Row:
    """One data row, with readers that note what is wrong and go on; their answer then is a stand-in.

    Parameters
    ----------
    path
        The file.
    number
        Data row, from 1.
    cells
        Text by column; None where the row ends before the column.
    faults
        Told what is wrong.
    seen
        By column, the rows of texts that must be unique; all rows of a table share it.
    """

    def __init__(
        self, path: Path, number: int, cells: dict[str, str | None], faults: Faults, seen: dict[str, dict[str, int]]
    ) -> None:
        self.path, self.number, self.cells, self.faults, self._seen = path, number, cells, faults, seen
        self.ok = True
        """Whether nothing was wrong so far."""
        self._told_that_it_is_short = False

    def fault(self, field: str | None, problem: str, remedy: str) -> None:
        """Note a fault; the remedy comes without its final stop."""
        self.ok = False
        self.faults.add(problem, file=self.path, row=self.number, field=field, remedy=f"{remedy}.")

    def text(self, field: str, default: str = "") -> str:
        """Text of a cell without spaces around it; ``default`` when there is none."""
        return (self.cells.get(field) or "").strip() or default

    def required(self, field: str) -> str:
        """Text of a cell that must not be empty."""
        text = self.text(field)
        if not text:
            is_short = self.cells.get(field) is None
            if not (is_short and self._told_that_it_is_short):  # one fault for a row that is cut off, not one a column
                self.fault(field, "the cell is empty", "Fill it in")
            self._told_that_it_is_short |= is_short
        return text

    def unique(self, field: str) -> str:
        """Text of a cell that must not be empty, nor that of a row before."""
        text = self.required(field)
        first = self._seen.setdefault(field, {}).setdefault(text, self.number)
        if text and first != self.number:
            self.fault(field, f"'{text}' is already the {field} of row {first}", f"Give each its own {field}")
        return text

    def number_in(self, field: str, low: float, high: float) -> float:
        """A number from ``low`` to ``high``; NaN if there is none."""
        text = self.required(field)
        try:
            value = float(text)
        except ValueError:
            if text:
                self.fault(field, f"'{text}' is not a number", "Write a number with a decimal point")
            return math.nan
        if not (math.isfinite(value) and low <= value <= high):
            self.fault(field, f"{text} is not between {low:g} and {high:g}", "Correct the number")
            return math.nan
        return value

    def count(self, field: str) -> int:
        """A whole number of 0 or more; -1 if there is none."""
        value = self.number_in(field, 0, 100_000)
        if math.isnan(value):
            return -1
        if value != int(value):
            self.fault(field, f"{value:g} is not a whole number", "Write a whole number")
            return -1
        return int(value)

    def words(self, field: str, known: Sequence[str] | None = None) -> tuple[str, ...]:
        """Words separated by spaces or semicolons, all of them ``known`` if that is given."""
        words = tuple(self.text(field).replace(";", " ").split())
        for word in words:
            if known is not None and word not in known:
                self.fault(field, f"'{word}' is not known", f"Names are {', '.join(known)}")
        return words

    def one_of(self, field: str, known: Collection[str] | None, what: str) -> str:
        """Text that must name one of ``known``, which are each a ``what``; any text where they are not known."""
        text = self.required(field)
        if text and known is not None and text not in known:
            near = difflib.get_close_matches(text, known, n=3, cutoff=0.5)
            few = [*list(known)[:_FEW], *(["..."] if len(known) > _FEW else [])]
            hint = f"Perhaps {' or '.join(near)} is meant" if near else f"There are {', '.join(few) or 'none'}"
            self.fault(field, f"there is no {what} '{text}'", hint)
        return text


def read_rows(
    path: Path, required: Sequence[str], faults: Faults, *, optional: Sequence[str] = (), may_be_empty: bool = False
) -> list[Row]:
    """Data rows of a CSV file; none when the file cannot be read or lacks a column.

    Parameters
    ----------
    path
        The file, in UTF-8, its first line naming the columns.
    required
        Columns that must be there. Others are left alone.
    faults
        Told what is wrong with the file as a whole; the rows tell theirs to it too.
    optional
        Columns that may be there: one that is missing while a column of nearly that name is there is a fault.
    may_be_empty
        Whether the file may have no rows.
    """
    columns = f"The columns are {', '.join(required)}"
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            header = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            rows = list(reader)
    except FileNotFoundError:
        faults.add("the file is missing", file=path, remedy=f"Add it with columns {', '.join(required)}.")
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.add(f"cannot be read ({error})", file=path, remedy="Save it as CSV in UTF-8.")
        return []
    missing = [name for name in required if name not in header]
    for name in missing:
        faults.add("the column is missing", file=path, field=name, remedy=f"{columns}.")
    for name in optional:
        strange = [column for column in header if column not in required and column not in optional]
        if name not in header and (near := difflib.get_close_matches(name, strange, n=1, cutoff=0.75)):
            faults.add(f"there is no column '{near[0]}'", file=path, field=near[0], remedy=f"Did you mean {name}?")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        faults.add("the column comes twice", file=path, field=name, remedy="Keep one of them.")
    if not rows and not missing and not may_be_empty:
        faults.add("the file has no rows", file=path, remedy="Add at least one row.")
    seen: dict[str, dict[str, int]] = {}
    return [] if missing else [Row(path, number, cells, faults, seen) for number, cells in enumerate(rows, start=1)]
