"""Manhattan's speeds by the hour of the week: fitted to link times, scored on links held out, written for the bundle.

Run ``python experiments/travel/manhattan_speeds.py LINK_TIMES [TRAFFIC.toml]``. The folder holds seconds per directed street
link for each hour of a weekday, a Saturday and a Sunday, estimated from taxi trips (Santi et al. 2014): ``points.csv.gz``
(id, lat, lon), ``edges.csv.gz`` (id, from, to), ``week.csv.gz``, ``sat.csv.gz``, ``sun.csv.gz`` (id, 24 times).

The columns do not say which hour they begin with. Read from midnight, a weekday's traffic would be slowest from 04:00 to 13:00
and fastest at midnight. Read from 05:00 it is slowest from 09:00 to 18:00 and fastest at 05:00, and agrees best with the hours
in which New York's ambulances take longest (the medians of Manhattan's valid incident response seconds, NYC Open Data
76xm-jjuj, 4 % sample: weekday correlation 0.83, best of all 24 readings). So column 1 is taken for 05:00, going round within
its kind of day. The figures printed do not depend on that; when a set is in force does.

A link is matched by the position of its ends to a street of the bundle that joins the nearest junctions. Seven of ten
matched links, drawn at random, give the factors by ems_twin.demand.travel.speeds; the other three of ten are only scored.

Printed for every hour: km/h of the held-out links together (length over time), raw (the bundle's ordinary speeds) and
fitted beside measured, and the error of the fitted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ems_twin.city import RoadNetwork, load_city, nearest_nodes
from ems_twin.city.traffic import Traffic, read_traffic, write_traffic
from ems_twin.demand.travel.speeds import FITTED, Links, errors_of, fit_speeds, group_of

DAYS = {"weekday": "week", "saturday": "sat", "sunday": "sun"}
MATCH_M = 30.0
FIRST_HOUR = 5
SEED = 1
SOURCE = (
    "speeds over the bundle's ordinary speeds, from link times estimated from taxi trips (Santi et al. 2014); see "
    "experiments/travel/manhattan_speeds.py"
)


def main(folder: Path, out: Path | None) -> None:
    """Fit, print, and write the file if asked to."""
    roads = load_city("manhattan").roads
    edge, seconds = matched(folder, roads)
    rng = np.random.default_rng(SEED)
    held_out = rng.random(len(edge)) < 0.3
    group = group_of(roads)[edge]
    ordinary_s = np.zeros((len(edge), len(FITTED)))
    ordinary_s[np.arange(len(edge)), group] = roads.length_m[edge] / roads.speed_mps[edge]
    links = Links(ordinary_s=ordinary_s, took_s=seconds.reshape(72, -1), length_m=roads.length_m[edge])
    print(f"{len(edge)} links matched, {int(held_out.sum())} of them held out")
    for i, name in enumerate(FITTED):
        print(f"  {name:12} {int((group == i).sum()):5} links")
    traffic, worst = fit_speeds(links.take(~held_out), source=SOURCE, seed=SEED)
    print(f"{len(traffic.names)} sets; error on the links they are fitted to at most {worst:.1%}")
    if out is not None:
        traffic = read_traffic(write_traffic(traffic, out))  # what is scored is what is shipped, rounding and all
    score(traffic, links.take(held_out))
    summary("all matched links", errors_of(traffic, links))


def matched(folder: Path, roads: RoadNetwork) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Street of each link that has one, and its seconds, shape (day types, 24, links)."""
    points = np.loadtxt(folder / "points.csv.gz", delimiter=",")
    links = np.loadtxt(folder / "edges.csv.gz", delimiter=",", dtype=int)
    times = [np.loadtxt(folder / f"{name}.csv.gz", delimiter=",") for name in DAYS.values()]
    at = {int(point[0]): i for i, point in enumerate(points)}
    node, distance = nearest_nodes(roads, points[:, 2], points[:, 1])
    start, stop = (np.array([at[int(end)] for end in links[:, k]]) for k in (1, 2))
    tail, head = node[start].astype(np.int64), node[stop].astype(np.int64)
    near = (distance[start] <= MATCH_M) & (distance[stop] <= MATCH_M) & (tail != head)
    pairs = roads.tail.astype(np.int64) * roads.n_nodes + roads.head
    wanted = tail * roads.n_nodes + head
    row = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    near &= pairs[row] == wanted
    for table in times:
        assert (table[:, 0] == links[:, 0]).all()
    print(f"{len(links)} links")
    return row[near], np.stack([np.roll(table[near, 1:].T, FIRST_HOUR, axis=0) for table in times])


def score(traffic: Traffic, links: Links) -> None:
    """Print the hours of held-out links."""
    km = 3.6 * float(links.length_m.sum())
    raw = km / float(links.ordinary_s.sum())
    took_s = links.took_s.sum(axis=1)
    errors = errors_of(traffic, links)
    print("held-out links, km/h:  hour   measured    raw  fitted   error")
    for h, (measured, error) in enumerate(zip(km / took_s, errors, strict=True)):
        day = tuple(DAYS)[h // 24]
        print(f"{day:>21}  {h % 24:4}   {measured:8.2f} {raw:6.2f} {measured * (1 + error):7.2f}  {error:+6.1%}")
    summary("held-out links", errors)
    summary("held-out links, raw speeds", raw / (km / took_s) - 1)


def summary(of: str, errors: NDArray[np.float64]) -> None:
    """Print how many hours are within 5 %."""
    worst = np.abs(errors)
    print(
        f"{of}: {int((worst <= 0.05).sum())} of {worst.size} hours within 5 %, mean {worst.mean():.1%}, worst {worst.max():.1%}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
