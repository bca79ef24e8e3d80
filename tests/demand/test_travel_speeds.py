"""Speeds by the hour from link times: what is put on the roads, what is learnt, what is left out and why."""

import numpy as np
import pytest
from observed_trips import board

from ems_twin.demand.travel.link_times import learn_speeds, read_links
from ems_twin.errors import CallsError

HEADER = "from_lon,from_lat,to_lon,to_lat,days,from_hour,to_hour,speed_kmh,seconds\n"


@pytest.fixture(scope="module")
def city():
    """Streets of 300 m, all residential, at 36 km/h."""
    return board()


def link(city, a, b, rest):
    at = city.roads
    return f"{at.lon[a]},{at.lat[a]},{at.lon[b]},{at.lat[b]},{rest}\n"


def table(tmp_path, *rows):
    file = tmp_path / "links.csv"
    file.write_text(HEADER + "".join(rows))
    return file


def test_factors_of_the_hours_are_learnt_and_hours_without_a_time_are_ordinary(city, tmp_path):
    """On weekdays 18 km/h from 7 to 9 and 45 km/h from 20 to 24, by corridors of four blocks; Saturdays are all 36."""
    rows = []
    for r in range(20):
        a, b = 20 * r + r % 8, 20 * r + r % 8 + 4
        for pair in ((a, b), (b, a), (20 * (r % 8) + r, 20 * (r % 8 + 4) + r)):
            rows += [
                link(city, *pair, "weekday,7,9,18,"),
                link(city, *pair, "weekday,20,24,,96"),
                link(city, *pair, "saturday,,,36,"),
            ]
    read = read_links(table(tmp_path, *rows), city)
    traffic, record = learn_speeds(read, seed=1)
    assert len(read.links) == 60
    assert read.dropped == ()
    week = traffic.speed[traffic.set_of_hour, -4].reshape(7, 24)  # residential
    for day in week[:5]:
        assert day[7:9] == pytest.approx([0.5, 0.5], rel=0.01)
        assert day[20:] == pytest.approx([1.25] * 4, rel=0.01)
        assert (day[9:20] == 1.0).all()
    assert week[5] == pytest.approx(np.ones(24), rel=0.01)
    assert record["hours"] == 2 + 4 + 24
    assert record["scored"]["fitted"]["worst"] < 0.01 < record["scored"]["raw"]["worst"]
    assert any("not measured" in note for note in record["notes"])


def test_every_row_left_out_has_its_reason(city, tmp_path):
    at = city.roads
    file = table(
        tmp_path,
        link(city, 0, 3, "all,8,,30,"),
        link(city, 0, 3, "someday,8,,30,"),
        link(city, 0, 3, "all,9,8,30,"),
        link(city, 0, 3, "all,25,26,30,"),
        link(city, 0, 0, "all,8,,30,"),
        link(city, 0, 3, "all,8,,0,"),
        link(city, 0, 3, "all,8,,,2"),
        f",{at.lat[0]},{at.lon[3]},{at.lat[3]},all,8,,30,\n",
        f"{at.lon[0] - 1},{at.lat[0]},{at.lon[3]},{at.lat[3]},all,8,,30,\n",
        "1,2\n",
    )
    read = read_links(file, city)
    reasons = dict(read.dropped)
    assert reasons[2] == "unknown days: 'someday'"
    assert reasons[3] == "hours that end before they begin"
    assert reasons[4] == "from_hour is no whole hour from 0 to 24"
    assert reasons[5] == "both ends at one junction"
    assert reasons[6] == "no time or speed above 0"
    assert reasons[7] == "not between 1 and 150 km/h"
    assert reasons[8] == "no coordinates"
    assert reasons[9] == "no junction within 50 m of an end"
    assert sorted(reasons) == list(range(2, 11))
    assert read.rows == 10
    assert np.flatnonzero(~np.isnan(read.links.took_s[:, 0])).tolist() == [8, 32, 56]
    assert read.links.took_s[8, 0] == pytest.approx(900 / (30 / 3.6), rel=1e-3)


def test_a_link_that_the_roads_only_reach_by_a_detour_is_left_out(city, tmp_path):
    at = city.roads
    east, north = at.lon[1] + 1e-5, at.lat[0]
    detour = f"{at.lon[0]},{at.lat[0]},{east},{north},all,,,30,\n"
    assert len(read_links(table(tmp_path, detour), city).links) == 1
    from dataclasses import replace

    gone = (at.tail == 0) & (at.head == 1)
    lengths = np.where(gone, 5000.0, at.length_m)
    longer = replace(city, roads=replace(at, length_m=lengths))
    with pytest.raises(CallsError, match="1 no way on the roads that is as direct"):
        read_links(table(tmp_path, detour), longer)


def test_few_links_are_not_scored_and_a_file_without_columns_is_refused(city, tmp_path):
    _, record = learn_speeds(read_links(table(tmp_path, link(city, 0, 3, "all,,,30,")), city), seed=1)
    assert record["scored"] is None
    assert "nothing is scored" in record["notes"][0]
    assert record["sets"]["speed-1"]["residential"] == pytest.approx(30 / 36, rel=1e-3)
    file = tmp_path / "no.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(CallsError, match="no table of link times: there is no column for from_lon"):
        read_links(file, city)
