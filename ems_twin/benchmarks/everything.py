"""A night with every rule of the law switched on, for measuring what the rules cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import WALK_IN_DRAW
from ..world import AGENDA, EventKind, Fleet, Rules, fleet_homes

_SHIFT_S, _BREAK_S, _STAY_S = 12 * 3600.0, 1800.0, 10_800.0
_CARRIES, _ALS = 1, 2
_SHARES = {"cancel_s": 0.06, "worsens_s": 0.04, "refused": 0.1}
"""Shares of calls that are called off, get worse, are refused; invented, as is all of this."""

EVERY_RULE = Rules(
    preempt=((3, 1), (2, 1), (3, 2)), reassign_gain_s=120.0, count_bays=True, divert_above=1.0, soonest_hospital=True,
    soon_free=True,
)  # fmt: skip


def everything_on(city: City, calls: NDArray[np.void], units: int) -> dict[str, Any]:
    """Calls of every kind, a fleet of three types in shifts, walk-ins and rules, as :func:`simulate` takes them.

    A third of the units start every four hours; each has a meal break; every tenth is a rapid responder.
    """
    rng = np.random.default_rng(1)
    n = len(calls)
    calls = calls.copy()
    for name, share in _SHARES.items():
        drawn = rng.random(n) < share
        calls[name] = drawn if name == "refused" else np.where(drawn, rng.exponential(300.0, n), 0.0)
    calls["worse_priority"] = 1
    calls["n_units"] = np.where(rng.random(n) < 0.05, 2, 1)
    calls["needs"] = np.where((calls["priority"] == 1) & (rng.random(n) < 0.5), _ALS, 0)
    calls["stay_s"] = rng.exponential(_STAY_S, n)
    horizon_s = float(calls["t_received"][-1])
    skills = np.full(units, _CARRIES, np.int32)
    skills[::2] |= _ALS
    skills[::10] = _ALS
    return {
        "calls": calls,
        "fleet": Fleet(
            homes=fleet_homes(city, units), skills=skills, skill_names=("transport", "als"),
            agenda=_shifts(units, horizon_s),
        ),
        "walk_ins": _walk_ins(city, horizon_s, rng),
        "rules": EVERY_RULE,
    }  # fmt: skip


def _shifts(units: int, horizon_s: float) -> NDArray[np.void]:
    """Crews of twelve hours that follow each other, a third of the units changing every four hours."""
    rows: list[tuple[float, int, int, int, float, float]] = []
    for unit in range(units):
        t = -(unit % 3) * _SHIFT_S / 3
        while t < horizon_s:
            end = t + _SHIFT_S
            rows.append((max(t, 0.0), EventKind.DUTY_BEGINS, unit, -1, end, 0.0))
            rows.append((max(t + _SHIFT_S / 3, 0.0), EventKind.BREAK_DUE, unit, -1, _BREAK_S, t + _SHIFT_S * 0.75))
            rows.append((end, EventKind.DUTY_ENDS, unit, -1, 0.0, 0.0))
            t = end
        rows.append((t, EventKind.DUTY_BEGINS, unit, -1, np.inf, 0.0))
    return np.array(rows, dtype=AGENDA)


def _walk_ins(city: City, horizon_s: float, rng: np.random.Generator) -> NDArray[np.void]:
    """As many as fill half of the bays."""
    rooms = []
    for h, hospital in enumerate(city.hospitals):
        n = rng.poisson(0.5 * hospital.bays * horizon_s / _STAY_S)
        room = np.zeros(n, WALK_IN_DRAW)
        room["hospital"] = h
        room["t_arrival"], room["stay_s"] = rng.uniform(0.0, horizon_s, n), rng.exponential(_STAY_S, n)
        rooms.append(room)
    return np.concatenate(rooms)
