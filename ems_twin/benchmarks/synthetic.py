"""An invented city of any size, written as an OSMnx graph: what a benchmark can hand on when no map may be shipped.

It has what makes real streets harder than a chessboard: blocks of uneven size, streets that are missing, one-ways
that alternate as in a planned grid, an arterial every eighth street that is faster than the rest, and a river that is
crossed only by a few bridges. The same seed gives the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.assemble import strong_parts

BLOCK_M = 95.0
ARTERIAL_EVERY = 8
BRIDGE_EVERY = 24
MISSING_SHARE = 0.14
ONE_WAY_SHARE = 0.35
_LON, _LAT = 9.0, 45.0
_METRES_A_DEGREE_LON, _METRES_A_DEGREE_LAT = 78_847.0, 111_132.0  # WGS 84 at 45 degrees north


@dataclass(frozen=True, eq=False, kw_only=True)
class SyntheticGraph:
    """Nodes and directed edges of an invented city; n nodes, m edges, strongly connected."""

    lon: NDArray[np.float64]
    """Degrees east, shape (n,)."""
    lat: NDArray[np.float64]
    """Degrees north, shape (n,)."""
    tail: NDArray[np.int64]
    """Node that edge e leaves, shape (m,)."""
    head: NDArray[np.int64]
    """Node that edge e enters, shape (m,)."""
    length_m: NDArray[np.float64]
    """Length of edge e, metres."""
    limit_kmh: NDArray[np.float64]
    """Speed limit of edge e, km/h."""
    arterial: NDArray[np.bool_]
    """Whether edge e is part of an arterial."""
    one_way: NDArray[np.bool_]
    """Whether edge e has no opposite."""


def synthetic_graph(*, nodes: int = 50_000, seed: int = 1) -> SyntheticGraph:
    """Draw an invented city.

    Parameters
    ----------
    nodes
        About how many junctions it shall have (within a few per cent from 1,000 on), at least 100.
    seed
        Of the drawing.
    """
    if nodes < 100:
        raise ValueError(f"nodes is {nodes}; an invented city has at least 100")
    rng = np.random.default_rng(seed)
    rows = round(np.sqrt(nodes * 0.8))  # a city somewhat wider than deep
    cols = round(nodes * 1.015 / rows)  # the largest strongly connected part holds about 98.5 % of the junctions
    node = np.arange(rows * cols).reshape(rows, cols)
    x = (np.arange(cols) * BLOCK_M + rng.normal(0, 0.2 * BLOCK_M, (rows, cols))).ravel()
    y = (np.arange(rows)[:, None] * BLOCK_M + rng.normal(0, 0.2 * BLOCK_M, (rows, cols))).ravel()

    # streets: west to east along rows, south to north along columns
    a = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    b = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    along_row = np.arange(len(a)) < rows * (cols - 1)
    line = np.where(along_row, a // cols, rows + a % cols)  # which street of the plan
    arterial_line = np.concatenate([np.arange(rows) % ARTERIAL_EVERY == 0, np.arange(cols) % ARTERIAL_EVERY == 0])
    arterial = arterial_line[line]

    keep = arterial | (rng.random(len(a)) >= MISSING_SHARE)
    crosses_river = ~along_row & (a // cols == rows // 2)
    keep &= ~crosses_river | (a % cols % BRIDGE_EVERY == 0)
    a, b, line, arterial = a[keep], b[keep], line[keep], arterial[keep]

    one_way_line = (rng.random(rows + cols) < ONE_WAY_SHARE) & ~arterial_line
    against = rng.random(rows + cols) < 0.5
    one_way, turned = one_way_line[line], (one_way_line & against)[line]
    limit = np.where(arterial, 55.0, 30.0) * rng.uniform(0.8, 1.2, len(a))
    length = np.hypot(x[b] - x[a], y[b] - y[a]) * rng.uniform(1.0, 1.1, len(a))

    forth, back = ~turned, ~one_way | turned
    tail = np.concatenate([a[forth], b[back]])
    head = np.concatenate([b[forth], a[back]])
    length, limit = np.concatenate([length[forth], length[back]]), np.concatenate([limit[forth], limit[back]])
    arterial = np.concatenate([arterial[forth], arterial[back]])
    one_way = np.concatenate([one_way[forth], one_way[back]])

    _, part = strong_parts(len(x), tail, head)
    inside = part == np.bincount(part).argmax()
    row = np.cumsum(inside) - 1
    kept = inside[tail] & inside[head]
    return SyntheticGraph(
        lon=_LON + x[inside] / _METRES_A_DEGREE_LON,
        lat=_LAT + y[inside] / _METRES_A_DEGREE_LAT,
        tail=row[tail[kept]],
        head=row[head[kept]],
        length_m=np.round(length[kept], 2),
        limit_kmh=np.round(limit[kept]),
        arterial=arterial[kept],
        one_way=one_way[kept],
    )


_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="crs" for="graph" attr.name="crs" attr.type="string"/>
  <key id="x" for="node" attr.name="x" attr.type="string"/>
  <key id="y" for="node" attr.name="y" attr.type="string"/>
  <key id="osmid" for="edge" attr.name="osmid" attr.type="string"/>
  <key id="highway" for="edge" attr.name="highway" attr.type="string"/>
  <key id="oneway" for="edge" attr.name="oneway" attr.type="string"/>
  <key id="length" for="edge" attr.name="length" attr.type="string"/>
  <key id="maxspeed" for="edge" attr.name="maxspeed" attr.type="string"/>
  <graph edgedefault="directed">
    <data key="crs">epsg:4326</data>
"""


def write_synthetic_graphml(path: Path, *, nodes: int = 50_000, seed: int = 1) -> SyntheticGraph:
    """Write an invented city as the GraphML that OSMnx saves and loads; returns what was written.

    Parameters
    ----------
    path
        File to write.
    nodes, seed
        As in :func:`synthetic_graph`.
    """
    graph = synthetic_graph(nodes=nodes, seed=seed)
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        file.write(_HEAD)
        for v, (lon, lat) in enumerate(zip(graph.lon.tolist(), graph.lat.tolist(), strict=True)):
            file.write(f'<node id="{v}"><data key="x">{lon:.7f}</data><data key="y">{lat:.7f}</data></node>\n')
        for e, (u, v) in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)):
            file.write(
                f'<edge source="{u}" target="{v}" id="0"><data key="osmid">{e}</data>'
                f'<data key="highway">{"primary" if graph.arterial[e] else "residential"}</data>'
                f'<data key="oneway">{bool(graph.one_way[e])}</data>'
                f'<data key="length">{graph.length_m[e]}</data><data key="maxspeed">{graph.limit_kmh[e]:.0f}</data></edge>\n'
            )
        file.write("  </graph>\n</graphml>\n")
    return graph
