"""The words that events are made of: instants, names and codes, states, times under NEMSIS names."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.functional_validators import AfterValidator

MOST_POINTS = 10_000
"""Points that the lines or rings of one event may have together."""

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2191, 1, 1, tzinfo=UTC)


def _moment(value: datetime) -> datetime:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    if not _EARLIEST <= value < _LATEST:
        raise ValueError("lies outside the years 1970 to 2190")
    return value


Moment: TypeAlias = Annotated[AwareDatetime, AfterValidator(_moment)]
"""An instant with its zone, kept in UTC."""
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""An identifier that the source gave."""
Code: TypeAlias = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A word out of a list of a standard."""
Longitude: TypeAlias = Annotated[float, Field(ge=-180, le=180)]
Latitude: TypeAlias = Annotated[float, Field(ge=-90, le=90)]
Point: TypeAlias = tuple[Longitude, Latitude]
"""Longitude and latitude, degrees (EPSG:4326)."""
Count: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000)]
Words: TypeAlias = Annotated[tuple[Code, ...], Field(max_length=64)]
Lines: TypeAlias = tuple[Annotated[tuple[Point, ...], Field(max_length=MOST_POINTS)], ...]


class CallAction(StrEnum):
    """What happened to a call."""

    received = "received"
    updated = "updated"
    closed = "closed"
    cancelled = "cancelled"


class UnitStatus(StrEnum):
    """What a unit does; the rows of the crosswalk in :mod:`~ems_twin.feeds.statuses`, then what has no NEMSIS time."""

    notified = "notified"
    acknowledged = "acknowledged"
    en_route = "en_route"
    staged = "staged"
    on_scene = "on_scene"
    at_patient = "at_patient"
    left_scene = "left_scene"
    at_hospital = "at_hospital"
    transfer = "transfer"
    back_in_service = "back_in_service"
    cancelled = "cancelled"
    at_station = "at_station"
    completed = "completed"
    relocating = "relocating"
    on_break = "on_break"
    out_of_service = "out_of_service"
    off_duty = "off_duty"


class Primary(StrEnum):
    """EIDO's first level of a unit's state: may it be sent."""

    available = "Available"
    conditionally_available = "ConditionallyAvailable"
    not_available = "NotAvailable"


class Diversion(StrEnum):
    """Whether a hospital takes patients from ambulances (EDXL-HAVE ``emsTrafficStatus``)."""

    normal = "normal"
    advisory = "advisory"
    closed = "closed"


class Stay(StrEnum):
    """Where one patient's stay in an emergency department is (FHIR ``Encounter.status``)."""

    expected = "expected"
    arrived = "arrived"
    in_treatment = "in_treatment"
    boarding = "boarding"
    left = "left"
    cancelled = "cancelled"


class Impact(StrEnum):
    """What a road event does to driving."""

    closed = "closed"
    slowed = "slowed"
    none = "none"
    unknown = "unknown"


class Phase(StrEnum):
    """Where a road event or an alert is in its life."""

    planned = "planned"
    active = "active"
    completed = "completed"
    cancelled = "cancelled"


class Record(BaseModel):
    """Frozen, strict about fields, without NaN or infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, ser_json_bytes="base64"
    )


class Times(Record):
    """Times of one response under the names of :data:`~ems_twin.demand.NEMSIS_TIMES`; None is *not known*, never zero."""

    received: Moment | None = None
    """eTimes.01, PSAP call."""
    entered: Moment | None = None
    """eTimes.02, dispatch notified."""
    notified: Moment | None = None
    """eTimes.03, unit notified by dispatch."""
    acknowledged: Moment | None = None
    """eTimes.04, dispatch acknowledged."""
    en_route: Moment | None = None
    """eTimes.05."""
    on_scene: Moment | None = None
    """eTimes.06, unit arrived on scene."""
    at_patient: Moment | None = None
    """eTimes.07, arrived at patient."""
    care_handed_over: Moment | None = None
    """eTimes.08, transfer of patient care to another crew."""
    left_scene: Moment | None = None
    """eTimes.09."""
    at_landing_area: Moment | None = None
    """eTimes.10, arrival at the landing area."""
    at_hospital: Moment | None = None
    """eTimes.11, patient arrived at destination."""
    transfer: Moment | None = None
    """eTimes.12, transfer of care at the destination."""
    back_in_service: Moment | None = None
    """eTimes.13."""
    cancelled: Moment | None = None
    """eTimes.14."""
    at_station: Moment | None = None
    """eTimes.15, back at the home location."""
    completed: Moment | None = None
    """eTimes.16, call completed."""
    staged: Moment | None = None
    """eTimes.17, arrived at the staging area."""

    @property
    def offload_s(self) -> float | None:
        """Seconds from arrival at the hospital to the transfer of care, None unless both are known and in order."""
        if self.at_hospital is None or self.transfer is None or self.transfer < self.at_hospital:
            return None
        return (self.transfer - self.at_hospital).total_seconds()


class Beds(Record):
    """Beds of one sort."""

    sort: Code
    """Such as ``icu_adult`` or the source's own key."""
    available: Count | None = None
    occupied: Count | None = None
    total: Count | None = None


class Triage(Record):
    """Patients or places by triage colour."""

    colour: Literal["red", "yellow", "green", "black"]
    census: Count | None = None
    capacity: Count | None = None


class Circle(Record):
    """Everything within a distance of a point."""

    lon: Longitude
    lat: Latitude
    radius_m: Annotated[float, Field(ge=0)]
