"""Take events into the table of what was reported, or refuse them, by the rules of ``rules.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..city import City
from ..demand.near import FARTHEST_M
from ..feeds.events import (
    CallEvent,
    Event,
    HospitalEvent,
    RoadEvent,
    UnitPositionEvent,
    UnitStatusEvent,
    WeatherAlertEvent,
)
from ..feeds.vocabulary import CallAction, Stay, UnitStatus
from .road_match import RoadMatch
from .rules import BUSY, RANK
from .settings import MemorySettings
from .told import Said, SourceTold, Table, Told

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US = 3_600_000_000
PLACING = (UnitStatus.at_station, UnitStatus.on_scene, UnitStatus.at_patient, UnitStatus.at_hospital)
"""Statuses that say where a unit is."""
_STAYS_IN = (Stay.arrived, Stay.in_treatment, Stay.boarding)


def us(at: datetime) -> int:
    """Microseconds since 1970."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(at_us: int) -> datetime:
    """The same back."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).replace(microsecond=at_us % 1_000_000)


class RefusedError(Exception):
    """An event is not taken."""

    def __init__(self, rule: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.rule, self.reason, self.remedy = rule, reason, remedy


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What an event did."""

    kind: str
    """Word of the event, such as ``unit_status``."""
    subject: str
    changed: bool
    """Whether the present is another; else it was late, or a repetition, or refused."""
    history: bool = False
    """Whether it filled in times of the past."""
    created: bool = False
    """Whether its subject was not known before."""
    refused: str | None = None
    """Name of the rule by which it was not taken."""
    reason: str | None = None
    remedy: str | None = None
    roads: bool = False
    """Whether travel times may have to be made anew."""


