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
MOTORWAYS = {"motorway", "motorway_link"}
FAST = MOTORWAYS | {"trunk", "trunk_link"}
POINTS = (0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875)  # shares of a street's length; the middle first, it breaks ties
BENT = 1.03  # a street this much longer than the straight line between its ends leaves the line it is drawn on
LENGTHS_AGREE = (0.05, 5.0)  # share and metres by which the two maps may differ in a street's length
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
    facts = match(hive, Reference(reference), Ways(reference))
    rows = list(runs(hive, facts))
    with arguments.out.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["name", "class", "two_way", "nodes"])
        for (name, road_class, two_way), nodes in rows:
            table.writerow([name, road_class, int(two_way), " ".join(str(hive.osm_id[node]) for node in nodes)])
    report(hive, facts, Ways(reference), len(rows))


class Reference:
    """Points along the streets of the reference, each with what is known of its street."""

    def __init__(self, raw: RawRoads) -> None:
        x, y = project(CRS, raw.lon, raw.lat)
        directed = set(zip(raw.tail.tolist(), raw.head.tolist(), strict=True))
        points, bearings, owners = [], [], []
        self.facts: list[Fact] = []
        for e, (a, b) in enumerate(zip(raw.tail.tolist(), raw.head.tolist(), strict=True)):
            road_class = ROAD_CLASSES[raw.road_class[e]]
            two_way = (b, a) in directed and road_class not in MOTORWAYS  # reversible lanes are mapped both ways
            self.facts.append((raw.names[raw.name_id[e]], road_class, two_way))
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

    def fact_at(self, point: np.ndarray, bearing_deg: float, fast: bool) -> Fact | None:
        """What is known of the nearest street that bears alike; of a motorway, the nearest that is one."""
        far, found = self._tree.query(point, k=24, distance_upper_bound=NEAR_M)
        for i in found[np.isfinite(far)]:
            turn = abs(self._bearing[i] - bearing_deg) % 180
            fact = self.facts[self._owner[i]]
            if min(turn, 180 - turn) <= TURN_DEG and (fact[1] in FAST or not fast):
                return fact
        return None


class Ways:
    """Ways through the reference between nodes that both maps have, one-way signs not regarded."""

    def __init__(self, raw: RawRoads) -> None:
        self.row = {int(id_): row for row, id_ in enumerate(raw.osm_id)}
        self._graph = shortest_graph(raw)
        directed = set(zip(raw.tail.tolist(), raw.head.tolist(), strict=True))
        self._facts: dict[tuple[int, int], tuple[float, Fact]] = {}
        for e, (a, b) in enumerate(zip(raw.tail.tolist(), raw.head.tolist(), strict=True)):
            road_class, metres = ROAD_CLASSES[raw.road_class[e]], float(raw.length_m[e])
            two_way = (b, a) in directed and road_class not in MOTORWAYS
            key = (min(a, b), max(a, b))
            if key not in self._facts or metres < self._facts[key][0]:
                self._facts[key] = (metres, (raw.names[raw.name_id[e]], road_class, two_way))

    def fact_between(self, start_id: int, stop_id: int, metres: float) -> Fact | None:
        """Name and class of the longest part of the way, two-way if all is; None if there is no way of that length."""
        if start_id not in self.row or stop_id not in self.row:
            return None
        start, stop = self.row[start_id], self.row[stop_id]
        share, more = LENGTHS_AGREE
        limit = metres * (1 + share) + more
        far, before = dijkstra(self._graph, directed=False, indices=start, return_predecessors=True, limit=limit)
        if far[stop] < metres * (1 - share) - more or not np.isfinite(far[stop]):
            return None
        parts: list[tuple[float, Fact]] = []
        while stop != start:
            after, stop = stop, int(before[stop])
            parts.append(self._facts[min(stop, after), max(stop, after)])
        longest: Counter[tuple[str, str]] = Counter()
        for length, fact in parts:
            longest[fact[:2]] += length
        return (*longest.most_common(1)[0][0], all(fact[2] for _, fact in parts))


def bearing(step: np.ndarray) -> float:
    """Bearing of a step in degrees, the same for both directions: 0 to 180."""
    return float(np.degrees(np.arctan2(step[1], step[0])) % 180)


def match(hive: RawRoads, reference: Reference, ways: Ways) -> dict[tuple[int, int], Fact]:
    """What the reference says of each street, by its end nodes in ascending order.

    A street is where it is drawn if it is straight: then most of some points along it tell. A bent one is drawn
    straight too and may lie on its neighbour there (FDR Drive on York Avenue): then the way between its ends tells.
    """
    x, y = project(CRS, hive.lon, hive.lat)
    facts: dict[tuple[int, int], Fact] = {}
    for (a, b), (metres, fast) in sorted(streets_of(hive).items()):
        start, stop = np.array([x[a], y[a]]), np.array([x[b], y[b]])
        step = stop - start
        fact = None
        if metres > BENT * float(np.hypot(*step)):
            fact = ways.fact_between(int(hive.osm_id[a]), int(hive.osm_id[b]), metres)
        if fact is None:
            said = [reference.fact_at(start + share * step, bearing(step), fast) for share in POINTS]
            votes = Counter(fact for fact in said if fact is not None)
            fact = votes.most_common(1)[0][0] if votes else None
        if fact is not None:
            facts[a, b] = fact
    return facts


def streets_of(hive: RawRoads) -> dict[tuple[int, int], tuple[float, bool]]:
    """Length in metres of each street, and whether its speed says it is a motorway; by end nodes, ascending."""
    motorway = ROAD_CLASSES.index("motorway")
    found: dict[tuple[int, int], tuple[float, bool]] = {}
    for a, b, metres, kind in zip(
        hive.tail.tolist(), hive.head.tolist(), hive.length_m.tolist(), hive.road_class.tolist(), strict=True
    ):
        key = (min(a, b), max(a, b))
        if a != b and metres < found.get(key, (np.inf, False))[0]:
            found[key] = (metres, kind == motorway)
    return found


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


def report(hive: RawRoads, facts: dict[tuple[int, int], Fact], ways: Ways, n_rows: int) -> None:
    """Print how much was found, and judge it by another rule: the ways between nodes that both maps have."""
    streets = streets_of(hive)
    directed = set(zip(hive.tail.tolist(), hive.head.tolist(), strict=True))
    n_added = n_right = 0
    there_m = covered_m = 0.0
    for (a, b), (metres, _) in streets.items():
        truth = ways.fact_between(int(hive.osm_id[a]), int(hive.osm_id[b]), metres)
        given = (a, b) in directed and (b, a) in directed
        laid = (a, b) in facts and facts[a, b][2]
        if truth is not None:
            n_added += laid and not given
            n_right += laid and not given and truth[2]
            there_m += metres * truth[2]
            covered_m += metres * (truth[2] and (laid or given))
    print(f"{n_rows} rows; {len(facts) / len(streets):.1%} of {len(streets):,} streets found in the reference")
    print(f"two-way in the reference: {n_right / n_added:.1%} of the {n_added:,} added edges that can be compared")
    print(f"covered: {covered_m / there_m:.1%} of {there_m / 1000:.0f} km of two-way streets there")


if __name__ == "__main__":
    main()
