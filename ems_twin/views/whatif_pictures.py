"""What the maps and charts of a what-if report show: plain numbers for the scripts, by case and variant.

Everything is a mean over the replications; what differs from day to day is a band that holds nine days of ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..demand import node_weights
from ..routing import SIRENS
from ..scenario.comparison import weighed_difference
from ..scenario.whatif.parts import FEW_CALLS
from .contest_map import place_words

if TYPE_CHECKING:
    from ..city import Station
    from ..scenario.whatif import Answer
    from ..scenario.whatif.day import Day
    from ..scenario.whatif.prepare import Ready

Array = NDArray[np.float64]
_BAND = (0.05, 0.95)
_LEAST_MOVES = 0.1
"""Moves that are made less often than once in ten days are left out of the arrows and the table."""
_MOST_MOVES = 400
_ORDINARY_TARGET = 0  # coverage is that of the most urgent


class Pictures:
    """Gathers the numbers of a report.

    Parameters
    ----------
    answer
        What was found.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer, self.prepared = answer, answer.prepared
        self.city, self.grid = self.prepared.city, self.prepared.grid
        self.n_hours = int(np.ceil(self.prepared.clock.duration_s / 3600.0))
        self.weight = node_weights(self.prepared.demand)
        self.stations: tuple[Station, ...] = tuple(
            {station.id: station for one in self.prepared.ready for station in one.city.stations}.values()
        )
        """All stations and posts of all variants."""
        self._row = {station.id: i for i, station in enumerate(self.stations)}
        calls = [day.cell_calls for days in answer.days.values() for day in days]
        self.shown = np.flatnonzero(np.max(calls, axis=0) > 0)
        """Hexagons with calls."""
        self.plans = list(
            {
                id(one.roads.closures): one.roads.closures
                for one in self.prepared.ready
                if one.roads is not None and one.roads.closures is not None
            }.values()
        )
        """Closures that some variant has."""
        self._extras: dict[bytes, int] = {}
        self._extra_rows: list[list[list[float]]] = []
        self._reached: dict[tuple[int, int], Array] = {}

    def data(self) -> dict[str, Any]:
        """What the scripts read."""
        scenario, clock = self.prepared.scenario, self.prepared.clock
        views = [
            [self._view(case, variant.name) for variant in scenario.variants] for case in self.prepared.cases
        ]  # fmt: skip
        return {
            "cases": list(self.prepared.cases),
            "variants": [variant.name for variant in scenario.variants],
            "baseline": [variant.name for variant in scenario.variants].index(scenario.baseline_name),
            "hours": [f"{clock.at(3600.0 * hour):%a %H:%M}" for hour in range(self.n_hours)],
            "counted": [self.prepared.count_from_s / 3600.0, self.prepared.count_to_s / 3600.0],
            "level": round(100 * scenario.level),
            "few": FEW_CALLS,
            "target_s": list(self.city.target_s),
            "reach_s": round(self.reach_s()),
            "cells": [place_words(self.city, self.grid.cells[row]) for row in self.shown],
            "stations": [[station.name, round(station.lat, 5), round(station.lon, 5)] for station in self.stations],
            "hospitals": [hospital.name for hospital in self.city.hospitals],
            "closures": [
                {"plan": i, "name": one.id} | self._in_force(one.begins, one.ends)
                for i, plan in enumerate(self.plans)
                for one in plan.closures
            ],
            "extras": self._extra_rows,
            "views": views,
        }

    def reach_s(self) -> float:
        """Longest drive that meets the most urgent target: target less the mean of call taking and turnout, and the start-up."""
        case = self.prepared.cases[0]
        days = self.answer.days[case, self.prepared.scenario.baseline_name]
        fixed = np.array([day.value("response_s") - day.value("travel_queue_s") for day in days])
        before_s = float(np.nanmean(fixed)) if np.isfinite(fixed).any() else 0.0
        return max(self.city.target_s[_ORDINARY_TARGET] - before_s - self.city.start_up_s, 60.0)

    def _in_force(self, begins: Any, ends: Any) -> dict[str, float]:
        clock = self.prepared.clock
        return {
            "from": 0.0 if begins is None else clock.second(begins) / 3600.0,
            "to": float(self.n_hours) if ends is None else clock.second(ends) / 3600.0,
        }

    def _view(self, case: str, variant: str) -> dict[str, Any]:
        ready, days = self.prepared.of(case, variant), self.answer.days[case, variant]
        base = self.answer.days[case, self.prepared.scenario.baseline_name]
        calls = np.array([day.cell_calls for day in days])[:, self.shown]
        response = np.array([day.cell_response_s for day in days])[:, self.shown]
        total = calls.sum(axis=0)
        enough = total >= FEW_CALLS
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(enough, response.sum(axis=0) / total, np.nan)
        standing = self._standing(ready, days)
        view: dict[str, Any] = {
            "days": len(days),
            "calls": np.rint(total).astype(int).tolist(),
            "response": rounded(mean, 0),
            "standing": rounded(standing, 2),
            "cover": rounded(self._cover(ready, standing), 1),
            "extra": self._extra(ready),
            "moves": self._moves(ready, days),
            "plan": self._plan(ready),
            "charts": self._charts(days),
            "rooms": self._rooms(ready, days),
        }
        if variant != self.prepared.scenario.baseline_name:
            n = min(len(days), len(base))
            base_calls = np.array([day.cell_calls for day in base])[:n, self.shown]
            base_sum = np.array([day.cell_response_s for day in base])[:n, self.shown]
            apart, half = weighed_difference(
                base_sum, base_calls, response[:n], calls[:n], level=self.prepared.scenario.level
            )
            told = (base_calls.sum(axis=0) >= FEW_CALLS) & (calls[:n].sum(axis=0) >= FEW_CALLS)
            view |= {
                "apart": rounded(np.where(told, apart, np.nan), 1),
                "half": rounded(np.where(told, half, np.nan), 1),
            }
        return view

    def _plan(self, ready: Ready) -> int:
        """Which closures a variant has; -1 for none."""
        if ready.roads is None or ready.roads.closures is None:
            return -1
        return next(i for i, plan in enumerate(self.plans) if plan is ready.roads.closures)

    def _standing(self, ready: Ready, days: tuple[Day, ...]) -> Array:
        """Units that are idle at each station in each hour, on average, shape (hours, all stations)."""
        mean = np.mean([day.standing_s for day in days], axis=0) / 3600.0
        found = np.zeros((self.n_hours, len(self.stations)))
        for i, station in enumerate(ready.city.stations):
            found[:, self._row[station.id]] += mean[:, i]
        return found

    def _cover(self, ready: Ready, standing: Array) -> Array:
        """Idle units within reach of each shown hexagon, by hour, weighed by demand, shape (hours, shown)."""
        cover = np.zeros((self.n_hours, len(self.shown)))
        for hour in range(self.n_hours):
            middle = min(3600.0 * hour + 1800.0, self.prepared.clock.duration_s)
            number = 0 if ready.roads is None else int(ready.roads.set_at(middle))
            cover[hour] = standing[hour] @ self._reach_of(ready, number)
        return cover

    def _reach_of(self, ready: Ready, number: int) -> Array:
        """Share of each hexagon's demand within reach of each station under a road set, shape (stations, shown)."""
        key = (id(ready.router), number)
        if key not in self._reached:
            cell, n = self.grid.cell_of_node, len(self.grid.cells)
            small = self.weight + 1e-9
            total = np.bincount(cell, small, n)
            limit_s = self.reach_s()
            rows = []
            for station in self.stations:
                drive_s = ready.router.from_nearest_s(np.array([station.node]), metric=2 * number + SIRENS)
                rows.append(np.bincount(cell, small * (drive_s <= limit_s), n) / total)
            self._reached[key] = np.array(rows)[:, self.shown]
        return self._reached[key]

    def _extra(self, ready: Ready) -> int:
        """Row of the extra calls that are to be expected by hour and hexagon; variants that expect the same share it."""
        rate = np.zeros((self.n_hours, self.city.roads.n_nodes))
        for one in ready.overlay.mean():
            rate += one.by_hour(self.n_hours, self.city.roads.n_nodes)
        cells = np.array([np.bincount(self.grid.cell_of_node, row, len(self.grid.cells)) for row in rate])[
            :, self.shown
        ]
        key = cells.tobytes()
        if key not in self._extras:
            self._extras[key] = len(self._extra_rows)
            self._extra_rows.append(rounded(cells, 2))
        return self._extras[key]

    def _moves(self, ready: Ready, days: tuple[Day, ...]) -> dict[str, Any]:
        """Relocations: by hour, and the usual ones as rows of hour, from, to and mean number a day."""
        moves = np.concatenate([day.moves for day in days])
        by_hour = np.bincount(moves[:, 0], minlength=self.n_hours)[: self.n_hours] / len(days)
        known = moves[(moves[:, 1] >= 0) & (moves[:, 1] != moves[:, 2])]
        row = np.array([self._row[station.id] for station in ready.city.stations], np.int64)
        which, count = np.unique(known, axis=0, return_counts=True)
        often = np.flatnonzero(count >= max(_LEAST_MOVES * len(days), 1))
        often = often[np.argsort(-count[often], kind="stable")][:_MOST_MOVES]
        often = often[np.argsort(which[often, 0], kind="stable")]
        return {
            "total": round(len(moves) / len(days), 1),
            "by_hour": rounded(by_hour, 2),
            "rows": [
                [int(h), int(row[a]), int(row[b]), round(float(count[i]) / len(days), 2)]
                for i in often
                for h, a, b in [which[i]]
            ],
        }

    def _charts(self, days: tuple[Day, ...]) -> dict[str, Any]:
        """Calls, mean response, late share, busy share and drives to hospital by hour: mean and band."""
        arrays = {
            name: np.array([getattr(day, f"hour_{name}") for day in days])
            for name in ("calls", "response_s", "late", "busy_s", "duty_s")
        }
        drives, drive_s = (
            np.array([getattr(day, f"near_{name}") for day in days]) for name in ("transports", "transport_s")
        )
        return {
            "near": _band(drive_s[:, 1] / 60.0, drives[:, 1]),
            "elsewhere": _band(drive_s[:, 0] / 60.0, drives[:, 0]),
            "calls": _band(arrays["calls"], np.ones_like(arrays["calls"])),
            "response": _band(arrays["response_s"] / 60.0, arrays["calls"]),
            "late": _band(100 * arrays["late"], np.maximum(arrays["calls"], arrays["late"])),
            "busy": _band(100 * arrays["busy_s"], arrays["duty_s"]),
        }

    def _rooms(self, ready: Ready, days: tuple[Day, ...]) -> dict[str, Any]:
        """Load of each hospital by hour: bays in use, units offloading, arrivals; and what it comes to."""
        arrivals, offload_s, offloading, bays = (
            np.mean([getattr(day, f"room_{name}") for day in days], axis=0)
            for name in ("arrivals", "offload_s", "offloading_s", "bays_s")
        )
        total = arrivals.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = offload_s.sum(axis=1) / total / 60.0
        return {
            "bays": [hospital.bays for hospital in ready.city.hospitals],
            "counted": ready.rules.count_bays,
            "in_use": rounded(bays / 3600.0, 1),
            "offloading": rounded(offloading / 3600.0, 2),
            "arrivals": rounded(arrivals, 2),
            "total": rounded(total, 1),
            "offload_min": rounded(mean, 1),
        }


def _band(total: Array, count: Array) -> dict[str, list[float | None]]:
    """Mean over all of each hour, and where nine days of ten lie, from sums and counts of shape (days, hours)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(count > 0, total / count, np.nan)
        mean = total.sum(axis=0) / count.sum(axis=0)
    known = np.isfinite(each).any(axis=0)
    low, high = np.full((2, each.shape[1]), np.nan)
    if known.any():
        low[known], high[known] = np.nanquantile(each[:, known], _BAND, axis=0)
    return {"mean": rounded(mean, 2), "low": rounded(low, 2), "high": rounded(high, 2)}


def rounded(values: Array, digits: int) -> list[Any]:
    """Nested lists of numbers, None for what is not known; whole numbers where there are no digits."""
    if values.ndim > 1:
        return [rounded(row, digits) for row in values]
    return [
        None if not np.isfinite(value) else (round(float(value), digits) if digits else round(float(value)))
        for value in values
    ]