class Intake:
    """Knows the city and takes events into a table.

    Parameters
    ----------
    city, settings
        Where, and the tolerances.
    units
        Call signs of the fleet.
    match
        Of the city's roads.
    """

    def __init__(self, city: City, settings: MemorySettings, units: tuple[str, ...], match: RoadMatch) -> None:
        self.city, self.settings, self.match = city, settings, match
        self._fleet = frozenset(units)
        self._hospitals = _by_any_name(
            {h.id: h.name for h in city.hospitals}, settings.hospital_ids, [h.id for h in city.hospitals]
        )
        self._stations = _by_any_name(
            {s.id: s.name for s in city.stations}, settings.station_ids, [s.id for s in city.stations]
        )

    def take(self, table: Table, event: Event) -> Effects:
        """Merge an event into the table; one that cannot be taken is counted and leaves it as it was."""
        known_us, at_us = us(event.known_at), us(event.occurred_at)
        source = table.sources.setdefault(event.source, SourceTold())
        source.heard_us = max(source.heard_us, known_us)
        source.events += 1
        table.clock_us = max(table.clock_us, known_us)
        try:
            if at_us > known_us + int(self.settings.future_s * 1e6):
                raise RefusedError(
                    "future", f"occurred more than {self.settings.future_s:g} s after it arrived",
                    "Set the source's clock, or its time zone.",
                )  # fmt: skip
            effects = self._merge(table, event, at_us, known_us)
        except RefusedError as refusal:
            source.refused += 1
            table.refused[refusal.rule] = table.refused.get(refusal.rule, 0) + 1
            return Effects(
                kind=event.word, subject=event.subject, changed=False, refused=refusal.rule, reason=str(refusal),
                remedy=refusal.remedy,
            )  # fmt: skip
        source.newest_us = max(source.newest_us, at_us)
        self._sweep(table)
        return effects

    def _merge(self, table: Table, event: Event, at_us: int, known_us: int) -> Effects:
        of_a_day = isinstance(event, CallEvent | UnitStatusEvent | UnitPositionEvent)
        if of_a_day and at_us < table.clock_us - int(self.settings.keep_s * 1e6):
            raise RefusedError(
                "too_late",
                f"is older than {self.settings.keep_s / 3600:g} h",
                "Nothing need be done, unless the source's clock is wrong.",
            )
        said = _Saying(event, at_us)
        if isinstance(event, UnitStatusEvent):
            return self._status(table, event, said, known_us)
        if isinstance(event, UnitPositionEvent):
            return self._position(table, event, said, known_us)
        if isinstance(event, CallEvent):
            return self._call(table, event, said, known_us)
        if isinstance(event, HospitalEvent):
            return self._hospital(table, event, said, known_us)
        if isinstance(event, RoadEvent):
            return self._road(table, event, said, known_us)
        assert isinstance(event, WeatherAlertEvent)
        return self._alert(table, event, said, known_us)

    # ---- units

    def _unit(self, table: Table, unit_id: str) -> tuple[Told, bool]:
        found = table.units.get(unit_id)
        if found is not None:
            return found, False
        if unit_id not in self._fleet:
            if not self.settings.create_units:
                raise RefusedError(
                    "unknown_unit", "no file of the fleet names this unit", "Add it to the fleet, or allow new units."
                )
            if len(table.units) >= self.settings.most_units:
                raise RefusedError("too_many", "more units than are held", "Does the source invent names?")
        return Told(), True

    def _status(self, table: Table, event: UnitStatusEvent, said: _Saying, known_us: int) -> Effects:
        unit, created = self._unit(table, event.unit_id)
        changed = history = False
        for name, value in (("type", event.unit_type), ("organisation", event.organisation)):
            changed |= value is not None and unit.say(name, said(value))
        station = self.station(event.station_id)
        hospital = self.hospital(event.hospital_id)
        call_id = self._known_call(table, event, known_us)
        status = event.status
        if status is not None:
            rank = RANK[status]
            changed |= unit.say("status", said(status.value, rank))
            table.sources[event.source].seen.add(status.value)
            if status in BUSY:
                if call_id is not None:
                    unit.say("call", said(call_id, rank))
                    history |= table.calls[call_id].step(event.unit_id, status.value, said.at_us)
                unit.say("busy", said(call_id, rank))
            else:
                unit.say("idle", said(status.value, rank))
                if call_id is not None:
                    history |= table.calls[call_id].step(event.unit_id, status.value, said.at_us)
            if status in PLACING:
                ref = {UnitStatus.at_station: station, UnitStatus.at_hospital: hospital}.get(status, call_id)
                unit.say("mark:" + status.value, said(ref, rank))
        elif event.primary is not None:
            changed |= unit.say("primary", said(event.primary.value))
        if hospital is not None:
            changed |= unit.say("hospital", said(hospital))
        if station is not None:
            changed |= unit.say("station", said(station))
        unit.heard_us = max(unit.heard_us, known_us)
        table.units[event.unit_id] = unit
        return said.effects(changed=changed or created, history=history, created=created)

    def _known_call(self, table: Table, event: UnitStatusEvent, known_us: int) -> str | None:
        """The call that a unit names, held without a place if nobody has reported it."""
        call_id = event.call_id
        if call_id is None or call_id in table.calls:
            if call_id is not None:
                table.calls[call_id].heard_us = max(table.calls[call_id].heard_us, known_us)
            return call_id
        if not self.settings.create_calls or len(table.calls) >= self.settings.most_calls:
            return None
        table.calls[call_id] = Told(heard_us=known_us)
        return call_id

    def _position(self, table: Table, event: UnitPositionEvent, said: _Saying, known_us: int) -> Effects:
        unit, created = self._unit(table, event.unit_id)
        place = self.match.place(event.lon, event.lat, event.heading_deg if event.is_moving is not False else None)
        self._check_distance(place.away_m, "position")
        value = [
            event.lon, event.lat, place.edge, round(place.along, 6), event.speed_mps, event.heading_deg, event.is_moving,
        ]  # fmt: skip
        changed = unit.say("position", said(value))
        unit.heard_us = max(unit.heard_us, known_us)
        table.units[event.unit_id] = unit
        return said.effects(changed=changed, created=created)

    def _check_distance(self, away_m: float, what: str, *, road_m: float | None = None) -> None:
        if away_m > self.settings.area_m:
            raise RefusedError(
                "outside", f"the {what} lies {away_m / 1000:,.0f} km from the city's roads",
                "Check the source's coordinates: longitude comes first.",
            )  # fmt: skip
        limit_m = self.settings.road_m if road_m is None else road_m
        if away_m > limit_m:
            raise RefusedError(
                "off_road", f"the {what} lies {away_m:,.0f} m from every road", "Check the receiver, or raise road_m."
            )

    # ---- calls

    def _call(self, table: Table, event: CallEvent, said: _Saying, known_us: int) -> Effects:
        call = table.calls.get(event.call_id)
        created = call is None
        if call is None:
            if len(table.calls) >= self.settings.most_calls:
                raise RefusedError("too_many", "more calls than are held", "Does the source invent identifiers?")
            call = Told()
        place = None
        if event.lon is not None and event.lat is not None:
            found = self.match.place(event.lon, event.lat)
            self._check_distance(found.away_m, "scene", road_m=FARTHEST_M)
            place = [event.lon, event.lat, self.match.node_of(found)]
        changed = history = False
        if place is not None:
            changed |= call.say("place", said(place))
        for name, value in (("priority", event.priority), ("kind", event.kind), ("patients", event.patients)):
            changed |= value is not None and call.say(name, said(value))
        times = {} if event.times is None else {
            name: us(at) for name, at in event.times if at is not None and at <= event.known_at
        }  # fmt: skip
        begun = times.get("received", times.get("entered", said.at_us))
        if event.action is CallAction.received:
            changed |= call.say("opened", said(True, 1))
        if event.action in (CallAction.received, CallAction.updated) and (
            call.first_us is None or begun < call.first_us
        ):
            call.first_us, changed = begun, True
        if event.action in (CallAction.closed, CallAction.cancelled):
            changed |= call.say("closed", said(event.action.value, 2))
            if begun < said.at_us and (call.first_us is None or begun < call.first_us):
                call.first_us = begun
        for name, at_us in times.items():
            history |= call.step("", name, at_us)
        call.heard_us = max(call.heard_us, known_us)
        table.calls[event.call_id] = call
        return said.effects(changed=changed, history=history, created=created)

    # ---- hospitals

    def hospital(self, name: str | None) -> str | None:
        """Identifier of the city's hospital that a feed means, None if it is none of them."""
        return None if name is None else self._hospitals.get(name.casefold())

    def station(self, name: str | None) -> str | None:
        """Identifier of the city's station that a feed means, None if it is none of them."""
        return None if name is None else self._stations.get(name.casefold())

    def _hospital(self, table: Table, event: HospitalEvent, said: _Saying, known_us: int) -> Effects:
        hospital_id = self.hospital(event.hospital_id) or self.hospital(event.name)
        if hospital_id is None:
            raise RefusedError(
                "unknown_hospital", "the city's file has no such hospital",
                "Name it in hospital_ids, or add it to hospitals.csv.",
            )  # fmt: skip
        created = hospital_id not in table.hospitals
        room = table.hospitals.setdefault(hospital_id, Told())
        changed = False
        if event.stay is not None and event.stay_id is not None:
            changed |= room.say("stay:" + event.stay_id, said(event.stay.value))
        else:
            for name in ("ed_census", "ed_boarders", "ed_capacity", "offload_delayed", "offload_s"):
                value = getattr(event, name)
                changed |= value is not None and room.say(name, said(value))
            if event.diversion is not None:
                changed |= room.say("diversion", said(event.diversion.value))
        room.heard_us = max(room.heard_us, known_us)
        return said.effects(changed=changed, created=created)

    # ---- roads and warnings

    def _road(self, table: Table, event: RoadEvent, said: _Saying, known_us: int) -> Effects:
        created = event.road_event_id not in table.roads
        road = table.roads.get(event.road_event_id, Told())
        edges = self.match.edges_along(
            event.lines, is_line=event.is_line, names=event.roads, buffer_m=self.settings.line_m
        )
        value = {
            "phase": event.phase.value, "impact": event.impact.value, "factor": event.speed_factor,
            "from_us": None if event.from_at is None else us(event.from_at),
            "until_us": None if event.until_at is None else us(event.until_at),
            "edges": edges.tolist(), "lines": event.lines, "roads": event.roads,
        }  # fmt: skip
        changed = road.say("event", said(value))
        road.heard_us = max(road.heard_us, known_us)
        table.roads[event.road_event_id] = road
        return said.effects(changed=changed, created=created, roads=changed)

    def _alert(self, table: Table, event: WeatherAlertEvent, said: _Saying, known_us: int) -> Effects:
        if event.status != "actual":
            raise RefusedError("not_actual", f"is marked as {event.status}", "Only actual warnings are for the world.")
        created = event.alert_id not in table.alerts
        alert = table.alerts.setdefault(event.alert_id, Told())
        value = {
            "phase": event.phase.value, "hazard": event.hazard, "severity": event.severity,
            "from_us": None if event.from_at is None else us(event.from_at),
            "until_us": None if event.until_at is None else us(event.until_at),
            "polygons": event.polygons, "replaces": event.replaces,
        }  # fmt: skip
        changed = alert.say("event", said(value))
        alert.heard_us = max(alert.heard_us, known_us)
        return said.effects(changed=changed, created=created)

    # ---- forgetting

    def _sweep(self, table: Table) -> None:
        """At each full hour of the events' own clock remove what is old, so that every replay removes the same."""
        hour = table.clock_us // _HOUR_US
        if hour == table.swept_h:
            return
        table.swept_h = hour
        edge_us = hour * _HOUR_US - int(self.settings.keep_s * 1e6)
        units_us = hour * _HOUR_US - int(self.settings.keep_units_s * 1e6)
        for key in [key for key, one in table.calls.items() if one.heard_us < edge_us]:
            del table.calls[key]
        for key in [key for key, one in table.units.items() if one.heard_us < units_us and key not in self._fleet]:
            del table.units[key]
        for room in table.hospitals.values():
            for name in [
                n for n, said in room.said.items() if n.startswith("stay:") and _is_over(said, edge_us, units_us)
            ]:
                del room.said[name]
        for layer in (table.roads, table.alerts):
            for key in [key for key, one in layer.items() if _is_past(one, edge_us)]:
                del layer[key]


