"""Runs: worked out one at a time, stopped, taken up again, deleted, and the same as the command line's."""

import json
import time

import pytest
from made_up_run import HOSTILE
from planner_client import followed

from ems_twin.cli import main
from ems_twin.planner.line import Line
from ems_twin.planner.runs import Runs


def started(client, plan):
    answer = client.post("/api/runs", json=plan)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_a_run_is_followed_to_its_report_and_is_what_the_command_line_finds(client, plan, tmp_path):
    plan["name"] = HOSTILE[0]
    run = started(client, plan)
    told = followed(client, run)
    assert told[-1]["state"] == "done", told[-1]
    assert {"waiting", "running"} & {one["state"] for one in told}
    record = client.get(f"/api/runs/{run}").json()
    assert {"report.html", "results.json", "scenario.yaml", "pictures.json"} <= set(record["files"])
    report = client.get(f"/runs/{run}/report.html")
    assert report.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert "<img src=x" not in report.text
    results = client.get(f"/runs/{run}/results.json").json()
    assert [one["name"] for one in results["cases"][0]["variants"]] == ["usual practice", "relocation"]
    assert results["answer"]
    pictures = client.get(f"/runs/{run}/pictures.json").json()
    assert len(pictures["views"]) == 2
    assert all(len(view["cell_mean_s"]) == len(pictures["cells"]) for view in pictures["views"])
    download = client.get(f"/runs/{run}/scenario.yaml", params={"download": True})
    assert download.headers["Content-Disposition"] == f'attachment; filename="{run}-scenario.yaml"'
    file = tmp_path / "again.yaml"
    file.write_bytes(download.content)
    assert main(["whatif", str(file), "--out", str(tmp_path / "again"), "--json"]) == 0
    again = json.loads((tmp_path / "again" / "results.json").read_text("utf-8"))
    assert again["cases"] == results["cases"]


def test_a_run_that_is_stopped_goes_on_from_what_it_has_kept(client, plan, runs_folder):
    plan["replications"] = 400
    run = started(client, plan)
    days = runs_folder / run / "days"
    until = time.monotonic() + 120
    while (len(list(days.glob("*.npz"))) if days.is_dir() else 0) < 5:
        assert time.monotonic() < until, client.get(f"/api/runs/{run}").json()
        time.sleep(0.05)
    assert client.delete(f"/api/runs/{run}").status_code == 422  # it is under way
    client.post(f"/api/runs/{run}/stop")
    told = followed(client, run)
    assert told[-1]["state"] == "stopped"
    kept = len(list(days.glob("*.npz")))
    assert 5 <= kept < 800
    assert client.post(f"/api/runs/{run}/resume").json()["state"] in ("waiting", "running")
    told = followed(client, run)
    assert told[-1]["state"] == "done"
    shares = [one["share"] for one in told if one["share"] is not None]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert client.get(f"/runs/{run}/results.json").json()["days_reused"] >= kept
    assert client.delete(f"/api/runs/{run}").status_code == 204
    assert not (runs_folder / run).exists()
    assert client.get(f"/api/runs/{run}").status_code == 404


def test_one_that_waits_can_be_stopped_before_its_turn(client, plan):
    plan["replications"] = 400
    first, second = started(client, plan), started(client, plan | {"name": "second"})
    assert client.get(f"/api/runs/{second}").json()["state"] == "waiting"
    assert client.post(f"/api/runs/{second}/stop").json()["state"] == "stopped"
    client.post(f"/api/runs/{first}/stop")
    assert followed(client, first)[-1]["state"] == "stopped"
    listed = [one["id"] for one in client.get("/api/runs").json()]
    assert listed.index(second) < listed.index(first)


@pytest.mark.parametrize("run", ["20240101-000000-abcdef", "%2e%2e", "x" * 300])
@pytest.mark.parametrize("name", ["run.json", "log.txt", "%2e%2e", "scenario.yaml"])
def test_only_files_of_runs_are_given_away(client, run, name):
    assert client.get(f"/runs/{run}/{name}").status_code == 404
    assert client.get(f"/api/runs/{run}/events").status_code in (200, 404)


def test_runs_are_found_again_and_one_that_was_cut_off_can_go_on(tmp_path, plan):
    from ems_twin.planner.plain import scenario_of

    runs = Runs(tmp_path)
    record = runs.add(scenario_of(plan, "manhattan"))
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "run.json").write_text('{"id": "../.."}')
    (tmp_path / "20240101-000000-abcdef").mkdir()
    (tmp_path / "20240101-000000-abcdef" / "run.json").write_text("no JSON")
    found = Runs(tmp_path).all()
    assert [one.id for one in found] == [record.id]
    assert found[0].state == "stopped"
    with pytest.raises(ValueError, match="no id"):
        runs.folder_of("../..")


def test_runs_of_another_city_are_left_alone(client, plan, runs_folder, tmp_path_factory):
    from made_up_run import small_city
    from planner_client import served

    from ems_twin.city import save_city

    plan["replications"] = 2
    run = started(client, plan)
    assert followed(client, run)[-1]["state"] == "done"
    other = save_city(small_city(16, 11), tmp_path_factory.mktemp("cities") / "other")
    with served(str(other), runs_folder) as asking:
        assert asking.get("/api/runs").json() == []
        assert asking.delete(f"/api/runs/{run}").status_code == 404
    assert client.get(f"/api/runs/{run}").status_code == 200


def test_a_run_whose_scenario_has_faults_says_so(tmp_path, plan):
    from ems_twin.planner.plain import scenario_of

    runs = Runs(tmp_path)
    record = runs.add(scenario_of(plan, "no-such-city"))
    line = Line(runs)
    line.put(record.id)
    until = time.monotonic() + 60
    while not runs.get(record.id).is_over:
        assert time.monotonic() < until
        time.sleep(0.05)
    line.close()
    done = runs.get(record.id)
    assert done.state == "failed"
    assert "no-such-city" in done.faults[0]["problem"]
