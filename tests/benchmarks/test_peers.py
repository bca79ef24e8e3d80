"""Every peer that is installed gives our answers: before a closure, and after one that cuts a place off."""

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.benchmarks.peer import Ours
from ems_twin.benchmarks.peers import PEERS
from ems_twin.benchmarks.questions import COUNTS_PER_S, ask, median_s
from ems_twin.city.sample import grid_city


@pytest.fixture(scope="module")
def questions():
    """A small city with uneven speeds; the closure takes every street into the node of call 0."""
    roads = grid_city(12, 9, spacing_m=120.0).roads
    uneven = replace(roads, speed_mps=roads.speed_mps * np.random.default_rng(5).uniform(0.5, 1.5, roads.n_edges))
    drawn = ask(uneven, units=7, calls=11, closures=3, seed=2)
    cut_off = drawn.calls[0]
    assert cut_off not in drawn.units
    return replace(
        drawn,
        closed_edges=np.flatnonzero(uneven.head == cut_off),
        closed_arcs=np.flatnonzero(drawn.head == cut_off),
    )


def answers(peer, questions):
    router = peer(questions)
    router.reverse()
    found = []
    for close in (False, True):
        if close:
            router.close()
        found += [
            router.seconds([router.single(call) for call in range(len(questions.calls))]),
            router.seconds(router.batch(len(questions.units))),
            router.seconds(router.one_to_all(3)),
        ]
    return found


@pytest.fixture(scope="module")
def ours(questions):
    return answers(Ours, questions)


def test_our_answers_hold_together(questions, ours):
    single, batch, one_to_all, single_closed, batch_closed, one_to_all_closed = ours
    assert single.shape == (11, 7)
    assert np.array_equal(single, batch.T)
    assert np.array_equal(one_to_all[questions.calls], batch[3])
    assert np.isfinite(single).all()
    same = questions.calls == questions.calls[0]
    assert np.isinf(single_closed[same]).all()
    assert np.array_equal(single_closed, batch_closed.T)
    assert np.isfinite(single_closed[~same]).all()
    assert np.isinf(one_to_all_closed).sum() == 1


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
@pytest.mark.filterwarnings("ignore:Unsigned integer:UserWarning")  # pandana says so of a place without a way
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the peers' own affairs
def test_peer_agrees(peer, questions, ours):
    if peer.version() is None:
        pytest.skip(f"{peer.package} is not installed")
    for theirs, expected in zip(answers(peer, questions), ours, strict=True):
        assert theirs.shape == expected.shape
        assert np.array_equal(np.isinf(theirs), np.isinf(expected))
        finite = np.isfinite(expected)
        assert np.abs(theirs[finite] - expected[finite]).max() <= 1e-3


@pytest.mark.parametrize("peer", [Ours, *PEERS], ids=lambda peer: peer.name)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_customising_takes_a_closure_back(peer, questions, ours):
    if peer.version() is None and peer is not Ours:
        pytest.skip(f"{peer.package} is not installed")
    router = peer(questions)
    router.reverse()
    if not peer.can_customise:
        with pytest.raises(TypeError, match="apart from its weights"):
            router.customise()
        return
    router.close()
    router.customise()
    assert np.array_equal(router.seconds([router.single(call) for call in range(11)]), ours[0])


def test_weights_are_whole_counts_and_of_parallel_streets_the_fastest(questions):
    assert np.array_equal(questions.edge_s * COUNTS_PER_S, np.rint(questions.edge_s * COUNTS_PER_S))
    assert len(questions.tail) == questions.roads.n_edges  # this city has no parallels
    doubled = ask(two_streets_between_the_same_ends(), units=1, calls=1, closures=1)
    assert len(doubled.tail) == 2
    assert doubled.counts.max() == 10 * COUNTS_PER_S
    assert len(doubled.closed_edges) in (1, 2)


def two_streets_between_the_same_ends():
    """Node 0 and 1 with two streets from 0 to 1 (10 s and 40 s) and one back (10 s)."""
    roads = grid_city(1, 2, spacing_m=100.0).roads
    take = np.array([0, 0, 1])
    return replace(
        roads,
        first_out=np.array([0, 2, 3], np.int32),
        head=roads.head[take],
        length_m=roads.length_m[take],
        speed_mps=np.array([10.0, 2.5, 10.0]),
        road_class=roads.road_class[take],
        name_id=roads.name_id[take],
        shape_first=np.zeros(4, np.int32),
    )


def test_median_s_keeps_to_its_limits():
    asked = []
    _, runs = median_s(asked.append, at_least=3, at_most=5, budget_s=60.0)
    assert (runs, asked) == (5, [0, 0, 1, 2, 3, 4])
    _, runs = median_s(asked.append, at_least=3, at_most=5, budget_s=0.0)
    assert runs == 3
