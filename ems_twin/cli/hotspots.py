"""The commands that fit a forecaster, and that say with it where the next calls are expected."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .forecast import DEFAULT_CELLS, past_history, plain
from .shared import progress_bar, say_written, size_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ..demand import CallHistory
    from ..demand.forecast.cells import Cells
    from ..demand.forecast.kept import FittedModel
    from ..demand.forecast.past import PastCalls

DEFAULT_MODEL = "blend"
_WEEK_S = 168 * 3600.0
_FARTHEST_S = 4 * _WEEK_S


def forecast_fit(arguments: argparse.Namespace) -> None:
    """Fit a model to a history and keep it in a file."""
    from ..demand.forecast.kept import write_fitted

    out: Path = arguments.out
    if out.is_dir():
        raise InputError("is a folder", file=out, remedy="Name a file with --out.")
    history, _ = past_history(arguments)
    at_s, zone = _moment(arguments.at, history)
    at_s = min(at_s, _end_s(history))
    with progress_bar("fitting", quiet=arguments.json):
        fitted, calls, _ = _fit(arguments, history, at_s)
    write_fitted(fitted, out)
    notes = [*fitted.notes, *_outside_notes(history, fitted.cells, at_s)]
    record = {
        "source": history.source, "model": fitted.name, "calls": len(calls), "cells": len(fitted.cells),
        "cells_kind": fitted.cells_kind, "since": datetime.fromtimestamp(fitted.since_s, zone).isoformat(),
        "until": datetime.fromtimestamp(fitted.until_s, zone).isoformat(), "timezone": fitted.timezone, "notes": notes,
        "written": str(out), "kilobytes": round(out.stat().st_size / 1000),
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(record, ensure_ascii=False))
        return
    print(
        "\n".join(
            [
                *(f"Note: {note}" for note in notes),
                f"{history.source}: {fitted.name} fitted to {len(calls):,} calls in {len(fitted.cells)} cells "
                f"({fitted.cells_kind}) until {record['until']}.",
                f"Model in {out} ({record['kilobytes']:,} kB): 'forecast hotspots --fitted {out}' forecasts with it",
            ]
        )
    )


def forecast_hotspots(arguments: argparse.Namespace) -> None:
    """Rank where calls are to be expected in the next hours, and say why."""
    from ..demand.forecast import make_models
    from ..demand.forecast.from_history import FALLBACK, past_of
    from ..demand.hotspots import find_hotspots

    out: Path | None = arguments.out
    if out is not None and (arguments.city is None or out.suffix.lower() not in (".html", ".htm")):
        raise InputError(
            f"'{out}' cannot become a map",
            field="out",
            remedy="Give a name that ends in .html, and the --city to draw.",
        )
    kept = None if arguments.fitted is None else _read_kept(arguments)
    history, city = past_history(arguments)
    at_s, zone = _moment(arguments.at, history)
    end_s = _end_s(history)
    with progress_bar("forecasting", quiet=arguments.json):
        if kept is None:
            fitted, _, came = _fit(arguments, history, min(at_s, end_s))
            calls, notes = past_of(history, fitted.cells), list(fitted.notes)
        else:
            fitted, came = kept, "file"
            calls = past_of(history, fitted.cells)
            notes = [*fitted.notes, *_kept_notes(fitted, history, calls, at_s, zone)]
        notes += _outside_notes(history, fitted.cells, at_s)
        if at_s > end_s + 3600:
            notes.append(f"The record ends {(at_s - end_s) / 3600:.0f} h before.")
        usual = make_models((FALLBACK,))[FALLBACK]
        spots = find_hotspots(
            calls, fitted.model, usual, at_s=at_s, hours=arguments.hours, top=None, fitted_until_s=fitted.until_s
        )
    begins = [datetime.fromtimestamp(at_s + 3600 * k, zone) for k in range(len(spots))]
    record: dict[str, Any] = {
        "source": history.source, "model": fitted.name, "notes": notes, "cells_kind": fitted.cells_kind,
        "cells": len(fitted.cells),
        "fit": {"from": came, "until": datetime.fromtimestamp(fitted.until_s, zone).isoformat()},
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

        facts = [("Record", history.source), ("Model", fitted.name),
                 ("Cells", f"{len(fitted.cells)} ({fitted.cells_kind})"),
                 ("Known until", f"{begins[0]:%Y-%m-%d %H:%M}"), *(("Note", note) for note in notes)]  # fmt: skip
        write_hotspot_map(
            spots, fitted.cells, city, out, at_s=at_s, timezone=history.timezone, facts=facts, theme=arguments.theme,
            top=arguments.top,
        )  # fmt: skip
        record |= size_of(out)
    if arguments.json:
        print(json.dumps(plain(record), ensure_ascii=False))
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


def _fit(arguments: argparse.Namespace, history: CallHistory, until_s: float) -> tuple[FittedModel, PastCalls, str]:
    """Fit to the calls before an instant, or recall that fit; ``now`` or ``cache`` says which."""
    from ..demand.forecast.from_history import cells_of, enough_for, past_of
    from ..demand.forecast.recall import fit_or_recall

    kind = arguments.cells or DEFAULT_CELLS
    calls = past_of(history, cells_of(history, kind, until_s=until_s))
    names, notes = enough_for((arguments.model or DEFAULT_MODEL,), (until_s - calls.since_s) / _WEEK_S)
    known = calls.between(calls.since_s, until_s)
    fitted, recalled = fit_or_recall(known, names[0], cells_kind=kind, source=history.source, notes=tuple(notes))
    return fitted, known, "cache" if recalled else "now"


def _read_kept(arguments: argparse.Namespace) -> FittedModel:
    from ..demand.forecast.kept import read_fitted

    for name in ("model", "cells"):
        if getattr(arguments, name) is not None:
            raise InputError(f"--{name} does not go with --fitted", remedy="The fitted model says what it is.")
    return read_fitted(arguments.fitted)


def _kept_notes(fitted: FittedModel, history: CallHistory, calls: PastCalls, at_s: float, zone: ZoneInfo) -> list[str]:
    """What is to be said when a fitted model meets a record."""
    from ..demand.forecast.kept import calls_digest

    until = datetime.fromtimestamp(fitted.until_s, zone)
    if history.timezone != fitted.timezone:
        raise InputError(
            f"the model's clock is {fitted.timezone}, that of the calls {history.timezone}",
            field="fitted", remedy="Import the calls with that --timezone, or fit the model anew.",
        )  # fmt: skip
    if at_s < fitted.until_s:
        raise InputError(
            f"the model knows the calls until {until:%Y-%m-%d %H:%M}", field="at",
            remedy="Choose a later time, or fit another with 'forecast fit --at TIME'.",
        )  # fmt: skip
    notes = []
    if calls_digest(calls.between(fitted.since_s, fitted.until_s)) != fitted.digest:
        notes.append(
            f"The calls before {until:%Y-%m-%d %H:%M} are not those that the model was fitted to ({fitted.calls:,} of "
            f"{fitted.source})."
        )
    if at_s - fitted.until_s > _WEEK_S:
        days = (at_s - fitted.until_s) / 86_400
        notes.append(f"The model was fitted {days:.0f} days before: since then only its level has followed the calls.")
    return notes


def _outside_notes(history: CallHistory, cells: Cells, at_s: float) -> list[str]:
    from ..demand.forecast.from_history import rows_of

    outside = int(((rows_of(history, cells) < 0) & (history.calls["t"] < at_s)).sum())
    if not outside:
        return []
    return [f"{outside:,} {'call lies' if outside == 1 else 'calls lie'} in none of the cells, left out."]


def _end_s(history: CallHistory) -> float:
    return float(history.calls["t"][-1]) + 1.0


def _moment(at: datetime | None, history: CallHistory) -> tuple[float, ZoneInfo]:
    """Now, POSIX seconds, by default the end of the record; and the zone of its clock."""
    from ..demand.clock import instant, time_zone

    zone = time_zone(history.timezone)
    end_s = _end_s(history)
    at = at or datetime.fromtimestamp(end_s, zone).replace(microsecond=0)
    at_s = (at if at.tzinfo else instant(at, zone)).timestamp()
    if at_s > end_s + _FARTHEST_S:
        raise InputError(
            "the record ends more than four weeks before", field="at", remedy="Choose a time before, or add calls."
        )
    if at_s <= float(history.calls["t"][0]):
        first = datetime.fromtimestamp(float(history.calls["t"][0]), zone)
        raise InputError(
            f"the record begins later, on {first:%Y-%m-%d %H:%M}", field="at", remedy="Choose a time within it."
        )
    return at_s, zone
