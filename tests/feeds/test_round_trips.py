"""What is written in a standard is read back as the same events; what a standard cannot say is refused, not lost."""

import base64
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import orjson
import pytest
from feeds_helpers import MESSAGES, NOW, content, facts, take

from ems_twin.errors import InputError
from ems_twin.feeds import (
    CODECS,
    CallAction,
    CallEvent,
    HospitalEvent,
    RoadEvent,
    Times,
    UnitPositionEvent,
    UnitStatus,
    UnitStatusEvent,
    WeatherAlertEvent,
    encode,
)
from ems_twin.feeds.codecs.cloudevents import binary
from ems_twin.feeds.statuses import crossing, to_resource_status

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAD = {"source": "test", "message_id": "m", "occurred_at": AT, "known_at": NOW}
REPORTED = HEAD | {"reported_at": AT}

CALL = CallEvent.make(
    **REPORTED, action="updated", call_id="c-1", lon=-73.98, lat=40.75, accuracy_m=20, priority=2, kind="CHESPAIN",
    times=Times(received=AT - timedelta(minutes=2)),
)  # fmt: skip
POSITION = UnitPositionEvent.make(
    **HEAD, unit_id="M7", lon=-73.98, lat=40.75, speed_mps=10.0, heading_deg=270.0, accuracy_m=8.0
)
HOSPITAL = HospitalEvent.make(
    **HEAD, hospital_id="GH-1", name="General Hospital", lon=-73.974, lat=40.742, diversion="advisory",
    offload_delayed=True, offload_s=2100,
    triage=({"colour": "red", "census": 3, "capacity": 2},), beds=({"sort": "icu", "available": 1, "occupied": 11, "total": 12},),
)  # fmt: skip
CENSUS = HospitalEvent.make(
    **REPORTED, hospital_id="GH-1", name="General Hospital", ed_census=41, ed_boarders=9,
    beds=({"sort": "adult_icu", "available": 2, "occupied": 18},),
)  # fmt: skip
ROAD = RoadEvent.make(
    **REPORTED, road_event_id="r-1", phase="active", impact="slowed", speed_factor=0.5, from_at=AT, until_at=NOW,
    lines=(((-73.99, 40.75), (-73.98, 40.76)),), roads=("Broadway",), direction="northbound", lanes_open=1, lanes_total=2,
    restrictions=("no-trucks",),
)  # fmt: skip
ALERT = WeatherAlertEvent.make(
    **REPORTED, alert_id="EX-7", phase="active", status="exercise", hazard="Winter Storm Warning", categories=("Met",),
    urgency="Expected", severity="Severe", certainty="Likely", from_at=AT, until_at=NOW,
    polygons=(((-74.02, 40.7), (-73.92, 40.7), (-73.92, 40.88), (-74.02, 40.7)),),
    circles=({"lon": -73.98, "lat": 40.75, "radius_m": 2500},), geocodes=("SAME=036061",), replaces=("EX-6",),
)  # fmt: skip


def unit(status: UnitStatus, **more) -> UnitStatusEvent:
    fields = {"unit_id": "M7", "status": status, "primary": crossing(status).primary, "call_id": "c-1"} | more
    return UnitStatusEvent.make(**HEAD, **fields)


@pytest.mark.parametrize("codec", ["ems-twin", "cloudevents"])
@pytest.mark.parametrize("count", [1, 6])
def test_every_event_goes_whole_through_our_own_form_and_its_envelope(codec, count):
    events = [CALL, unit(UnitStatus.en_route), POSITION, HOSPITAL, ROAD, ALERT][:count]
    decoded = take(encode(codec, events))
    assert decoded.codec == codec
    assert decoded.refused == decoded.dropped_fields == ()
    assert [event.event_id for event in decoded.events] == [event.event_id for event in events]
    assert list(map(content, decoded.events)) == list(map(content, events))


