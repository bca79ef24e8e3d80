"""Travel times are swapped under readers: every answer is that of one whole set, never a mixture."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.errors import RoutingError
from ems_twin.routing import ORDINARY, LiveRouter, Router

TOWN = grid_city(12, 12, spacing_m=150.0)
WAIT_S = 60.0


def slower(factor: float):
    return lambda base: base.with_edge_times(base.edge_s * factor)


def test_readers_only_ever_see_whole_sets() -> None:
    """Readers ask matrices while streets get slower and faster; each answer is a whole multiple of the first."""
    base = Router(TOWN.roads)
    live = LiveRouter(base)
    some = np.arange(0, TOWN.roads.n_nodes, 7)
    expected = {factor: slower(factor)(base).matrix_s(some, some, metric=ORDINARY) for factor in (1.0, 2.0, 3.0, 5.0)}
    asked, wrong, epochs = [0] * 4, [], [set() for _ in range(4)]
    stop = threading.Event()

    def read(k: int) -> None:
        last = -1
        while not stop.is_set():
            now = live.in_force
            if now.epoch < last:
                wrong.append(f"epoch {now.epoch} after {last}")
            last = now.epoch
            epochs[k].add(last)
            answer = now.router.matrix_s(some, some, metric=ORDINARY)
            if not np.array_equal(answer, expected[now.tag or 1.0]):
                wrong.append(f"epoch {now.epoch} answers with other times")
            direct = live.router.matrix_s(some, some, metric=ORDINARY)  # whichever is in force: but one of them
            if not any(np.array_equal(direct, each) for each in expected.values()):
                wrong.append("a mixture")
            asked[k] += 2 * len(some) ** 2

    readers = [threading.Thread(target=read, args=(k,)) for k in range(4)]
    for reader in readers:
        reader.start()
    try:
        for round_ in range(60):
            factor = (2.0, 3.0, 5.0)[round_ % 3]
            live.change(slower(factor), tag=factor)
            assert live.wait(WAIT_S).tag == factor
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert live.in_force.epoch == 60
    assert sum(asked) > 10_000
    assert len(set.union(*epochs)) > 3


def test_of_changes_that_come_while_one_is_made_only_the_last_is() -> None:
    live = LiveRouter(Router(TOWN.roads))
    begun, go_on = threading.Event(), threading.Event()

    def slow(base: Router) -> Router:
        begun.set()
        assert go_on.wait(WAIT_S)
        return slower(2.0)(base)

    live.change(slow, tag="first")
    assert begun.wait(WAIT_S)
    assert live.in_force.epoch == 0  # queries go on with the old times
    for i in range(5):
        live.change(slower(3.0 + i), tag=i)
    with pytest.raises(TimeoutError):
        live.wait(0.01)
    go_on.set()
    now = live.wait(WAIT_S)
    assert (now.tag, now.epoch, live.skipped) == (4, 2, 4)


def test_a_change_that_fails_leaves_the_old_times_in_force_and_is_told() -> None:
    told: list[Exception] = []
    swaps: list[int] = []
    live = LiveRouter(Router(TOWN.roads), on_swap=lambda now: swaps.append(now.epoch), on_failure=told.append)
    before = live.in_force
    live.change(lambda base: base.with_closures([10**9]))
    with pytest.raises(RoutingError, match="does not exist"):
        live.wait(WAIT_S)
    assert live.in_force is before
    assert live.failure is told[0]
    live.change(slower(2.0))
    assert live.wait(WAIT_S).epoch == 1
    assert live.failure is None
    live.reset()
    assert live.wait(WAIT_S).router is live.base
    assert swaps == [1, 2]
