"""Invented nights for the tests of the law."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from ems_twin.city import City
from ems_twin.demand import CALL_DRAW
from ems_twin.simulation.instant import Instant
from ems_twin.world import UnitStatus, World

START = datetime(2024, 5, 6, tzinfo=UTC)
MEAN_S = {"dispatch_delay_s": 90.0, "turnout_s": 60.0, "scene_s": 1200.0, "offload_s": 1500.0, "clear_s": 600.0}


def night(city: City, n: int, *, gap_s: float, seed: int = 1, transport: float = 0.7) -> np.ndarray:
    """``n`` calls, on average ``gap_s`` apart, anywhere in the city, with intervals that vary exponentially."""
    rng = np.random.default_rng(seed)
    calls = np.zeros(n, CALL_DRAW)
    calls["t_received"] = np.cumsum(rng.exponential(gap_s, n))
    calls["node"] = rng.integers(0, city.roads.n_nodes, n)
    calls["lon"], calls["lat"] = city.roads.lon[calls["node"]], city.roads.lat[calls["node"]]
    calls["priority"] = rng.integers(1, 4, n)
    calls["transport"] = rng.random(n) < transport
    for name, mean in MEAN_S.items():
        calls[name] = rng.exponential(mean, n)
    calls["u_travel"] = rng.uniform(1e-9, 1, n)
    return calls


def fixed_calls(*rows: tuple[float, int, int], transport: bool = True) -> np.ndarray:
    """Calls (received at, node, priority) with round intervals: 10 s taking, 20 turnout, 100 scene, 50, 30."""
    calls = np.zeros(len(rows), CALL_DRAW)
    for i, (t_received, node, priority) in enumerate(rows):
        calls[i]["t_received"], calls[i]["node"], calls[i]["priority"] = t_received, node, priority
    calls["transport"] = transport
    calls["dispatch_delay_s"], calls["turnout_s"], calls["scene_s"] = 10, 20, 100
    calls["offload_s"], calls["clear_s"], calls["u_travel"] = 50, 30, 0.5
    return calls


def assert_is_now(then: Instant, world: World) -> None:
    """An instant rebuilt from the log says of units and hospitals what the world itself says."""
    assert [unit.status for unit in then.units] == [UnitStatus(s).name.lower() for s in world.units["status"]]
    assert [unit.call for unit in then.units] == [None if c < 0 else c for c in world.units["call"]]
    np.testing.assert_allclose([unit.since_s for unit in then.units], world.units["since"], rtol=1e-9)
    assert then.inbound == tuple(world.hospitals["inbound"])
    assert then.offloading == tuple(world.hospitals["offloading"])


def assert_same(a: np.ndarray, b: np.ndarray) -> None:
    """Two record arrays hold the same values in every field (the padding between fields does not count)."""
    for name in a.dtype.names or ():
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
