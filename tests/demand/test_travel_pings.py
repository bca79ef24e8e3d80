"""Trips from pings: what is found on the roads, when, and what is left out and why."""

from itertools import pairwise

import numpy as np
import pytest
from made_up_pings import drive_about, write_pings
from observed_trips import MONDAY_S, WEEK_S, board

from ems_twin.demand.travel import calibrate, read_pings
from ems_twin.demand.travel.stops import drives_of
from ems_twin.errors import CallsError

EVERY_S = 10.0


@pytest.fixture(scope="module")
def city():
    return board()


@pytest.fixture(scope="module")
def known(city, tmp_path_factory):
    """120 drives of three units with 15 m of noise, the file of their pings, and the trips found in it."""
    done, pings = [], []
    for u in range(3):
        begins = [MONDAY_S + 100.0 * u + 2000.0 * k for k in range(1, 41)]
        own, its = drive_about(city, begins, u, unit=f"A{u}", priority=1 + u)
        done, pings = done + own, pings + its
    file = write_pings(tmp_path_factory.mktemp("pings") / "pings.csv", pings)
    return sorted(done, key=lambda one: one.departed), file, read_pings(file, city)


def test_known_drives_are_found_where_and_when_they_were(city, known):
    done, _, trips = known
    assert len(trips) == len(done)
    x, y = city.roads.x, city.roads.y
    for nodes, truth in ((trips.from_node, [d.start for d in done]), (trips.to_node, [d.end for d in done])):
        assert np.hypot(x[nodes] - x[truth], y[nodes] - y[truth]).max() <= 301.0  # a block
        assert (nodes == truth).mean() > 0.95
    left = trips.departed - [d.departed for d in done]
    reached = trips.departed + trips.took_s - [d.arrived for d in done]
    for error in (left, reached):
        assert np.abs(error).max() <= EVERY_S
        assert abs(error.mean()) < 1.0


def test_a_drive_has_the_priority_of_its_pings_and_sirens_by_it(known):
    done, _, trips = known
    priority = np.array([int(d.unit[1]) + 1 for d in done])
    assert (trips.priority == priority).all()
    assert (trips.sirens == (priority <= 2)).all()


def test_all_pings_are_accounted_for(known):
    done, file, trips = known
    counted = trips.pings
    assert counted["read"] == len(file.read_text().splitlines()) - 1
    assert counted["read"] == counted["unusable"] + counted["standing"] + counted["driving"]
    assert counted["units"] == 3
    assert counted["trips"] == len(done)
    assert counted["dropped_drives"] + counted["off_the_road"] == len(trips.dropped)


def test_a_pace_and_a_start_up_are_learnt_back(city, tmp_path):
    """Drives 1.25 times as long as ordinary speeds say, those with sirens at the same pace: no factor but the pace."""
    pings = []
    for u in range(2):
        begins = [MONDAY_S + 3 * WEEK_S / 280 * (k + 0.5) for k in range(280)]
        pings += drive_about(city, begins, u, unit=f"A{u}", pace=1.25, every_s=20.0)[1]
    trips = read_pings(write_pings(tmp_path / "pings.csv", pings), city)
    learnt = calibrate(trips, city, resamples=0)
    assert learnt.fit is not None
    speed = learnt.travel.speed_by_class["residential"]
    assert speed == pytest.approx(0.8, rel=0.03)
    assert learnt.travel.start_up_s < 15.0
    assert learnt.scores is not None
    assert learnt.to_dict()["pings"]["trips"] == len(trips)


