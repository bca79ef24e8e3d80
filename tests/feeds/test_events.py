"""Canonical events: they go through JSON whole, refuse nonsense, and are the same event however often they come."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from ems_twin.feeds import (
    EVENTS,
    CallEvent,
    HospitalEvent,
    RoadEvent,
    Times,
    UnitPositionEvent,
    UnitStatusEvent,
    WeatherAlertEvent,
    from_json,
    schema,
)

KNOWN = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
HEAD = {"source": "cad", "message_id": "m-1", "occurred_at": datetime(2026, 3, 1, 12, tzinfo=UTC), "known_at": KNOWN}

SAMPLES = [
    CallEvent.make(
        **HEAD, action="received", call_id="c-1", lon=-73.9, lat=40.7, priority=1, times=Times(received=KNOWN)
    ),
    UnitStatusEvent.make(**HEAD, unit_id="M7", status="en_route", primary="NotAvailable", secondary=("EnRoute",)),
    UnitPositionEvent.make(**HEAD, unit_id="M7", lon=-73.9, lat=40.7, speed_mps=12.5, heading_deg=359.5),
    HospitalEvent.make(**HEAD, hospital_id="h", ed_census=41, beds=({"sort": "icu", "available": 2},)),
    RoadEvent.make(**HEAD, road_event_id="r", phase="active", impact="closed", lines=(((0, 51), (0.1, 51)),)),
    WeatherAlertEvent.make(**HEAD, alert_id="a", phase="active", status="exercise", categories=("Met",)),
]


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.event)
def test_an_event_goes_through_json_whole(event):
    again = from_json(event.to_json())
    assert again == event
    assert type(again) is type(event)
    assert b"null" not in event.to_json()


def test_every_kind_has_a_sample_and_stands_in_the_schema():
    assert {event.event for event in SAMPLES} == set(EVENTS)
    assert len(schema()["oneOf"]) == len(EVENTS)


def test_the_same_report_has_the_same_id_in_whatever_message_it_comes():
    one = CallEvent.make(**HEAD, action="received", call_id="c-1")
    again = CallEvent.make(
        **HEAD | {"message_id": "m-2", "known_at": KNOWN + timedelta(hours=1)}, action="received", call_id="c-1"
    )
    other = CallEvent.make(**HEAD, action="closed", call_id="c-1")
    elsewhere = CallEvent.make(**HEAD | {"source": "other"}, action="received", call_id="c-1")
    assert one.event_id == again.event_id
    assert len({one.event_id, other.event_id, elsewhere.event_id}) == 3


def test_times_are_kept_in_utc():
    paris = timezone(timedelta(hours=2))
    event = CallEvent.make(
        **HEAD | {"occurred_at": datetime(2026, 3, 1, 14, tzinfo=paris)}, action="closed", call_id="c"
    )
    assert event.occurred_at == HEAD["occurred_at"]
    assert event.occurred_at.tzinfo is UTC
    assert b'"2026-03-01T12:00:00Z"' in event.to_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"lon": float("nan")},
        {"lon": 181},
        {"lat": 90.1},
        {"priority": 0},
        {"call_id": ""},
        {"call_id": "a\x00"},
        {"call_id": "x" * 201},
        {"occurred_at": datetime(2026, 3, 1)},
        {"occurred_at": datetime(9999, 3, 1, tzinfo=UTC)},
        {"caller_name": "anybody"},
    ],
    ids=str,
)
def test_nonsense_is_refused_and_not_repeated_in_the_message(wrong):
    with pytest.raises(ValidationError) as caught:
        CallEvent.make(**HEAD | {"action": "received", "call_id": "c"} | wrong)
    assert "anybody" not in str(caught.value)


def test_events_are_frozen():
    with pytest.raises(ValidationError):
        SAMPLES[0].call_id = "other"


def test_the_offload_is_between_arrival_and_transfer_and_unknown_without_both():
    arrival = KNOWN
    assert Times(at_hospital=arrival, transfer=arrival + timedelta(minutes=21)).offload_s == 1260
    assert Times(at_hospital=arrival).offload_s is None
    assert Times(at_hospital=arrival, transfer=arrival - timedelta(minutes=1)).offload_s is None
