"""What a user's own policy may answer: checked before the law acts on it."""

from __future__ import annotations

from enum import IntEnum

from .._compiled import leaf_kernel, lean_kernel
from ..routing.customise import CLOSED
from ..world.schema import UnitStatus
from .closest_unit import may_be_taken, may_be_waited_for
from .motion import RETURN, TRANSPORT, is_available, may_start, metric_at

_ON_BREAK = int(UnitStatus.ON_BREAK)


class Fault(IntEnum):
    """What is wrong with an answer."""

    NONE = 0
    NO_SUCH_ROW = 1
    NOT_FREE = 2
    LACKS_SKILL = 3
    SHIFT_ENDS = 4
    NO_WAY = 5


_NO_SUCH_ROW, _NOT_FREE, _LACKS_SKILL = int(Fault.NO_SUCH_ROW), int(Fault.NOT_FREE), int(Fault.LACKS_SKILL)
_SHIFT_ENDS, _NO_WAY = int(Fault.SHIFT_ENDS), int(Fault.NO_WAY)


class RefusedAnswerError(Exception):
    """A policy's answer is not one that the law can act on; who called the kernel says which and why."""


@leaf_kernel
def may_be_sent(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Whether the rules let unit ``u`` be sent to call ``c``, its skills and shift apart."""
    if is_available(world, u) or may_be_taken(world, ground, u, c) or may_be_waited_for(world, ground, u):
        return True
    return world.units[u].status == _ON_BREAK and world.calls[c].priority <= ground.rules[0].break_to_priority


@lean_kernel
def fault_of_unit(world, ground, c, u):  # type: ignore[no-untyped-def]
    """Fault of sending unit ``u`` to call ``c``; -1, to let it wait, is none."""
    if u == -1:
        return 0
    if u < 0 or u >= len(world.units):
        return _NO_SUCH_ROW
    if not may_be_sent(world, ground, u, c):
        return _NOT_FREE
    if may_start(world, ground, u, c):
        return 0
    return _SHIFT_ENDS if world.units[u].skills & world.calls[c].needs == world.calls[c].needs else _LACKS_SKILL


@lean_kernel
def fault_of_hospital(world, ground, c, h):  # type: ignore[no-untyped-def]
    """Fault of taking the patient of call ``c`` to hospital ``h``. One that diverts, or lacks a speciality, is none."""
    if h < 0 or h >= len(world.hospitals):
        return _NO_SUCH_ROW
    call = world.calls[c]
    row = ground.labels.metrics[metric_at(ground, TRANSPORT, call.priority, world.clock[0].now)].row
    return _NO_WAY if ground.places.to_ticks[row, len(world.stations) + h, call.node] >= CLOSED else 0


@lean_kernel
def fault_of_station(world, ground, u, s):  # type: ignore[no-untyped-def]
    """Fault of sending unit ``u`` to station ``s``; -1, for where it belongs, is none."""
    if s == -1:
        return 0
    if s < 0 or s >= len(world.stations):
        return _NO_SUCH_ROW
    row = ground.labels.metrics[metric_at(ground, RETURN, 0, world.clock[0].now)].row
    return _NO_WAY if ground.places.to_ticks[row, s, world.units[u].to_node] >= CLOSED else 0


@lean_kernel
def fault_of_move(world, ground, u):  # type: ignore[no-untyped-def]
    """Fault of what ``move_to`` says of unit ``u``; -1, and where it belongs, are none."""
    s = world.units[u].move_to
    if s == -1 or s == world.units[u].home:
        return 0
    if s >= 0 and s < len(world.stations) and not is_available(world, u):
        return _NOT_FREE
    return fault_of_station(world, ground, u, s)
