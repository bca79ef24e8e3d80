from __future__ import annotations

import numpy as np
import pytest
from tiny_jemss import FILES, changed, write_model

from ems_twin.interop import JemssError, read_jemss
from ems_twin.interop.jemss_model import MapBox, Nodes
from ems_twin.interop.jemss_network import NearestNode


def directed(*rows: str, header: str = "index,fromNode,toNode,mode_1,mode_2") -> dict[str, str]:
    text = f"miscData,\narcForm,numModes\ndirected,2\n\narcs,\n{header}\n"
    return {"arcs.csv": text + "".join(f"{k},{row}\n" for k, row in enumerate(rows, start=1))}


RING = ("1,2,0.1,0.2", "2,3,0.1,0.2", "3,4,0.1,0.2", "4,1,0.3,0.4")


def test_directed_arcs_without_distance_are_straight(tmp_path):
    arcs = read_jemss(write_model(tmp_path, directed(*reversed(RING)))).arcs
    assert arcs.tail.tolist() == [0, 1, 2, 3]
    assert arcs.head.tolist() == [1, 2, 3, 0]
    assert np.allclose(arcs.distance_km, 1.0, rtol=1e-14)
    assert arcs.time_days.tolist() == [[0.1, 0.1, 0.1, 0.3], [0.2, 0.2, 0.2, 0.4]]


@pytest.mark.parametrize(
    ("files", "row", "field", "problem"),
    [
        (directed(*RING, "1,2,0.5,0.5"), 5, "toNode", "second arc between nodes 1 and 2"),
        (directed(*RING, "3,3,0.5,0.5"), 5, "toNode", "from node 3 to itself"),
        (directed(*RING, "3,5,0.5,0.5"), 5, "toNode", "5 is out of range"),
        (directed(*RING, "3,1,0,0.5"), 5, "mode_1", "0 is not above 0"),
        (directed(*RING, "3,1,0.5,"), 5, "mode_2", "the cell is empty"),
        (directed(*RING, header="index,fromNode,toNode,mode_1"), None, "mode_2", "the column is missing"),
        (changed("arcs.csv", "undirected,2", "both,2"), 1, "arcForm", "'both' is no form"),
        (changed("arcs.csv", "2,2,3,1.0", "2,1,2,1.0"), 2, "toNode", "second arc between nodes 1 and 2"),
        (changed("arcs.csv", "1,2,1,1.5", "1,2,1,-1.5"), 1, "distance", "-1.5 is below 0"),
    ],
)
def test_faults_of_arcs(tmp_path, files, row, field, problem):
    with pytest.raises(JemssError, match=problem) as caught:
        read_jemss(write_model(tmp_path, files))
    (fault,) = caught.value.faults
    assert (fault.row, fault.field) == (row, field)
    assert fault.file.endswith("arcs.csv")


def test_a_one_way_street_that_leads_nowhere(tmp_path):
    folder = write_model(tmp_path, directed("1,2,0.1,0.2", "2,1,0.1,0.2", "2,3,0.1,0.2", "1,3,0.1,0.1"))
    with pytest.raises(JemssError) as caught:
        read_jemss(folder)
    (fault,) = caught.value.faults
    assert fault.problem.startswith("2 of 4 nodes (3, 4) cannot be reached")
    assert "has 2" in fault.problem
    assert "largest part" in fault.remedy


def test_the_largest_part_says_what_is_lost(tmp_path):
    rows = ("2,3,0.1,0.2", "3,4,0.1,0.2", "4,2,0.3,0.4", "1,2,0.1,0.2")
    model = read_jemss(write_model(tmp_path, directed(*rows)), largest_part=True)
    assert model.nodes.number.tolist() == [2, 3, 4]
    assert model.arcs.tail.tolist() == [0, 1, 2]
    assert model.arcs.head.tolist() == [1, 2, 0]
    assert model.arcs.time_days[0].tolist() == [0.1, 0.1, 0.3]
    assert model.calls.node.max() < 3
    assert model.notes == ("left out 1 of 4 nodes (1) and 1 directed arcs that no trip could use",)


def test_a_sound_network_loses_nothing(tmp_path):
    model = read_jemss(write_model(tmp_path), largest_part=True)
    assert len(model.nodes.x) == 4
    assert model.notes == ()


def test_no_way_off_the_road(tmp_path):
    nodes = FILES["nodes.csv"].replace("1.0,a", "0,a").replace("1.0,b", "0,b").replace("true,c", "0,c")
    with pytest.raises(JemssError, match="no node has off-road access"):
        read_jemss(write_model(tmp_path, {"nodes.csv": nodes}))


def test_nearest_nodes_agree_with_looking_at_all():
    rng = np.random.default_rng(11)
    box = MapBox(0, 1, 0, 1, 70.0, 111.0)
    x, y = rng.random((2, 300))
    access = rng.random(300) < 0.7
    nodes = Nodes(np.arange(1, 301, dtype=np.int32), x, y, access)
    px, py = rng.random((2, 200))
    node, km = NearestNode(box, nodes)(px, py)
    distance = box.distance_km(px[:, None], py[:, None], x, y)
    distance[:, ~access] = np.inf
    assert np.array_equal(node, distance.argmin(axis=1))
    assert np.array_equal(km, distance.min(axis=1))
