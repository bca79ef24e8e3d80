"""What a feed may report, whichever standard it speaks: calls, units, hospitals, roads, weather.

Every codec makes these events and nothing else, so the journal and the mirror know one vocabulary. An event never
holds a name, a telephone number or free text of a caller, patient or crew: there is no field for one.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, TypeAdapter

from .vocabulary import (
    Beds,
    CallAction,
    Circle,
    Code,
    Count,
    Diversion,
    Impact,
    Latitude,
    Lines,
    Longitude,
    Moment,
    Name,
    Phase,
    Primary,
    Record,
    Stay,
    Times,
    Triage,
    UnitStatus,
    Words,
)

FORMAT = 1
"""Version of the events' form; a journal that holds another one is converted before it is read."""


class Event(Record):
    """The head that all events share."""

    event_id: str = Field(default="", max_length=64)
    """The same for the same report of the same source, however often and in whatever message it comes; see
    :meth:`make`."""
    source: Name
    """Which feed."""
    message_id: Name
    """Which of its messages. ``(source, message_id)`` is the key under which a message is taken in once."""
    occurred_at: Moment
    """When it was so."""
    reported_at: Moment | None = None
    """When the source says that it reported this; None if it does not say."""
    known_at: Moment
    """When the twin received it."""
    time_uncertain: bool = False
    """Whether ``occurred_at`` was guessed: no time, no zone, or an hour that the clocks skipped or showed twice."""

    subject_field: ClassVar[str] = ""
    """Field that names what the event is about."""

    @property
    def word(self) -> str:
        """The word in the field ``event`` that says what sort of event it is."""
        return str(getattr(self, "event", "event"))

    @property
    def subject(self) -> str:
        """Identifier of what the event is about: the call, unit, hospital, road event or alert."""
        return str(getattr(self, self.subject_field))

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """Build an event, its ``event_id`` a digest of everything but ``message_id`` and ``known_at``.

        Raises
        ------
        pydantic.ValidationError
            A field is missing, unknown or out of its bounds.
        """
        draft = cls(**fields)
        content = draft.__pydantic_serializer__.to_json(draft, exclude=_NOT_CONTENT, exclude_none=True)
        return draft.model_copy(update={"event_id": blake2b(content, digest_size=16).hexdigest()})

    def to_json(self) -> bytes:
        """The event as JSON, without what is not known."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)


_NOT_CONTENT = {"event_id", "message_id", "known_at"}


class CallEvent(Event):
    """A call for help came in, changed or ended."""

    event: Literal["call"] = "call"
    subject_field: ClassVar[str] = "call_id"
    action: CallAction
    call_id: Name
    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Annotated[float, Field(ge=0)] | None = None
    """Radius within which the call is, if the source says."""
    zone: Code | None = None
    """Area by name or number, such as a ZIP code, where the source gives no position."""
    priority: Annotated[int, Field(ge=1, le=3)] | None = None
    """1 is the most urgent, 3 the least."""
    source_priority: Code | None = None
    """What the source wrote, in its own scale."""
    kind: Code | None = None
    """Code of the incident type, in the source's list."""
    patients: Count | None = None
    times: Times | None = None
    """Times of the call that the same report gave."""


class UnitStatusEvent(Event):
    """A unit changed what it does, or its availability; with neither, the source says that the unit exists."""

    event: Literal["unit_status"] = "unit_status"
    subject_field: ClassVar[str] = "unit_id"
    unit_id: Name
    status: UnitStatus | None = None
    """None where the source says no more than the availability."""
    primary: Primary | None = None
    secondary: Words = ()
    """EIDO's second level, any number of words."""
    call_id: Name | None = None
    hospital_id: Name | None = None
    """Where it takes its patient."""
    unit_type: Code | None = None
    organisation: Name | None = None
    station_id: Name | None = None


class UnitPositionEvent(Event):
    """Where a unit is."""

    event: Literal["unit_position"] = "unit_position"
    subject_field: ClassVar[str] = "unit_id"
    unit_id: Name
    lon: Longitude
    lat: Latitude
    speed_mps: Annotated[float, Field(ge=0, le=150)] | None = None
    heading_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    """Direction of travel, clockwise from north."""
    accuracy_m: Annotated[float, Field(ge=0)] | None = None
    is_moving: bool | None = None


