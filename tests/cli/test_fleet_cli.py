"""The command line with the files of a fleet."""

import json
from pathlib import Path

import pytest

from ems_twin.city import load_city, save_city
from ems_twin.cli import main

EXAMPLE = Path(__file__).parents[2] / "experiments" / "fleets" / "manhattan"


@pytest.fixture
def fleet(tmp_path):
    (tmp_path / "units.csv").write_text("unit,station\n" + "".join(f"u{i},fdny-4\n" for i in range(30)))
    return tmp_path


def told(capsys, *words):
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(stop.code)
    return code, *capsys.readouterr()


def test_a_check_counts_a_fleet(capsys):
    code, out, _ = told(capsys, "city", "check", "manhattan", "--fleet", EXAMPLE)
    assert code == 0
    assert "84 units (33 als, 47 bls, 4 rapid); 12,716 unit-hours a week" in " ".join(out.split())
    _, out, _ = told(capsys, "city", "check", "manhattan", "--fleet", EXAMPLE, "--json")
    facts = json.loads(out)
    assert facts["units"] == facts["fleet"]["units"] == 84


def test_a_check_lists_every_fault(fleet, capsys):
    (fleet / "shifts.csv").write_text("unit,days,from,to\nu0,daily,07:00,7pm\n")
    code, out, err = told(capsys, "city", "check", "manhattan", "--fleet", fleet)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.startswith("ems-twin: the model has 30 faults:\n")
    assert "shifts.csv, row 1, field 'to': '7pm' is no time of day. Write it like 07:30, 00:00 to 24:00." in err
    assert all(f"'u{i}' has no shift" in err for i in range(1, 30))
    code, out, _ = told(capsys, "city", "check", "manhattan", "--fleet", fleet, "--json")
    faults = json.loads(out)["faults"]
    assert (code, len(faults)) == (2, 30)
    assert faults[0]["row"] == 1
    assert set(faults[0]) == {"file", "row", "field", "problem", "remedy"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--fleet", "nowhere"), "nowhere: there is no such folder"),
        (("--fleet", ".", "--units", "3"), "not allowed with argument --fleet"),
        (("--fleet", "."), "units.csv: the file is missing. Add it with columns unit, station."),
    ],
)
def test_a_fleet_that_is_not_there(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = told(capsys, "simulate", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_run_has_the_units_of_its_files(fleet, capsys):
    code, out, err = told(capsys, "simulate", "--days", "0.02", "--fleet", fleet, "--json")
    assert code == 0, err
    summary = json.loads(out)
    assert summary["units"] == 30
    assert summary["fleet_from"]["folder"] == str(fleet)
    assert summary["fleet_from"]["unit_hours_a_week"] == 30 * 168


def test_a_bundle_may_bring_its_own_fleet(fleet, capsys, tmp_path):
    bundle = save_city(load_city("manhattan"), tmp_path / "town")
    (bundle / "units.csv").write_text((fleet / "units.csv").read_text())
    words = ("simulate", "--city", bundle, "--days", "0.02", "--json")
    code, out, err = told(capsys, *words)
    assert code == 0, err
    assert json.loads(out)["units"] == 30
    _, out, _ = told(capsys, *words, "--units", "12")
    assert json.loads(out)["units"] == 12
    assert "fleet_from" not in json.loads(out)
    (bundle / "units.csv").write_text("unit,station\na,fdny-44\nb,fdny-77\n")
    code, out, err = told(capsys, "city", "check", bundle)
    assert (code, out) == (2, "")
    assert "the model has 2 faults" in err
