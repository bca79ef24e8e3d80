"""JEMSS's dialect of CSV: several tables in one file, each with a name line, a header and rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ManyFaultsError
from .jemss_cells import CellError, Value, number, parse_cell


@dataclass
class Faults:
    """Collects what is wrong, so that a user meets all of it at once."""

    found: list[InputError] = field(default_factory=list)

    def add(
        self, problem: str, *, file: Path, row: int | None = None, name: str | None = None, remedy: str | None = None
    ) -> None:
        """Note one fault; ``row`` is the line in the file, ``name`` the column."""
        self.found.append(InputError(problem, file=file, row=row, field=name, remedy=remedy))

    def raise_if_any(self) -> None:
        """Raise them all together."""
        if self.found:
            raise ManyFaultsError(self.found)


@dataclass
class Table:
    """One table of a file: cells as text, with the line each row stands on."""

    file: Path
    name: str
    columns: dict[str, list[str]]
    lines: list[int]
    faults: Faults

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, *names: str) -> bool:
        """Whether there is a column of one of these names."""
        return any(name in self.columns for name in names)

    def text(self, *names: str, default: str | None = None) -> list[str]:
        """Cells of the first column that exists; its older names may follow."""
        for name in names:
            if name in self.columns:
                return self.columns[name]
        if default is None:
            self.faults.add(f"table '{self.name}' has no column '{names[0]}'", file=self.file, name=names[0])
            default = "0"
        return [default] * len(self)

    def values(self, *names: str) -> list[Value]:
        """Cells read by the closed grammar."""
        return [value for _, value in self._parsed(names, parse_cell, 0.0)]

    def numbers(self, *names: str, default: str | None = None, least: float | None = None) -> NDArray[np.float64]:
        """Cells as numbers, shape (rows,)."""
        out = np.zeros(len(self))
        for i, value in self._parsed(names, number, 0.0, default):
            out[i] = value  # type: ignore[assignment] # number() gives floats
            if least is not None and not out[i] >= least:
                self._fault(i, names[0], f"is {out[i]:g}; it must be {least:g} or more")
        return out

    def integers(self, *names: str, default: str | None = None) -> NDArray[np.int64]:
        """Cells as whole numbers (``7.0`` counts), shape (rows,)."""
        numbers = self.numbers(*names, default=default)
        for i in np.flatnonzero(numbers != np.rint(numbers)):
            self._fault(int(i), names[0], f"is {numbers[i]:g}; it must be a whole number")
        return np.rint(numbers).astype(np.int64)

    def rows_of(self, n: int, *names: str, null: bool = False) -> NDArray[np.int64]:
        """Cells as 1-based references to n things, returned 0-based; -1 where ``null`` is allowed."""
        rows = self.integers(*names)
        for i in np.flatnonzero((rows < 1) | (rows > n)):
            if not (null and rows[i] == -1):
                self._fault(int(i), names[0], f"is {rows[i]}; there are 1 to {n}")
        return np.where((rows >= 1) & (rows <= n), rows - 1, -1)

    def flags(self, *names: str, default: str | None = None) -> NDArray[np.bool_]:
        """Cells as 0/1 or true/false, shape (rows,)."""
        texts = self.text(*names, default=default)
        known = {"0": False, "1": True, "0.0": False, "1.0": True, "true": True, "false": False}
        for i, text in enumerate(texts):
            if text.strip().lower() not in known:
                self._fault(i, names[0], f"is '{text}'; it must be 0, 1, true or false")
        return np.array([known.get(text.strip().lower(), False) for text in texts], dtype=np.bool_)

    def check_index(self) -> None:
        """The index must equal the row number."""
        for i, index in enumerate(self.integers("index")):
            if index != i + 1:
                self._fault(i, "index", f"is {index} in row {i + 1}", "Number the rows from 1 without a gap.")

    def _parsed(
        self, names: tuple[str, ...], read: object, bad: Value, default: str | None = None
    ) -> Iterator[tuple[int, Value]]:
        for i, text in enumerate(self.text(*names, default=default)):
            try:
                value = read(text)  # type: ignore[operator]
            except CellError as error:
                self._fault(i, names[0], str(error))
                value = bad
            yield i, value

    def _fault(self, i: int, name: str, problem: str, remedy: str | None = None) -> None:
        self.faults.add(problem, file=self.file, row=self.lines[i], name=name, remedy=remedy)


def read_tables(file: Path, faults: Faults) -> dict[str, Table]:
    """All tables of a file by name.

    Raises
    ------
    InputError
        If the file cannot be read or has no table.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(f"cannot be read: {reason}", file=file, remedy="Check the name and the file.") from error
    reader = csv.reader(text.splitlines())
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    tables: dict[str, Table] = {}
    at = 0
    while at < len(rows):
        line, cells = rows[at]
        at += 1
        if not cells or not cells[0]:
            continue
        name, sizes = cells[0], [cell for cell in cells[1:3] if cell]
        if at == len(rows):
            faults.add(f"table '{name}' has no header", file=file, row=line)
            break
        header = _until_empty(rows[at][1])
        at += 1
        table = Table(file, name, {column: [] for column in header}, [], faults)
        if len(table.columns) != len(header):
            faults.add(f"table '{name}' names a column twice", file=file, row=line + 1)
        while at < len(rows) and rows[at][1] and rows[at][1][0]:
            row = rows[at][1] + [""] * len(header)
            for column, cell in zip(header, row, strict=False):
                table.columns[column].append(cell)
            table.lines.append(rows[at][0])
            at += 1
        if sizes and sizes != [str(len(table)), str(len(header))][: len(sizes)]:
            faults.add(
                f"table '{name}' says {' x '.join(sizes)} but has {len(table)} x {len(header)}", file=file, row=line
            )
        if name in tables:
            faults.add(f"table '{name}' stands here twice", file=file, row=line)
        tables[name] = table
    if not tables:
        raise InputError("holds no table", file=file, remedy="A table is a line with its name, a header, and rows.")
    return tables


def table(tables: dict[str, Table], name: str, file: Path) -> Table:
    """One table by name.

    Raises
    ------
    InputError
        If it is not there.
    """
    if name not in tables:
        raise InputError(f"has no table '{name}'", file=file, remedy=f"It has {', '.join(tables)}.")
    return tables[name]


def _until_empty(cells: list[str]) -> list[str]:
    return cells[: cells.index("")] if "" in cells else cells
