"""NEMSIS 3.4 and 3.5 patient care reports (XML): the times of a response, its unit, call and hospital.

Of the patient nothing is read.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from ..codec import Codec
from ..events import CallEvent, UnitStatusEvent
from ..fields import Use
from ..intake import Intake
from ..moments import Heard
from ..statuses import TIMES, primary_of
from ..vocabulary import CallAction, UnitStatus
from .elements import every, first, named, text

_PRIORITY = {"2305001": 1, "2305003": 2, "2305005": 3, "2305007": 3}
"""eDispatch.05: critical, emergent, lower acuity, non-acute."""
_WITH_PATIENT = (UnitStatus.left_scene, UnitStatus.at_hospital, UnitStatus.transfer)
INCIDENT, UNIT, UNIT_NUMBER, PRIORITY = "eResponse.03", "eResponse.14", "eResponse.13", "eDispatch.05"
KIND, PLACE, HOSPITAL = "eDispatch.03", "eScene.11", "eDisposition.02"


def recognises(root: Any) -> bool:
    """Whether a message is a data set of reports."""
    return named(root) in ("emsdataset", "patientcarereport") or first(root, "patientcarereport") is not None


def read(root: Any, intake: Intake) -> None:
    """Read every report."""
    reports = [root] if named(root) == "patientcarereport" else list(every(root, "patientcarereport"))
    for number, report in enumerate(reports):
        values = {
            name: _said(report, name)
            for name in (INCIDENT, UNIT, UNIT_NUMBER, "eResponse.04", PRIORITY, KIND, PLACE, HOSPITAL)
        }
        values |= {row.nemsis: _said(report, row.nemsis) for row in TIMES}
        read_report(values, f"PatientCareReport[{number}]", intake)


def _said(report: Element, name: str) -> str | None:
    """Text of an element; None where it is nil, whatever the reason."""
    return text(first(report, name.lower()))


def read_report(values: dict[str, str | None], where: str, intake: Intake) -> None:
    """Events of one response, from its elements by their names."""
    call_id = intake.needed(values.get(INCIDENT) or values.get("eResponse.04"), f"{where}.{INCIDENT}")
    if call_id is None:
        return
    told = values.get(UNIT) or values.get(UNIT_NUMBER)
    unit_id = None if told is None else intake.identifier(told, f"{where}.{UNIT}")
    hospital_id = intake.identifier(values.get(HOSPITAL), f"{where}.{HOSPITAL}")
    times = {row.name: intake.moment(values.get(row.nemsis), f"{where}.{row.nemsis}") for row in TIMES}
    spot = re.split(r"[,\s]+", values.get(PLACE) or "")
    place = intake.place(spot[1], spot[0], f"{where}.{PLACE}") if len(spot) == 2 else None
    priority = intake.one_of(values.get(PRIORITY), f"{where}.{PRIORITY}", _PRIORITY)
    came = times["received"] or times["entered"]
    known: list[Heard] = [at for at in times.values() if at is not None]
    if came is None and not known:
        intake.refuse("has no time at all", f"{where}.eTimes", "Send eTimes.01 to .17 as far as they are known.")
        return
    intake.add(
        CallEvent,
        where,
        came or Heard(min(at.at for at in known), True),
        action=CallAction.received,
        call_id=call_id,
        lon=None if place is None else place[0],
        lat=None if place is None else place[1],
        priority=priority,
        kind=intake.code(values.get(KIND), f"{where}.{KIND}"),
        times={name: at.at for name in ("received", "entered") if (at := times[name]) is not None},
    )
    for row in TIMES:
        moment = times[row.name]
        if row.status is None or moment is None or unit_id is None:
            continue
        intake.add(
            UnitStatusEvent,
            f"{where}.{row.nemsis}",
            moment,
            unit_id=unit_id,
            status=row.status,
            primary=primary_of(row.status),
            call_id=call_id,
            hospital_id=hospital_id if row.status in _WITH_PATIENT else None,
        )


USES = (
    Use(f"**.{INCIDENT}", "call_id"), Use("**.eResponse.04", "call_id (without .03)"), Use(f"**.{UNIT}", "unit_id"),
    Use(f"**.{UNIT_NUMBER}", "unit_id (without .14)"), Use(f"**.{PRIORITY}", "priority"), Use(f"**.{KIND}", "kind"),
    Use(f"**.{PLACE}", "lon, lat"), Use(f"**.{HOSPITAL}", "hospital_id"),
    *(Use(f"**.{row.nemsis}", f"status {row.status}" if row.status else f"times.{row.name}") for row in TIMES),
)  # fmt: skip

CODEC = Codec(
    name="nemsis",
    title="NEMSIS 3.4 and 3.5 patient care reports",
    form="xml",
    uses=USES,
    recognises=recognises,
    read=read,
    drops=("the patient, the crew and the narrative", "addresses", "everything clinical"),
)
