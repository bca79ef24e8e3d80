"""Columns of a table as checked arrays; what is wrong with a cell goes on the list of faults.

Rows are counted from 1 in their own table, as JEMSS's index columns do; because a file may hold several tables,
the message adds the line of the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .jemss_cells import parse_bool, parse_distribution, parse_number, parse_numbers, parse_priority
from .jemss_distribution import Distribution
from .jemss_faults import Faults
from .jemss_grammar import CellError, short
from .jemss_tables import Table

T = TypeVar("T")


class Columns:
    """Reads the columns of one table. Every method answers one entry a row, also when there were faults."""

    def __init__(self, table: Table, faults: Faults) -> None:
        self.table = table
        self._faults = faults
        self._missing: set[str] = set()

    def fault(self, problem: str, row: int | None = None, column: str | None = None, remedy: str | None = None) -> None:
        """Note a fault; ``row`` counts from 0, the message from 1."""
        if row is None:
            place = f" (table '{self.table.name}')"
        else:
            place = f" (table '{self.table.name}', line {self.table.lines[row]})"
        self._faults.add(
            problem + place,
            file=self.table.file,
            row=None if row is None else row + 1,
            field=column,
            remedy=remedy,
        )

    def pick(self, *names: str) -> str:
        """The first of several names that the table has; if it has none, a fault and the first name."""
        for name in names:
            if name in self.table:
                return name
        if names[0] not in self._missing:
            self._missing.add(names[0])
            old = f" (or, as older files have it, {' or '.join(names[1:])})" if len(names) > 1 else ""
            self.fault("the column is missing", column=names[0], remedy=f"Add column {names[0]}{old}.")
        return names[0]

    def at_least(self, n: int) -> None:
        """Check that the table has ``n`` rows or more."""
        if self.table.n_rows < n:
            self.fault(f"has {self.table.n_rows} rows, it needs at least {n}", remedy="Add the missing rows.")

    def one_row(self) -> bool:
        """Check that the table has exactly one row, and tell whether it does."""
        if self.table.n_rows != 1:
            self.fault(f"has {self.table.n_rows} rows instead of one", remedy="Give it one row.")
        return self.table.n_rows == 1

    def floats(
        self, name: str, *, above: float | None = None, at_least: float | None = None, blank: float | None = None
    ) -> NDArray[np.float64]:
        """Finite numbers, float64; ``blank`` stands for empty cells where they are allowed."""
        values = self._quick_floats(name)
        if values is None:
            fallback = np.nan if blank is None else blank
            values = np.array(
                self._each(
                    name, lambda cell: fallback if not cell and blank is not None else parse_number(cell), np.nan
                )
            )
        for row in np.flatnonzero(values <= above) if above is not None else ():
            self.fault(f"{values[row]:g} is not above {above:g}", int(row), name, f"Give a number above {above:g}.")
        for row in np.flatnonzero(values < at_least) if at_least is not None else ():
            self.fault(f"{values[row]:g} is below {at_least:g}", int(row), name, f"Give at least {at_least:g}.")
        return values

    def ints(self, name: str, *, low: int | None = None, high: int | None = None) -> NDArray[np.int64]:
        """Whole numbers, which may be written ``1.0``, int64; 0 where there was a fault."""
        values = self.floats(name)
        whole = np.zeros(len(values), dtype=np.int64)
        for row in np.flatnonzero(np.isfinite(values) & ((values != np.rint(values)) | (np.abs(values) >= 2**53))):
            self.fault(f"{values[row]:g} is not a whole number", int(row), name, "Give a whole number.")
            values[row] = np.nan
        known = np.isfinite(values)
        whole[known] = values[known].astype(np.int64)
        outside = known & ((whole < low if low is not None else False) | (whole > high if high is not None else False))
        for row in np.flatnonzero(outside):
            bounds = f"from {low} to {high}" if low is not None and high is not None else f"of at least {low}"
            self.fault(f"{whole[row]} is out of range", int(row), name, f"Give a number {bounds}.")
        return whole

    def index(self, name: str = "index") -> None:
        """Check that a column counts the rows from 1."""
        values = self.ints(name)
        for row in np.flatnonzero(values != np.arange(1, len(values) + 1)):
            if values[row] != 0:  # 0 is a cell that already has its fault
                self.fault(f"is {values[row]} in row {row + 1}", int(row), name, "Number the rows 1, 2, 3, ….")

    def bools(self, name: str) -> NDArray[np.bool_]:
        """``true``, ``false``, 1 or 0."""
        return np.array(self._each(name, parse_bool, False), dtype=np.bool_)

    def priorities(self, name: str) -> NDArray[np.uint8]:
        """Priorities written by name, uint8, 1 to 3; 0 where there was a fault."""
        return np.array(self._each(name, parse_priority, 0), dtype=np.uint8)

    def lists(self, name: str) -> list[tuple[float, ...]]:
        """Lists of numbers."""
        return self._each(name, parse_numbers, ())

    def distributions(self, name: str) -> list[Distribution | None]:
        """Distributions; None where there was a fault."""

        def read(cell: str) -> Distribution | None:
            return parse_distribution(cell)

        return self._each(name, read, None)

    def texts(self, name: str) -> list[str]:
        """Cells as they are; none may be empty."""
        return self._each(name, _filled, "")

    def attributes(self) -> tuple[str, ...]:
        """Column ``attributes``: JSON objects as text, ``{}`` where there is none."""
        if "attributes" not in self.table:
            return ("{}",) * self.table.n_rows
        return tuple(self._each("attributes", _json_object, "{}"))

    def _quick_floats(self, name: str) -> NDArray[np.float64] | None:
        """All cells at once if they are plain numbers: a city has a hundred thousand arcs."""
        cells = self.table.cells(name) if name in self.table else []
        joined = "".join(cells)
        if not cells or "_" in joined or not joined.isascii():  # Python takes 1_0 and other scripts' digits for numbers
            return None
        try:
            values = np.array([float(cell) for cell in cells])
        except ValueError:
            return None
        return values if np.isfinite(values).all() else None

    def _each(self, name: str, read: Callable[[str], T], stand_in: T) -> list[T]:
        """Read cell by cell; a faulty one is noted and stood in for."""
        if name not in self.table:
            self.pick(name)
            return [stand_in] * self.table.n_rows
        known: dict[str, T] = {}  # a column of a hundred thousand cells says the same few things
        values = []
        for row, cell in enumerate(self.table.cells(name)):
            try:
                if cell not in known:
                    known[cell] = read(cell)
                values.append(known[cell])
            except CellError as error:
                values.append(stand_in)
                self.fault(str(error), row, name, "Correct the cell.")
        return values


def _filled(cell: str) -> str:
    if not cell:
        raise CellError("the cell is empty")
    return cell


def _json_object(cell: str) -> str:
    if cell in ("", "{}"):
        return "{}"
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise CellError(f"'{short(cell)}' is not a JSON object")
    return cell
