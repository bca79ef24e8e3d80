"""DATEX II versions 1 to 3, road situations of European authorities, read through ``streetworks``."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, tostring

from ...errors import InputError
from ..codec import Codec
from ..events import RoadEvent
from ..fields import Use
from ..intake import Intake
from ..vocabulary import Impact, Phase
from .elements import every, named
from .impact import DATEX
from .roads import Geometry, phase_of, touches

_PHASES = {"planned": Phase.planned, "suspended": Phase.cancelled}
_GEOGRAPHIC = ("4326", "4258", "CRS84")


def recognises(root: Any) -> bool:
    """Whether a message is a publication of situations."""
    return named(root) == "d2logicalmodel" or any(True for _ in every(root, "situationrecord"))


def read(root: Any, intake: Intake) -> None:
    """Read every record of every situation."""
    outside = 0
    for number, element in enumerate(every(root, "situation")):
        where = f"situation[{number}]"
        try:
            situations = list(_situations(element))
        except (ValueError, TypeError, AttributeError, IndexError):
            intake.refuse("is no situation of DATEX II", where, "Check its coordinates and times.")
            continue
        for situation in situations:
            for place, record in enumerate(situation.records):
                outside += not _record(record, situation, f"{where}.situationRecord[{place}]", intake)
    if outside:
        intake.refuse(f"{outside:,} records lie outside the area", "situation", "Nothing to do.")


def _situations(element: Element) -> Iterator[Any]:
    """One situation, as the library reads it: alone, so that a bad one does not take the others with it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns about feeds that it has not seen, not about us
            from streetworks.datex2 import iter_situations
    except ImportError:
        raise InputError(
            "DATEX II is read through the package 'streetworks'",
            field="codec",
            remedy="Install it with pip install 'ems-twin[feeds]'.",
        ) from None
    element.tail = None
    yield from iter_situations(BytesIO(tostring(element)))


def _record(record: Any, situation: Any, where: str, intake: Intake) -> bool:
    """Read a record; whether it lies in the area."""
    road_event_id = intake.needed(record.id or situation.id, f"{where}.id")
    if road_event_id is None:
        return True
    geometry = Geometry.of_lines([_points(record.location)], is_line=len(record.location.points) > 2)
    if geometry is None:
        intake.refuse("has no position that is understood", where, "Send coordinates, not only codes of a table.")
        return True
    if not touches(geometry, intake.reading.area):
        return False
    periods = [period for period in record.validity.periods if period.start is not None or period.end is not None]
    first = periods[0] if len(periods) == 1 else None
    from_at = intake.instant(record.validity.overall_start or (first and first.start), f"{where}.validity")
    until_at = intake.instant(record.validity.overall_end or (first and first.end), f"{where}.validity")
    own = intake.moment(record.version_time or record.creation_time, f"{where}.situationRecordVersionTime")
    kind = str(record.road_or_carriageway_or_lane_management_type or "").lower()
    impact, share = DATEX.get(kind, (Impact.unknown, None))
    phase = _PHASES.get(str(record.validity.status).lower())
    direction = record.location.carriageway
    intake.add(
        RoadEvent,
        where,
        own,
        reported_at=None if own is None else own.at,
        road_event_id=road_event_id,
        phase=phase or phase_of(from_at, until_at, intake.reading.received_at),
        impact=impact,
        speed_factor=share,
        from_at=from_at,
        until_at=until_at,
        lines=geometry.lines,
        is_line=geometry.is_line,
        roads=() if (name := intake.title(record.location.road_number)) is None else (name,),
        direction=direction if direction and re.fullmatch(r"\w{1,40}", direction) else None,
        restrictions=(record.record_type,) if re.fullmatch(r"\w{1,80}", record.record_type) else (),
    )
    return True


def _points(location: Any) -> list[tuple[float, float]]:
    """Longitude and latitude of each point of a location; none where their system is not known."""
    system = str(location.srs_name or "")
    code = re.search(r"(\d{4,6}|CRS84)\D*$", system)
    if code is None or code.group(1) in _GEOGRAPHIC:
        longitude_first = system.endswith("CRS84")
        return [(a, b) if longitude_first else (b, a) for a, b in location.points]
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        turn = Transformer.from_crs(int(code.group(1)), 4326, always_xy=True)
        return [turn.transform(a, b) for a, b in location.points]
    except ProjError:
        return []


CODEC = Codec(
    name="datex2",
    title="DATEX II situations",
    form="xml",
    uses=tuple(
        Use(f"**.{path}", becomes)
        for path, becomes in (
            ("situationRecordVersionTime", "occurred_at, reported_at"), ("situationRecordCreationTime", "occurred_at"),
            ("validityStatus", "phase"), ("overallStartTime", "from_at"), ("overallEndTime", "until_at"),
            ("startOfPeriod", "from_at"), ("endOfPeriod", "until_at"),
            ("roadOrCarriagewayOrLaneManagementType", "impact, speed_factor"), ("latitude", "lines"),
            ("longitude", "lines"), ("posList", "lines"), ("roadNumber", "roads"), ("roadName", "roads"),
            ("carriageway", "direction"), ("@id", "road_event_id"), ("@type", "restrictions"),
        )
    ),
    recognises=recognises,
    read=read,
    drops=("comments and names of operators", "codes of location tables"),
)  # fmt: skip
