"""Open-data formats: each is known by its columns, and says the same whichever way its portal spells them."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.demand import NEMSIS_TIMES, import_calls
from ems_twin.errors import CallsError

LOS_ANGELES, NEW_YORK = ZoneInfo("America/Los_Angeles"), ZoneInfo("America/New_York")
SAN_FRANCISCO = """Call Number,Unit ID,Call Type,Received DtTm,Dispatch DtTm,Response DtTm,On Scene DtTm,Transport DtTm,\
Hospital DtTm,Available DtTm,Address,Final Priority,Call Type Group,case_location,Analysis Neighborhoods
7,E38,Medical Incident,06/01/2018 11:52:01 PM,06/01/2018 11:55:20 PM,06/01/2018 11:55:34 PM,06/02/2018 12:00:32 AM,,,\
06/02/2018 12:06:02 AM,0 Block of SECRET ST,3,Potentially Life-Threatening,POINT (-122.43 37.80),Marina
7,AM30,Medical Incident,06/01/2018 11:52:01 PM,06/01/2018 11:55:10 PM,06/01/2018 11:56:13 PM,06/02/2018 12:00:47 AM,\
06/02/2018 12:25:07 AM,06/02/2018 12:41:13 AM,06/02/2018 01:12:11 AM,0 Block of SECRET ST,3,\
Potentially Life-Threatening,POINT (-122.43 37.80),Marina
8,M1,Alarms,06/01/2018 11:50:00 PM,06/01/2018 11:51:00 PM,,,,,06/01/2018 11:59:00 PM,0 Block of SECRET ST,A,Alarm,\
POINT (-122.44 37.79),Marina
"""


@pytest.fixture
def load(tmp_path):
    def run(text: str, name: str = "calls.csv", **options):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return import_calls(path, **options)

    return run


def at(zone: ZoneInfo, *parts: int) -> float:
    return datetime(*parts, tzinfo=zone).timestamp()


@pytest.mark.parametrize("name", ["calls.csv", "calls.csv.gz"])
def test_san_francisco_joins_the_units_of_a_call(load, name):
    history, report = load(SAN_FRANCISCO, name)
    assert (report.format, report.rows, report.calls, report.joined) == ("san-francisco", 3, 2, 1)
    alarm, call = history.calls
    assert call["t"] == at(LOS_ANGELES, 2018, 6, 1, 23, 52, 1)
    # first notified, en route and on scene of the two units; the rest is the ambulance's
    assert [call[step] for step in NEMSIS_TIMES if step != "transfer"] == [189, 213, 511, 1986, 2952, 4810]
    assert np.isnan(call["transfer"])
    assert (call["priority"], alarm["priority"]) == (1, 0)
    assert history.kinds[call["kind"]] == "Medical Incident"
    assert history.zones[call["zone"]] == "Marina"
    assert (call["lon"], call["lat"]) == (-122.43, 37.8)
    assert alarm["back_in_service"] == 540
    assert "Address" in report.not_used


def test_san_francisco_from_the_interface_and_from_bigquery(load):
    row = {
        "call_number": "7", "unit_id": "E1", "call_type": "Alarms", "received_dttm": "2017-06-23T20:30:09.000",
        "dispatch_dttm": "2017-06-23T20:34:06.000", "location": {"type": "Point", "coordinates": [-122.43, 37.77]},
        "final_priority": "3", "call_type_group": "Alarm",
    }  # fmt: skip
    for text in (json.dumps(row), json.dumps([row])):
        history, report = load(text, "rows.json")
        assert report.format == "san-francisco"
        assert history.calls["t"].tolist() == [at(LOS_ANGELES, 2017, 6, 23, 20, 30, 9)]
        assert history.points().tolist() == [[-122.43, 37.77]]
        assert history.calls["priority"].tolist() == [2]
    table = (
        "received_timestamp,dispatch_timestamp,call_type_group,unit_type,latitude,longitude\n"
        "2018-01-24 17:36:16.000000 UTC,2018-01-24 17:39:41.000000 UTC,Alarm,MEDIC,37.77,-122.5\n"
        "2018-01-24 17:36:16.000000 UTC,2018-01-24 17:39:40.000000 UTC,Alarm,ENGINE,37.77,-122.5\n"
    )
    history, report = load(table, local_times=True)
    assert history.calls["t"].tolist() == [at(LOS_ANGELES, 2018, 1, 24, 17, 36, 16)]
    assert (report.joined, history.calls["notified"].tolist()) == (1, [204])
    assert load(table)[0].calls["t"][0] == at(LOS_ANGELES, 2018, 1, 24, 9, 36, 16)


def test_new_york_has_severities_valid_times_and_zips(load):
    text = (
        "CAD_INCIDENT_ID,INCIDENT_DATETIME,INITIAL_CALL_TYPE,INITIAL_SEVERITY_LEVEL_CODE,"
        "VALID_INCIDENT_RSPNS_TIME_INDC,ZIPCODE,INCIDENT_RESPONSE_SECONDS_QY\n"
        "1,01/01/2013 12:01:52 AM,INJURY,5,Y,10306,300\n"
        "2,01/01/2013 12:02:00 AM,ARREST,1,N,10306.0,0\n"
        "3,01/01/2013 12:03:00 AM,SICK,7,Y,?,60\n"
    )
    history, report = load(text)
    assert report.format == "new-york"
    assert history.calls["t"][0] == at(NEW_YORK, 2013, 1, 1, 0, 1, 52)
    assert history.calls["priority"].tolist() == [2, 1]
    assert history.calls["on_scene"][0] == 300
    assert np.isnan(history.calls["on_scene"][1])
    assert [history.zones[row] for row in history.calls["zone"]] == ["10306", "10306"]
    assert report.without_position == 2
    assert report.dropped == {"it has neither a position nor a zone": 1}
    assert any("with --city" in doubt for doubt in report.doubts)


def test_seattle_by_position_or_by_report_location(load):
    text = (
        "Address,Type,Datetime,Latitude,Longitude,Report Location,Incident Number\n"
        '1 Private Ln,Aid Response,08/12/2021 04:22:00 PM,47.61,-122.33,"(47.61, -122.33)",F1\n'
    )
    history, report = load(text)
    assert report.format == "seattle"
    assert history.calls["t"].tolist() == [at(LOS_ANGELES, 2021, 8, 12, 16, 22)]
    assert history.kinds == ("Aid Response",)
    other, _ = load(text.replace("Latitude,Longitude", "a,b"))
    assert other.points().tolist() == history.points().tolist() == [[-122.33, 47.61]]


def test_seattle_as_the_portal_exports_it_today(load):
    history, report = load(
        "Address,Type,Datetime,Report Location,Incident Number\n"
        "A St,Car Fire,05/22/2019 12:55:00 PM,POINT (-122.329051 47.6069),F190051945\n"
        "B St,Aid Response,05/22/2019 12:05:00 AM,POINT (-122.266529 47.515984),F190051946\n"
    )
    assert report.format == "seattle"
    assert history.calls["t"].tolist() == [at(LOS_ANGELES, 2019, 5, 22, 0, 5), at(LOS_ANGELES, 2019, 5, 22, 12, 55)]
    assert history.points().tolist() == [[-122.266529, 47.515984], [-122.329051, 47.6069]]


def test_montgomery_leaves_description_and_address_outside(load):
    text = (
        "lat,lng,desc,zip,title,timeStamp,twp,addr,e\n"
        "40.29,-75.58,REINDEER CT & DEAD END;  NEW HANOVER; Station 332,19525.0,EMS: BACK PAINS/INJURY,"
        "2015-12-10 17:10:52,NEW HANOVER,REINDEER CT & DEAD END,1\n"
    )
    history, report = load(text)
    assert report.format == "montgomery"
    assert history.calls["t"].tolist() == [at(NEW_YORK, 2015, 12, 10, 17, 10, 52)]
    assert (history.kinds, history.zones) == (("EMS: BACK PAINS/INJURY",), ("19525",))
    assert "REINDEER" not in json.dumps(report.to_dict())
    assert {"desc", "addr"} <= set(report.not_used)


def test_a_plain_table_may_speak_nemsis(load):
    text = (
        "eTimes.01;Longitude;Latitude;priority;eTimes.03;eTimes.12;on_scene_s;hospital\n"
        "2026-01-05T08:00:00+01:00;9.0;45.0;2;2026-01-05T08:01:00+01:00;2026-01-05T09:00:00+01:00;500;H1\n"
    )
    history, report = load(text, timezone="Europe/Rome")
    call = history.calls[0]
    assert report.format == "plain"
    assert [call[name] for name in ("priority", "notified", "on_scene", "transfer")] == [2, 60, 500, 3600]
    assert history.hospitals[call["hospital"]] == "H1"


def test_columns_can_be_named(load):
    text = "When,E,N\n2026-01-05T08:00:00Z,9.0,45.0\n"
    with pytest.raises(CallsError, match=r"is in no known format: there is no column for time.*The columns are When"):
        load(text)
    history, _ = load(text, columns={"time": "When", "lon": "E", "lat": "N"})
    assert history.points().tolist() == [[9.0, 45.0]]
    with pytest.raises(CallsError, match="field 'W': the column is missing"):
        load(text, columns={"time": "W"})
    with pytest.raises(CallsError, match="there is no field 'when'"):
        load(text, columns={"when": "When"})
    with pytest.raises(CallsError, match=r"there is no format 'x'.*seattle"):
        load(text, format="x")
    with pytest.raises(CallsError, match="is not in the format Seattle"):
        load(text, format="seattle")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "rows", "calls", "gaps"),
    [
        ("units_2016-12-31_2017-01-07", 7_704, 3_560, ["2017-01-05T23:45:49-08:00"]),  # to 02:36 no unit was sent
        ("units_2018_six_neighbourhoods", 74_489, 35_894, []),
    ],
)
def test_san_francisco_counts_as_published(shared, file, rows, calls, gaps):
    history, report = import_calls(shared / "san_francisco" / f"{file}.csv.gz")
    assert (report.rows, report.calls, report.joined) == (rows, calls, rows - calls)
    assert report.dropped == {}
    assert [gap["start"] for gap in report.to_dict()["gaps"]] == gaps
    assert report.hours_off == 0
    assert report.known["on_scene"] > 0.95
    assert report.known["left_scene"] > 0.6
    response = history.calls["on_scene"]
    assert 300 < np.nanmedian(response) < 600


@pytest.mark.shared
def test_times_that_are_wrongly_called_utc_are_found_out(shared):
    file = shared / "san_francisco" / "units_2018-01-13_2018-01-24_partial.csv.gz"
    history, report = import_calls(file)
    assert report.hours_off == -8
    assert any("--local-times" in doubt for doubt in report.doubts)
    assert report.duplicates == report.dropped["it repeats an earlier row"]
    local, mended = import_calls(file, local_times=True)
    assert mended.hours_off == 0
    assert set(local.calls["t"] - history.calls["t"]) == {8 * 3600.0}


@pytest.mark.shared
def test_new_york_is_placed_in_the_zips_of_manhattan(shared):
    from ems_twin.city import load_city
    from ems_twin.demand import load_demand
    from ems_twin.demand.tables import read_zone_names

    city = load_city("manhattan")
    file = shared / "manhattan" / "nyc_ems_incidents_2013_2016h1_sample.csv.gz"
    history, report = import_calls(file, city=city, seed=3)
    assert report.placed == report.calls == 45_296
    assert report.rows == report.calls + sum(report.dropped.values()) == 186_577
    assert report.passes_merged
    demand = load_demand(city)
    zone = [demand.zone_names[row] for row in demand.node_zone[history.calls["node"]]]
    other = read_zone_names(city.directory / "demand" / "zone_names.csv", demand.zone_names)
    named = [history.zones[row] for row in history.calls["zone"]]
    assert zone == [other.get(name, name) for name in named]
    assert sum(name in other for name in named) == 178
    again, _ = import_calls(file, city=city, seed=3)
    np.testing.assert_array_equal(again.points(), history.points())
    assert not np.array_equal(import_calls(file, city=city, seed=4)[0].points(), history.points())
