"""The commands about past calls."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..errors import InputError
from .shared import progress_bar


def calls_import(arguments: argparse.Namespace) -> None:
    """Import a file of past calls; write the history and, beside it, what was dropped."""
    from ..city import load_city
    from ..demand import import_calls

    file: Path = arguments.file
    out = arguments.out or Path(file.name.partition(".")[0] + ".parquet")
    if out.suffix.lower() != ".parquet":
        raise InputError(f"'{out}' is no Parquet file", field="out", remedy="Give a name that ends in .parquet.")
    if out.resolve() == file.resolve():
        raise InputError("the history would replace the file", file=file, remedy="Give another name with --out.")
    columns = dict(map(_pair, arguments.column))
    city = None if arguments.city is None else load_city(arguments.city)
    with progress_bar(f"importing {file.name}", quiet=arguments.json):
        history, report = import_calls(
            file, arguments.format, city=city, timezone=arguments.timezone, columns=columns, swap=arguments.swap,
            local_times=arguments.local_times, seed=arguments.seed,
        )  # fmt: skip
        history.write(out)
        dropped = out.with_suffix(".dropped.csv")
        dropped.unlink(missing_ok=True)  # of an import before
        if report.dropped:
            report.write_dropped(dropped)
    written = {"history": str(out)} | ({"dropped_rows": str(dropped)} if report.dropped else {})
    if arguments.json:
        print(json.dumps(written | report.to_dict(), ensure_ascii=False))
        return
    print("\n".join(report.lines()))
    print(f"History in {out}" + (f"; rows dropped, with the reason of each, in {dropped}" if report.dropped else ""))


def _pair(text: str) -> tuple[str, str]:
    field, mark, column = text.partition("=")
    if not (field and mark and column):
        raise InputError(f"'{text}' is not FIELD=NAME", field="column", remedy="Write it as in time=CallTime.")
    return field, column
