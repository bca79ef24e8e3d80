"""Ask a planner that is being served, and a plan that is simulated in a second."""

import json
import time
from contextlib import contextmanager

import httpx


@contextmanager
def served(city, folder):
    from ems_twin.planner.serving import app_for
    from ems_twin.web import AppServer

    with AppServer(app_for(city, folder)) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        until = time.monotonic() + 20
        while True:
            try:
                client.get("/api/presets")
                break
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield client


def small_plan():
    return {
        "name": "Street run",
        "window": {
            "start": "2024-05-11T06:00",
            "hours": 6,
            "count_from": "2024-05-11T08:00",
            "count_to": "2024-05-11T12:00",
        },
        "demand": {"factor": 10},
        "variants": [{"name": "usual practice"}, {"name": "relocation", "policy": {"move": "best-move"}}],
        "replications": 2,
    }


def street(city, row, first, last, cols=12):
    """Points along a row of the chessboard."""
    nodes = [row * cols + col for col in range(first, last + 1)]
    return [[float(city.roads.lon[v]), float(city.roads.lat[v])] for v in nodes]


def paths(answer):
    """Paths of the faults of an answer."""
    return [fault["path"] for fault in answer.json()["faults"]]


def followed(client, run):
    """All that is told of a run until it is over."""
    with client.stream("GET", f"/api/runs/{run}/events", timeout=300) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: {")]
