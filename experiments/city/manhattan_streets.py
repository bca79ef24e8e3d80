"""Compute ``maps/manhattan/streets.csv``: which streets of the packed network are two-way, and what the main ones are.

The network in ``nrel.hive`` has lost the second direction of nearly every two-way street, and all names and classes.
This script finds each of its streets in an OpenStreetMap graph of Manhattan by position and bearing, takes name, class
and whether both directions exist from there, and writes the runs of two-way and of main streets by the package's own
node ids, as :mod:`ems_twin.city.streets` reads them. Afterwards ``ems-twin city build manhattan`` makes the bundle anew.

    python experiments/city/manhattan_streets.py --osm roads_osm2019.graphml.gz --hive nrel.hive-1.3.1-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from ems_twin.city import ROAD_CLASSES, project, read_source
from ems_twin.city.raw import RawRoads

CRS = "EPSG:32618"
STEP_M = 15.0  # distance of the sample points along the streets of the reference
NEAR_M = 30.0  # half the width of the widest avenue, and the two maps' disagreement
TURN_DEG = 20.0  # a street that bears further off is another one
MAIN = {"motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link", "secondary_link"}
Fact = tuple[str, str, bool]
"""Name, class, two-way."""


def main() -> None:
    """Read the two networks, match them, write the table and say how well it fits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--osm", type=Path, required=True, help="OSMnx GraphML of Manhattan")
    parser.add_argument("--hive", type=Path, required=True, help="wheel of nrel.hive, or its manhattan_network.json")
    parser.add_argument("--out", type=Path, default=Path("maps/manhattan/streets.csv"))
    arguments = parser.parse_args()
    hive, reference = read_source(arguments.hive, kind="hive"), read_source(arguments.osm)
    facts = match(hive, Reference(reference))
    rows = list(runs(hive, facts))
    with arguments.out.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["name", "class", "two_way", "nodes"])
        for (name, road_class, two_way), nodes in rows:
            table.writerow([name, road_class, int(two_way), " ".join(str(hive.osm_id[node]) for node in nodes)])
    report(hive, facts, reference, len(rows))


class Reference:
    """Points along the streets of the reference, each with what is known of its street."""

    def __init__(self, raw: RawRoads) -> None:
        x, y = project(CRS, raw.lon, raw.lat)
        directed = set(zip(raw.tail.tolist(), raw.head.tolist(), strict=True))
        points, bearings, owners = [], [], []
        self.facts: list[Fact] = []
        for e, (a, b) in enumerate(zip(raw.tail.tolist(), raw.head.tolist(), strict=True)):
            self.facts.append((raw.names[raw.name_id[e]], ROAD_CLASSES[raw.road_class[e]], (b, a) in directed))
            first, last = raw.shape_first[e], raw.shape_first[e + 1]
            inner = project(CRS, raw.shape_lon[first:last], raw.shape_lat[first:last])
            line = np.column_stack([np.r_[x[a], inner[0], x[b]], np.r_[y[a], inner[1], y[b]]])
            for start, stop in pairwise(line):
                length = float(np.hypot(*(stop - start)))
                share = (np.arange(max(1, round(length / STEP_M))) + 0.5) / max(1, round(length / STEP_M))
                points.append(start + share[:, None] * (stop - start))
                bearings.append(np.full(len(share), bearing(stop - start)))
                owners.append(np.full(len(share), e))
        self._tree = cKDTree(np.concatenate(points))
        self._bearing, self._owner = np.concatenate(bearings), np.concatenate(owners)

    def fact_at(self, point: np.ndarray, bearing_deg: float) -> Fact | None:
        """What is known of the nearest street that bears alike."""
        far, found = self._tree.query(point, k=24, distance_upper_bound=NEAR_M)
        for i in found[np.isfinite(far)]:
            turn = abs(self._bearing[i] - bearing_deg) % 180
            if min(turn, 180 - turn) <= TURN_DEG:
                return self.facts[self._owner[i]]
        return None


def bearing(step: np.ndarray) -> float:
    """Bearing of a step in degrees, the same for both directions: 0 to 180."""
    return float(np.degrees(np.arctan2(step[1], step[0])) % 180)


