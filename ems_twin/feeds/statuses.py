"""The crosswalk: one unit status in the words of EIDO, Hub Santé, NEMSIS and the open call feeds, as data.

The first word of a standard is the one that is written; all of them are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .vocabulary import Primary, UnitStatus

Sets = tuple[frozenset[str], ...]


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """One status."""

    status: UnitStatus
    primary: Primary
    """EIDO's first level, where the message does not say it."""
    rank: int
    """Of two statuses that EIDO words allow equally the one with the higher rank is meant."""
    eido: Sets = ()
    """Secondary states, each a set of words that stand together."""
    resource_status: tuple[str, ...] = ()
    """Hub Santé RS-SR and RS-RI."""
    position: tuple[str, ...] = ()
    """Hub Santé GEO-POS ``engagedStatus``."""


@dataclass(frozen=True, kw_only=True)
class TimeCrossing:
    """One time of a response."""

    name: str
    """Field of :class:`~ems_twin.feeds.vocabulary.Times`."""
    nemsis: str
    """Element of NEMSIS 3.5."""
    status: UnitStatus | None = None
    """What the unit does from then on; None for times of the call."""
    san_francisco: str | None = None
    """Column of the open call feed."""
    new_york: str | None = None


def _sets(*groups: str) -> Sets:
    return tuple(frozenset(group.split("+")) for group in groups)


_AVAILABLE, _NOT, _PERHAPS = Primary.available, Primary.not_available, Primary.conditionally_available

CROSSINGS = (
    Crossing(
        status=UnitStatus.notified, primary=_NOT, rank=3, eido=_sets("Dispatched", "Assigned"),
        resource_status=("DECLENCHE",), position=("ALERTEE",),
    ),
    Crossing(status=UnitStatus.acknowledged, primary=_NOT, rank=4, eido=_sets("AcknowledgedTransmission")),
    Crossing(
        status=UnitStatus.en_route, primary=_NOT, rank=5,
        eido=_sets("EnRoute", "EnRoute+Staging", "EnRoute+Dispatched", "EnRoute+Departed"),
        resource_status=("DEPART",), position=("PARTIE",),
    ),
    Crossing(status=UnitStatus.staged, primary=_NOT, rank=6, eido=_sets("Staging", "Staging+Arrived")),
    Crossing(
        status=UnitStatus.on_scene, primary=_NOT, rank=7, eido=_sets("OnScene", "Arrived", "OnScene+Arrived"),
        resource_status=("ARRIVEE",), position=("ARRIVEE_LIEU",),
    ),
    Crossing(
        status=UnitStatus.at_patient, primary=_NOT, rank=8,
        eido=_sets("PatientContact", "PatientContact+OnScene"), resource_status=("PEC", "BILAN", "ORIENTAT"),
    ),
    Crossing(
        status=UnitStatus.left_scene, primary=_NOT, rank=9,
        eido=_sets("Transporting", "Transporting+Hospital", "Transporting+EnRoute", "EnRoute+Hospital"),
        resource_status=("TRANSP", "ETAPE1", "TRANSP2", "ETAPE2", "TRANSP3"), position=("TRANSPORT_DESTINATION",),
    ),
    Crossing(
        status=UnitStatus.at_hospital, primary=_NOT, rank=10,
        eido=_sets("Hospital+Arrived", "Hospital", "Hospital+OnScene", "Hospital+Arrived+Transporting"),
        resource_status=("DESTIN",), position=("ARRIVEE_DESTINATION",),
    ),
    Crossing(
        status=UnitStatus.transfer, primary=_NOT, rank=11,
        resource_status=("FINPEC",), position=("FIN_MED", "QUITTE_DESTINATION"),
    ),
    Crossing(
        status=UnitStatus.back_in_service, primary=_AVAILABLE, rank=0, eido=_sets("InService", "OnDuty"),
        resource_status=("RETOUR", "RET-BASE"), position=("RETOUR_DISPONIBLE",),
    ),
    Crossing(
        status=UnitStatus.cancelled, primary=_AVAILABLE, rank=12, eido=_sets("AssignmentCancelled"),
        resource_status=("ANNULE",),
    ),
    Crossing(
        status=UnitStatus.at_station, primary=_AVAILABLE, rank=2,
        eido=_sets("Station", "Post", "CoveringAlternateArea", "COP_or_POP", "Station+Arrived", "Post+Arrived"),
        resource_status=("REN-BASE",), position=("ARRIVEE_CENTRE",),
    ),
    Crossing(status=UnitStatus.completed, primary=_AVAILABLE, rank=1, eido=_sets("Cleared")),
    Crossing(
        status=UnitStatus.relocating, primary=_AVAILABLE, rank=13,
        eido=_sets(
            "EnRoute+CoveringAlternateArea", "EnRoute+Post", "EnRoute+Station", "EnRoute+BacktoAssignedArea",
            "BacktoAssignedArea",
        ),
    ),
    Crossing(status=UnitStatus.on_break, primary=_PERHAPS, rank=14, eido=_sets("Break", "Meal")),
    Crossing(
        status=UnitStatus.out_of_service, primary=_NOT, rank=15, eido=_sets("OutofService", "Unmanned"),
        position=("RETOUR_INDISPONIBLE",),
    ),
    Crossing(status=UnitStatus.off_duty, primary=_NOT, rank=16, eido=_sets("OffDuty")),
)  # fmt: skip
"""The statuses, one row each. Where EIDO has no word (a transfer of care) the local word of the message says it."""