@pytest.mark.parametrize(
    ("codec", "event"),
    [
        ("eido", CALL), ("owntracks", POSITION), ("hub-sante", POSITION.model_copy(update={"accuracy_m": None})),
        ("edxl-have", HOSPITAL), ("fhir", CENSUS), ("wzdx", ROAD), ("cap", ALERT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_event_comes_back_from_its_standard(codec, event):
    decoded = take(encode(codec, [event]))
    assert (decoded.codec, decoded.refused) == (codec, ())
    (again,) = decoded.events
    told, expected = content(again), content(event)
    told.pop("source_priority", None)
    assert told == pytest.approx(expected) if codec == "owntracks" else told == expected


@pytest.mark.parametrize("codec", ["eido", "owntracks", "hub-sante", "edxl-have", "fhir", "wzdx", "cap"])
def test_several_events_are_one_message(codec):
    sort = {"eido": CALL, "edxl-have": HOSPITAL, "fhir": CENSUS, "wzdx": ROAD, "cap": ALERT}.get(codec, POSITION)
    other = sort.model_copy(update={type(sort).subject_field: "another"})
    decoded = take(encode(codec, [sort, other]))
    assert decoded.refused == ()
    assert [event.subject for event in decoded.events] == [sort.subject, "another"]


@pytest.mark.parametrize("status", list(UnitStatus))
def test_every_status_comes_back_from_eido(status):
    event = unit(status)
    (again,) = take(encode("eido", [event])).events
    assert facts(again, "status", "primary", "call_id", "unit_id", "occurred_at") == facts(
        event, "status", "primary", "call_id", "unit_id", "occurred_at"
    )


def test_a_position_goes_beside_the_status_of_its_unit_in_eido():
    state, position = unit(UnitStatus.en_route), POSITION.model_copy(update={"speed_mps": None, "heading_deg": None})
    decoded = take(encode("eido", [position, state]))
    assert decoded.refused == ()
    assert content(decoded.events[1]) == content(position)
    assert facts(decoded.events[0], "status", "unit_type") == (UnitStatus.en_route, None)


@pytest.mark.parametrize("kind", ["CHESPAIN", "M02.09", None])
def test_a_kind_of_another_list_survives_eido(kind):
    (again,) = take(encode("eido", [CALL.model_copy(update={"kind": kind})])).events
    assert again.kind == kind


@pytest.mark.parametrize("status", [status for status in UnitStatus if to_resource_status(status)])
def test_every_status_that_rs_sr_knows_comes_back_from_it(status):
    event = unit(status)
    (again,) = take(encode("hub-sante", [event])).events
    assert content(again) == content(event)


def test_a_state_and_a_position_of_the_same_moment_are_one_entry():
    state = unit(UnitStatus.on_scene, call_id=None)
    message = orjson.loads(encode("hub-sante", [POSITION, state]))
    (entry,) = message["geoPositionsUpdate"]["position"]
    assert facts(type("E", (), entry), "status", "engagedStatus", "speed") == ("INDISPONIBLE", "ARRIVEE_LIEU", 36.0)
    assert len(take(encode("hub-sante", [POSITION, state])).events) == 2


def test_times_come_back_from_rows_of_nemsis_names():
    events = [
        CALL.model_copy(update={"action": CallAction.received, "occurred_at": CALL.times.received, "reported_at": None, "accuracy_m": None}),
        unit(UnitStatus.notified),
        unit(UnitStatus.at_hospital, hospital_id="GH-1"),
        unit(UnitStatus.transfer, hospital_id="GH-1"),
    ]  # fmt: skip
    text = encode("nemsis-csv", events).decode()
    assert "eTimes.12" in text.splitlines()[0]
    again = take(text).events
    assert list(map(content, again)) == list(map(content, events))


def test_a_cell_that_could_be_a_formula_is_defused_and_comes_back():
    event = unit(UnitStatus.notified, call_id="=HYPERLINK(1)", unit_id="-7")
    text = encode("nemsis-csv", [event]).decode()
    assert "'=HYPERLINK(1)" in text
    assert "'-7" in text
    _, again = take(text).events
    assert facts(again, "call_id", "unit_id") == ("=HYPERLINK(1)", "-7")


def test_binary_mode_needs_its_headers():
    headers, body = binary(CALL)
    assert headers["ce-type"] == "ems-twin.call"
    decoded = take(body, headers={name.title(): value for name, value in headers.items()})
    structured = take(encode("cloudevents", [CALL]))
    assert decoded.message_id == structured.message_id == f"/ems-twin/test#{CALL.event_id}"
    assert decoded.events[0].event_id == CALL.event_id


def test_an_envelope_may_hold_xml_as_text_or_bytes():
    xml = (MESSAGES / "have.xml").read_bytes()
    envelope = {"specversion": "1.0", "id": "1", "source": "/h", "type": "x"}
    for more in ({"data": xml.decode()}, {"data_base64": base64.b64encode(xml).decode()}):
        decoded = take(orjson.dumps(envelope | more))
        assert decoded.events[0].hospital_id == "GH-1"
        assert decoded.refused[0].where.startswith("data.HAVE")
    for more in ({"data": "hello"}, {"data_base64": "%%%"}, {"data": envelope | {"data": {}}}, {}):
        decoded = take(orjson.dumps(envelope | more))
        assert decoded.events == ()
        assert decoded.refused[0].where == "data"


@pytest.mark.parametrize(
    ("codec", "events", "problem"),
    [
        ("socrata", [CALL], "only read"),
        ("cap", [CALL], "no words for a CallEvent"),
        ("cap", [], "no events"),
        ("cap", [ALERT.model_copy(update={"status": "actual"})], "'actual' is not written"),
        ("hub-sante", [unit(UnitStatus.on_break)], "no word for the status"),
        ("hub-sante", [unit(UnitStatus.en_route, call_id=None)], "needs the call"),
        ("fhir", [HOSPITAL], "counts nothing"),
        ("eido", [POSITION], "only beside its status"),
        ("telex", [CALL], "no codec 'telex'"),
    ],
)
def test_what_cannot_be_written_is_refused(codec, events, problem):
    with pytest.raises(InputError, match=problem):
        encode(codec, events)


def test_an_exercise_says_so_in_every_word():
    root = ET.fromstring(encode("cap", [ALERT]))
    name = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert root.findtext(f"{name}status") == "Exercise"
    assert root.findtext(f"{name}scope") == "Private"
    assert "Nothing has happened" in root.findtext(f"{name}note")


def test_every_codec_says_what_it_uses_and_is_found_by_its_own_messages():
    for codec in CODECS.values():
        assert codec.uses, codec.name
        assert all(use.path and use.becomes for use in codec.uses)
        assert (codec.write is None) == (not codec.carries)
