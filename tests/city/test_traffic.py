"""Traffic by the hour of the week: read, refused with every fault, written and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ems_twin.city import ROAD_CLASSES, load_city
from ems_twin.city.traffic import FILE, TrafficError, read_traffic, traffic_from, write_traffic
from ems_twin.errors import InputError

HOURS = " ".join(["free"] * 7 + ["rush"] * 3 + ["free"] * 14)
GOOD = {
    "format": 1,
    "sirens": 0.5,
    "sets": [{"name": "free", "speed": {"other": 1.0}}, {"name": "rush", "speed": {"primary": 0.25, "other": 0.5}}],
    "week": {"weekday": HOURS, "saturday": "free " * 24, "sunday": "free " * 24},
}


def test_hours_sets_and_classes_are_found() -> None:
    traffic = traffic_from(GOOD)
    assert traffic.set_of_hour.reshape(7, 24)[:5, 7:10].tolist() == [[1, 1, 1]] * 5
    assert traffic.set_of_hour.sum() == 15
    roads = load_city("manhattan").roads
    factor = traffic.time_factor(roads, 1)
    primary = roads.road_class == ROAD_CLASSES.index("primary")
    assert set(factor[primary]) == {4.0}
    assert set(factor[~primary]) == {2.0}
    assert set(traffic.time_factor(roads, 1, sirens=True)[primary]) == {2.0}  # half of it, on the logarithm


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    traffic = traffic_from(GOOD)
    again = read_traffic(write_traffic(traffic, tmp_path / FILE))
    np.testing.assert_array_equal(again.speed, traffic.speed)
    np.testing.assert_array_equal(again.set_of_hour, traffic.set_of_hour)
    assert (again.names, again.sirens) == (traffic.names, traffic.sirens)


def test_every_fault_is_told_by_its_path() -> None:
    with pytest.raises(TrafficError) as caught:
        traffic_from(
            {
                "format": 1,
                "sets": [{"name": "a", "speed": {"motoway": 1.0}}, {"name": "a", "speed": {"other": 1.0}}],
                "week": {"weekday": "a " * 24, "monday": "a " * 24, "saturday": "b " * 24, "someday": "a"},
            }
        )
    told = {fault.field: fault.problem for fault in caught.value.faults}
    assert told == {
        "sets[0].speed": "there is no road class 'motoway'",
        "sets[1].name": "there are two sets 'a'",
        "week.monday": "is there twice",
        "week.saturday": "names no set 'b'",
        "week.sunday": "is missing",
        "week.someday": "is no day",
    }
    with pytest.raises(TrafficError, match=r"sets\[0\]\.speed\.other"):
        traffic_from(GOOD | {"sets": [{"name": "free", "speed": {"other": 0.0}}]})


@pytest.mark.parametrize("text", [None, "sets = ["])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / FILE
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"traffic\.toml"):
        read_traffic(file)


def test_manhattans_traffic_is_slower_by_day_than_by_night() -> None:
    city = load_city("manhattan")
    traffic = read_traffic(city.directory / FILE)
    mean = np.array(
        [np.average(traffic.time_factor(city.roads, k), weights=city.roads.length_m) for k in range(len(traffic.names))]
    )
    of_hour = mean[traffic.set_of_hour].reshape(7, 24)
    assert of_hour[:5, 9:18].min() > 1.2 * of_hour[:5, 2:6].max()
    assert of_hour[6].mean() < of_hour[0].mean()
