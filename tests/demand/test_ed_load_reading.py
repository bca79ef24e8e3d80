"""Files of emergency-room load: both layouts, what is repaired, and what is refused."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import numpy as np
import pytest

from ems_twin.demand.ed_load.inbound import read_inbound
from ems_twin.demand.ed_load.reading import EDFileError, read_ed_file
from ems_twin.errors import InputError
from ems_twin.faults import faults_of

ZONE = "America/Toronto"
WIDE = "Date,North,South,TOTAL CITY\n2024-01-08T00:45,50,80,130\n2024-01-08T01:45,55,,55\n"


@pytest.fixture
def load(tmp_path):
    def read(text: str, name: str = "load.csv", **words):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
        return read_ed_file(path, **{"timezone": ZONE} | words)

    return read


def test_a_wide_file_counts_for_the_next_full_hour(load, tmp_path):
    (tmp_path / "waiting.csv").write_text("Date,North,South\n2024-01-08T01:45,7,9\n2024-01-08T00:45,3,4\n")
    history, report = load(WIDE, "load.csv.gz", waiting=tmp_path / "waiting.csv")
    assert history.rooms == ("North", "South")
    assert history.start == datetime(2024, 1, 8, 6, tzinfo=UTC)  # 01:00 in civil time
    np.testing.assert_array_equal(history.occupancy, [[50, 80], [55, np.nan]])
    np.testing.assert_array_equal(history.waiting, [[3, 4], [7, 9]])
    assert np.isnan(history.present).all()
    assert (report.layout, report.left_out) == ("wide", ("TOTAL CITY",))
    assert any("TOTAL CITY, left out" in line for line in report.lines())


def test_a_long_file_says_the_same(load):
    history, report = load(
        "time;room;occupancy;waiting\n2024-01-08 01:45;South;;9\n2024-01-08 00:45;North;50;3\n"
        "2024-01-08 00:45;South;80;4\n2024-01-08 01:45;North;55;7\n2024-01-08 01:45;North;55;7\n"
    )
    assert history.rooms == ("North", "South")
    np.testing.assert_array_equal(history.occupancy, [[50, 80], [55, np.nan]])
    np.testing.assert_array_equal(history.waiting, [[3, 4], [7, 9]])
    assert (report.layout, report.repeats, report.unsorted) == ("long", 1, 0)


def test_gaps_repeats_and_later_rows_are_told(load):
    rows = ["2024-01-08T00:10,1,5", "2024-01-08T00:50,2,5", "2024-01-08T00:50,2,5", "2024-01-08T05:00,3,5,9"]
    rows += ["2024-01-08T04:00,3,5", "2024-01-08T03:00,3,5"]
    history, report = load("\n".join(["time,A,B", *rows]) + "\n")
    assert history.occupancy[:, 0].tolist()[0] == 2  # the later one of the hour
    assert (report.repeats, report.replaced, report.unsorted, report.torn) == (1, 1, 1, 1)
    assert (report.hours_missing, report.longest_gap_h, report.longest_gap_from) == (1, 1, "2024-01-08 02:00")
    told = "\n".join(report.lines())
    for words in (
        "Without figures: 1 hours (25.0%), the longest of 1 h",
        "another exactly, left out: 1.",
        "an earlier time, sorted: 1.",
    ):
        assert words in told


def test_the_hour_that_comes_twice(load):
    history, _ = load("time,A\n2024-11-03T00:30,1\n2024-11-03T01:30,2\n2024-11-03T01:30,3\n2024-11-03T02:30,4\n")
    assert history.occupancy[:, 0].tolist() == [1, 2, 3, 4]
    history, report = load("time,A\n2024-03-10T01:30,1\n2024-03-10T02:30,2\n2024-03-10T04:30,3\n")
    assert any("hour that the clocks went over" in doubt for doubt in report.doubts)


def test_rooms_that_do_not_move_or_do_not_speak_are_doubted(load):
    hours = [f"2024-01-{8 + h // 24:02d}T{h % 24:02d}:00,{50 + h % 7},77,,{'' if h > 10 else 5 + h}" for h in range(60)]
    _, report = load("\n".join(["time,Moves,Still,Silent,Gone", *hours]) + "\n")
    told = "\n".join(report.doubts)
    assert "No figure at all: Silent." in told
    assert "not changed for a day: Still." in told
    assert "older than a day: Gone (49 h)." in told
    _, report = load("time,A\n2024-01-08T00:00,0.5\n2024-01-08T01:00,1.1\n")
    assert "shares are to be given in percent" in report.doubts[0]


def test_columns_that_changed_owner_are_put_right(load):
    hours = np.arange(24 * 20)
    big, small = 120 + 20 * np.sin(hours / 4), 40 + 9 * np.sin(hours / 5)
    rows = []
    for hour in hours:
        a, b = (big[hour], small[hour]) if hour < 240 else (small[hour], big[hour])
        rows.append(f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00,{a:.0f},{b:.0f}")
    history, report = load("\n".join(["time,A,B", *rows]) + "\n", changes=[datetime(2024, 1, 10, 23)])
    assert report.repairs[0]["rooms_moved"] == 2
    assert history.occupancy[:, 1].min() > 90
    assert any("2 rooms changed column" in line for line in report.lines())


def test_a_match_that_could_be_another_is_doubted(load):
    hours = np.arange(24 * 20)
    alike = np.round(100 + 20 * np.sin(hours / 4))
    rows = [f"2024-01-{1 + h // 24:02d}T{h % 24:02d}:00,{alike[h]:.0f},{alike[h]:.0f}" for h in hours]
    _, report = load("\n".join(["time,A,B", *rows]) + "\n", changes=[datetime(2024, 1, 10, 23)])
    assert "another match of columns is nearly as good for A, B" in report.doubts[0]


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (WIDE, {"timezone": None}, "clock of the times is not known"),
        (WIDE, {"timezone": "Toronto"}, "is not a known time zone"),
        ("", {}, "is empty"),
        ("time,A\n", {}, "has no rows"),
        ("\x00\x01\x02,\xff\n\x00", {}, "has no rows"),
        ("when,A\n2024-01-08,1\n", {}, "no column holds the times"),
        ("time\n2024-01-08\n", {}, "its rooms have no names"),
        ("time,A,A\n2024-01-08,1,2\n", {}, "the column comes twice"),
        ("time,room,waiting\n2024-01-08,A,1\n", {}, "no column is named occupancy"),
        ("time,A\n2024-01-08T00:00,1\n2024-01-08T00:00,2\n", {}, "other figures than in row 1"),
    ],
)
def test_what_is_wrong_is_said(load, text, words, message):
    with pytest.raises(InputError, match=message):
        load(text, **words)


def test_all_faults_come_at_once(load):
    with pytest.raises(EDFileError) as caught:
        load("time,A,B\nsoon,1,2\n2024-01-08T00:00,-3,many\n2024-01-08T01:00,5000,inf\n")
    found = {(fault.row, fault.field, fault.problem) for fault in faults_of(caught.value)}
    assert found == {
        (1, "time", "is no time"), (2, "A", "is negative"), (2, "B", "is no number"),
        (3, "A", "is above 1,000 percent"), (3, "B", "is no number"),
    }  # fmt: skip


def test_files_beside_must_fit(load, tmp_path):
    (tmp_path / "other.csv").write_text("Date,East\n2024-01-08T00:45,3\n")
    with pytest.raises(InputError, match=r"its rooms are not those of load.csv"):
        load(WIDE, waiting=tmp_path / "other.csv")
    with pytest.raises(InputError, match="is missing"):
        load(WIDE, present=tmp_path / "none.csv")
    with pytest.raises(InputError, match="has waiting already"):
        load("time,room,occupancy,waiting\n2024-01-08,A,1,1\n", waiting=tmp_path / "other.csv")


def test_arrivals_on_their_way(tmp_path):
    path = tmp_path / "inbound.csv"
    path.write_text("hours_ahead,room,expected,usual\n1,B,4,2\n3,A,1,2\n")
    found = read_inbound(path, rooms=("A", "B"), stretchers=np.array([20.0, 10.0]))
    np.testing.assert_array_equal(found.expected, [[0, 4], [0, 0], [1, 0]])
    added = found.added(np.array([1, 2, 3]), "occupancy")
    np.testing.assert_allclose(added[0], [0, 20])
    assert added[2, 0] == -5
    path.write_text("hours_ahead,room,expected,usual\n0,B,4,2\n1,C,-1,\n")
    with pytest.raises(InputError) as caught:
        read_inbound(path, rooms=("A", "B"), stretchers=np.array([20.0, 10.0]))
    assert [(f.row, f.field) for f in faults_of(caught.value)] == [
        (2, "room"), (1, "hours_ahead"), (2, "expected"), (2, "usual")
    ]  # fmt: skip
    path.write_text("hour,room\n1,A\n")
    with pytest.raises(InputError, match="lacks hours_ahead and expected and usual"):
        read_inbound(path, rooms=("A",), stretchers=np.array([20.0]))


@pytest.mark.shared
def test_montreal_reads_as_the_study_reads_it(shared, monkeypatch):
    from pathlib import Path

    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "experiments" / "ed_load"))
    montreal = pytest.importorskip("montreal")
    folder = shared / "montreal_ed"
    history, report = read_ed_file(
        folder / "occupancy_2023_2024.csv.gz", timezone=ZONE, waiting=folder / "patients_waiting_2023_2024.csv.gz",
        present=folder / "patients_total_2023_2024.csv.gz",
    )  # fmt: skip
    studied = montreal.read_montreal(folder)
    for name in ("occupancy", "waiting", "present"):
        np.testing.assert_array_equal(getattr(history, name), getattr(studied, name))
    assert history.start == studied.start
    assert (report.rooms, report.hours, report.hours_missing, report.longest_gap_h) == (21, 16_756, 857, 71)
    assert len(report.left_out) == 1
