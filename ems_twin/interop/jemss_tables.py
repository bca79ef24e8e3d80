"""Read JEMSS's table files: several tables in one CSV, each with its name, its header and its rows.

A table starts at the first row whose first cell is not empty::

    calls,2,,            name; if given, number of rows and of columns
    index,priority,      header, up to its first empty cell
    1,3,                 rows, until one whose first cell is empty
    2,1,
    ,,                   trailing commas are filler

Line ends may be mixed; a cell that holds commas stands in double quotes.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .jemss_faults import Faults, JemssError
from .jemss_grammar import short


@dataclass(frozen=True)
class Table:
    """One table of a file, its cells still text."""

    file: Path
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Cells of each row, as many as the header has."""
    lines: tuple[int, ...]
    """Line of the file at which each row ends, from 1."""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def __contains__(self, column: str) -> bool:
        return column in self.header

    def cells(self, column: str) -> list[str]:
        """Cells of a column that the header has, top to bottom."""
        at = self.header.index(column)
        return [row[at] for row in self.rows]


def read_tables(path: Path) -> dict[str, Table]:
    """Read all tables of a file.

    Returns
    -------
    dict
        Tables by name, in the order of the file.

    Raises
    ------
    JemssError
        If the file cannot be read or breaks the rules of the format, with all breaches.
    """
    faults = Faults()
    lines = _lines(path)
    tables: dict[str, Table] = {}
    at = 0
    while at < len(lines):
        if not _first(lines[at][1]):
            at += 1
            continue
        end = at + 1
        while end < len(lines) and _first(lines[end][1]):
            end += 1
        table = _table(path, lines[at:end], faults)
        if table is not None and table.name in tables:
            faults.add(f"table '{table.name}' comes twice (line {lines[at][0]})", file=path, remedy="Keep one of them.")
        elif table is not None:
            tables[table.name] = table
        at = end
    faults.raise_if_any()
    return tables


def need_table(tables: dict[str, Table], name: str, path: Path) -> Table:
    """Table ``name`` of a file that must have it."""
    if name not in tables:
        found = f"it has {', '.join(tables)}" if tables else "it has none"
        raise _fault(f"table '{short(name)}' is missing ({short(found)})", path, f"Add a table named {name}.")
    return tables[name]


def read_text(path: Path) -> str:
    """Text of a file in UTF-8, line ends as they are."""
    try:
        if path.is_file():
            return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _fault("is not text in UTF-8", path, "Save it as text in UTF-8.") from None
    except OSError as error:
        raise _fault(f"cannot be read ({error.strerror})", path, "Make it readable.") from None
    raise _fault("there is no such file", path, "Put it there, or correct its name in sim_config.xml.")


def _fault(problem: str, path: Path, remedy: str) -> JemssError:
    return JemssError([InputError(problem, file=path, remedy=remedy)])


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Number of the last line and cells of every row."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        problem = f"line {reader.line_num} is not CSV ({error})"
        raise _fault(problem, path, "Close the quotes, or remove them.") from None


def _first(row: list[str]) -> bool:
    return bool(row) and bool(row[0].strip())


def _table(path: Path, block: list[tuple[int, list[str]]], faults: Faults) -> Table | None:
    """Read one table from its rows, name row first."""
    line, name_row = block[0]
    name = name_row[0].strip()
    if len(block) == 1:
        faults.add(f"table '{name}' (line {line}) has no header", file=path, remedy="Put its column names below it.")
        return None
    cells = [cell.strip() for cell in block[1][1]]
    width = cells.index("") if "" in cells else len(cells)
    header = tuple(cells[:width])
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        faults.add(
            f"table '{name}' has column {', '.join(twice)} twice (line {block[1][0]})",
            file=path,
            field=twice[0],
            remedy="Keep one of them.",
        )
        return None
    rows = tuple(tuple(cell.strip() for cell in (row + [""] * width)[:width]) for _, row in block[2:])
    for what, at, count in (("rows", 1, len(rows)), ("columns", 2, width)):
        said = name_row[at].strip() if at < len(name_row) else ""
        if said and said not in (str(count), f"{count}.0"):
            faults.add(
                f"table '{name}' says '{said}' {what} and has {count} (line {line})",
                file=path,
                remedy="Correct the number, or leave it out; no row may stand apart from the others.",
            )
    return Table(path, name, header, rows, tuple(number for number, _ in block[2:]))
