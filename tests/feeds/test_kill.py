"""A process that is killed under load loses nothing that it acknowledged, and applies nothing twice."""

import json

import pytest

pytest.importorskip("uvicorn")
from ems_twin.benchmarks.journal import load
from ems_twin.benchmarks.journal_kill import kill


def test_kills_lose_nothing_and_double_nothing(tmp_path):
    told = kill(tmp_path / "j.sqlite", 4, seed=7)
    assert told["acknowledged"] > 50
    assert (told["lost"], told["twice"], told["outbox_lost"], told["outbox_twice"]) == (0, 0, 0, 0)
    assert told["repeats"] > 0
    assert told["same_state"]
    assert json.loads(json.dumps(told)) == told


def test_every_message_of_a_load_is_acknowledged_and_written(tmp_path):
    told = load(tmp_path / "j.sqlite", 0.5, 100)
    assert told["acknowledged"] == told["journalled"] == told["sent"] == 250
    assert 0 < told["p50_s"] <= told["p99_s"] <= told["most_s"]
