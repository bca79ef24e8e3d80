"""What an import does with rows that are wrong: nothing goes without a word, and nobody's name goes along."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ems_twin.city import load_city
from ems_twin.demand import import_calls, load_demand
from ems_twin.demand.tables import read_zone_names
from ems_twin.errors import CallsError, CityError

HEADER = "time,lon,lat"
LON, LAT = 9.0, 45.0  # node 0 of the grid
GOOD = f"2026-01-05T08:00:00,{LON},{LAT}"
NOW = datetime(2026, 2, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def load(tmp_path):
    def run(text: str | bytes, **options):
        path = tmp_path / "calls.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_calls(path, **{"timezone": "America/New_York", "now": NOW} | options)

    return run


def lines(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",{LON},{LAT}", "it has no time"),
        (f"yesterday,{LON},{LAT}", "its time cannot be read"),
        (f"1900-01-01,{LON},{LAT}", "its time lies before 1970"),
        (f"2026-02-02T08:00:00,{LON},{LAT}", "its time lies in the future"),
        ("2026-01-05T08:00:00,,", "it has no position"),
        ("2026-01-05T08:00:00,9.0,north", "it has no position"),
        ("2026-01-05T08:00:00,0,0.0", "its position is (0, 0)"),
        ("2026-01-05T08:00:00,-200,45", "its position is not in degrees"),
        ("2026-01-05T08:00:00,45.0,9.0", "lon and lat look exchanged"),
        ("2026-01-05T08:00:00,9.0", "its cells do not fit the header"),
        (GOOD, "it repeats an earlier row"),
    ],
)
def test_each_row_that_is_dropped_has_its_reason(load, tmp_path, row, reason):
    history, report = load(lines(GOOD, f"2026-01-05T09:00:00,{LON},{LAT}", row))
    assert len(history) == 2
    assert report.dropped == {reason: 1}
    assert report.rows == report.calls + report.joined + sum(report.dropped.values())
    report.write_dropped(tmp_path / "out.csv")
    kept = pa.csv.read_csv(tmp_path / "out.csv").to_pylist()
    assert len(kept) == 1
    assert kept[0]["row"] == 3
    assert kept[0]["reason"].startswith(reason)


def test_rows_keep_their_numbers_when_lines_are_torn(load):
    _, report = load(lines(GOOD, "torn", f"never,{LON},{LAT}", "torn,too", GOOD.replace("08", "09")))
    assert report.rows == 5
    assert report.dropped_rows["row"].to_pylist() == [2, 3, 4]
    assert "has 1 cells, the header has 3" in report.dropped_rows["reason"][0].as_py()


def test_nothing_about_people_is_kept(load, tmp_path):
    header = f"{HEADER},patient,phone,remarks"
    torn = "Jane Doe,Jane Doe,555-0100"
    _, report = load(
        lines(f"{GOOD},Jane Doe,555-0100,Jane Doe fell", f"Jane Doe 1,{LON},{LAT},,555-0100,", torn, header=header)
    )
    report.write_dropped(tmp_path / "out.csv")
    told = f"{report}{report.to_dict()}{report.lines()}{(tmp_path / 'out.csv').read_text()}"
    assert sum(report.dropped.values()) == 2
    assert "Doe" not in told
    assert "555" not in told


def test_times_need_a_zone(load, city):
    with pytest.raises(CallsError, match=r"field 'time'.*do not say how far they are from UTC.*--timezone"):
        load(lines(GOOD), timezone=None)
    history, report = load(lines(GOOD), timezone=None, city=city)
    assert history.timezone == "America/New_York"
    assert any("the city's" in doubt for doubt in report.doubts)
    history, report = load(lines(GOOD.replace(",", "Z,", 1)), timezone=None)
    assert history.timezone == "UTC"
    assert any("give --timezone" in doubt for doubt in report.doubts)


def test_exchanged_coordinates_are_mended_on_demand(load, city):
    swapped = lines(*(f"2026-01-05T08:0{i}:00,{LAT},{LON}" for i in range(3)))
    with pytest.raises(
        CallsError, match=r"no call is left: 3 rows: lon and lat look exchanged. Exchange them with --swap"
    ):
        load(swapped, city=city)
    history, report = load(swapped, city=city, swap=True)
    assert report.swapped == 3
    assert history.points().tolist() == [[LON, LAT]] * 3
    assert load(lines(GOOD), city=city, swap=True)[1].swapped == 0
    # without a city the latitudes alone may show it
    history, report = load(lines("2026-01-05T08:00:00,37.7,-122.4"), swap=True)
    assert history.points().tolist() == [[-122.4, 37.7]]


def test_calls_are_put_on_the_roads(load, city):
    near, far = f"2026-01-05T08:00:00,{LON + 0.0005},{LAT}", f"2026-01-05T08:00:00,{LON},{LAT - 0.1}"
    history, report = load(lines(near, far), city=city)
    assert history.calls["node"].tolist() == [0, -1]
    assert history.city == "grid"
    assert report.snap.share == 0.5
    assert report.snap.quantiles_m["1"] == pytest.approx(11_113, rel=1e-3)
    assert any(line.startswith("Roads of grid: 50.0%") for line in report.lines())


def test_zones_are_placed_by_length_of_street(load, city):
    rows = [f"2026-01-0{1 + i % 9}T08:{i % 60:02d}:00,all,{i}" for i in range(4000)]
    history, report = load(lines(*rows, "2026-01-05T08:00:00,elsewhere,x", header="time,zone,incident"), city=city)
    assert report.placed == 4000
    assert report.dropped == {"its zone is not one of the city's": 1}
    assert any("elsewhere (1)" in doubt for doubt in report.doubts)
    assert history.calls["placed"].all()
    count = np.bincount(history.calls["node"], minlength=36).reshape(6, 6)
    corners, inside = count[[0, 0, -1, -1], [0, -1, 0, -1]].mean(), count[1:-1, 1:-1].mean()
    assert corners / inside == pytest.approx(0.5, abs=0.1)  # two streets end at a corner, four at an inner junction


def test_zones_are_known_by_their_other_names_too(tmp_path):
    manhattan = load_city("manhattan")
    file = tmp_path / "calls.csv"
    file.write_text(lines("2026-01-05T08:00:00,10119", "2026-01-05T09:00:00,10001", "2026-01-05T10:00:00,11215",
                          header="time,zone"), "utf-8")  # fmt: skip
    history, report = import_calls(file, city=manhattan, now=NOW)
    assert (len(history), report.placed) == (2, 2)
    demand = load_demand(manhattan)
    placed = {demand.zone_names[zone] for zone in demand.node_zone[history.calls["node"]]}
    assert placed == {"10001"}
    assert report.dropped == {"its zone is not one of the city's": 1}


@pytest.mark.parametrize(
    ("row", "words"),
    [("x,10001", "zone '10001' is not"), ("a,a", "'a' is a name already"), (",a", "there is no name")],
)
def test_tables_of_other_names_are_checked(tmp_path, row, words):
    file = tmp_path / "zone_names.csv"
    file.write_text(f"name,zone\n{row}\n", "utf-8")
    with pytest.raises(CityError, match=f"row 1.*{words}"):
        read_zone_names(file, ("a", "b"))


def test_mending_a_row_moves_no_other(load, city):
    rows = [f"2026-01-05T08:{i:02d}:00,all" for i in range(20)]
    before, _ = load(lines(*rows, header="time,zone"), city=city)
    after, _ = load(lines("2026-01-05T07:00:00,nowhere", *rows[1:], header="time,zone"), city=city)
    np.testing.assert_array_equal(after.points(), before.points()[1:])


def test_calls_of_one_minute_and_zone_are_not_repeats(load):
    history, report = load(lines("2026-01-05T08:00:00,a", "2026-01-05T08:00:00,a", header="time,zone"))
    assert (len(history), report.duplicates) == (2, 0)
    assert any("look like an earlier one" in doubt for doubt in report.doubts)


def test_numbers_of_incidents_that_are_used_again(load):
    text = lines(f"{GOOD},7", f"2026-01-05T08:05:00,{LON},{LAT},7", f"2026-01-20T08:00:00,{LON},{LAT},7",
                 header=f"{HEADER},incident")  # fmt: skip
    history, report = load(text)
    assert (len(history), report.joined) == (2, 1)
    assert any("numbers of incidents" in doubt for doubt in report.doubts)


def test_times_after_the_call_must_come_after_it(load):
    text = lines(
        f"{GOOD},2026-01-05T08:01:00,2026-01-05T07:00:00", f"2026-01-05T09:00:00,{LON},{LAT},soon,2026-01-09T09:00:00",
        header=f"{HEADER},notified,on_scene",
    )  # fmt: skip
    history, report = load(text)
    assert history.calls["notified"][0] == 60
    assert np.isnan(history.calls["on_scene"]).all()
    assert report.times_left_out == {"notified": 1, "on_scene": 2}


def test_the_second_pass_of_a_repeated_hour_follows_the_first(load):
    history, _ = load(lines(f"2025-11-02T01:55:00,{LON},{LAT},2025-11-02T01:05:00", header=f"{HEADER},on_scene"))
    assert history.calls["on_scene"].tolist() == [600]


def test_typed_parquet_is_read_and_a_history_is_not_read_twice(tmp_path):
    table = pa.table(
        {
            "time": pa.array([datetime(2026, 1, 5, 8), None]), "lon": pa.array([LON, LON]), "lat": [LAT, LAT],
            "priority": [3, 9], "zone": pa.array(["a", None]).dictionary_encode(),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "in.parquet")
    history, report = import_calls(tmp_path / "in.parquet", timezone="America/New_York", now=NOW)
    assert history.calls["t"].tolist() == [datetime(2026, 1, 5, 13, tzinfo=UTC).timestamp()]
    assert (history.calls["priority"][0], history.zones) == (3, ("a",))
    assert report.dropped == {"it has no time": 1}
    history.write(tmp_path / "out.parquet")
    with pytest.raises(CallsError, match="has been imported already"):
        import_calls(tmp_path / "out.parquet")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"time,lon,lat\n", "has no records"),
        (b"time,lon,lat,lon\n1,2,3,4\n", "field 'lon': the column comes twice"),
        (b"time,lon,lat\n2026-01-05T08:00:00,9.0,\xff\n", "cannot be read"),
        (b"PK\x03\x04\x00\x00", "is in no known format"),
    ],
)
def test_files_that_are_no_tables(load, content, message):
    with pytest.raises(CallsError, match=message) as caught:
        load(content)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet", "a.json"])
def test_files_that_are_missing_or_damaged(tmp_path, name):
    with pytest.raises(CallsError, match="is missing"):
        import_calls(tmp_path / name)
    (tmp_path / name).write_bytes(b"\x1f\x8b\x00 not really")
    with pytest.raises(CallsError, match=name):
        import_calls(tmp_path / name)
