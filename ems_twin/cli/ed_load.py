"""The command that forecasts how full emergency rooms will be, and says how good such forecasts were."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .forecast import plain
from .shared import progress_bar, size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..demand.ed_load import EDForecast, EDHistory
    from ..demand.ed_load.model import EDModel

MODELS = ("blend", "climatology", "persistence")
_SHOWN_H = (1, 2, 6, 12, 24, 48, 72)
_SCORED_H = (1, 2, 6, 24, 72)
_PAST_H = 48
_WIDEST = 34  # letters of a room's name in the table


def forecast_ed_load(arguments: argparse.Namespace) -> None:
    """Forecast the load of emergency rooms for the next hours, with intervals."""
    import numpy as np

    from ..demand.ed_load.inbound import read_inbound
    from ..demand.ed_load.reading import read_ed_file
    from ..demand.ed_load.stretchers import stretchers_of

    out: Path | None = arguments.out
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"'{out}' cannot become a page", field="out", remedy="Give a name that ends in .html.")
    history, report = read_ed_file(
        arguments.occupancy, timezone=arguments.timezone, waiting=arguments.waiting, present=arguments.present,
        changes=arguments.columns_changed,
    )  # fmt: skip
    rooms = tuple(dict.fromkeys(arguments.room)) or history.rooms
    columns = [history.column(room) for room in rooms]
    history = history.until(_row_at(arguments.at, history) + 1)
    if np.isnan(getattr(history, arguments.measure)).all():
        raise InputError(
            f"nothing is known of {arguments.measure}", file=arguments.occupancy, field="measure",
            remedy="Give a file that has it, such as with --waiting FILE.",
        )  # fmt: skip
    inbound = None
    if arguments.inbound is not None:
        stretchers = stretchers_of(history.occupancy[-56 * 24 :])
        inbound = read_inbound(arguments.inbound, rooms=history.rooms, stretchers=stretchers)
    notes: list[str] = []
    with progress_bar("forecasting", quiet=arguments.json) as say:
        scored = None
        if arguments.backtest:
            model, scored = _backtest(arguments, history, say)
            notes.append(f"The forecast is that of the model as tested, fitted until {scored['from']}.")
        else:
            model = _model(arguments.model, arguments, say)
            model.fit(history, _knots(arguments.hours))
        forecast = model.predict(history.end, range(1, arguments.hours + 1), inbound=inbound)
    notes += [forecast.note + " takes its place."] if forecast.note else []
    if np.isnan(forecast.quantiles[:, columns, 0]).any():
        notes.append("Where no interval is given, too few errors are known to learn it from.")
    record: dict[str, Any] = {
        "file": arguments.occupancy.name, "measure": arguments.measure, "model": forecast.model,
        "origin": forecast.origin.isoformat(), "timezone": report.timezone, "notes": notes,
        "report": report.to_dict(), "rooms": [_room(history, forecast, column) for column in columns],
    }  # fmt: skip
    if scored is not None:
        record["backtest"] = scored
    record = plain(record)
    if out is not None:
        from ..views import write_ed_load_page

        write_ed_load_page(record | {"report_lines": report.lines()}, out)
        record |= {"page": str(out), "kilobytes": size_of(out)["kilobytes"]}
    if arguments.json:
        print(json.dumps(record, ensure_ascii=False))
        return
    print("\n".join([*report.lines(), *(f"Note: {note}" for note in notes), "", *_lines(record, arguments.hours)]))
    if out is not None:
        print(f"Page in {out} ({record['kilobytes']:,} kB): open it in a browser, no network needed")


def _model(name: str, arguments: argparse.Namespace, say: Callable[..., None]) -> EDModel:
    from ..demand.ed_load import QUICK, Blend, Boosted, Climatology, Persistence, Trees

    measure, trees = arguments.measure, Trees() if arguments.thorough else QUICK
    made: EDModel
    if name == "blend":
        grown = (Boosted(measure, trees=trees), Boosted(measure, loss="squared_error", trees=trees))
        made = Blend(measure, members=(Persistence(measure), Climatology(measure), *grown))
    else:
        made = {"climatology": Climatology, "persistence": Persistence}[name](measure)
    made.watch(say)
    return made


def _knots(hours: int) -> list[int]:
    from ..demand.ed_load.model import KNOTS_H

    return [*(knot for knot in KNOTS_H if knot < hours), hours]


def _row_at(at: datetime | None, history: EDHistory) -> int:
    if at is None:
        return history.hours - 1
    aware = at if at.tzinfo else at.replace(tzinfo=history.zone)
    if not history.start <= aware < history.end + timedelta(hours=1):
        raise InputError(
            f"{at:%Y-%m-%d %H:%M} is not within the record, {history.start:%Y-%m-%d %H:%M} to "
            f"{history.end:%Y-%m-%d %H:%M}", field="at", remedy="Choose a time within it.",
        )  # fmt: skip
    return history.row(aware)


def _backtest(
    arguments: argparse.Namespace, history: EDHistory, say: Callable[..., None]
) -> tuple[EDModel, dict[str, Any]]:
    """Fit before the last weeks, forecast every hour of them; the model follows the whole history afterwards."""
    from ..demand.ed_load.backtest import backtest
    from ..demand.ed_load.rolling import rolling_of

    begin = history.hours - arguments.weeks * 168
    if begin < 2 * 24:
        raise InputError(
            f"{history.hours / 24:.0f} days are too few to test {arguments.weeks} weeks of them", field="weeks",
            remedy="Give a longer record, or fewer --weeks.",
        )  # fmt: skip
    horizons = sorted({hour for hour in _SCORED_H if hour < arguments.hours} | {arguments.hours})
    names = dict.fromkeys([*reversed(MODELS[1:]), arguments.model])
    start = history.time(begin)
    found: dict[str, Any] = {}
    for name in names:
        model = _model(name, arguments, say)
        say(f"testing {name}")
        # one fit for the scores and for the forecast: all of its knots are scored, some are shown
        knots = sorted({*horizons, *_knots(arguments.hours)}) if name == arguments.model else horizons
        result = backtest(model, history, refits=[start], horizons_h=knots)
        at = [knots.index(hour) for hour in horizons]
        found[name] = {
            "made_by": model.maker()[0].name,
            "mean_absolute_error": result.absolute_error()[at].round(3).tolist(),
            "crps": result.crps()[at].round(3).tolist(),
            "coverage_90": result.coverage(0.9)[at].round(4).tolist(),
            "coverage_50": result.coverage(0.5)[at].round(4).tolist(),
        }
    model.follow(rolling_of(history))
    return model, {
        "from": f"{start:%Y-%m-%d %H:%M}", "to": f"{history.end:%Y-%m-%d %H:%M}", "horizons_h": horizons, "models": found
    }  # fmt: skip


def _room(history: EDHistory, forecast: EDForecast, column: int) -> dict[str, Any]:
    import numpy as np

    values = getattr(history, forecast.measure)[:, column]
    known = np.flatnonzero(~np.isnan(values))
    low_50, high_50 = forecast.interval(0.5)
    low_90, high_90 = forecast.interval(0.9)
    tables = {"median": forecast.median, "low_50": low_50, "high_50": high_50, "low_90": low_90, "high_90": high_90}
    return {
        "room": history.rooms[column],
        "last": float(values[known[-1]]) if len(known) else None,
        "last_at": history.time(int(known[-1])).isoformat() if len(known) else None,
        "past": [
            {"hours_ago": int(row) - history.hours + 1, "value": float(values[row])}
            for row in known[known >= history.hours - 1 - _PAST_H]
        ],
        "forecast": [
            {"hours_ahead": int(ahead), "at": history.time(history.hours - 1 + int(ahead)).isoformat()}
            | {name: round(float(table[i, column]), 1) for name, table in tables.items()}
            for i, ahead in enumerate(forecast.horizons_h)
        ],
    }


def _lines(record: dict[str, Any], hours: int) -> list[str]:
    """The forecast as a table for people."""
    shown = sorted({hour for hour in _SHOWN_H if hour < hours} | {hours})
    wide = min(max(len(room["room"]) for room in record["rooms"]), _WIDEST)
    unit = "percent" if record["measure"] == "occupancy" else "patients"
    origin = datetime.fromisoformat(record["origin"])
    lines = [
        f"{record['measure'].capitalize()}, {unit}, from {origin:%A %Y-%m-%d %H:%M}: median and 90 % interval, forecast of "
        f"{record['model']}.",
        f"{'room':<{wide}}{'last':>6}" + "".join(f"{f'{hour} h':>16}" for hour in shown),
    ]
    for room in record["rooms"]:
        by_hour = {entry["hours_ahead"]: entry for entry in room["forecast"]}
        last = "-" if room["last"] is None else f"{room['last']:.0f}"
        name = room["room"] if len(room["room"]) <= wide else room["room"][: wide - 1] + "…"
        lines.append(f"{name:<{wide}}{last:>6}" + "".join(f"{_cell(by_hour[hour]):>16}" for hour in shown))
    scored = record.get("backtest")
    if scored:
        lines += [
            "",
            f"Every hour from {scored['from']} to {scored['to']}, mean absolute error and share in the 90 % interval:",
        ]
        lines.append(f"{'':<14}" + "".join(f"{f'{hour} h':>16}" for hour in scored["horizons_h"]))
        for name, found in scored["models"].items():
            cells = [
                "-" if error is None else f"{error:.2f}" + ("" if share is None else f" {share:.1%}")
                for error, share in zip(found["mean_absolute_error"], found["coverage_90"], strict=True)
            ]
            lines.append(f"{name:<14}" + "".join(f"{cell:>16}" for cell in cells))
    return lines


def _cell(entry: dict[str, Any]) -> str:
    if entry["median"] is None:
        return "-"
    if entry["low_90"] is None:
        return f"{entry['median']:.0f}"
    return f"{entry['median']:.0f} [{entry['low_90']:.0f}, {entry['high_90']:.0f}]"
