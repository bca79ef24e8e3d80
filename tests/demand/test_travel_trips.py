"""Files of observed trips: what is read, what is set aside and why."""

import gzip

import pytest
from observed_trips import board, drive, write_trips

from ems_twin.city.places import Station
from ems_twin.demand.travel import read_trips
from ems_twin.demand.travel.trips import write_dropped
from ems_twin.errors import CallsError

HEADER = "departed,arrived,station,from_lon,from_lat,to_lon,to_lat,priority,sirens,unit_kind\n"


def table(tmp_path, city, *rows):
    lon, lat = city.roads.lon[45], city.roads.lat[45]
    text = "".join(row.replace("HERE", f"{lon},{lat}") + "\n" for row in rows)
    file = tmp_path / "trips.csv"
    file.write_text(HEADER + text)
    return file


def test_every_dropped_row_has_its_reason(tmp_path):
    city = board()
    s = city.stations[0].id
    file = table(
        tmp_path, city,
        f"2024-01-01 08:00:00,2024-01-01 08:05:07,{s},,,HERE,1,,ALS",
        f"2024-01-01 08:00:00,2024-01-01 07:55:00,{s},,,HERE,1,,ALS",
        f"2024-01-01 08:00:00,2024-01-01 12:00:00,{s},,,HERE,1,,ALS",
        f"2024-01-01 08:00:00,2024-01-01 08:05:00,{s}x,,,HERE,1,,ALS",
        f"2024-01-01 08:00:00,2024-01-01 08:05:00,{s},,,12.0,88.0,1,,ALS",
        f"2024-01-01 08:00:00,2024-01-01 08:05:00,{s},,,,,1,,ALS",
        f"2024-01-01 08:00:00,,{s},,,HERE,1,,ALS",
        f"nonsense,2024-01-01 08:05:00,{s},,,HERE,1,,ALS",
        f"2024-01-01 08:00:00,2024-01-01 08:00:01,{s},,,HERE,1,,ALS",
        "2024-01-01 08:00:00,2024-01-01 08:05:00,,,,HERE,1,,ALS",
        "2024-01-01 08:00:00,2024-01-01 08:05:00,,HERE,HERE,3,yes,BLS",
    )  # fmt: skip
    trips = read_trips(file, city)
    assert trips.row.tolist() == [1, 11]
    assert trips.sirens.tolist() == [True, True]
    assert trips.priority.tolist() == [1, 3]
    assert trips.resolution_s == 1
    reasons = dict(trips.dropped)
    assert reasons[2] == "arrived before it departed"
    assert reasons[3] == "took longer than 2 h"
    assert reasons[4] == f"unknown station '{s}x' (near: {s})".replace("station '", "station: '")
    assert reasons[5] == "its end is off the map"
    assert reasons[6] == "no coordinates of its end"
    assert reasons[7] == "no time of arrival"
    assert reasons[8] == "no time of departure"
    assert reasons[9] == "faster than 150 km/h as the crow flies"
    assert reasons[10] == "no coordinates of its start"
    assert trips.reasons()["unknown station"] == 1
    assert (
        write_dropped(trips.dropped, tmp_path / "d.csv").read_text().splitlines()[1] == "2,arrived before it departed"
    )


def test_a_file_without_a_usable_trip_says_why(tmp_path):
    city = board()
    file = table(tmp_path, city, "2024-01-01 08:00:00,2024-01-01 07:00:00,,HERE,HERE,1,,")
    with pytest.raises(CallsError, match="no usable trip in 1 rows: 1 arrived before it departed"):
        read_trips(file, city)
    file.write_text("a,b\n1,2\n")
    with pytest.raises(CallsError, match=r"no column for departed, arrived.*Columns are departed"):
        read_trips(file, city)


def test_priorities_say_whether_sirens_were_on_unless_the_file_does(tmp_path):
    city = board()
    when = f"2024-01-01 08:00:00,2024-01-01 08:05:00,{city.stations[0].id},,,HERE"
    trips = read_trips(table(tmp_path, city, f"{when},2,,", f"{when},3,,", f"{when},1,no,", f"{when},,,"), city)
    assert trips.sirens.tolist() == [True, False, False, True]


def test_units_of_san_francisco_count_only_from_their_own_house(tmp_path):
    from dataclasses import replace

    city = board()
    first = city.stations[0]
    house = Station(id="station-7", name="Station 7", lon=first.lon, lat=first.lat, node=first.node, units=1)
    city = replace(city, stations=(house,), timezone="America/Los_Angeles")
    end = f"{city.roads.lat[45]},{city.roads.lon[45]}"
    header = "unit_id,response,on_scene,available,station_area,final_priority,unit_type,lat,lon\n"

    def row(unit, set_out, area=7, code=3):
        kind = "ENGINE" if unit[0] == "E" else "MEDIC"
        return f"{unit},2018-01-01 {set_out}:00,2018-01-01 {set_out}:40,2018-01-01 {set_out}:59,{area},{code},{kind},{end}\n"

    rows = [row("E07", "08:00"), row("E07", "09:00", code=2), row("E07", "09:10"), row("E07", "11:00", area=8)]
    rows += [row("M07", "08:00"), row("E09", "08:00", area=9)]
    file = tmp_path / "units.csv.gz"
    file.write_bytes(gzip.compress((header + "".join(rows)).encode()))
    trips = read_trips(file, city)
    assert trips.row.tolist() == [1, 2]
    assert trips.sirens.tolist() == [True, False]
    assert trips.clock_s.tolist() == [1514793600, 1514797200]  # 08:00 and 09:00 on the city's clocks
    told = dict(trips.dropped)
    assert told[3] == "the unit had finished another job less than 15 min before"
    assert told[4] == "outside the area of the unit's house"
    assert told[5].startswith("not an engine or truck")
    assert told[6] == "the unit's house is not among the city's stations"


def test_trips_read_from_parquet_are_those_of_the_csv(tmp_path):
    import pandas as pd

    city = board()
    file = write_trips(tmp_path / "t.csv", city, drive(city, 50, 2, seed=1))
    pd.read_csv(file).to_parquet(tmp_path / "t.parquet")
    a, b = read_trips(file, city), read_trips(tmp_path / "t.parquet", city)
    assert a.took_s.tolist() == b.took_s.tolist()
    assert a.to_node.tolist() == b.to_node.tolist()
