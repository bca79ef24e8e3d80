"""Kinds of events and states as plain numbers: compiled code wants them so."""

from __future__ import annotations

from ..world.schema import CallStatus, EventKind, UnitStatus

CALL_RECEIVED = int(EventKind.CALL_RECEIVED)
UNIT_NEEDED = int(EventKind.UNIT_NEEDED)
EN_ROUTE = int(EventKind.EN_ROUTE)
ON_SCENE = int(EventKind.ON_SCENE)
LEFT_SCENE = int(EventKind.LEFT_SCENE)
AT_HOSPITAL = int(EventKind.AT_HOSPITAL)
TRANSFER_OF_CARE = int(EventKind.TRANSFER_OF_CARE)
BACK_IN_SERVICE = int(EventKind.BACK_IN_SERVICE)
AT_STATION = int(EventKind.AT_STATION)
STOOD_DOWN = int(EventKind.STOOD_DOWN)
WALK_IN = int(EventKind.WALK_IN)
BAY_FREED = int(EventKind.BAY_FREED)

U_AT_STATION = int(UnitStatus.AT_STATION)
U_MOBILISING = int(UnitStatus.MOBILISING)
U_EN_ROUTE = int(UnitStatus.EN_ROUTE)
U_ON_SCENE = int(UnitStatus.ON_SCENE)
U_TRANSPORTING = int(UnitStatus.TRANSPORTING)
U_AT_HOSPITAL = int(UnitStatus.AT_HOSPITAL)
U_CLEARING = int(UnitStatus.CLEARING)
U_RETURNING = int(UnitStatus.RETURNING)

C_RECEIVED = int(CallStatus.RECEIVED)
C_QUEUED = int(CallStatus.QUEUED)
C_ASSIGNED = int(CallStatus.ASSIGNED)
C_ON_SCENE = int(CallStatus.ON_SCENE)
C_TRANSPORTING = int(CallStatus.TRANSPORTING)
C_AT_HOSPITAL = int(CallStatus.AT_HOSPITAL)
C_ENDED = int(CallStatus.ENDED)
C_HANDED_OVER = int(CallStatus.HANDED_OVER)