def match(hive: RawRoads, reference: Reference) -> dict[tuple[int, int], Fact]:
    """What most of three points along each street say, by its end nodes in ascending order."""
    x, y = project(CRS, hive.lon, hive.lat)
    facts: dict[tuple[int, int], Fact] = {}
    for a, b in {(min(p), max(p)) for p in zip(hive.tail.tolist(), hive.head.tolist(), strict=True) if p[0] != p[1]}:
        start, stop = np.array([x[a], y[a]]), np.array([x[b], y[b]])
        said = [reference.fact_at(start + share * (stop - start), bearing(stop - start)) for share in (0.5, 0.25, 0.75)]
        votes = Counter(fact for fact in said if fact is not None)
        if votes:
            facts[a, b] = votes.most_common(1)[0][0]
    return facts


def runs(hive: RawRoads, facts: dict[tuple[int, int], Fact]) -> list[tuple[Fact, list[int]]]:
    """Two-way and main streets as runs of nodes between which the shortest way is the street itself."""
    graph = shortest_graph(hive)
    by_fact: dict[Fact, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (a, b), fact in sorted(facts.items()):
        if fact[2] or fact[1] in MAIN:
            by_fact[fact][a].append(b)
            by_fact[fact][b].append(a)
    rows = []
    for fact in sorted(by_fact):
        for chain in chains(by_fact[fact]):
            stops = [chain[0], *stops_within(graph, chain)]
            rows.append((fact, stops))
    return rows


def shortest_graph(hive: RawRoads) -> csr_array:
    """The package's streets without direction; of parallel ones the shortest."""
    best: dict[tuple[int, int], float] = {}
    for a, b, metres in zip(hive.tail.tolist(), hive.head.tolist(), hive.length_m.tolist(), strict=True):
        key = (min(a, b), max(a, b))
        best[key] = min(metres, best.get(key, np.inf))
    ends = np.array(list(best))
    n = len(hive.lon)
    return csr_array((np.array(list(best.values())), (ends[:, 0], ends[:, 1])), shape=(n, n))


def chains(neighbours: dict[int, list[int]]) -> list[list[int]]:
    """Cut a set of streets into runs between their ends and forks; a ring is cut at its lowest node."""
    left = {(min(a, b), max(a, b)) for a in neighbours for b in neighbours[a]}
    found = []

    def follow(start: int, onward: int) -> None:
        chain = [start, onward]
        left.discard((min(start, onward), max(start, onward)))
        while len(neighbours[chain[-1]]) == 2:
            after = next(node for node in neighbours[chain[-1]] if node != chain[-2])
            key = (min(chain[-1], after), max(chain[-1], after))
            if key not in left:
                break
            left.discard(key)
            chain.append(after)
        found.append(chain)

    ends = [node for node in sorted(neighbours) if len(neighbours[node]) != 2]
    for node in [*ends, *sorted(neighbours)]:
        for onward in sorted(neighbours[node]):
            if (min(node, onward), max(node, onward)) in left:
                follow(node, onward)
    return found


def stops_within(graph: csr_array, chain: list[int]) -> list[int]:
    """Nodes after the first that pin a run down: where the shortest way to the end is another, halve the run."""
    if len(chain) == 2:
        return [chain[-1]]
    if chain[0] != chain[-1]:
        _, before = dijkstra(graph, directed=False, indices=chain[0], return_predecessors=True)
        node, way = chain[-1], [chain[-1]]
        while node != chain[0]:
            node = int(before[node])
            way.append(node)
        if way[::-1] == chain:
            return [chain[-1]]
    half = len(chain) // 2
    return [*stops_within(graph, chain[: half + 1]), *stops_within(graph, chain[half:])]


def report(hive: RawRoads, facts: dict[tuple[int, int], Fact], reference: RawRoads, n_rows: int) -> None:
    """Print how much was found, and how the two-way streets compare in length."""
    x, y = project(CRS, hive.lon, hive.lat)
    metres = {key: float(np.hypot(x[key[0]] - x[key[1]], y[key[0]] - y[key[1]])) for key in facts}
    streets = {(min(p), max(p)) for p in zip(hive.tail.tolist(), hive.head.tolist(), strict=True) if p[0] != p[1]}
    two_way_km = sum(metres[key] for key, fact in facts.items() if fact[2]) / 1000
    directed = set(zip(reference.tail.tolist(), reference.head.tolist(), strict=True))
    pairs = zip(reference.tail.tolist(), reference.head.tolist(), reference.length_m.tolist(), strict=True)
    there_km = sum(length for a, b, length in pairs if a < b and (b, a) in directed) / 1000
    print(f"{n_rows} rows; {len(facts) / len(streets):.1%} of {len(streets):,} streets found in the reference")
    print(f"two-way streets: {two_way_km:.0f} km, {there_km:.0f} km in the reference")


if __name__ == "__main__":
    main()
