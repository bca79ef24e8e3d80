"""Columns of a call file that say what sets calls apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.demand import CaseMix, Chance, Delay, read_calls
from ems_twin.errors import CallsError, InputError

LON, LAT = 9.0, 45.0  # node 0 of the grid
PLACE = f"2026-01-05T08:00:00,{LON},{LAT}"
SKILLS = ("transport", "als", "lift")


@pytest.fixture
def read(tmp_path, city, demand):
    able = replace(city, hospitals=tuple(replace(h, specialities=("stroke", "trauma")) for h in city.hospitals))

    def run(columns: str, *rows: str, case_mix: CaseMix | None = None):
        path = tmp_path / "calls.csv"
        path.write_text("\n".join([f"time,lon,lat,{columns}", *(f"{PLACE},{row}" for row in rows)]) + "\n")
        mixed = demand if case_mix is None else replace(demand, case_mix=(case_mix,) * 3)
        return read_calls(path, able, mixed, skill_names=SKILLS).calls

    return run


def test_what_the_columns_say(read):
    columns = "priority,cancelled_at,worsened_at,worse_priority,n_units,skills,speciality,stay_s"
    first, second = read(
        columns,
        "2,2026-01-05T08:04:00,2026-01-05T13:10:00Z,1,3,als+lift,stroke + trauma,7200",
        "3,,,,,,,",
    )
    assert first["cancel_s"] == 240
    assert first["worsens_s"] == 600
    assert first["worse_priority"] == 1
    assert first["n_units"] == 3
    assert first["needs"] == 0b110
    assert first["speciality"] == 0b11
    assert first["stay_s"] == 7200
    for field in ("cancel_s", "worsens_s", "worse_priority", "n_units", "needs", "speciality", "stay_s"):
        assert second[field] == 0


def test_who_is_known_somewhere_is_read_by_the_hospitals_id(read, city):
    last = city.hospitals[-1].id
    assert read("known_at", last, "")["known_at"].tolist() == [len(city.hospitals), 0]


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("4227009", 1),
        ("No Patient Found", 1),
        ("cancelled on scene", 1),
        ("4227001", 0),
        ("Patient Contact Made", 0),
        ("4227005", 0),  # called off before a unit was there: cancelled_at says when
        ("", 0),
    ],
)
def test_the_unit_disposition_of_nemsis(read, cell, refused):
    call = read("unit_disposition", cell)[0]
    assert call["refused"] == refused
    if refused:
        assert call["transport"] == 0


def test_who_refused_stays_on_scene_as_the_file_says(read):
    said, drawn, other = read("refused,scene_s", "yes,900", "yes,", "no,")
    assert said["refused"] == drawn["refused"] == 1
    assert other["refused"] == 0
    assert said["scene_s"] == 900
    assert drawn["scene_s"] > 0


def test_columns_that_are_missing_are_drawn_and_the_others_are_not(read):
    law = Delay(median_s=300, sigma=0, longest_s=300)
    mix = CaseMix(cancelled=Chance(share=1, after=law), refused=1.0, units={2: 1.0}, skills={"als": 1.0})
    drawn = read("n_units,transport", ",1", ",0", "4,", case_mix=mix)
    assert drawn["cancel_s"].tolist() == [300] * 3
    assert drawn["n_units"].tolist() == [0, 0, 4]
    assert drawn["needs"].tolist() == [0b010] * 3
    assert drawn["refused"].tolist() == [0, 1, 1]  # a patient who was taken did not refuse
    assert drawn["transport"].tolist() == [1, 0, 0]


def test_a_new_column_leaves_the_rest_of_the_calls_alone(read):
    plain, said = read("priority", "2", "2"), read("priority,n_units,stay_s", "2,2,60", "2,,")
    for name in plain.dtype.names:
        if name not in ("n_units", "stay_s"):
            np.testing.assert_array_equal(plain[name], said[name], err_msg=name)


@pytest.mark.parametrize(
    ("columns", "row", "message"),
    [
        ("cancelled_at", "soon", "field 'cancelled_at': 'soon' is not an ISO time"),
        ("cancelled_at", "2026-01-05T08:00:00", "field 'cancelled_at': is not after the time of the call"),
        ("worsened_at,worse_priority,priority", "2026-01-05T07:00:00,1,2", "field 'worsened_at': is not after"),
        ("worsened_at,worse_priority,priority", "2026-01-05T09:00:00,2,2", "'worse_priority': is not more urgent"),
        ("worsened_at", "2026-01-05T09:00:00", "'worse_priority': goes with worsened_at"),
        ("worse_priority,priority", "1,2", "'worse_priority': goes with worsened_at"),
        ("n_units", "0", "field 'n_units': '0' is not a number of units from 1 to 20"),
        ("n_units", "2.5", "'2.5' is not a number of units"),
        ("skills", "als+magic", "field 'skills': 'magic' is unknown; there are transport, als, lift"),
        ("speciality", "eyes", "field 'speciality': 'eyes' is unknown; there are trauma"),
        ("speciality", "burns", "field 'speciality': no hospital offers it"),
        ("known_at", "nowhere", "field 'known_at': 'nowhere' is unknown; there are "),
        ("stay_s", "-1", "field 'stay_s': '-1' is a negative time"),
        ("unit_disposition", "42", "field 'unit_disposition': '42' is no unit disposition of NEMSIS"),
        ("refused,transport", "1,1", "field 'transport': a patient who is not treated is not taken"),
        ("refused,unit_disposition", "0,4227009", "field 'unit_disposition': says the opposite"),
    ],
)
def test_cells_that_cannot_be(read, columns, row, message):
    with pytest.raises(CallsError, match=f"row 1, .*{message}"):
        read(columns, row)


def test_contradictions_of_many_rows_are_told_together(read):
    with pytest.raises(CallsError, match="3 faults in 3 rows"):
        read("refused,transport", "1,1", "1,1", "0,1", "1,1")


def test_a_case_mix_that_asks_for_what_nobody_has(read):
    mix = CaseMix(skills={"magic": 0.5})
    with pytest.raises(InputError, match="need the skill 'magic', which nobody has"):
        read("n_units", "", case_mix=mix)
    assert read("skills", "als", case_mix=mix)["needs"].tolist() == [0b010]
