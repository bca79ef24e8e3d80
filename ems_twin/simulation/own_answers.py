"""The boundary to a user's own policies: their answers become rows, and what the law cannot act on an error with its place."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import index
from typing import Any

import numpy as np

from ..errors import InputError
from ..policies.compiled_policy import CompiledPolicy
from ..policies.own_checks import Fault
from ..world import Ground, OwnPolicy, UnitStatus, World
from ..world.ground import with_own
from ..world.own_policies import DISPATCH, HOOKS, HOSPITAL, RELOCATION, STATION, keeper_of
from .handle import answer_of, fault_of, make_handle
from .numbers import BACK_IN_SERVICE, LEFT_SCENE, REVIEW, UNIT_NEEDED

Clock = Callable[[float], datetime]
"""Civil time of a second of the run."""
_HOOK_OF = {UNIT_NEEDED: DISPATCH, LEFT_SCENE: HOSPITAL, BACK_IN_SERVICE: STATION, REVIEW: RELOCATION}
_THINGS = ("unit", "hospital", "station", "station")
_REMEDIES = (
    "Return the row of a unit that may be sent, or None (numba: -1) to let the call wait.",
    "Return the row of a hospital.",
    "Return the row of a station, or None (numba: -1) for the unit's home.",
    "Name available units, and rows of stations.",
)


class AnswerError(InputError):
    """A user's own policy failed, or gave an answer that the law cannot act on.

    Attributes
    ----------
    policy, hook : str
        Its name, and the decision.
    t_s : float
        Second of the run.
    """

    def __init__(self, problem: str, *, policy: str, hook: int, t_s: float, remedy: str | None = None) -> None:
        self.policy, self.hook, self.t_s = policy, HOOKS[hook], t_s
        super().__init__(problem, remedy=_REMEDIES[hook] if remedy is None else remedy)


class Boundary:
    """Asks a user's own policies and checks what they say, for one world at a time.

    Parameters
    ----------
    own
        The policies; None where only the ground says that there are some.
    at
        Civil time of a second of the run; without it errors say the second.
    """

    def __init__(self, own: OwnPolicy | None = None, at: Clock | None = None) -> None:
        self.own, self._at = own or OwnPolicy(), at
        self._in_python = tuple(None if isinstance(hook, CompiledPolicy) else hook for hook in self.own.hooks)
        self._agents: dict[int, str] = {}

    def watch(self, hook: int, agent: str) -> None:
        """Say which class of agents takes a decision that is not a policy's; :meth:`check` names it."""
        self._agents[hook] = agent

    def watches(self, hook: int) -> bool:
        """Whether some class of agents takes a decision."""
        return hook in self._agents

    def in_python(self, hook: int) -> Any:
        """The function in Python that takes a decision, None if none does."""
        return self._in_python[hook]

    def ask(self, hook: int, view: Any, row: int, world: World, handle: Any) -> int:
        """Answer of a policy in Python about a call or unit, checked."""
        try:
            answer = self.own.hooks[hook](view, row)
        except Exception as error:
            raise self._failed(error, hook, row, world) from error
        return self.check(hook, answer, row, world, handle)

    def ask_moves(self, view: Any, world: World, handle: Any) -> None:
        """Write what a relocation policy in Python says into ``move_to``, checked."""
        units = world.units
        units["move_to"] = -1
        try:
            moves = self.own.relocation(view)
        except Exception as error:
            raise self._failed(error, RELOCATION, -1, world) from error
        if moves is None:
            return
        if not isinstance(moves, Mapping):
            raise self._refused(RELOCATION, -1, moves, "which is no mapping of units to stations", world)
        for unit, station in moves.items():
            try:
                u = index(unit)
            except TypeError:
                u = -1
            if not 0 <= u < len(units):
                raise self._refused(
                    RELOCATION, -1, moves, f"and there is no unit {unit!r} (0 to {len(units) - 1})", world
                )
            units["move_to"][u] = self._row(RELOCATION, station, u, world)
            self._check_fault(RELOCATION, station, u, int(units["move_to"][u]), world, handle)

    def check(self, hook: int, answer: Any, row: int, world: World, handle: Any) -> int:
        """An answer to a question about a call or unit as a row, if the law can act on it."""
        value = self._row(hook, answer, row, world)
        self._check_fault(hook, answer, row, value, world, handle)
        return value

    def _row(self, hook: int, answer: Any, row: int, world: World) -> int:
        if answer is None and hook != HOSPITAL:
            return -1
        try:
            if isinstance(answer, bool | np.bool_):
                raise TypeError
            value = index(answer)
        except TypeError:
            raise self._refused(hook, row, answer, "which is not a whole number", world) from None
        if abs(value) >= 2**31:
            raise self._refused(hook, row, answer, _nothing_there(hook, world), world)
        return value

    def _check_fault(self, hook: int, answer: Any, row: int, value: int, world: World, handle: Any) -> None:
        fault = Fault(fault_of(handle, hook, row, value))
        if fault != Fault.NONE:
            raise self._refused(hook, row, answer, _reason(fault, hook, row, value, world), world)

    def _refused(self, hook: int, row: int, answer: Any, reason: str, world: World) -> AnswerError:
        t_s = float(world.clock["now"][0])
        return AnswerError(
            f"policy '{self._title(hook)}', asked for {_question(hook, row)} at {self._time(t_s)}, answered {answer!r}, "
            f"{reason}",
            policy=self._title(hook), hook=hook, t_s=t_s,
        )  # fmt: skip

    def _failed(self, error: BaseException, hook: int, row: int, world: World) -> AnswerError:
        t_s = float(world.clock["now"][0])
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f" ({frame.filename}, line {frame.lineno})" if self.in_python(hook) is not None else ""
        return AnswerError(
            f"policy '{self._title(hook)}', asked for {_question(hook, row)} at {self._time(t_s)}, failed with "
            f"{type(error).__name__}: {error}{where}",
            policy=self._title(hook), hook=hook, t_s=t_s, remedy="Mend the policy.",
        )  # fmt: skip

    def explain(self, error: BaseException, world: World, ground: Ground) -> AnswerError | None:
        """What became of the compiled policy that was being asked when a kernel raised; None if none was."""
        clock = world.clock[0]
        hook = _HOOK_OF.get(int(clock["kind"]))
        if hook is None or ground.own[hook] == 0:
            return None
        if not self.own.name and self.own.hooks[hook] is None:
            return Boundary(OwnPolicy(name=_name_of(keeper_of(int(ground.own[hook])))), self._at).explain(
                error, world, ground
            )
        handle = make_handle(world, ground)
        if hook == RELOCATION:
            for u, move in enumerate(world.units["move_to"].tolist()):
                if fault_of(handle, hook, u, move) != 0:
                    return self._found(hook, u, move, world, handle)
            return self._failed(error, hook, -1, world)
        row = int(clock["unit"] if hook == STATION else clock["call"])
        try:
            answer = int(answer_of(handle, int(ground.own[hook]), row))
        except Exception as again:
            return self._failed(again, hook, row, world)
        return self._found(hook, row, answer, world, handle)

    def _found(self, hook: int, row: int, answer: int, world: World, handle: Any) -> AnswerError | None:
        try:
            self._check_fault(hook, answer, row, answer, world, handle)
        except AnswerError as found:
            return found
        return None

    def _title(self, hook: int) -> str:
        return self._agents.get(hook) or self.own.name or _name_of(self.own.hooks[hook])

    def _time(self, t_s: float) -> str:
        return f"{t_s:,.1f} s" if self._at is None else f"{self._at(t_s):%Y-%m-%d %H:%M:%S}"


