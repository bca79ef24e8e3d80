"""Calls and units: EIDO, Hub Santé, OwnTracks, the open call feeds, NEMSIS."""

from datetime import UTC, datetime

import orjson
import pytest
from feeds_helpers import MESSAGES, facts, read, take

from ems_twin.feeds import CallAction, CallEvent, Primary, UnitPositionEvent, UnitStatus, UnitStatusEvent


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def eido(**changes) -> dict:
    return orjson.loads((MESSAGES / "eido_incident.json").read_bytes()) | changes


def test_eido_tells_the_incident_its_units_and_where_they_are():
    decoded = read("eido_incident.json")
    call, medic7, position, medic8, other = decoded.events
    assert decoded.refused == ()
    assert facts(call, "action", "kind", "lon", "lat", "accuracy_m") == (
        CallAction.updated, "CHESPAIN", -73.9855, 40.7580, 35.5,
    )  # fmt: skip
    assert call.times.received == utc(2026, 3, 1, 17)
    assert facts(medic7, "unit_id", "status", "primary", "secondary") == (
        "Medic 7", UnitStatus.en_route, Primary.not_available, ("Dispatched", "EnRoute"),
    )  # fmt: skip
    assert facts(position, "unit_id", "lon", "lat") == ("Medic 7", -73.99, 40.75)
    assert facts(medic8, "unit_id", "status") == ("Medic 8", UnitStatus.relocating)
    assert facts(other, "unit_id", "status", "call_id") == ("unit-9", UnitStatus.notified, call.call_id)


@pytest.mark.parametrize(("told", "ours"), [(10, 1), (9, 1), ("8", 1), (7, 2), (4, 2), (3, 3), (1, 3), (0, 3)])
def test_in_eido_ten_is_the_highest_priority(told, ours):
    message = eido(incidentComponent={"$id": "i", "incidentCommonPriorityNumber": told})
    assert facts(take(orjson.dumps(message)).events[0], "priority", "source_priority") == (ours, str(told))


@pytest.mark.parametrize(
    ("told", "action"),
    [
        (["Active"], "received"), (["Active", "ResourcesOnscene"], "updated"), (["ReOpened", "Closed"], "closed"),
        ("Cancelled", "cancelled"), (["active"], "received"), ([], "received"), (["Asleep"], "received"),
    ],
)  # fmt: skip
def test_the_state_of_an_incident_is_a_list(told, action):
    incident = {"$id": "i", "incidentStatusCommonRegistryText": told}
    assert take(orjson.dumps(eido(incidentComponent=incident))).events[0].action == action


def test_a_priority_above_ten_is_refused_and_the_call_kept():
    decoded = take(orjson.dumps(eido(incidentComponent={"$id": "i", "incidentCommonPriorityNumber": 11})))
    assert decoded.events[0].priority == 3  # of the call's own word, low
    assert decoded.refused[0].where == "incidentComponent.incidentCommonPriorityNumber"


def test_references_in_a_circle_end():
    incident = {"$id": "i", "locationReference": [{"$ref": "loc-x"}, {"$ref": "nowhere"}]}
    decoded = take(orjson.dumps(eido(incidentComponent=incident, callComponent=[])))
    assert facts(decoded.events[0], "lon", "lat") == (None, None)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: {"event": {"eido": inner}},
        lambda inner: {"requestId": "1", "body": inner},
        lambda inner: {"resourceMessage": inner},
        lambda inner: [inner],
        lambda inner: {"EIDO": [inner]},
    ],
)
def test_wrappers_of_a_subscription_are_opened(wrap):
    bare = read("eido_incident.json")
    wrapped = take(orjson.dumps(wrap(eido())))
    assert [event.event_id for event in wrapped.events] == [event.event_id for event in bare.events]


def test_managing_a_subscription_says_nothing_and_is_no_fault():
    decoded = take(b'{"subscribe": {"requestId": "7", "requestType": "EIDO", "requestSubType": "new"}}')
    assert (decoded.codec, decoded.events, decoded.refused) == ("eido", (), ())


def test_a_polygon_is_read_as_its_middle_and_crs84_has_longitude_first():
    square = (
        "<p><gml:Polygon xmlns:gml='g'><gml:posList>40 -74 40 -73 41 -73 41 -74 40 -74</gml:posList></gml:Polygon></p>"
    )
    point = "<p><gml:Point xmlns:gml='g' srsName='urn:ogc:def:crs:OGC:1.3:CRS84'><gml:pos>-73.5 40.5</gml:pos></gml:Point></p>"
    for location in (square, point):
        parts = [{"$id": "l", "locationByValue": location}]
        incident = {"$id": "i", "locationReference": {"$ref": "l"}}
        decoded = take(orjson.dumps(eido(incidentComponent=incident, locationComponent=parts)))
        assert facts(decoded.events[0], "lon", "lat") == (-73.5, 40.5)


def test_a_hub_sante_case_is_read_through_its_envelope():
    decoded = read("hub_sante_case.json")
    (call,) = decoded.events
    assert decoded.message_id == call.message_id == "fr.health.samu999_7d2a-1"
    assert facts(call, "call_id", "priority", "source_priority", "kind", "patients", "zone", "lon", "lat") == (
        "fr.health.samu999.DRFR26060", 2, "P2", "M02.09", 2, "76540", 1.0993, 49.4432,
    )  # fmt: skip
    assert facts(call, "occurred_at", "reported_at") == (utc(2026, 3, 1, 11), utc(2026, 3, 1, 11, 0, 5))