TIMES = (
    TimeCrossing(name="received", nemsis="eTimes.01", san_francisco="received_dttm", new_york="incident_datetime"),
    TimeCrossing(name="entered", nemsis="eTimes.02", san_francisco="entry_dttm"),
    TimeCrossing(
        name="notified", nemsis="eTimes.03", status=UnitStatus.notified,
        san_francisco="dispatch_dttm", new_york="first_assignment_datetime",
    ),
    TimeCrossing(name="acknowledged", nemsis="eTimes.04", status=UnitStatus.acknowledged),
    TimeCrossing(
        name="en_route", nemsis="eTimes.05", status=UnitStatus.en_route,
        san_francisco="response_dttm", new_york="first_activation_datetime",
    ),
    TimeCrossing(
        name="on_scene", nemsis="eTimes.06", status=UnitStatus.on_scene,
        san_francisco="on_scene_dttm", new_york="first_on_scene_datetime",
    ),
    TimeCrossing(name="at_patient", nemsis="eTimes.07", status=UnitStatus.at_patient),
    TimeCrossing(name="care_handed_over", nemsis="eTimes.08"),
    TimeCrossing(
        name="left_scene", nemsis="eTimes.09", status=UnitStatus.left_scene,
        san_francisco="transport_dttm", new_york="first_to_hosp_datetime",
    ),
    TimeCrossing(name="at_landing_area", nemsis="eTimes.10"),
    TimeCrossing(
        name="at_hospital", nemsis="eTimes.11", status=UnitStatus.at_hospital,
        san_francisco="hospital_dttm", new_york="first_hosp_arrival_datetime",
    ),
    TimeCrossing(name="transfer", nemsis="eTimes.12", status=UnitStatus.transfer),
    TimeCrossing(
        name="back_in_service", nemsis="eTimes.13", status=UnitStatus.back_in_service,
        san_francisco="available_dttm", new_york="incident_close_datetime",
    ),
    TimeCrossing(name="cancelled", nemsis="eTimes.14", status=UnitStatus.cancelled),
    TimeCrossing(name="at_station", nemsis="eTimes.15", status=UnitStatus.at_station),
    TimeCrossing(name="completed", nemsis="eTimes.16", status=UnitStatus.completed),
    TimeCrossing(name="staged", nemsis="eTimes.17", status=UnitStatus.staged),
)  # fmt: skip
"""The times of NEMSIS eTimes, in its order. New York's close is the incident's, not a unit's."""

_BY_STATUS = {row.status: row for row in CROSSINGS}
_FROM_RESOURCE = {word: row.status for row in CROSSINGS for word in row.resource_status}
_FROM_POSITION = {word: row.status for row in CROSSINGS for word in row.position}
_EIDO_SETS = sorted(
    ((words, row) for row in CROSSINGS for words in row.eido),
    key=lambda pair: (len(pair[0]), pair[1].rank),
    reverse=True,
)
EIDO_SECONDARY = {
    word.lower(): word
    for word in [
        "AcknowledgedTransmission",
        "AlternateLocation",
        "Arrived",
        "Assigned",
        "AssignmentCancelled",
        "BacktoAssignedArea",
        "Backup",
        "Break",
        "CheckedIn",
        "Cleared",
        "COP_or_POP",
        "Court",
        "CoveringAlternateArea",
        "Delayed",
        "Departed",
        "Dispatched",
        "EnRoute",
        "EquipmentIssues",
        "Event",
        "Hospital",
        "InService",
        "Investigation",
        "Location",
        "Meal",
        "Meeting",
        "OffDuty",
        "OnDuty",
        "OnScene",
        "OutofService",
        "PatientContact",
        "Post",
        "ResponderInitiatedEvent",
        "RollCall",
        "Roster",
        "ShiftPending",
        "Staging",
        "Station",
        "TrafficStop",
        "Training",
        "Transporting",
        "Unmanned",
    ]
}
"""EIDO's 41 secondary states, as spelt there, by their small letters."""
EIDO_PRIMARY = {member.value.lower(): member for member in Primary}


def crossing(status: UnitStatus) -> Crossing:
    """Row of a status."""
    return _BY_STATUS[status]


def primary_of(status: UnitStatus | None) -> Primary | None:
    """Availability that a status implies where the message does not say it."""
    return None if status is None else _BY_STATUS[status].primary


def from_eido(secondary: Iterable[str]) -> UnitStatus | None:
    """Status that EIDO's secondary states mean: the largest set of words that is among them, None if none is."""
    words = frozenset(secondary)
    return next((row.status for needed, row in _EIDO_SETS if needed <= words), None)


def to_eido(status: UnitStatus) -> tuple[Primary, tuple[str, ...]]:
    """Primary and secondary states that say a status; no secondary where EIDO has no word."""
    row = crossing(status)
    return row.primary, tuple(sorted(row.eido[0])) if row.eido else ()


def from_resource_status(word: str) -> UnitStatus | None:
    """Status of a word of Hub Santé RS-SR; None for ``DECISION`` (nobody is told yet) and unknown words."""
    return _FROM_RESOURCE.get(word)


def to_resource_status(status: UnitStatus) -> str | None:
    """Word of Hub Santé RS-SR for a status, None if it has none."""
    return next(iter(crossing(status).resource_status), None)


def from_position_status(word: str) -> UnitStatus | None:
    """Status of a word of Hub Santé GEO-POS ``engagedStatus``."""
    return _FROM_POSITION.get(word)


def to_position_status(status: UnitStatus) -> str | None:
    """Word of Hub Santé GEO-POS ``engagedStatus`` for a status, None if it has none."""
    return next(iter(crossing(status).position), None)
