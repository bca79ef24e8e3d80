"""The commands that forecast calls, and that say how good such forecasts were."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .shared import progress_bar, say_written, size_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..city import City
    from ..demand import CallHistory
    from ..demand.forecast.cells import Cells

DEFAULT_MODELS = ("medic", "hour_of_week", "volume_density", "blend")
_WEEK_S = 168 * 3600.0
_FARTHEST_S = 4 * _WEEK_S


def forecast_backtest(arguments: argparse.Namespace) -> None:
    """Let models forecast week after week of a history from what was known then, and score them."""
    from ..demand.forecast import backtest_events
    from ..demand.forecast.from_history import cells_of, enough_for, period_of_test, rows_of
    from ..demand.forecast.hours import CivilHours

    if arguments.out is not None and arguments.out.is_file():
        raise InputError("is a file", file=arguments.out, remedy="Name a folder with --out.")
    history, city = past_history(arguments)
    start, weeks, known = period_of_test(history, arguments.start and arguments.start.date(), arguments.weeks)
    models, notes = enough_for(arguments.models or DEFAULT_MODELS, known)
    clock = CivilHours(history.timezone)
    cells = cells_of(history, arguments.cells, until_s=float(clock.start_s(clock.first_hour(start))))
    covered, reach, told = _reach(city, cells)
    with progress_bar("backtest", quiet=arguments.json) as say:
        found = backtest_events(
            history.calls["t"], cells, history.timezone, start=start, cell=rows_of(history, cells), models=models,
            horizons_h=arguments.horizons, weeks=weeks, covered=covered, seed=arguments.seed, progress=say,
        )  # fmt: skip
    record = found.record | {
        "source": history.source,
        "cells_kind": arguments.cells,
        "notes": [*notes, told],
        "reach": reach,
    }
    lines = [
        f"{history.source}: {record['calls']:,} calls in {len(cells)} cells ({arguments.cells}), "
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
    print(json.dumps(_plain(record), ensure_ascii=False) if arguments.json else "\n".join(lines))


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


def forecast_hotspots(arguments: argparse.Namespace) -> None:
    """Rank where calls are to be expected in the next hours, and say why."""
    from ..demand.clock import instant, time_zone
    from ..demand.forecast import make_models
    from ..demand.forecast.from_history import FALLBACK, cells_of, enough_for, past_of
    from ..demand.hotspots import find_hotspots

    out: Path | None = arguments.out
    if out is not None and (arguments.city is None or out.suffix.lower() not in (".html", ".htm")):
        raise InputError(
            f"'{out}' cannot become a map",
            field="out",
            remedy="Give a name that ends in .html, and the --city to draw.",
        )
    history, city = past_history(arguments)
    zone = time_zone(history.timezone)
    end_s = float(history.calls["t"][-1]) + 1.0
    at = arguments.at or datetime.fromtimestamp(end_s, zone).replace(microsecond=0)
    at_s = (at if at.tzinfo else instant(at, zone)).timestamp()
    if at_s > end_s + _FARTHEST_S:
        raise InputError(
            "the record ends more than four weeks before", field="at", remedy="Choose a time before, or add calls."
        )
    cells = cells_of(history, arguments.cells, until_s=at_s)
    calls = past_of(history, cells)
    names, notes = enough_for((arguments.model,), (min(at_s, end_s) - calls.since_s) / _WEEK_S)
    if at_s > end_s + 3600:
        notes.append(f"The record ends {(at_s - end_s) / 3600:.0f} h before.")
    with progress_bar("forecasting", quiet=arguments.json):
        model = make_models(names)[names[0]]
        usual = make_models((FALLBACK,))[FALLBACK]
        spots = find_hotspots(calls, model, usual, at_s=at_s, hours=arguments.hours, top=None)
    begins = [datetime.fromtimestamp(at_s + 3600 * k, zone) for k in range(len(spots))]
    record: dict[str, Any] = {
        "source": history.source, "model": names[0], "notes": notes, "cells_kind": arguments.cells, "cells": len(cells),
        "at": begins[0].isoformat(), "timezone": history.timezone,
        "hours": [
            {
                "from": begin.isoformat(),
                "calls_expected": sum(spot.rate_60 for spot in hour),
                "hotspots": [spot.to_dict() for spot in hour[: arguments.top]],
            }
            for begin, hour in zip(begins, spots, strict=True)
        ],
    }  # fmt: skip
    if out is not None and city is not None:
        from ..views import write_hotspot_map

        facts = [("Record", history.source), ("Model", names[0]), ("Cells", f"{len(cells)} ({arguments.cells})"),
                 ("Known until", f"{begins[0]:%Y-%m-%d %H:%M}"), *(("Note", note) for note in notes)]  # fmt: skip
        write_hotspot_map(
            spots, cells, city, out, at_s=at_s, timezone=history.timezone, facts=facts, theme=arguments.theme,
            top=arguments.top,
        )  # fmt: skip
        record |= size_of(out)
    if arguments.json:
        print(json.dumps(_plain(record), ensure_ascii=False))
        return
    print("\n".join([*(f"Note: {note}" for note in notes), *hotspot_lines(record)]))
    if out is not None:
        say_written(out)


def hotspot_lines(record: dict[str, Any]) -> list[str]:
    """Hotspots by hour ahead as tables for people."""
    lines = [f"{record['source']}: {record['cells']} cells ({record['cells_kind']}), forecast of {record['model']}."]
    for hour in record["hours"]:
        begin = datetime.fromisoformat(hour["from"])
        wide = max(len(spot["cell"]) for spot in hour["hotspots"])
        lines += [
            "",
            f"{begin:%A %Y-%m-%d %H:%M} and an hour on: {hour['calls_expected']:.1f} calls expected.",
            f"{'':>4}{'cell':<{wide}}{'calls/h':>9}{'30 min':>8}{'usual':>8}{'tail':>8}{'P30':>7}{'P60':>7}  why",
        ]
        lines += [
            f"{spot['rank']:>3} {spot['cell']:<{wide}}{spot['rate_60']:>9.3f}{spot['rate_30']:>8.3f}"
            f"{spot['usual']:>8.3f}{spot['tail']:>8.2f}{spot['p_30']:>7.1%}{spot['p_60']:>7.1%}  {spot['why']}"
            for spot in hour["hotspots"]
        ]
    return lines


def write_backtest(folder: Path, record: dict[str, Any], lines: list[str]) -> list[str]:
    """Write what a backtest found as ``backtest.json`` and ``backtest.txt``; returns the files."""
    texts = {
        "backtest.json": json.dumps(_plain(record), ensure_ascii=False, indent=1) + "\n",
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
    if not arguments.json and report.dropped:
        print(f"note: {sum(report.dropped.values()):,} of {report.rows:,} rows of {file.name} were dropped; "
              "'ems-twin calls import' says why", file=sys.stderr)  # fmt: skip
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


def _plain(value: Any) -> Any:
    """The same without what JSON does not know: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and value - value != 0 else value