def test_bad_states_do_not_take_the_good_ones_with_them():
    decoded = read("hub_sante_resources.json")
    assert [facts(event, "status", "primary") for event in decoded.events] == [
        (None, Primary.not_available),  # decided, nobody told yet
        (UnitStatus.en_route, Primary.not_available),
        (UnitStatus.on_scene, Primary.not_available),
        (UnitStatus.at_patient, Primary.not_available),
    ]
    assert facts(decoded.events[3], "occurred_at", "time_uncertain") == (decoded.events[3].known_at, True)
    assert [refusal.where for refusal in decoded.refused] == [
        "resourcesInfo.resource[0].state[4].status",
        "resourcesInfo.resource[0].state[3].datetime",
        "resourcesInfo.resource[1].resourceId",
        "resourcesInfo.resource[2]",
    ]


def test_positions_are_checked_against_the_area_and_their_status_is_kept():
    decoded = read("hub_sante_positions.json", area=(0.5, 49, 2, 50))
    positions = [event for event in decoded.events if isinstance(event, UnitPositionEvent)]
    assert facts(positions[0], "speed_mps", "heading_deg", "is_moving") == (15.0, 0.0, True)
    assert len(positions) == 1
    states = [event for event in decoded.events if isinstance(event, UnitStatusEvent)]
    assert [facts(state, "status", "primary") for state in states] == [
        (UnitStatus.left_scene, Primary.not_available), (None, Primary.available),
    ]  # fmt: skip
    missing, swapped = decoded.refused
    assert "missing digit" in missing.remedy
    assert "Exchange longitude and latitude" in swapped.remedy


def test_owntracks_takes_the_device_of_the_topic_and_never_the_user():
    bare = {"_type": "location", "lat": 40.75, "lon": -73.99, "tst": 1772366400, "tid": "zz", "vel": -1, "cog": -1}
    by_topic = take(orjson.dumps(bare), headers={"Topic": "owntracks/zephyrine/M7"}).events[0]
    assert facts(by_topic, "unit_id", "speed_mps", "heading_deg") == ("M7", None, None)
    assert take(orjson.dumps(bare)).events[0].unit_id == "zz"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"_type": "encrypted"}, "encrypted"),
        ({"_type": "card", "name": "Zephyrine"}, "is no location"),
        ({"lat": 91}, "no position"),
        ({"lat": None, "lon": None}, "missing"),
        ({"lat": 0, "lon": 0}, "0, 0"),
        ({"topic": None, "tid": None}, "missing"),
    ],
)
def test_owntracks_that_locate_nothing_are_refused(change, reason):
    message = orjson.loads((MESSAGES / "owntracks.json").read_bytes()) | change
    decoded = take(orjson.dumps(message))
    assert decoded.events == ()
    assert reason in decoded.refused[0].reason


def test_san_francisco_in_the_night_when_an_hour_comes_twice():
    decoded = read("socrata_san_francisco.json")
    call, *units = decoded.events
    assert facts(call, "call_id", "priority", "lon", "time_uncertain") == ("260600001", 1, -122.43, True)
    assert call.occurred_at == utc(2026, 11, 1, 8, 58)
    assert [facts(unit, "unit_id", "status", "occurred_at") for unit in units] == [
        ("M12", UnitStatus.notified, utc(2026, 11, 1, 8, 59, 30)),
        ("M12", UnitStatus.en_route, utc(2026, 11, 1, 9, 2)),  # 01:02 after 01:58 is the second pass
        ("M12", UnitStatus.on_scene, utc(2026, 11, 1, 9, 8)),
        ("E05", UnitStatus.notified, utc(2026, 11, 1, 8, 59, 40)),
    ]
    assert [refusal.where for refusal in decoded.refused] == [
        "[0].transport_dttm", "[0].available_dttm", "[2].received_dttm",
    ]  # fmt: skip


def test_a_row_that_comes_again_is_the_same_event_whatever_else_comes_with_it():
    rows = orjson.loads((MESSAGES / "socrata_san_francisco.json").read_bytes())
    alone, together = take(orjson.dumps(rows[1])), take(orjson.dumps(rows[1:]))
    assert alone.message_id != together.message_id
    assert [event.event_id for event in alone.events] == [event.event_id for event in together.events]


def test_new_york_tells_incidents_and_their_end():
    received, closed = read("socrata_new_york.json").events
    assert facts(received, "action", "priority", "zone", "kind") == (CallAction.received, 1, "10019", "CARD")
    assert received.times.at_hospital == utc(2026, 3, 1, 17, 41)
    assert facts(closed, "action", "occurred_at") == (CallAction.closed, utc(2026, 3, 1, 18, 20))


def test_seattle_sends_numbers_as_texts():
    (call,) = read("socrata_seattle.json").events
    assert facts(call, "call_id", "lon", "lat", "kind", "priority") == (
        "F260012345", -122.3344, 47.6101, "Aid Response", None,
    )  # fmt: skip
    assert call.occurred_at == utc(2026, 3, 1, 17, 15)


def test_nemsis_leaves_a_null_flavour_unknown():
    decoded = read("nemsis.xml")
    call, *units = decoded.events
    assert isinstance(call, CallEvent)
    assert facts(call, "priority", "kind", "lon") == (1, "10D1", -73.974)
    assert [unit.status.value for unit in units] == [
        "notified", "en_route", "on_scene", "at_hospital", "back_in_service",
    ]  # fmt: skip
    assert [unit.hospital_id for unit in units] == [None, None, None, "GH-1", None]
    assert {unit.unit_id for unit in units} == {"Medic 12"}


def test_rows_of_nemsis_names():
    decoded = read("nemsis.csv")
    assert [event.word for event in decoded.events] == ["call", "unit_status", "unit_status"]
    assert decoded.dropped_fields == ("ePatient.02",)
    assert decoded.refused[0].where == "row 2"
