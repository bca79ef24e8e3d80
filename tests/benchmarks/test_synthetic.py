"""The invented city: the size that was asked for, one strongly connected part, the same from the same seed."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ems_twin.benchmarks.routing import read_roads
from ems_twin.benchmarks.synthetic import BLOCK_M, synthetic_graph, write_synthetic_graphml


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_strongly_connected_and_about_as_large_as_asked(seed):
    graph = synthetic_graph(nodes=2_000, seed=seed)
    n = len(graph.lon)
    assert abs(n - 2_000) < 60
    arcs = coo_array((np.ones(len(graph.tail)), (graph.tail, graph.head)), shape=(n, n))
    assert connected_components(arcs, directed=True, connection="strong")[0] == 1


def test_the_same_seed_gives_the_same_file(tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_synthetic_graphml(tmp_path / name, nodes=300, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_it_has_what_makes_a_city_hard():
    graph = synthetic_graph(nodes=5_000, seed=1)
    assert 0.1 < graph.one_way.mean() < 0.4
    assert graph.limit_kmh[graph.arterial].mean() > 1.5 * graph.limit_kmh[~graph.arterial].mean()
    forth = set(zip(graph.tail.tolist(), graph.head.tolist(), strict=True))
    opposite = np.array([(v, u) in forth for u, v in zip(graph.tail.tolist(), graph.head.tolist(), strict=True)])
    assert np.array_equal(~opposite, graph.one_way)
    # the river after the middle row: only bridges lead across, elsewhere nearly every street goes on
    middle_row = round(np.sqrt(5_000 * 0.8)) // 2

    def crossings(after_row):
        line = 45.0 + (after_row + 0.5) * BLOCK_M / 111_132.0
        return np.count_nonzero((graph.lat[graph.tail] < line) != (graph.lat[graph.head] < line))

    assert 0 < crossings(middle_row) < 0.3 * crossings(middle_row + 10)


def test_too_small_a_city_is_refused():
    with pytest.raises(ValueError, match="at least 100"):
        synthetic_graph(nodes=50)


def test_the_file_is_read_back_as_it_was_drawn(tmp_path):
    path = tmp_path / "city.graphml"
    graph = write_synthetic_graphml(path, nodes=400, seed=3)
    roads = read_roads(path)
    assert roads.n_nodes == len(graph.lon)
    assert roads.n_edges == len(graph.tail)
    assert roads.length_m.sum() == pytest.approx(graph.length_m.sum())
    assert roads.speed_mps.max() > 2.0 * roads.speed_mps.min()


def test_osmnx_reads_it(tmp_path):
    osmnx = pytest.importorskip("osmnx")
    path = tmp_path / "city.graphml"
    graph = write_synthetic_graphml(path, nodes=200, seed=3)
    loaded = osmnx.load_graphml(path)
    assert len(loaded) == len(graph.lon)
    assert loaded.number_of_edges() == len(graph.tail)
    assert sum(d["length"] for *_, d in loaded.edges(data=True)) == pytest.approx(graph.length_m.sum())
