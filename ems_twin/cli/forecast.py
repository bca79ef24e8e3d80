"""The command that says how good forecasts of calls were, and what the forecasting commands share."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .shared import progress_bar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..city import City
    from ..demand import CallHistory
    from ..demand.forecast.cells import Cells

DEFAULT_CELLS = "h3:8"
DEFAULT_MODELS = ("medic", "hour_of_week", "volume_density", "blend")


def forecast_backtest(arguments: argparse.Namespace) -> None:
    """Let models forecast week after week of a history from what was known then, and score them."""
    from ..demand.forecast import backtest_events
    from ..demand.forecast.from_history import cells_of, enough_for, period_of_test, rows_of
    from ..demand.forecast.hours import CivilHours

    if arguments.out is not None and arguments.out.is_file():
        raise InputError("is a file", file=arguments.out, remedy="Name a folder with --out.")
    kind = arguments.cells or DEFAULT_CELLS
    history, city = past_history(arguments)
    start, weeks, known = period_of_test(history, arguments.start and arguments.start.date(), arguments.weeks)
    models, notes = enough_for(arguments.models or DEFAULT_MODELS, known)
    clock = CivilHours(history.timezone)
    cells = cells_of(history, kind, until_s=float(clock.start_s(clock.first_hour(start))))
    covered, reach, told = _reach(city, cells)
    with progress_bar("backtest", quiet=arguments.json) as say:
        found = backtest_events(
            history.calls["t"], cells, history.timezone, start=start, cell=rows_of(history, cells), models=models,
            horizons_h=arguments.horizons, weeks=weeks, covered=covered, seed=arguments.seed, progress=say,
        )  # fmt: skip
    record = found.record | {
        "source": history.source,
        "cells_kind": kind,
        "notes": [*notes, told],
        "reach": reach,
    }
    lines = [
        f"{history.source}: {record['calls']:,} calls in {len(cells)} cells ({kind}), "
        f"{record['calls_outside']:,} outside them; test from {start}, {known:.1f} weeks of history before it.",
        *(f"Note: {note}" for note in record["notes"]),
        *found.lines,
    ]
    if arguments.out is not None:
        from ..views import write_backtest_page

        record["written"] = write_backtest(arguments.out, record, lines)
        page = write_backtest_page(record, found.backtests, cells, arguments.out / "report.html", model=models[-1])
        record["written"].append(str(page))
        lines.append(f"Written: {', '.join(record['written'])}")
    print(json.dumps(plain(record), ensure_ascii=False) if arguments.json else "\n".join(lines))


def _reach(city: City | None, cells: Cells) -> tuple[NDArray[np.float64] | None, dict[str, Any] | None, str]:
    """What a city's stations reach of each cell, the figures behind it, and a sentence."""
    if city is None:
        return None, None, "The operational error was not computed: it needs the stations of a --city."
    from ..demand import load_demand
    from ..demand.forecast.reach import reach_from_stations

    found = reach_from_stations(city, load_demand(city), cells)
    record = {
        "city": city.name, "stations": found.stations, "drive_limit_s": found.limit_s,
        "cells_without_streets": found.without_streets,
        "covered": dict(zip(cells.names, found.covered.tolist(), strict=True)),
    }  # fmt: skip
    words = (
        f"The operational error is how far the forecast share of calls within {found.limit_s:.0f} s of drive of a "
        f"station lies from that of the calls that came, on average over periods ({city.title}, {found.stations} stations)."
    )
    if found.without_streets:
        words += f" {found.without_streets} cells have no road node; the one nearest to their middle stands for them."
    return found.covered, record, words


def write_backtest(folder: Path, record: dict[str, Any], lines: list[str]) -> list[str]:
    """Write what a backtest found as ``backtest.json`` and ``backtest.txt``; returns the files."""
    texts = {
        "backtest.json": json.dumps(plain(record), ensure_ascii=False, indent=1) + "\n",
        "backtest.txt": "\n".join(lines) + "\n",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})", file=folder, remedy="Name a folder that you may write to."
        ) from error
    return [str(folder / name) for name in texts]


def past_history(arguments: argparse.Namespace) -> tuple[CallHistory, City | None]:
    """The history that ``--calls`` names, and the city of ``--city``.

    A Parquet file that ``calls import`` wrote is read as it is; anything else is imported.
    """
    from ..city import load_city
    from ..demand import CallHistory, import_calls

    file: Path = arguments.calls
    city = None if arguments.city is None else load_city(arguments.city)
    if _is_history(file):
        return CallHistory.read(file), city
    with progress_bar(f"importing {file.name}", quiet=arguments.json):
        history, report = import_calls(file, city=city, timezone=arguments.timezone)
    if not arguments.json:
        dropped = sum(report.dropped.values())
        told = (
            [f"{dropped:,} of {report.rows:,} rows were dropped; 'ems-twin calls import' says why"] if dropped else []
        )
        for words in (*told, *report.doubts):
            print(f"note: {file.name}: {words}", file=sys.stderr)
    return history, city


def _is_history(file: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ..demand.history_file import METADATA_KEY

    try:
        return METADATA_KEY in (pq.read_schema(file).metadata or {})
    except (OSError, pa.ArrowException):
        return False  # the import says what is wrong with it


def names_of(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def horizons_of(text: str) -> tuple[int, ...]:
    """Lengths of period between commas, hours, each a divisor of a week's 168."""
    lengths = tuple(int(part) if part.isdigit() else 0 for part in names_of(text))
    if not lengths or any(length == 0 or 168 % length for length in lengths):
        raise argparse.ArgumentTypeError(f"'{text}' is not hours that divide the 168 of a week, such as 1,8,24,168")
    return tuple(dict.fromkeys(lengths))


def instant_of(text: str) -> datetime:
    """A time like 2018-06-01T18:00, with or without an offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time like 2018-06-01T18:00") from None


def plain(value: Any) -> Any:
    """The same without what JSON does not know: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return None if isinstance(value, float) and value - value != 0 else value
