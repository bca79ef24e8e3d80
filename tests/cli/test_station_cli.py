"""The command line that finds out where units should be based."""

import json

import pytest

from ems_twin.cli import main


def told(capsys, *words):
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(stop.code)
    return code, *capsys.readouterr()


def test_a_proposal_is_printed_written_and_can_be_simulated(capsys, tmp_path):
    code, out, err = told(
        capsys, "station", "optimise", "--city", "coquimbo", "--weeks", "2", "--posts", "3", "--model", "p-median",
        "--out", tmp_path / "plan",
    )  # fmt: skip
    assert code == 0, err
    assert "Mean response in 2 weeks" in out
    assert {path.name for path in (tmp_path / "plan").iterdir()} >= {"units.csv", "stations.csv", "map.html"}
    town = tmp_path / "plan" / "city"
    words = ("--city", town if town.exists() else "coquimbo", "--fleet", tmp_path / "plan", "--days", "0.1", "--json")
    code, out, err = told(capsys, "simulate", *words)
    assert code == 0, err
    assert json.loads(out)["units"] == 8


def test_json_is_all_there_is_on_the_output(capsys):
    code, out, _ = told(capsys, "station", "optimise", "--city", "coquimbo", "--weeks", "2", "--json")
    facts = json.loads(out)
    assert code == 0
    assert sum(site["proposed"] for site in facts["sites"]) == sum(site["now"] for site in facts["sites"]) == 8
    assert facts["cover_bound"]["on_time"]["mean"] > 1 - facts["simulated"]["late_share"]["other"]["mean"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--target-s", "0"), "0 is not a number above 0"),
        (("--target-s", "5"), "leaves priority 1 no time to drive"),
        (("--model", "mclp"), "more than the 4 places"),
        (("--units", "0"), "a fleet of 0 units"),
        (("--posts", "99999"), "places for posts, not 99999"),
        (("--model", "guess"), "invalid choice: 'guess'"),
    ],
)
def test_what_cannot_be_done_is_said(words, message, capsys):
    code, out, err = told(capsys, "station", "optimise", "--city", "coquimbo", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
