"""Write bed counts as MeasureReports of US SAFR 1.0.0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ...errors import InputError
from ..events import Event, HospitalEvent
from .safr import ED_BOARDERS, ED_TOTAL, written

_LOINC = "http://loinc.org"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_MEASURE = "http://hl7.org/fhir/us/safr/Measure/BedCapacityMeasureExample|1.0.0"


def write(events: Sequence[Event]) -> bytes:
    """One MeasureReport, several in a Bundle; diversion, offload and stays have no place in it.

    Raises
    ------
    InputError
        An event counts nothing that has a LOINC code.
    """
    reports = [_report(event) for event in events if isinstance(event, HospitalEvent)]
    if len(reports) == 1:
        return orjson.dumps(reports[0])
    entries = [{"fullUrl": f"urn:ems-twin:{report['id']}", "resource": report} for report in reports]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _report(event: HospitalEvent) -> dict[str, Any]:
    counts: list[tuple[str | None, int | None]] = [(ED_TOTAL, event.ed_census), (ED_BOARDERS, event.ed_boarders)]
    for row in event.beds:
        counts += [(written(row.sort, side), getattr(row, side)) for side in ("occupied", "available")]
    groups = [_group(code, count) for code, count in counts if code is not None and count is not None]
    if not groups:
        raise InputError(
            "a hospital event counts nothing that US SAFR has a code for",
            field="events",
            remedy="Write diversion and offload as edxl-have.",
        )
    at = event.occurred_at.isoformat()
    subject = {"reference": event.hospital_id} | ({} if event.name is None else {"display": event.name})
    return {
        "resourceType": "MeasureReport",
        "id": event.event_id or "unnamed",
        "status": "complete",
        "type": "summary",
        "measure": _MEASURE,
        "subject": subject,
        "date": at,
        "period": {"start": at, "end": at},
        "group": groups,
    }


def _group(code: str, count: int) -> dict[str, Any]:
    population = {"coding": [{"system": _POPULATION, "code": "initial-population"}]}
    return {
        "code": {"coding": [{"system": _LOINC, "code": code}]},
        "population": [{"code": population, "count": count}],
    }