def _name_of(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _question(hook: int, row: int) -> str:
    if hook == RELOCATION:
        return "relocations" if row < 0 else f"a station to move unit {row} to"
    return f"a {_THINGS[hook]} for {'unit' if hook == STATION else 'call'} {row}"


def _nothing_there(hook: int, world: World) -> str:
    rows = (world.units, world.hospitals, world.stations, world.stations)[hook]
    return f"and there is no {_THINGS[hook]} of that row (0 to {len(rows) - 1})"


def _reason(fault: Fault, hook: int, row: int, value: int, world: World) -> str:
    if fault == Fault.NO_SUCH_ROW:
        return _nothing_there(hook, world)
    if fault == Fault.NO_WAY:
        return "and there is no way there"
    unit = world.units[row if hook == RELOCATION else value]
    if fault == Fault.LACKS_SKILL:
        needs = int(world.calls["needs"][row])
        return f"a unit of the skills {unit['skills']:b} for a call that needs {needs:b} (bits of the fleet's skills)"
    if fault == Fault.SHIFT_ENDS:
        return "a unit whose shift is over or would end before the job does"
    doing = UnitStatus(int(unit["status"])).name.lower().replace("_", " ")
    return f"a unit that is {doing}" + (f" with call {unit['call']}" if unit["call"] >= 0 else "")


def with_policies(ground: Ground, own: OwnPolicy | None) -> Ground:
    """The ground with a user's own compiled policies, and with reviews if one of them relocates, in Python or not."""
    if own is None:
        return ground
    ground = with_own(ground, tuple(hook if isinstance(hook, CompiledPolicy) else None for hook in own.hooks))
    return ground if own.relocation is None else with_reviews(ground)


def with_reviews(ground: Ground, *, when_sent: bool = True, when_free: bool = True) -> Ground:
    """The ground with reviews of where units stand: after a unit was sent, and after one became free without a call."""
    review = np.array([when_sent, when_free], dtype=np.int64)
    return ground._replace(stationing=ground.stationing._replace(review=review))


def refuse_python(own: OwnPolicy | None) -> None:
    """Raise an :class:`InputError` if a decision is taken in Python, which the compiled driver cannot call."""
    boundary = Boundary(own)
    slow = [HOOKS[hook] for hook in range(len(HOOKS)) if boundary.in_python(hook) is not None]
    if slow:
        raise InputError(
            f"policy '{boundary.own.title}' decides {' and '.join(slow)} in Python, which the compiled driver cannot call",
            field="driver",
            remedy="Run it under --driver mesa (driver=\"mesa\"), or write it for numba with @compiled_policy.",
        )  # fmt: skip
