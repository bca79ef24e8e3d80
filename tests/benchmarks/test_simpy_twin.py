"""The SimPy model of the same rules gives the compiled driver's response times, quiet or overwhelmed."""

from datetime import UTC, datetime

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand import CALL_DRAW
from ems_twin.routing import Router
from ems_twin.simulation import simulate
from ems_twin.world import Rules

pytest.importorskip("simpy")


def drawn_calls(city, n, mean_gap_s, seed):
    rng = np.random.default_rng(seed)
    calls = np.zeros(n, CALL_DRAW)
    calls["t_received"] = np.cumsum(rng.exponential(mean_gap_s, n))
    calls["node"] = rng.integers(0, city.roads.n_nodes, n)
    calls["priority"] = rng.integers(1, 4, n)
    calls["transport"] = rng.random(n) < 0.7
    for name, mean_s in (
        ("dispatch_delay_s", 60),
        ("turnout_s", 45),
        ("scene_s", 900),
        ("offload_s", 1200),
        ("clear_s", 300),
    ):
        calls[name] = rng.exponential(mean_s, n)
    calls["u_travel"] = 0.5
    return calls


@pytest.mark.parametrize("mean_gap_s", [2_000.0, 500.0, 200.0])
@pytest.mark.parametrize("transport_sirens", [0, 1])
def test_response_times_equal_the_compiled_drivers(mean_gap_s, transport_sirens):
    from ems_twin.benchmarks.simpy_twin import SimpyTwin, TravelTables

    city = grid_city(14, 14, stations=((0, 0), (7, 7), (13, 3)), hospitals=((4, 5), (-1, -1)), units_per_station=2)
    rules = Rules(transport_sirens_to_priority=transport_sirens)
    calls = drawn_calls(city, 800, mean_gap_s, seed=int(mean_gap_s))
    router = Router(city.roads)
    run = simulate(
        city, calls, start=datetime(2024, 1, 1, tzinfo=UTC), duration_s=1e6, router=router, units=6, rules=rules
    )
    on_scene_s = SimpyTwin(city, calls, TravelTables(city, router, rules), units=6, rules=rules).run()
    assert np.isfinite(on_scene_s).all()
    assert np.abs(on_scene_s - run.calls["t_on_scene"]).max() <= 1e-6
    if mean_gap_s == 200.0:
        assert run.calls["was_queued"].mean() > 0.5
