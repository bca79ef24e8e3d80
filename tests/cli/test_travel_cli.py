"""The command line that learns how long drives take."""

import json

import pytest

from ems_twin.city import load_city, save_city
from ems_twin.city.sample import grid_city
from ems_twin.city.traffic import read_traffic
from ems_twin.cli import main


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A bundle, and a file of trips that all take 90 s and twice what the bundle's speeds say."""
    folder = tmp_path_factory.mktemp("town")
    city = grid_city(16, 16, spacing_m=300.0)
    save_city(city, folder / "town")
    lines = ["departed,arrived,station,to_lon,to_lat,priority"]
    for i in range(700):
        node = (i * 37) % city.roads.n_nodes
        took = 90 + 60 * (node // 16 + node % 16) + (i * 7919) % 41 - 20
        day, hour = 1 + i // 25, i % 24
        minute, second = divmod(took, 60)
        lines.append(
            f"2024-01-{day:02d} {hour:02d}:00:00,2024-01-{day:02d} {hour:02d}:{minute:02d}:{second:02d},"
            f"{city.stations[0].id},{city.roads.lon[node]},{city.roads.lat[node]},3"
        )
    lines.append(lines[1].replace(",2024-01-01 00:", ",2023-12-31 00:"))
    (folder / "trips.csv").write_text("\n".join(lines) + "\n")
    return folder


def told(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def test_what_is_learnt_goes_into_the_bundle_and_is_driven_by(town, capsys):
    words = ("travel", "calibrate", "--city", town / "town", "--trips", town / "trips.csv", "--resamples", "3")
    code, out, err = told(capsys, *words)
    assert code == 0, err
    assert "arrived before it departed" in out
    assert "start-up" in out
    city = load_city(town / "town")
    assert city.travel.start_up_s == pytest.approx(90, abs=10)
    written = {path.name for path in (town / "town").iterdir()}
    assert written >= {"travel.toml", "travel_hours.toml", "travel_scores.json", "travel.html", "travel_dropped.csv"}
    assert city.roads.speed_mps.mean() == pytest.approx(5.0, rel=0.05)
    assert (town / "town" / "travel_dropped.csv").read_text().splitlines() == [
        "row,reason",
        "701,arrived before it departed",
    ]


def test_json_is_all_there_is_on_the_output(town, capsys, tmp_path):
    words = (
        "--city",
        town / "town",
        "--trips",
        town / "trips.csv",
        "--resamples",
        "0",
        "--out",
        tmp_path / "o",
        "--json",
    )
    code, out, _ = told(capsys, "travel", "calibrate", *words)
    facts = json.loads(out)
    assert code == 0
    assert facts["dropped_because"] == {"arrived before it departed": 1}
    assert facts["fitted"]["start_up_s"] == pytest.approx(90, abs=10)  # learnt from the bundle's own speeds again
    assert facts["scored"]["trips"] + facts["fitted"]["trips"] == facts["trips"] == 700
    assert (tmp_path / "o" / "travel.toml").is_file()


def test_with_too_few_trips_nothing_is_written_over_the_city(town, capsys, tmp_path):
    file = tmp_path / "few.csv"
    file.write_text("\n".join((town / "trips.csv").read_text().splitlines()[:50]) + "\n")
    code, out, _ = told(
        capsys, "travel", "calibrate", "--city", town / "town", "--trips", file, "--out", tmp_path / "out"
    )
    assert code == 0
    assert "own speeds stand" in out
    assert not (tmp_path / "out" / "travel.toml").exists()


def test_pings_are_counted_and_those_that_are_no_drive_are_named(town, capsys, tmp_path):
    roads = load_city(town / "town", calibrated=False).roads
    lines = ["unit,time,lon,lat"]
    for step in range(80):  # stands for 5 minutes, drives four blocks in 2, stands for 6
        along = min(max(step - 30, 0) / 12, 1.0)
        lon = roads.lon[0] + along * (roads.lon[4] - roads.lon[0])
        lines.append(f"A1,2024-01-01T08:{step // 6:02d}:{step % 6 * 10:02d},{lon},{roads.lat[0]}")
    lines.append("A1,never,1,1")
    file = tmp_path / "pings.csv"
    file.write_text("\n".join(lines) + "\n")
    words = ("travel", "calibrate", "--city", town / "town", "--pings", file, "--out", tmp_path / "out")
    code, out, err = told(capsys, *words)
    assert code == 0, err
    assert "81 pings of 1 units: 69 standing, 11 driving" in out
    assert "1 trips" in out
    assert "1  no time" in out
    assert (tmp_path / "out" / "travel_dropped.csv").read_text().splitlines() == ["row,reason", "81,no time"]
    code, out, _ = told(capsys, *words, "--json")
    assert json.loads(out)["pings"]["driving"] == 11


def test_link_times_give_speeds_by_the_hour_that_can_be_driven_by(capsys, tmp_path):
    city = grid_city(16, 16, spacing_m=300.0)
    save_city(city, tmp_path / "town")
    roads = city.roads
    file = tmp_path / "links.csv"
    ends = f"{roads.lon[0]},{roads.lat[0]},{roads.lon[4]},{roads.lat[4]}"
    file.write_text(f"from_lon,from_lat,to_lon,to_lat,days,hour,kmh\n{ends},weekday,8,18\n{ends},noday,8,18\n")
    words = ("travel", "calibrate", "--city", tmp_path / "town", "--speeds", file, "--out", tmp_path / "out")
    code, out, err = told(capsys, *words)
    assert code == 0, err
    assert "1 of 72 hours" in out
    assert "1  unknown days" in out
    traffic = read_traffic(tmp_path / "out" / "travel_speeds.toml")
    assert traffic.speed[traffic.set_of_hour[8]] == pytest.approx(0.5, rel=1e-3)
    assert (traffic.speed[traffic.set_of_hour[9]] == 1.0).all()
    assert (tmp_path / "out" / "travel_speeds_dropped.csv").read_text().splitlines()[1:] == ["2,unknown days: 'noday'"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pings", "CITY"), "is no table of positions"),
        (("--trips", "nowhere.csv"), "nowhere.csv: is missing"),
        (("--trips", "CITY"), "is no table of trips"),
        (("--trips", "TRIPS", "--fit-share", "2"), "is 2.0"),
    ],
)
def test_bad_input_is_said(town, words, message, capsys):
    places = {"CITY": town / "town" / "stations.csv", "TRIPS": town / "trips.csv"}
    code, out, err = told(capsys, "travel", "calibrate", "--city", town / "town", *(places.get(w, w) for w in words))
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