class HospitalEvent(Event):
    """How full a hospital is, whether it takes patients, how long a handover takes; or one stay in its ED."""

    event: Literal["hospital"] = "hospital"
    subject_field: ClassVar[str] = "hospital_id"
    hospital_id: Name
    name: Code | None = None
    """Name of the building."""
    lon: Longitude | None = None
    lat: Latitude | None = None
    ed_census: Count | None = None
    """Patients in the emergency department, boarders among them."""
    ed_boarders: Count | None = None
    """Those who are admitted and wait for a bed elsewhere."""
    ed_capacity: Count | None = None
    """Treatment places of the emergency department."""
    beds: Annotated[tuple[Beds, ...], Field(max_length=200)] = ()
    triage: Annotated[tuple[Triage, ...], Field(max_length=8)] = ()
    diversion: Diversion | None = None
    offload_delayed: bool | None = None
    offload_s: Annotated[float, Field(ge=0, le=172_800)] | None = None
    """Time from an ambulance's arrival to the transfer of care, seconds."""
    stay: Stay | None = None
    """With ``stay_id``: the report is about one patient's stay, and counts nobody else."""
    stay_id: Annotated[str, Field(max_length=64)] | None = None
    """A digest, never the source's identifier."""


class RoadEvent(Event):
    """A road is closed or slow for a while."""

    event: Literal["road"] = "road"
    subject_field: ClassVar[str] = "road_event_id"
    road_event_id: Name
    phase: Phase
    impact: Impact
    speed_factor: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of the usual speed that is left, for ``slowed``."""
    from_at: Moment | None = None
    until_at: Moment | None = None
    """None: until further notice."""
    lines: Lines = ()
    """Geometry, one or more lines along the direction of travel; a line of one point is a spot."""
    is_line: bool = True
    """Whether the points of a line follow the road; False if they only mark begin and end."""
    roads: Words = ()
    """Names of the roads."""
    direction: Code | None = None
    lanes_open: Count | None = None
    lanes_total: Count | None = None
    restrictions: Words = ()


class WeatherAlertEvent(Event):
    """A warning of weather or another hazard (CAP)."""

    event: Literal["alert"] = "alert"
    subject_field: ClassVar[str] = "alert_id"
    alert_id: Name
    phase: Phase
    status: Literal["actual", "exercise", "system", "test", "draft"]
    """Only ``actual`` is meant for the world; an ``exercise`` is for those who practise."""
    hazard: Code | None = None
    """Name of the hazard, such as ``Winter Storm Warning``."""
    categories: Words = ()
    urgency: Code | None = None
    severity: Code | None = None
    certainty: Code | None = None
    from_at: Moment | None = None
    until_at: Moment | None = None
    polygons: Lines = ()
    """Outer rings."""
    circles: Annotated[tuple[Circle, ...], Field(max_length=1000)] = ()
    geocodes: Words = ()
    """``name=value``, such as ``SAME=006037``."""
    replaces: Annotated[tuple[Name, ...], Field(max_length=1000)] = ()
    """Alerts that this one updates or cancels."""


AnyEvent: TypeAlias = Annotated[
    CallEvent | UnitStatusEvent | UnitPositionEvent | HospitalEvent | RoadEvent | WeatherAlertEvent,
    Field(discriminator="event"),
]
EVENTS: dict[str, type[Event]] = {
    "call": CallEvent, "unit_status": UnitStatusEvent, "unit_position": UnitPositionEvent,
    "hospital": HospitalEvent, "road": RoadEvent, "alert": WeatherAlertEvent,
}  # fmt: skip
"""Classes by the word in their field ``event``."""

_ONE: TypeAdapter[Any] = TypeAdapter(AnyEvent)


def from_json(text: bytes | str) -> Event:
    """The event that :meth:`Event.to_json` wrote.

    Raises
    ------
    pydantic.ValidationError
        It is not one; the error names fields and never shows their content.
    """
    return _ONE.validate_json(text)


def schema() -> dict[str, Any]:
    """JSON schema of the events."""
    return _ONE.json_schema()
