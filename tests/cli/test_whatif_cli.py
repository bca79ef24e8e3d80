"""The command that rehearses a day."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ems_twin.cli import main
from ems_twin.scenario.whatif import json_schema

ROOT = Path(__file__).parents[2]
SCENARIO = """\
name: Fair
question: Will it hold?
city: coquimbo
window: {start: 2024-09-18T00:00, hours: 12, count_from: 2024-09-18T03:00}
demand:
  changes:
    - {id: fair, kind: surge, city_share: 0.5, place: {lon: -71.335, lat: -29.96, radius_m: 900}}
variants:
  - name: as usual
  - {name: moved, policy: {move: best-move}}
"""


def told(capsys, *words):
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(stop.code)
    return code, *capsys.readouterr()


def scenario(folder, replications=3):
    file = folder / "fair.yaml"
    file.write_text(f"{SCENARIO}replications: {replications}\n", "utf-8")
    return file


def test_answer_figures_and_report_are_written_and_kept_days_are_used_again(capsys, tmp_path):
    file, out = scenario(tmp_path), tmp_path / "out"
    code, text, err = told(capsys, "whatif", file, "--out", out, "--json")
    assert code == 0, err
    record = json.loads(text)
    assert {path.name for path in out.iterdir()} == {
        "days", "results.json", "replications.parquet", "hours.parquet", "report.html",
    }  # fmt: skip
    kept = json.loads((out / "results.json").read_text("utf-8"))
    assert {key: value for key, value in record.items() if key != "report"} == kept
    assert kept["file"]["text"] == file.read_text("utf-8")
    assert kept["command"] == "ems-twin whatif fair.yaml --out out"
    assert kept["days_reused"] == 0
    (out / "days" / "mine.npz").write_bytes(b"of somebody else")
    _, text, _ = told(capsys, "whatif", file, "--out", out, "--json")
    again = json.loads(text)
    assert again["days_reused"] == 6
    assert again["cases"] == record["cases"]
    _, text, _ = told(capsys, "whatif", file, "--out", out, "--json", "--fresh", "--threads", "1")
    anew = json.loads(text)
    assert anew["days_reused"] == 0
    assert anew["cases"] == record["cases"]
    assert (out / "days" / "mine.npz").exists()


def test_the_table_names_the_clock_and_the_part_that_can_be_changed(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    code, out, err = told(capsys, "whatif", scenario(tmp_path), "--no-open")
    assert code == 0, err
    text = " ".join(out.split())
    assert "call received (eTimes.01) to first unit on scene (eTimes.06)" in text
    assert "wait, drive" in text
    assert "baseline" in text
    assert "Under “as usual”" in text
    assert "Open fair/report.html in a browser, no network needed" in out
    assert (tmp_path / "fair" / "report.html").exists()


def test_the_published_schema_is_up_to_date(capsys):
    code, out, _ = told(capsys, "whatif", "--schema")
    assert code == 0
    assert json.loads(out) == json_schema()
    published = ROOT / "experiments" / "whatif.schema.json"
    assert published.read_text("utf-8") == out, (
        "write it anew: ems-twin whatif --schema > experiments/whatif.schema.json"
    )


def test_every_fault_is_listed_by_its_path(capsys, tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text(
        SCENARIO.replace("city_share: 0.5", "city_share: 0.5, factor: 2").replace("best-move", "guess")
        + "baseline: nobody\nreplications: 1\n",
        "utf-8",
    )
    code, out, err = told(capsys, "whatif", file, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert "demand.changes[0].factor" in err
    assert "'replications'" in err
    assert "Traceback" not in err
    file.write_text(
        SCENARIO.replace("best-move", "guess").replace("lon: -71.335", "lon: 71.335") + "baseline: nobody\n", "utf-8"
    )
    code, out, err = told(capsys, "whatif", file, "--out", tmp_path / "out", "--json")
    assert code == 2
    fields = {fault["field"] for fault in json.loads(out)["faults"]}
    assert {"baseline", "variants[1].policy.move", "demand.changes[0].place"} <= fields
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no scenario was named"),
        (("missing.yaml",), "cannot be read"),
        (("scenario.txt",), "is no ending of a scenario"),
        (("scenario.yaml", "--threads", "0"), "0 is not a whole number of 1 or more"),
    ],
)
def test_what_cannot_be_run_is_said(words, message, capsys):
    code, out, err = told(capsys, "whatif", *words)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
def test_an_interrupted_run_keeps_its_days_and_goes_on(capsys, tmp_path):
    file, out = scenario(tmp_path, replications=120), tmp_path / "out"
    command = [sys.executable, "-m", "ems_twin.cli", "whatif", str(file), "--out", str(out), "--threads", "1"]

    def interrupt(how, days):
        """End the command with a signal once it has kept so many days; its exit code and what it said."""
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        until = time.monotonic() + 300
        while len(list((out / "days").glob("*-*.npz"))) < days and child.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        child.send_signal(how)
        _, err = child.communicate(timeout=60)
        return child.returncode, err

    code, err = interrupt(signal.SIGINT, 3)
    assert code == 130, err
    kept = len(list((out / "days").glob("*.npz")))
    assert 3 <= kept < 240
    assert f"interrupted; {kept} of 240 days are kept in {out / 'days'}. The same command goes on from there." in err
    code, _ = interrupt(signal.SIGKILL, kept + 3)
    assert code == -signal.SIGKILL
    assert not (out / "report.html").exists()
    kept = len(list((out / "days").glob("*.npz")))
    assert kept < 240
    results = []
    for folder in (out, tmp_path / "undisturbed"):
        code, text, err = told(capsys, "whatif", file, "--out", folder, "--json")
        assert code == 0, err
        results.append(json.loads(text))
    assert [one["days_reused"] for one in results] == [kept, 0]
    same = [{key: one[key] for key in ("cases", "answer", "keys", "scenario", "outcomes")} for one in results]
    assert same[0] == same[1]
    tables = [(folder / "hours.parquet").read_bytes() for folder in (out, tmp_path / "undisturbed")]
    assert tables[0] == tables[1]


def test_suggestions_are_told_and_written(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    file, out = scenario(tmp_path), tmp_path / "out"
    words = (
        "whatif",
        file,
        "--out",
        out,
        "--suggest",
        "moved",
        "--crews",
        "1",
        "--budget",
        "120",
        "--target-late",
        "60",
    )
    code, text, err = told(capsys, *words, "--no-open")
    assert code == 0, err
    assert "Where one extra crew would help most." in text
    assert "The smallest fleet that keeps the target." in text
    record = json.loads((out / "results.json").read_text("utf-8"))
    assert {one["variant"] for one in record["suggestions"]} == {"moved"}
    assert record["command"] == (
        "ems-twin whatif fair.yaml --out out --suggest moved --crews 1 --target-late 60 --budget 120"
    )
    page = (out / "report.html").read_text("utf-8")
    assert "What the twin suggests" in page
    code, again, _ = told(capsys, *words, "--json")
    assert json.loads(again)["suggestions"] == record["suggestions"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--crews", "2"), "--crews goes with --suggest"),
        (("--suggest", "nobody"), "there is no variant 'nobody'"),
        (("--suggest", "--case", "big"), "The scenario has no cases"),
        (("--suggest", "--target-late", "10", "--target-mean", "8"), "there are two targets"),
        (("--suggest", "--budget", "5"), "Give 120 days or more"),
    ],
)
def test_what_cannot_be_suggested_is_refused_before_anything_is_simulated(capsys, tmp_path, words, message):
    code, _, err = told(capsys, "whatif", scenario(tmp_path), "--out", tmp_path / "out", *words)
    assert code == 2
    assert message in err
    assert not (tmp_path / "out").exists()
