"""A whole CSV or Parquet file as columns of text, before anybody knows what they mean."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError

_HEAD = 1 << 16  # bytes within which a header ends
_BLOCK = 1 << 23
UTF8 = "Save it as CSV in UTF-8, with commas between cells."


def csv_header(path: Path) -> tuple[list[str], str]:
    """Names of the columns of a CSV file, packed or not, and what stands between its cells; no names if it is empty."""
    import pyarrow as pa

    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(_HEAD)
    lines = head.decode("utf-8-sig", errors="ignore").splitlines(keepends=True)
    mark = max(",;\t|", key=lines[0].count) if lines else ","
    return next(csv.reader(lines, delimiter=mark), []), mark


def csv_texts(path: Path, mark: str, columns: list[str]) -> tuple[Any, NDArray[np.int64], list[tuple[int, str]]]:
    """Columns of a CSV file as text.

    Returns
    -------
    table
        Arrow table.
    row
        Data row of each of its rows in the file, from 1.
    torn
        Data row and fault of each line that has too many cells or too few, which the table lacks.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    torn: list[tuple[int, str]] = []

    def skip(row: Any) -> str:
        # The line's text may hold anything in any place, so it is not kept.
        torn.append((row.number - 1, f"has {row.actual_columns} cells, the header has {row.expected_columns}"))
        return "skip"

    table = arrow_csv.read_csv(
        str(path),
        # One thread: lines that are torn keep their numbers only then, and unpacking takes most of the time anyway.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=arrow_csv.ParseOptions(delimiter=mark, newlines_in_values=True, invalid_row_handler=skip),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns, column_types=dict.fromkeys(columns, pa.string())
        ),
    )
    row = np.arange(1, table.num_rows + len(torn) + 1)
    if torn:
        row = np.delete(row, np.array([number for number, _ in torn]) - 1)
    return table, row, torn


def read_texts(path: Path) -> tuple[list[str], dict[str, Any], NDArray[np.int64], list[tuple[int, str]]]:
    """All columns of a file: names in order, columns by name, data row of each row, lines that are torn.

    Raises
    ------
    InputError
        The file cannot be read, has no rows, or names a column twice.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    torn: list[tuple[int, str]] = []
    try:
        if ".parquet" in path.suffixes:
            table = pq.read_table(path)
            header, row = table.column_names, np.arange(1, table.num_rows + 1)
        else:
            header, mark = csv_header(path)
            if not any(header):
                raise InputError("is empty", file=path, remedy="The first line must name the columns.")
            twice = next((name for name in header if header.count(name) > 1), None)
            if twice is not None:
                raise InputError("the column comes twice", file=path, field=twice, remedy="Keep one of them.")
            table, row, torn = csv_texts(path, mark, header)
    except FileNotFoundError:
        raise InputError("is missing", file=path, remedy="Check the path.") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition("\n")[0]
        raise InputError(f"cannot be read ({reason[:200]})", file=path, remedy=UTF8) from None
    if not len(row):
        raise InputError("has no rows", file=path, remedy="Give one row for each hour.")
    return header, {name: table[name] for name in header}, row, torn
