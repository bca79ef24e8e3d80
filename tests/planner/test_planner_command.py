"""The command: it serves until Ctrl-C, and what cannot be served is said in one message."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from ems_twin.cli import main


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_ends_the_page_and_stops_the_run_under_way(city_folder, tmp_path, plan):
    command = [sys.executable, "-m", "ems_twin.cli", "planner", "--city", str(city_folder), "--folder", str(tmp_path),
               "--no-open", "--json"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, timeout=60) as client:
            until = time.monotonic() + 120
            while True:
                try:
                    client.get("/api/presets").raise_for_status()
                    break
                except httpx.TransportError:
                    assert time.monotonic() < until
            run = client.post("/api/runs", json=plan | {"replications": 3000}).json()["id"]
            days = tmp_path / run / "days"
            while not (days.is_dir() and list(days.glob("*.npz"))):
                assert time.monotonic() < until
                time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert "Traceback" not in process.stderr.read()
    assert json.loads((tmp_path / run / "run.json").read_text("utf-8"))["state"] == "stopped"
    n = len(list(days.glob("*.npz")))
    time.sleep(0.5)
    assert len(list(days.glob("*.npz"))) == n


def test_what_cannot_be_served_is_said(tmp_path, capsys):
    assert main(["planner", "--city", "atlantis", "--folder", str(tmp_path), "--no-open"]) == 2
    assert "atlantis" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["planner", "--folder", str(tmp_path / "file"), "--no-open"]) == 2
    assert "--folder" in capsys.readouterr().err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["planner", "--folder", str(tmp_path / "runs"), "--port", port, "--no-open"]) == 2
    assert f"port {port}" in capsys.readouterr().err
