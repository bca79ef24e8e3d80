"""The files of a fleet: what they say is what the fleet is, and all that is wrong is told at once."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ems_twin.city import load_city, save_city
from ems_twin.city.sample import grid_city
from ems_twin.faults import ModelError
from ems_twin.world import EventKind, check_model, own_fleet, read_fleet
from ems_twin.world.fleet import EVERYTHING, checked_agenda

EXAMPLE = Path(__file__).parents[2] / "experiments" / "fleets" / "manhattan"
START = datetime(2024, 5, 6, tzinfo=ZoneInfo("UTC"))

TYPES = "type,skills,source\nals,transport als bls,invented\nbls,transport bls,\nrapid,als bls,\n"
UNITS = "unit,station,type\na1,s0,als\nb1,s1,bls\nr1,s0,rapid\n"
SHIFTS = (
    "unit,days,from,to,break_from,break_by,break_min\n"
    "a1,daily,07:00,19:00,11:00,14:00,30\n"
    "a1,daily,19:00,07:00,23:00,02:00,30\n"
    "b1,mon-wed fri,08:00,16:00,,,\n"
    "r1,SAT-mon,12:00,24:00,,,\n"
)


@pytest.fixture(scope="module")
def city():
    return grid_city(4, 5, stations=((0, 0), (3, 4)), hospitals=((0, 4), (3, 0)))


def written(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder, city):
    """(file, row, field, problem) of every fault."""
    with pytest.raises(ModelError) as caught:
        read_fleet(folder, city)
    assert all(fault.remedy and fault.remedy.endswith((".", "?")) for fault in caught.value.faults)
    return [(Path(f.file).name, f.row, f.field, f.problem) for f in caught.value.faults]


def test_units_with_types_and_shifts(tmp_path, city):
    plan = read_fleet(written(tmp_path, units=UNITS, unit_types=TYPES, shifts=SHIFTS), city)
    assert plan.names == ("a1", "b1", "r1")
    assert plan.types == ("als", "bls", "rapid")
    assert plan.skill_names == ("transport", "als", "bls")
    assert plan.skills.tolist() == [0b111, 0b101, 0b110]
    assert plan.homes.tolist() == [0, 1, 0]
    assert plan.duty_hours.tolist() == [168, 32, 36]
    assert plan.shifts[2].weekdays == (0, 1, 2, 4)
    assert plan.shifts[3].weekdays == (0, 5, 6)
    fleet = plan.fleet(START, 86_400)
    assert not fleet.carries_always
    assert fleet.names == plan.names
    agenda = checked_agenda(fleet.agenda, 3, 2)
    begins = agenda[(agenda["kind"] == EventKind.DUTY_BEGINS) & (agenda["unit"] == 1)]
    assert begins["time"].tolist() == [8 * 3600, 32 * 3600, 48 * 3600]
    assert begins["value"].tolist() == [16 * 3600, 40 * 3600, np.inf]
    breaks = agenda[agenda["kind"] == EventKind.BREAK_DUE]
    assert (breaks["unit"] == 0).all()
    assert breaks[["time", "until"]].tolist()[:2] == [(0.0, 2 * 3600.0), (11 * 3600.0, 14 * 3600.0)]


def test_units_alone_can_do_everything_and_never_rest(tmp_path, city):
    plan = read_fleet(written(tmp_path, units="unit,station\na,s1\nb,s1\n"), city)
    assert plan.skills.tolist() == [EVERYTHING] * 2
    assert plan.types == ()
    assert len(plan.fleet(START, 86_400).agenda) == 0
    assert plan.to_dict()["unit_hours_a_week"] == 2 * 168
    assert "2 units (all alike); 336 unit-hours a week" in plan.lines()[0]


def test_outages_and_diversions_within_the_run(tmp_path, city):
    folder = written(
        tmp_path,
        units=UNITS,
        unit_types=TYPES,
        outages="unit,from,to,at_once\na1,2024-05-05T23:00,2024-05-06T01:00,no\nb1,2024-05-06T10:00+02:00,2024-05-06T12:00+02:00,yes\n"
        "b1,2024-04-06T10:00,2024-04-06T12:00,yes\nr1,2024-05-09T10:00,2024-05-09T12:00,yes\n",
        diversions="hospital,from,to\nh1,2024-05-06T10:00,2024-05-08T12:00\n",
    )
    agenda = read_fleet(folder, city).fleet(START, 86_400).agenda
    assert agenda.tolist() == [
        (0.0, EventKind.OUT_OF_SERVICE, 0, -1, 3600.0, 0.0),
        (8 * 3600.0, EventKind.OUT_OF_SERVICE, 1, -1, 7200.0, 1.0),
        (10 * 3600.0, EventKind.DIVERSION, -1, 1, 1.0, 0.0),
        (60 * 3600.0, EventKind.DIVERSION, -1, 1, 0.0, 0.0),
    ]


def test_all_faults_of_all_files_are_one_error(tmp_path, city):
    folder = written(
        tmp_path,
        unit_types=TYPES,
        units="unit,station,type\na1,s0,als\nb1,s7,bls\nb1,s1,bsl\nc1,s1,bls\n",
        shifts="unit,days,from,to,break_from,break_by,break_min\n"
        "a1,mon-fri,08:00,16:00,17:00,12:00,30\n"
        "b1,mon tus,25:00,8.00,,,\n"
        "z9,daily,08:00,16:00,,,\n"
        "a1,daily,22:00,06:00,02:00,01:00,30\n"
        "a1,sat,06:00,06:30,06:05,06:10,60\n",
        outages="unit,from,to,at_once\na1,2024-05-06T10:00,2024-05-06T09:00,maybe\n",
        diversions="hospital,from,to\nh0,2024-05-06T10:00,2024-05-06T12:00\nh0,2024-05-06T11:00,never\nh2,2024-05-06T11:00,2024-05-06T12:00\n",
    )
    assert faults_of(folder, city) == [
        ("units.csv", 2, "station", "there is no station 's7'"),
        ("units.csv", 3, "unit", "'b1' is already the unit of row 2"),
        ("units.csv", 3, "type", "there is no type of unit 'bsl'"),
        ("shifts.csv", 1, "break_from", "17:00 lies outside of the shift"),
        ("shifts.csv", 2, "days", "'tus' is no day"),
        ("shifts.csv", 2, "from", "'25:00' is no time of day"),
        ("shifts.csv", 2, "to", "'8.00' is no time of day"),
        ("shifts.csv", 3, "unit", "there is no unit 'z9'"),
        ("shifts.csv", 4, "break_by", "01:00 comes before break_from"),
        ("shifts.csv", 5, "break_min", "a break of 60 min is longer than the shift"),
        ("units.csv", 4, "unit", "'c1' has no shift"),
        ("outages.csv", 1, "at_once", "'maybe' is neither yes nor no (1 or 0)"),
        ("outages.csv", 1, "to", "2024-05-06T09:00 is not after 2024-05-06T10:00"),
        ("diversions.csv", 2, "to", "'never' is not an ISO time such as 2026-03-01T08:15:00 or 2026-03-01T08:15:00+01:00"),
        ("diversions.csv", 3, "hospital", "there is no hospital 'h2'"),
        ("unit_types.csv", 3, "type", "no unit is of type 'rapid'"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("a,mon,08:00,16:00\na,mon,15:59,20:00\n", "overlaps the shift of row 1 of 'a', from mon 15:59"),
        ("a,sun,20:00,08:00\na,mon,07:00,12:00\n", "overlaps the shift of row 1 of 'a', from mon 07:00"),
        ("a,daily,07:00,07:00\na,wed,06:00,06:30\n", "overlaps the shift of row 1 of 'a', from wed 06:00"),
        ("a,mon,08:00,16:00\na,mon,16:00,24:00\na,tue,00:00,08:00\n", None),
        ("a,fri-mon,20:00,08:00\na,daily,08:00,20:00\n", None),
    ],
)
def test_shifts_of_a_unit_may_touch_but_not_overlap(tmp_path, city, rows, problem):
    folder = written(tmp_path, units="unit,station\na,s0\n", shifts=f"unit,days,from,to\n{rows}")
    if problem is None:
        assert read_fleet(folder, city).shifts
    else:
        assert faults_of(folder, city) == [("shifts.csv", 2, "from", problem)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"shifts": SHIFTS}, ("units.csv", None, None, "the file is missing")),
        ({"units": "unit,station\n"}, ("units.csv", None, None, "the file has no rows")),
        ({"units": "unit\na\n"}, ("units.csv", None, "station", "the column is missing")),
        ({"units": "unit,station\na,s0\n", "unit_types": TYPES}, ("units.csv", None, "type", "the column is missing")),
        ({"units": UNITS}, ("units.csv", None, "type", "nothing says what 'als' can do")),
        (
            {"units": "unit,station,type\na,s0,rapid\n", "unit_types": "type,skills\nrapid,als\n"},
            ("units.csv", None, "type", "no unit can take a patient to hospital"),
        ),
        (
            {"units": "unit,station\na,s0\n", "shifts": "unit,days,from,to,break_from,break_by\na,mon,08:00,16:00,,\n"},
            ("shifts.csv", None, "break_min", "the column is missing"),
        ),
        (
            {"units": "unit,station,typ\na,s0,als\n"},
            ("units.csv", None, "typ", "there is no column 'typ'"),
        ),
        (
            {"units": "unit,station,type\na,s0,t\n", "unit_types": f"type,skills\nt,transport {' '.join(f's{i}' for i in range(31))}\n"},
            ("unit_types.csv", None, "skills", "there are 32 skills"),
        ),
        (
            {"units": "unit,station\na,s0\n", "shifts": "unit,days,from,to,break_from,break_by,break_min\na,mon,08:00,16:00,12:00,15:50,30\n"},
            ("shifts.csv", 1, "break_by", "a break of 30 min that begins at 15:50 lies partly outside of the shift"),
        ),
    ],
)  # fmt: skip
def test_single_faults(tmp_path, city, files, expected):
    assert faults_of(written(tmp_path, **files), city) == [expected]


def test_thirty_one_skills_fit(tmp_path, city):
    words = " ".join(f"s{i}" for i in range(30))
    folder = written(tmp_path, units="unit,station,type\na,s0,t\n", unit_types=f"type,skills\nt,transport {words}\n")
    assert read_fleet(folder, city).skills.tolist() == [2**31 - 1]


def test_a_type_that_nobody_has_is_a_fault(tmp_path, city):
    assert faults_of(written(tmp_path, units="unit,station,type\na,s0,als\n", unit_types=TYPES), city) == [
        ("unit_types.csv", 2, "type", "no unit is of type 'bls'"),
        ("unit_types.csv", 3, "type", "no unit is of type 'rapid'"),
    ]


def test_a_folder_that_is_not_there(tmp_path, city):
    with pytest.raises(ModelError, match="there is no such folder"):
        read_fleet(tmp_path / "nowhere", city)


def test_a_model_is_checked_as_a_whole(tmp_path):
    bundle = save_city(grid_city(4, 5), tmp_path / "grid")
    city, plan = check_model(bundle)
    assert (city.name, plan, own_fleet(bundle)) == ("grid", None, None)
    written(bundle, units="unit,station\na,s0\nb,s9\n", shifts="unit,days,from,to\na,someday,08:00,16:00\n")
    (bundle / "hospitals.csv").write_text("id,name,lon,lat,beds,bays\nh,H,9.0,45.0,100,0\n")
    rules = tmp_path / "rules.toml"
    rules.write_text("queue_limit = 1.5\n")
    with pytest.raises(ModelError) as caught:
        check_model(bundle, rules=rules)
    assert [(Path(f.file).name, f.row, f.field) for f in caught.value.faults] == [
        ("hospitals.csv", 1, "bays"),
        ("shifts.csv", 1, "days"),  # which stations there are is not known as long as the city cannot be read
        ("units.csv", 2, "unit"),
        ("rules.toml", None, "queue_limit"),
    ]
    assert own_fleet(bundle) == bundle


def test_the_example_fleet_reads_and_gives_its_hours():
    city = load_city("manhattan")
    plan = read_fleet(EXAMPLE, city)
    facts = plan.to_dict()
    assert facts["types"] == {"als": 33, "bls": 47, "rapid": 4}
    assert facts["unit_hours_a_week"] == 69 * 168 + 11 * 84 + 4 * 50
    assert (facts["fewest_on_duty"], facts["most_on_duty"]) == (69, 84)
    fleet = plan.fleet(datetime(2024, 5, 6, tzinfo=ZoneInfo(city.timezone)), 6 * 86_400)
    agenda = checked_agenda(fleet.agenda, len(plan.names), len(city.hospitals))
    begins = agenda[(agenda["kind"] == EventKind.DUTY_BEGINS) & np.isfinite(agenda["value"])]
    worked_s = np.minimum(begins["value"], 7 * 86_400) - begins["time"]
    assert worked_s.sum() / 3600 == facts["unit_hours_a_week"]
    assert np.isinf(agenda["value"]).sum() == 84


PARTS = re.compile(r"[^,\n]+|[,\n]")
ALL = {
    "units": UNITS,
    "unit_types": TYPES,
    "shifts": SHIFTS,
    "outages": "unit,from,to,at_once\na1,2024-05-05T23:00,2024-05-06T01:00,no\n",
    "diversions": "hospital,from,to\nh1,2024-05-06T10:00,2024-05-08T12:00\n",
}
odd = st.one_of(
    st.sampled_from(["", "0", "-1", "1e300", "nan", "24:00", "٣:00", "mon-", '"', "\r", "\x00", ",", "\n\n", "9999-12-31"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)  # fmt: skip


@given(name=st.sampled_from(sorted(ALL)), at=st.integers(0, 60), text=odd)
@settings(max_examples=150, deadline=None)
def test_any_cell_gives_a_fleet_or_faults_with_a_remedy(city, tmp_path_factory, name, at, text):
    parts = PARTS.findall(ALL[name])
    parts[at % len(parts)] = text
    folder = written(tmp_path_factory.getbasetemp() / "any_cell", **(ALL | {name: "".join(parts)}))
    refused = []
    try:
        plan = read_fleet(folder, city)
        checked_agenda(plan.fleet(START, 86_400).agenda, len(plan.names), 2)
    except ModelError as error:
        refused = error.faults
    assert all(fault.file and fault.remedy for fault in refused)
