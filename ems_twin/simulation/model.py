"""The Mesa driver: it takes the next event off the calendar and hands it to the agent it concerns."""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from ..routing import Router
from ..world import Ground, OwnPolicy, Rules, World, make_ground, new_world
from ..world.own_policies import DISPATCH, HOSPITAL, RELOCATION, STATION
from ..world.schema import AVAILABLE, ENDED, CallStatus, EventKind
from . import numbers as kinds
from .agents import HANDLERS, Ambulance, Caller, EmergencyRoom
from .handle import apply, make_handle, next_event, review
from .own_answers import Boundary, with_policies
from .view import TwinView

_ENDED = frozenset(int(status) for status in ENDED)
_MAY_END_CALLS = (kinds.UNIT_NEEDED, kinds.LEFT_SCENE, kinds.BACK_IN_SERVICE, kinds.CALL_CANCELLED)


class EmergencyTwin(mesa.Model):
    """A city's emergency response as a Mesa model. One Mesa step is one tick of our clock.

    Mesa keeps the agents, their registration and the data collection. The calendar and the clock, ``now``, are ours:
    Mesa's scheduler changed three times between 3.3 and 4. Results never depend on Mesa's random streams, because
    the calls bring their own luck.

    Parameters
    ----------
    city
        Where it is.
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows in order of time.
    router
        Travel times; by default the city's own.
    units
        Size of the fleet; by default the city's own.
    rules
        Rules of the life cycle.
    world, ground
        A world and a ground that are at hand: a snapshot, or one with other plans; ``calls``, ``units`` and ``rules``
        are not heeded then.
    policies
        Your own policies, in Python or for numba (:mod:`ems_twin.policies.interface`).
    boundary
        The same with a clock, on a ground that has those for numba; ``policies`` are not heeded then.
    tick_s
        Seconds that one step advances the clock.
    keep_trace
        Whether to record every event.
    ambulance, caller, emergency_room
        Agent classes to use: subclasses with other policies.
    rng
        Seed for Mesa's own random streams; no result depends on it.
    """

    handle: Any
    """World and ground as one pointer, for compiled calls."""

    def __init__(
        self,
        city: City,
        calls: NDArray[np.void],
        *,
        router: Router | None = None,
        units: int | None = None,
        rules: Rules | None = None,
        world: World | None = None,
        ground: Ground | None = None,
        policies: OwnPolicy | None = None,
        boundary: Boundary | None = None,
        tick_s: float = 60.0,
        keep_trace: bool = True,
        ambulance: type[Ambulance] = Ambulance,
        caller: type[Caller] = Caller,
        emergency_room: type[EmergencyRoom] = EmergencyRoom,
        rng: Any = 0,
    ) -> None:
        super().__init__(rng=rng)
        if not tick_s > 0:
            raise ValueError(f"tick_s is {tick_s}; it must be more than 0")
        self.city = city
        self.tick_s = tick_s
        self.router = Router.for_city(city) if router is None else router
        self.ground = make_ground(city, self.router, rules or Rules()) if ground is None else ground
        if boundary is None:
            self.ground = with_policies(self.ground, policies)
        self.boundary = boundary or Boundary(policies)
        """Asks the policies and checks their answers."""
        for hook, name, given, ours in (
            (DISPATCH, "choose_unit", caller, Caller), (HOSPITAL, "choose_hospital", ambulance, Ambulance),
            (STATION, "choose_station", ambulance, Ambulance),
        ):  # fmt: skip
            if getattr(given, name) is not getattr(ours, name):
                self.boundary.watch(hook, given.__name__)
        self.view = TwinView(self)
        """What policies in Python are given."""
        world = new_world(city, calls, units=units, keep_trace=keep_trace) if world is None else world
        self.world = world.with_scratch(self.ground.stationing.scratch_needed(len(world.units), len(world.stations)))
        self.ambulances = [ambulance(self, row) for row in range(len(self.world.units))]
        self.rooms = [emergency_room(self, row) for row in range(len(self.world.hospitals))]
        status = self.world.calls["status"]
        is_open = np.flatnonzero(~np.isin(status, (CallStatus.EXPECTED, *ENDED)))
        self.callers: dict[int, Caller] = {int(row): caller(self, int(row)) for row in is_open}
        """Callers whose calls are not over, by row."""
        self._caller = caller
        self._now = float(self.world.clock["now"][0])
        self._bind()
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "now_s": "now",
                "available_units": "available_units",
                "calls_open": "calls_open",
                "calls_waiting": "calls_waiting",
                "offloading": "offloading",
            }
        )

    @property
    def now(self) -> float:
        """Seconds since the epoch of the run."""
        return self._now

    @property
    def is_over(self) -> bool:
        """Whether nothing is left on the calendar: every call has ended and every unit is parked."""
        return bool(self.world.clock["n_pending"][0] == 0)

    @property
    def available_units(self) -> int:
        """Number of units that can be sent to a call now."""
        return int(np.isin(self.world.units["status"], AVAILABLE).sum())

    @property
    def calls_open(self) -> int:
        """Number of rows of the call table that were received and have not ended."""
        return len(self.callers)

    @property
    def calls_waiting(self) -> int:
        """Number of calls in the queue."""
        return int(self.world.clock["n_queued"][0])

    @property
    def offloading(self) -> int:
        """Number of units that wait or hand over at an emergency room."""
        return int(self.world.hospitals["offloading"].sum())

    def step(self) -> None:
        """Advance the clock by one tick and collect the data once."""
        self.advance_to(self._now + self.tick_s)
        self.datacollector.collect(self)
        self.running = not self.is_over

    def advance_to(self, until_s: float) -> int:
        """Let everything happen up to and including ``until_s``; returns the number of events.

        Raises
        ------
        ValueError
            If ``until_s`` is in the past or not a number.
        InputError
            If a policy fails, or its answer is not one that the law can act on.
        RuntimeError
            If an agent fails: with the time, unit and call.
        """
        if not until_s >= self._now:
            raise ValueError(f"cannot advance to {until_s} s: it is {self._now} s already")
        handle, handlers = self.handle, self._handlers
        count, room = 0, self.world.free_trace_rows
        kind = u = c = -1
        try:
            while True:
                kind, u, c = next_event(handle, until_s)
                if kind < 0:
                    break
                count += 1
                if count == room:
                    self.world = self.world.with_longer_trace()
                    self.handle = handle = make_handle(self.world, self.ground)
                    room += self.world.free_trace_rows
                if kind == kinds.CALL_RECEIVED:
                    self._caller_of(c).received()
                elif kind == kinds.UNIT_NEEDED:
                    self._caller_of(c).unit_needed()
                elif kind == kinds.CALL_CANCELLED:
                    self._caller_of(c).cancelled()
                elif kind == kinds.CONDITION_WORSENED:
                    self._caller_of(c).worsened()
                elif kind == kinds.WALK_IN:
                    self.rooms[c].walk_in()
                elif kind == kinds.BAY_FREED:
                    self.rooms[c].frees_bay()
                elif kind == kinds.REVIEW:
                    self.review()
                elif kind == kinds.DIVERSION:
                    self.rooms[self.world.agenda["hospital"][c]].diverts(c)
                elif kind == kinds.ROADS_CHANGED:
                    apply(handle, kind, -1, c, -1)
                elif kinds.DUTY_BEGINS <= kind < kinds.ROADS_CHANGED:
                    self.ambulances[u].follows_agenda(kind, c)
                else:
                    handlers[kind][u](c)
                if kind in _MAY_END_CALLS:
                    self._see_off(c)
        except Exception as error:
            if kind < 0 or isinstance(error, InputError):
                raise
            if refused := self.boundary.explain(error, self.world, self.ground):
                raise refused from error
            raise RuntimeError(
                f"{EventKind(kind).name} of unit {u}, call {c} failed at {self.world.clock['now'][0]:.3f} s: {error}"
            ) from error
        self._now = until_s if math.isfinite(until_s) else float(self.world.clock["now"][0])
        return count

    def review(self) -> None:
        """Let the relocation policy say where available units should stand.

        The row of the station is written into ``world.units["move_to"]`` of each unit that it wants elsewhere.
        """
        if self.boundary.in_python(RELOCATION) is None:
            review(self.handle)
        else:
            self.boundary.ask_moves(self.view, self.world, self.handle)
        apply(self.handle, kinds.REVIEW, -1, -1, -1)

    def ask(self, hook: int, row: int) -> int:
        """What a policy in Python decides about a call or unit, checked."""
        return self.boundary.ask(hook, self.view, row, self.world, self.handle)

    def checked(self, hook: int, answer: Any, row: int) -> Any:
        """What an agent decided; checked if its class decides otherwise than ours."""
        if not self.boundary.watches(hook):
            return answer
        return self.boundary.check(hook, answer, row, self.world, self.handle)

    def _caller_of(self, c: int) -> Caller:
        caller = self.callers.get(c)
        if caller is None:
            caller = self.callers[c] = self._caller(self, c)
        return caller

    def _see_off(self, c: int) -> None:
        """Let go of callers whose rows of an incident have ended."""
        calls = self.world.calls
        first = int(calls["incident"][c])
        for row in range(first, first + int(calls["n_rows"][c])):
            if int(calls["status"][row]) in _ENDED and row in self.callers:
                self.callers.pop(row).remove()

    def close(self) -> None:
        """Let go of the model: Mesa 3.3 keeps every model for ever otherwise (mesa #3179)."""
        for agent in list(self.agents):
            agent.remove()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def _bind(self) -> None:
        """Look up what every event needs once: a handle of the arrays, and the agents' methods."""
        self.handle = make_handle(self.world, self.ground)
        self._handlers: dict[int, list[Any]] = {
            kind: [getattr(agent, name) for agent in self.ambulances] for kind, name in HANDLERS.items()
        }

    def __getstate__(self) -> dict[str, Any]:
        bound = ("handle", "_handlers")
        return {name: value for name, value in self.__dict__.items() if name not in bound}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._bind()
