"""Hospitals, roads and alerts: EDXL-HAVE, FHIR, WZDx, CWZ, DATEX II, CAP."""

from datetime import UTC, datetime

import orjson
import pytest
from feeds_helpers import MESSAGES, facts, read, take

from ems_twin.feeds import Beds, Diversion, Impact, Phase, Stay, Triage


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_have_2_tells_traffic_offload_and_beds():
    decoded = read("have.xml")
    (event,) = decoded.events
    assert facts(event, "hospital_id", "name", "lon", "lat") == ("GH-1", "General Hospital", -73.974, 40.742)
    assert facts(event, "diversion", "offload_delayed", "offload_s") == (Diversion.advisory, True, 2100)
    assert event.triage == (Triage(colour="red", census=3, capacity=2),)
    assert event.beds == (Beds(sort="icu.adult", available=1, occupied=11, total=12),)
    assert event.occurred_at == utc(2026, 3, 1, 12)
    assert "emscensus" in decoded.refused[0].where


def test_have_1_is_read_too():
    (event,) = read("have_1.xml").events
    assert facts(event, "hospital_id", "diversion", "offload_s") == ("SMH", Diversion.closed, 720)
    assert event.triage == (Triage(colour="red", census=4), Triage(colour="yellow", census=6))
    assert event.beds == (Beds(sort="AdultICU", available=2, occupied=8, total=10),)


def test_namespaces_may_be_spelt_in_any_way_or_left_out():
    text = (MESSAGES / "have.xml").read_text()
    bare = text.replace(' xmlns:h="urn:oasis:names:tc:emergency:EDXL:HAVE:2.0"', "").replace("h:", "")
    lower = text.replace("EDXL:HAVE", "edxl:have")
    ids = {take(each).events[0].event_id for each in (text, bare, lower)}
    assert len(ids) == 1


def test_a_state_without_a_time_may_return_but_not_within_the_minute():
    payload = (MESSAGES / "have.xml").read_text().replace("lastUpdateTime", "otherTime")
    first, soon = (take(payload, received_at=datetime(2026, 3, 1, 12, 30, s, tzinfo=UTC)) for s in (1, 50))
    later = take(payload, received_at=utc(2026, 3, 1, 13))
    assert first.message_id == soon.message_id == first.events[0].message_id != later.message_id
    assert first.events[0].time_uncertain


def test_fhir_tells_census_boarders_beds_and_stays():
    decoded = read("fhir_bundle.json")
    safr, saner, building, beds, left, treated = decoded.events
    assert facts(safr, "hospital_id", "ed_census", "ed_boarders") == ("GH-1", 41, 9)
    assert safr.beds == (Beds(sort="adult_icu", available=2, occupied=18),)
    assert facts(saner, "hospital_id", "beds") == (
        "SMH", (Beds(sort="all", occupied=180, total=200), Beds(sort="icu", total=20)),
    )  # fmt: skip
    assert facts(building, "hospital_id", "name", "lon") == ("GH-1", "General Hospital", -73.974)
    assert facts(beds, "hospital_id", "beds") == ("GH-1", (Beds(sort="er", available=1, occupied=1, total=2),))
    assert facts(left, "hospital_id", "stay", "occurred_at") == ("GH-1", Stay.left, utc(2026, 3, 1, 11, 10))
    assert facts(treated, "hospital_id", "stay", "occurred_at") == ("SMH", Stay.in_treatment, utc(2026, 3, 1, 9, 20))
    assert "enc-77" not in str(decoded.to_dict())
    assert [refusal.where for refusal in decoded.refused] == [
        "entry[9].resource.resourceType", "entry[0].resource.group[5].population[0].count", "entry[8].resource.class",
    ]  # fmt: skip


def test_lines_of_resources_are_read_like_a_bundle():
    entries = orjson.loads((MESSAGES / "fhir_bundle.json").read_bytes())["entry"]
    lines = b"\n".join(orjson.dumps(entry["resource"]) for entry in entries)
    assert len(take(lines).events) == 6


def test_a_report_of_another_day_is_of_that_day():
    report = orjson.loads((MESSAGES / "fhir_bundle.json").read_bytes())["entry"][0]["resource"]
    report["date"] = "2026-03-04T08:00:00Z"
    (event,) = take(orjson.dumps(report)).events
    assert facts(event, "occurred_at", "reported_at") == (utc(2026, 3, 1, 23, 59, 59), utc(2026, 3, 4, 8))


def test_wzdx_4_closes_and_slows():
    decoded = read("wzdx_4.json")
    closed, slowed = decoded.events
    assert facts(closed, "road_event_id", "impact", "phase", "roads", "is_line") == (
        "wz-1", Impact.closed, Phase.active, ("Broadway",), True,
    )  # fmt: skip
    assert closed.lines == (((-73.99, 40.75), (-73.985, 40.757)),)
    assert closed.restrictions == ("local-access-only", "reduced-width=3 meters")
    assert facts(slowed, "impact", "speed_factor", "phase", "lanes_open", "lanes_total", "is_line") == (
        Impact.slowed, 0.5, Phase.planned, 1, 2, False,
    )  # fmt: skip
    assert [refusal.where for refusal in decoded.refused] == ["features[2]", "features[3].geometry"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("wzdx_3.json", ("old-1", Impact.slowed, 0.4, Phase.planned, "eastbound")),
        ("cwz.json", ("cwz-1", Impact.slowed, 0.4, Phase.active, "westbound")),
    ],
)
def test_other_dialects_of_work_zones(name, told):
    decoded = read(name)
    (event,) = decoded.events
    assert facts(event, "road_event_id", "impact", "speed_factor", "phase", "direction") == told
    assert decoded.refused == ()