def census_of_stays(room: Told) -> int | None:
    """Patients in an emergency department by the stays that were reported one by one; None if none was."""
    stays = [said.value for name, said in room.said.items() if name.startswith("stay:")]
    return sum(stay in [s.value for s in _STAYS_IN] for stay in stays) if stays else None


def _is_over(stay: Said, edge_us: int, longest_us: int) -> bool:
    left = stay.value in (Stay.left.value, Stay.cancelled.value)
    return stay.at_us < (edge_us if left else longest_us)


def _is_past(told: Told, edge_us: int) -> bool:
    value = told.value("event")
    ended = value["phase"] in ("completed", "cancelled")
    until_us = value["until_us"]
    return told.heard_us < edge_us and (ended or (until_us is not None and until_us < edge_us))


def _by_any_name(names: Mapping[str, str], aliases: Mapping[str, str], ids: list[str]) -> dict[str, str]:
    """Identifier by identifier, name or alias, whatever the capitals."""
    found = {name.casefold(): key for key, name in names.items()}
    found |= {key.casefold(): key for key in ids}
    return found | {alias.casefold(): key for alias, key in aliases.items() if key in names}


class _Saying:
    """Makes the entries of one event."""

    def __init__(self, event: Event, at_us: int) -> None:
        self.event, self.at_us = event, at_us

    def __call__(self, value: Any, rank: int = 0) -> Said:
        return Said(value, self.at_us, rank, self.event.event_id, self.event.source)

    def effects(self, *, changed: bool, history: bool = False, created: bool = False, roads: bool = False) -> Effects:
        return Effects(
            kind=self.event.word, subject=self.event.subject, changed=changed, history=history, created=created,
            roads=roads,
        )  # fmt: skip