def test_every_ping_and_drive_left_out_has_its_reason(city, tmp_path):
    _, pings = drive_about(city, [MONDAY_S + 2000.0 * k for k in range(1, 5)], 7, noise_m=2.0)
    lon, lat = city.roads.lon[45], city.roads.lat[45]
    moving = [i for i, ping in enumerate(pings) if MONDAY_S + 2010 < ping[1] < MONDAY_S + 2150]
    pings[moving[4]] = (*pings[moving[4]][:2], pings[moving[4]][2] + 0.05, *pings[moving[4]][3:])  # 4 km away: a leap
    silent = {i for i, ping in enumerate(pings) if MONDAY_S + 4020 < ping[1] < MONDAY_S + 4150}
    pings = [ping for i, ping in enumerate(pings) if i not in silent]
    n = len(pings)
    file = write_pings(
        tmp_path / "pings.csv", pings,
        f",2024-01-01T00:00:00,{lon},{lat},1",
        f"B1,soon,{lon},{lat},1",
        "B1,2024-01-01T00:00:00,,,1",
        "B1,2024-01-01T00:00:00,12.0,88.0,1",
        f"B1,2024-01-01T00:00:10,{lon},{lat},1",
        f"B1,2024-01-01T00:00:10,{lon},{lat},1",
        "B1,2024-01-01T00:00:20",
    )  # fmt: skip
    trips = read_pings(file, city)
    reasons = dict(trips.dropped)
    assert reasons[n + 1] == "no unit"
    assert reasons[n + 2] == "no time"
    assert reasons[n + 3] == "no coordinates"
    assert reasons[n + 4] == "off the map"
    assert reasons[n + 5] == "drive of a unit that never stands for 2 min: 1 pings"
    assert reasons[n + 6] == "second ping of its unit at the same time"
    assert n + 7 in reasons
    assert reasons[moving[4] + 1] in ("off the road, or no way leads there in time", "off the map")
    assert trips.reasons()["drive with more than 2 min between two pings"] == 1
    assert len(trips) == 3
    assert trips.pings["unusable"] in (6, 7)


def test_drives_that_say_nothing_of_travel_times_are_left_out(city, tmp_path):
    """One unit moves within its block, another goes round several blocks to the next corner but one."""
    lon, lat = city.roads.lon, city.roads.lat

    def way(unit, nodes, t):
        stays = [(unit, t - 300 + 10 * k, lon[nodes[0]], lat[nodes[0]], 3) for k in range(30)]
        for a, b in pairwise(nodes):
            for part in (0.0, 1 / 3, 2 / 3):
                where = (float(axis[a] + part * (axis[b] - axis[a])) for axis in (lon, lat))
                stays.append((unit, t, *where, 3))
                t += 10
        return stays + [(unit, t + 10 * k, lon[nodes[-1]], lat[nodes[-1]], 3) for k in range(30)]

    corner = 10 * 20 + 10
    hop = [
        (u, t, lon[corner] + 0.6 * (east - lon[corner]), *rest)
        for u, t, east, *rest in way("hop", [corner, corner + 1], MONDAY_S)
    ]
    roundabout = way("round", [corner + d for d in (0, 20, 40, 41, 42, 43, 23, 3, 2)], MONDAY_S)
    straight = way("straight", [corner + d for d in (0, 1, 2, 3, 4)], MONDAY_S)
    trips = read_pings(write_pings(tmp_path / "pings.csv", hop + roundabout + straight), city)
    assert trips.reasons() == {
        "drive shorter than 300 m": 1,
        "drive more than 1.5 times as long as the fastest way": 1,
    }
    assert trips.took_s.round(-1).tolist() == [120.0]


def test_a_red_light_is_no_stop_and_a_stray_ping_no_departure():
    t = np.arange(0.0, 900.0, 10.0)
    x = np.where(
        t < 300, 0.0, np.where(t < 400, 10 * (t - 300), np.where(t < 490, 1000.0, np.minimum(10 * (t - 390), 2000)))
    )
    x[10] = 200.0
    drives, dropped = drives_of(x, np.zeros(len(t)), t, 0, len(t))
    assert dropped == []
    assert len(drives) == 1
    assert (t[drives[0].start.last], t[drives[0].end.first]) == (pytest.approx(300, abs=10), pytest.approx(590, abs=10))


def test_files_that_are_none_are_refused(city, tmp_path):
    file = tmp_path / "pings.csv"
    file.write_text("unit,when,lon\nA1,2024-01-01,1\n")
    with pytest.raises(CallsError, match=r"no column for time, lat.*Columns are unit, time, lon, lat"):
        read_pings(file, city)
    file.write_text(f"unit,time,lon,lat\nA1,2024-01-01T00:00:00,{city.roads.lon[0]},{city.roads.lat[0]}\n")
    with pytest.raises(CallsError, match="no whole drive in 1 pings: 1 drive of a unit that never stands for 2 min"):
        read_pings(file, city)