def test_roads_far_away_are_counted_and_not_kept():
    decoded = read("wzdx_4.json", area=(-73.98, 40.74, -73.95, 40.77))
    assert [event.road_event_id for event in decoded.events] == ["wz-2"]
    assert "1 road events lie outside the area" in [refusal.reason for refusal in decoded.refused]


def test_datex_3_with_a_bad_situation_beside_a_good_one():
    decoded = read("datex_3.xml")
    (event,) = decoded.events
    assert facts(event, "road_event_id", "impact", "phase", "roads") == ("S1-1", Impact.closed, Phase.active, ("A12",))
    assert event.lines == (((4.3, 52.0), (4.31, 52.01), (4.33, 52.02)),)
    assert decoded.refused[0].where == "situation[1]"


def test_datex_2():
    (event,) = read("datex_2.xml").events
    assert facts(event, "impact", "phase", "until_at", "lines") == (
        Impact.slowed, Phase.planned, None, (((1.09, 49.44),),),
    )  # fmt: skip


def test_datex_in_the_countrys_own_coordinates_is_turned_and_what_cannot_be_is_refused():
    text = (MESSAGES / "datex_3.xml").read_text()
    projected = text.replace("EPSG::4326", "EPSG::25833").replace(
        "52.0 4.3 52.01 4.31 52.02 4.33", "262000 6650000 262500 6650500 263000 6651000"
    )
    (event,) = take(projected).events
    lon, lat = event.lines[0][0]
    assert 10 < lon < 11
    assert 59 < lat < 60.5
    assert "no position" in take(text.replace("EPSG::4326", "EPSG::999999")).refused[0].reason


def test_a_cap_update_for_an_exercise():
    decoded = read("cap_exercise.xml")
    (event,) = decoded.events
    assert decoded.message_id == "EX-2026-03-01-7"
    assert facts(event, "alert_id", "status", "phase", "hazard", "certainty") == (
        "EX-2026-03-01-7", "exercise", Phase.active, "Winter Storm Warning", "Likely",
    )  # fmt: skip
    assert event.replaces == ("EX-2026-03-01-6",)
    assert event.geocodes == ("SAME=036061",)
    assert event.polygons == (((-74.02, 40.7), (-73.92, 40.7), (-73.92, 40.88), (-74.02, 40.7)),)
    assert facts(event.circles[0], "lon", "lat", "radius_m") == (-73.98, 40.75, 2500)
    assert facts(event, "from_at", "until_at") == (utc(2026, 3, 1, 23), utc(2026, 3, 2, 11))
    assert decoded.refused[0].where == "alert.info[0].area.polygon"


def test_an_atom_feed_of_old_alerts():
    decoded = read("cap_atom.xml")
    (event,) = decoded.events
    assert facts(event, "alert_id", "hazard", "status", "geocodes") == (
        "urn:oid:2.49.0.1.840.0.1", "Flood Watch", "actual", ("FIPS6=036061", "FIPS6=036047"),
    )  # fmt: skip
    assert decoded.refused[0].where == "alert[1].msgType"


def test_a_second_block_of_the_same_language_is_a_warning_of_its_own():
    text = (MESSAGES / "cap_exercise.xml").read_text().replace("es-US", "en-US")
    assert [event.alert_id for event in take(text).events] == ["EX-2026-03-01-7", "EX-2026-03-01-7/2"]


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        (
            {
                "resourceType": "Location", "id": "H", "type": [{"coding": [{"code": "HOSP"}]}],
                "position": {"longitude": -73.9, "latitude": 40.7},
            },
            {"hospital_id": "H", "lon": -73.9},
        ),
        (
            {
                "resourceType": "Encounter", "id": "e", "status": "discharged", "class": [{"coding": [{"code": "EMER"}]}],
                "actualPeriod": {"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T12:00:00Z"},
                "serviceProvider": {"identifier": {"value": "H9"}},
            },
            {"hospital_id": "H9", "stay": Stay.left, "occurred_at": utc(2026, 3, 1, 12)},
        ),
        (
            {
                "resourceType": "MeasureReport", "subject": {"identifier": {"value": "H9"}}, "date": "2026-03-01T12:00:00Z",
                "group": {"population": [{"code": {"coding": [{"code": "numTotBedsOcc"}]}, "count": 24}]},
            },
            {"hospital_id": "H9", "beds": (Beds(sort="all_and_outpatient", occupied=24),)},
        ),
    ],
    ids=["a hospital by its type", "R5", "SANER in populations only"],
)  # fmt: skip
def test_resources_as_others_write_them(resource, told):
    (event,) = take(orjson.dumps(resource)).events
    assert {name: getattr(event, name) for name in told} == told


def test_the_name_of_a_road_need_not_stand_in_a_list():
    feed = orjson.loads((MESSAGES / "wzdx_4.json").read_bytes())
    feed["features"][0]["properties"]["core_details"]["road_names"] = "Broadway"
    assert take(orjson.dumps(feed)).events[0].roads == ("Broadway",)


def test_a_place_that_is_a_list_is_no_place():
    place = {"reference": {"identifier": {"value": []}}, "identifier": {"value": [1]}}
    stay = {"resourceType": "Encounter", "id": "e", "status": "arrived", "class": {"code": "EMER"}}
    decoded = take(orjson.dumps(stay | {"location": [{"location": place}]}))
    assert decoded.events == ()
    assert {refusal.where for refusal in decoded.refused} == {"location", "serviceProvider"}
