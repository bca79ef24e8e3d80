"""The base life cycle once more, as a SimPy model: a process a call, a dispatcher that knows where the units are.

It follows the rules of :mod:`ems_twin.simulation.lifecycle` and the base policies (closest unit, nearest hospital,
home station, waiting calls by priority and then time), written anew, so that equal response times say something about
both. It is given every advantage: all travel times are tables made beforehand, it keeps only the times of calls (no
spells, no kilometres, no trace), and units that drive home are looked at when somebody asks, without an event.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..routing import ORDINARY, SIRENS, Router
from ..world import Rules, fleet_homes, make_ground

if TYPE_CHECKING:
    from simpy import Environment, Event

_AT_STATION, _DRIVING_HOME, _BUSY = range(3)
_BLOCK = 256  # rows of the table of all travel times that are made at a time


class TravelTables:
    """Travel times between all nodes in ticks, and the ways home: made once, then only looked up.

    Takes 4 n² bytes for each row of edge times: 70 MB for Manhattan.
    """

    def __init__(self, city: City, router: Router, rules: Rules) -> None:
        n = city.roads.n_nodes
        nodes = np.arange(n)
        self.row_of = [int(row) for row in router.metrics["row"]]
        self.tick_s = [float(tick_s) for tick_s in router.metrics["tick_s"]]
        self.ticks: dict[int, NDArray[np.int32]] = {}
        for metric in (SIRENS, ORDINARY):
            if self.row_of[metric] in self.ticks:
                continue
            table = np.empty((n, n), np.int32)
            for first in range(0, n, _BLOCK):
                part = router.matrix_s(nodes[first : first + _BLOCK], nodes, metric=metric)
                table[first : first + _BLOCK] = np.rint(part / self.tick_s[metric])
            self.ticks[self.row_of[metric]] = table
        places = make_ground(city, router, rules).places
        row, n_stations = self.row_of[ORDINARY], len(city.stations)
        way = places.to_edge[row, :n_stations]
        self.next_node_home = np.where(way < 0, -1, city.roads.head[way]).tolist()
        self.ticks_home = places.to_ticks[row, :n_stations].tolist()


class _Unit:
    """An ambulance: what it is doing, and its trip from one node and time to another."""

    __slots__ = ("at_s", "doing", "home", "node", "station", "to_node", "to_s")

    def __init__(self, home: int, node: int) -> None:
        self.home = self.station = home
        self.doing = _AT_STATION
        self.node = self.to_node = node
        self.at_s = self.to_s = 0.0


class SimpyTwin:
    """One run of the base life cycle. ``run`` returns when the first unit was on scene at each call.

    Parameters
    ----------
    city
        Where.
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows in order of time.
    tables
        Of the same city.
    units
        Size of the fleet.
    rules
        Rules of the life cycle.
    """

    def __init__(self, city: City, calls: NDArray[np.void], tables: TravelTables, *, units: int, rules: Rules) -> None:
        self.tables, self.rules = tables, rules
        self.calls = [dict(zip(calls.dtype.names or (), row, strict=True)) for row in calls.tolist()]
        self.stations = [station.node for station in city.stations]
        self.hospitals = [hospital.node for hospital in city.hospitals]
        self.units = [_Unit(home, self.stations[home]) for home in fleet_homes(city, units).tolist()]
        self.waiting: list[tuple[int, int, Event]] = []

    def run(self) -> NDArray[np.float64]:
        """Seconds of the run at which a unit came on scene, shape (calls,)."""
        import simpy

        self.env: Environment = simpy.Environment()
        self.on_scene_s = np.full(len(self.calls), np.nan)
        self.env.process(self._phone())
        self.env.run()
        return self.on_scene_s

    def _until(self, time_s: float) -> Event:
        return self.env.timeout(max(time_s - self.env.now, 0.0))

    def _phone(self) -> Generator[Event, Any, None]:
        for c, call in enumerate(self.calls):
            yield self._until(call["t_received"])
            self.env.process(self._caller(c, call))

    def _caller(self, c: int, call: dict[str, Any]) -> Generator[Event, Any, None]:
        """The life of a call. Times are added up here, so that rounding of the event clock does not enter."""
        now = call["t_received"] + call["dispatch_delay_s"]
        yield self._until(now)
        unit = self._closest(call, now)
        if unit is None:
            vacancy = self.env.event()
            heapq.heappush(self.waiting, (call["priority"], c, vacancy))
            unit, now = yield vacancy
        if unit.doing == _AT_STATION:
            now += call["turnout_s"]
            unit.doing = _BUSY
            yield self._until(now)
        else:
            unit.doing = _BUSY
        metric = SIRENS if call["priority"] <= self.rules.sirens_to_priority else ORDINARY
        now = self._drive(unit, call["node"], metric, now)
        yield self._until(now)
        self.on_scene_s[c] = now

        now += call["scene_s"]
        yield self._until(now)
        if call["transport"]:
            metric = SIRENS if call["priority"] <= self.rules.transport_sirens_to_priority else ORDINARY
            now = self._drive(unit, self._nearest_hospital(call["node"], metric), metric, now)
            yield self._until(now)
            now += call["offload_s"]
            yield self._until(now)
            now += call["clear_s"]
            yield self._until(now)
        self._release(unit, now)

    def _drive(self, unit: _Unit, node: int, metric: int, now: float) -> float:
        """Send a unit to a node; it first finishes the street it is on. Returns when it arrives."""
        tables = self.tables
        unit.node, unit.at_s = unit.to_node, max(unit.to_s, now)
        ticks = int(tables.ticks[tables.row_of[metric]][unit.node, node])
        unit.to_node, unit.to_s = node, unit.at_s + ticks * tables.tick_s[metric]
        return unit.to_s

    def _closest(self, call: dict[str, Any], now: float) -> _Unit | None:
        """The available unit that is expected first; one that drives home is stopped at its next node."""
        metric = SIRENS if call["priority"] <= self.rules.sirens_to_priority else ORDINARY
        tables = self.tables
        ticks, tick_s = tables.ticks[tables.row_of[metric]], tables.tick_s[metric]
        from_station_s = [
            self.rules.expected_turnout_s + t * tick_s for t in ticks[self.stations, call["node"]].tolist()
        ]
        best, best_s = None, float("inf")
        for unit in self.units:
            if unit.doing == _BUSY:
                continue
            if unit.doing == _DRIVING_HOME and now < unit.to_s:
                self._move_on(unit, now)
                s = max(unit.at_s, now) - now + int(ticks[unit.node, call["node"]]) * tick_s
            else:
                unit.doing = _AT_STATION
                s = from_station_s[unit.station]
            if s < best_s:
                best, best_s = unit, s
        if best is not None and best.doing == _DRIVING_HOME:
            best.to_node, best.to_s = best.node, max(best.at_s, now)
        return best

    def _move_on(self, unit: _Unit, now: float) -> None:
        """Bring the place of a unit that drives home up to date: the next node of its way, and when it is there."""
        way, ticks_home = self.tables.next_node_home[unit.home], self.tables.ticks_home[unit.home]
        tick_s = self.tables.tick_s[ORDINARY]
        while unit.at_s < now and unit.node != unit.to_node:
            unit.node = way[unit.node]
            unit.at_s = unit.to_s - ticks_home[unit.node] * tick_s

    def _nearest_hospital(self, node: int, metric: int) -> int:
        ticks = self.tables.ticks[self.tables.row_of[metric]][node, self.hospitals]
        return self.hospitals[int(ticks.argmin())]

    def _release(self, unit: _Unit, now: float) -> None:
        """Give the unit to the first waiting call, or send it home."""
        if self.waiting:
            _, _, vacancy = heapq.heappop(self.waiting)
            vacancy.succeed((unit, now))
            return
        unit.doing = _DRIVING_HOME
        self._drive(unit, self.stations[unit.home], ORDINARY, now)
