"""From a history of calls to what forecasters take: its cells, its record, and the models it is long enough for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..history import CallHistory
from .catalogue import MODELS
from .cells import Cells, h3_cells, square_cells
from .hours import CivilHours
from .past import PastCalls, past_calls

FALLBACK = "hour_of_week"
"""The model that any week of history is enough for."""
NEEDED_WEEKS = {
    "blend": 8,
    "trees": 8,
    "glm_nb": 4,
    "glm_poisson": 4,
    "self_exciting": 4,
    "st_kde": 4,
    "volume_density": 4,
}
"""Weeks of history below which a model is not asked; the others take a single one.

A judgement: a regression on the hour of the week needs each of its hours some times, and the blend rehearses its
members on up to half of what it knows.
"""
_KINDS = "h3:RESOLUTION, square:METRES or zones"
_TEST_WEEKS = 8
_DAY = timedelta(days=1)


def cells_of(history: CallHistory, kind: str, *, until_s: float = np.inf) -> Cells:
    """Cells in which a history's calls are counted, from its calls before ``until_s`` alone.

    Parameters
    ----------
    history
        The calls.
    kind
        ``h3:8`` for hexagons of that resolution, ``square:1000`` for squares of so many metres, ``zones`` for the zones
        that the file names; those have an area of 1 km² each and their middle at the mean of their calls.
    until_s
        POSIX time of the first forecast, which no later call may shape.

    Raises
    ------
    InputError
        The kind is none of these, or no call before ``until_s`` has a place of that kind.
    """
    calls = history.calls[history.calls["t"] < until_s]
    name, _, size = kind.partition(":")
    if kind == "zones":
        return _zones(history, calls)
    known = calls[~np.isnan(calls["lon"])]
    if name not in ("h3", "square") or not _is_number(size):
        raise InputError(f"'{kind}' is no kind of cell", field="cells", remedy=f"Give {_KINDS}.")
    if not len(known):
        raise InputError("no call has a position", field="cells", remedy="Give --cells zones, or a later time.")
    if name == "h3":
        if size not in map(str, range(5, 11)):
            raise InputError(f"H3 has no resolution {size} that suits a city", field="cells", remedy="Give 5 to 10.")
        return h3_cells(known["lon"], known["lat"], int(size))
    if not 100 <= float(size) <= 20_000:
        raise InputError(f"squares of {size} m do not suit a city", field="cells", remedy="Give 100 to 20000.")
    return square_cells(known["lon"], known["lat"], float(size))


def rows_of(history: CallHistory, cells: Cells) -> NDArray[np.int64]:
    """Row of each call's cell, -1 for none, length k. Zones go by name."""
    calls = history.calls
    if not cells.size_m and cells.resolution < 0:
        of_zone = np.array([*(cells.row.get(name, -1) for name in history.zones), -1], dtype=np.int64)
        return of_zone[calls["zone"]]
    rows = np.full(len(calls), -1, dtype=np.int64)
    known = ~np.isnan(calls["lon"])
    if known.any():
        rows[known] = cells.locate(calls["lon"][known], calls["lat"][known])
    return rows


def past_of(history: CallHistory, cells: Cells) -> PastCalls:
    """A history as forecasters take it; calls outside all cells are left out and counted."""
    calls = history.calls
    return past_calls(
        calls["t"], cells, history.timezone, cell=rows_of(history, cells), lon=calls["lon"], lat=calls["lat"]
    )


def enough_for(models: Sequence[str], weeks: float) -> tuple[tuple[str, ...], list[str]]:
    """Models that a history of some weeks is long enough for, and a sentence about each that falls back.

    A model that would know too little gives way to the hour of the week (:data:`FALLBACK`).

    Raises
    ------
    InputError
        A name is unknown, or not even a week is known.
    """
    for name in models:
        if name not in MODELS:
            raise InputError(f"'{name}' is not a model", field="models", remedy=f"There are {', '.join(MODELS)}.")
    if weeks < 1:
        raise InputError(
            f"{weeks * 7:.1f} days of history are too few", field="calls", remedy="Give a week, better a year."
        )
    short = [name for name in models if NEEDED_WEEKS.get(name, 1) > weeks]
    kept = dict.fromkeys(FALLBACK if name in short else name for name in models)
    notes = [
        f"{name} needs {NEEDED_WEEKS[name]} weeks of history and has {weeks:.1f}: {FALLBACK} takes its place."
        for name in short
    ]
    return tuple(kept), notes


def period_of_test(history: CallHistory, start: date | None, weeks: int | None) -> tuple[date, int | None, float]:
    """First Monday of a backtest, how many weeks it lasts, and weeks of history before it.

    Without ``start`` the last ``weeks`` whole weeks are the test: by default eight, or a third of a shorter history.

    Raises
    ------
    InputError
        The start is no Monday, or there are not two whole weeks.
    """
    clock = CivilHours(history.timezone)
    ends = clock.hour(history.calls["t"][[0, -1]]) + np.array([0, 1])
    since, until = clock.start_s(ends)
    if start is None:
        first_day = date(1970, 1, 1) + int(clock.day(ends[0])) * _DAY
        last_day = date(1970, 1, 1) + int(clock.day(ends[1])) * _DAY
        end = last_day - last_day.weekday() * _DAY
        whole = (end - first_day).days // 7
        if whole < 2:
            raise InputError(
                "the history holds less than two whole weeks", field="calls", remedy="Give more, better a year."
            )
        weeks = min(weeks or _TEST_WEEKS, max(whole // 3, 1) if weeks is None else whole - 1)
        start = end - 7 * weeks * _DAY
    elif start.weekday() != 0:
        near = start - start.weekday() * _DAY
        raise InputError(f"{start} is not a Monday", field="start", remedy=f"Give {near} or {near + 7 * _DAY}.")
    begin = float(clock.start_s(clock.first_hour(start)))
    if not since <= begin < until:
        raise InputError(f"{start} is not within the history", field="start", remedy="Choose a Monday inside it.")
    return start, weeks, (begin - float(since)) / (168 * 3600)


def _zones(history: CallHistory, calls: NDArray[np.void]) -> Cells:
    rows = np.unique(calls["zone"][calls["zone"] >= 0])
    if not len(rows):
        raise InputError("the calls name no zones", field="cells", remedy="Give h3:8 or square:1000.")
    at = np.full((len(rows), 2), np.nan)
    known = calls[~np.isnan(calls["lon"]) & (calls["zone"] >= 0)]
    n = np.bincount(known["zone"], minlength=len(history.zones))[rows]
    for i, name in enumerate(("lon", "lat")):
        total = np.bincount(known["zone"], known[name], len(history.zones))[rows]
        np.divide(total, n, out=at[:, i], where=n > 0)
    return Cells(
        names=tuple(history.zones[row] for row in rows),
        area_km2=np.ones(len(rows)),
        lon=at[:, 0].copy(),
        lat=at[:, 1].copy(),
    )


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text)) and float(text) > 0
    except ValueError:
        return False
