"""Read the columns that a format needs from a CSV, Parquet or JSON file; names, phones and free text stay outside."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import CallsError
from ..history_file import METADATA_KEY
from .layout import Layout, plain_name
from .records import Records
from .tables import UTF8, csv_header, csv_texts

Choose = Callable[[list[str]], Layout]
"""Chooses a format by the names of the columns."""


def read_records(path: Path, choose: Choose) -> tuple[Layout, Records, list[tuple[int, str]], list[str]]:
    """Read a file, packed by gzip or not.

    Returns
    -------
    layout
        Its format.
    records
        Its records by field.
    torn
        Data row and fault of each line that has too many cells or too few.
    not_used
        Columns that were not read.

    Raises
    ------
    CallsError
        The file cannot be read, has no records, or is in no format that is known.
    """
    import pyarrow as pa

    kind = next((suffix for suffix in reversed(path.suffixes) if suffix.lower() not in (".gz", ".bz2", ".zst")), ".csv")
    read = {".parquet": _parquet, ".json": _json}.get(kind.lower(), _csv)
    try:
        return read(path, choose)
    except FileNotFoundError:
        raise CallsError("is missing", file=path, remedy="Check the path.") from None
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError, csv.Error, pa.ArrowException) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition("\n")[0]
        raise CallsError(f"cannot be read ({reason[:200]})", file=path, remedy=UTF8) from None


def _csv(path: Path, choose: Choose) -> tuple[Layout, Records, list[tuple[int, str]], list[str]]:
    header, mark = csv_header(path)
    if not any(header):
        raise CallsError("is empty", file=path, remedy="The first line must name the columns.")
    layout = choose(header)
    used = _used(path, layout, header)
    table, row, torn = csv_texts(path, mark, list(dict.fromkeys(used.values())))
    return _answer(path, layout, used, table, header, row, torn)


def _parquet(path: Path, choose: Choose) -> tuple[Layout, Records, list[tuple[int, str]], list[str]]:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    if METADATA_KEY in (schema.metadata or {}):
        raise CallsError(
            "has been imported already", file=path, remedy="Use it as it is, or import the file that it came from."
        )
    layout = choose(schema.names)
    used = _used(path, layout, schema.names)
    table = pq.read_table(path, columns=list(dict.fromkeys(used.values())))
    return _answer(path, layout, used, table, schema.names, np.arange(1, table.num_rows + 1), [])


def _json(path: Path, choose: Choose) -> tuple[Layout, Records, list[tuple[int, str]], list[str]]:
    """Rows as the interface of an open-data portal sends them: an array of objects, or one."""
    import pyarrow as pa

    with pa.input_stream(str(path), compression="detect") as stream:
        rows = json.loads(stream.read().decode("utf-8-sig"))
    rows = [rows] if isinstance(rows, dict) else rows
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise CallsError("holds no rows", file=path, remedy="Give an array of objects, one for each row.")
    header = list(dict.fromkeys(name for row in rows for name in row))
    layout = choose(header)
    used = _used(path, layout, header)
    table = table_of_rows(rows, list(used.values()))
    return _answer(path, layout, used, table, header, np.arange(1, len(rows) + 1), [])


def table_of_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Any:
    """Arrow table of text of rows as the interface of a portal sends them."""
    import pyarrow as pa

    return pa.table({name: pa.array([_cell(row.get(name)) for row in rows], pa.string()) for name in columns})


def _cell(value: Any) -> str | None:
    """Text of a value; of a point, in GeoJSON or by its two sides, as in well-known text."""
    if isinstance(value, Mapping):
        place = value.get("coordinates", [value.get("longitude"), value.get("latitude")])
        return f"POINT ({place[0]} {place[1]})" if isinstance(place, list) and len(place) >= 2 else None
    return None if value is None else str(value)


def _used(path: Path, layout: Layout, header: list[str]) -> dict[str, str]:
    """Column of each field that the file has."""
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(plain_name(column), column)
    found = {field: layout.column_of(field, by_name) for field in layout.columns}
    used = {field: column for field, column in found.items() if column is not None}
    for column in used.values():
        if header.count(column) > 1:
            raise CallsError("the column comes twice", file=path, field=column, remedy="Keep one of them.")
    return used


def _answer(
    path: Path, layout: Layout, used: dict[str, str], table: Any, header: list[str], row: Any, torn: Any
) -> tuple[Layout, Records, list[tuple[int, str]], list[str]]:
    if not len(row):
        raise CallsError("has no records", file=path, remedy="Give one row for each call, or for each unit of a call.")
    records = Records({field: table[column] for field, column in used.items()}, row)
    return layout, records, torn, [column for column in header if column not in used.values()]
