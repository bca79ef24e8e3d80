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
matched links, drawn at random, give the factors: for each hour and road class the ordinary time of all its links over
the time that they took. The 72 hours are then gathered in sets of hours that are alike (k-means on the logarithms), each
with the factors of its own hours' sums: as few sets as keep every hour of the fitted links within 3 %. The other three of
ten are only scored.

Printed for every hour: km/h of the held-out links together (length over time), raw (the bundle's ordinary speeds) and
fitted beside measured, and the error of the fitted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from ems_twin.city import ROAD_CLASSES, RoadNetwork, load_city, nearest_nodes
from ems_twin.city.traffic import Traffic, read_traffic, write_traffic

DAYS = {"weekday": "week", "saturday": "sat", "sunday": "sun"}
FITTED = ("trunk", "primary", "secondary", "tertiary", "residential")
"""Classes with links enough; motorways and ramps go with trunk roads, all others with residential streets."""
MATCH_M = 30.0
FIRST_HOUR = 5
FITTED_WITHIN = 0.03
SIRENS = 0.5
"""Part of the traffic that lights and sirens feel: half way between none and all. An assumption, taken after both ends had
been compared with recorded responses (manhattan_responses.py)."""
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
    ordinary_s = roads.length_m[edge] / roads.speed_mps[edge]
    print(f"{len(edge)} links matched, {int(held_out.sum())} of them held out")
    for i, name in enumerate(FITTED):
        print(f"  {name:12} {int((group == i).sum()):5} links")
    traffic = fit(ordinary_s[~held_out], seconds[:, :, ~held_out], group[~held_out])
    if out is not None:
        traffic = read_traffic(write_traffic(traffic, out))  # what is scored is what is shipped, rounding and all
    score(roads, traffic, edge[held_out], seconds[:, :, held_out])
    summary("all matched links", errors_of(roads, traffic, edge, seconds))


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


def group_of(roads: RoadNetwork) -> NDArray[np.int64]:
    """Row in :data:`FITTED` of each edge's class."""
    names = [name.removesuffix("_link") for name in ROAD_CLASSES]
    names = ["trunk" if name == "motorway" else name for name in names]
    table = np.array([FITTED.index(name if name in FITTED else "residential") for name in names])
    return table[roads.road_class]


def fit(ordinary_s: NDArray[np.float64], seconds: NDArray[np.float64], group: NDArray[np.int64]) -> Traffic:
    """Sets of factors of hours that are alike."""
    hours = seconds.reshape(72, -1)
    ordinary = np.bincount(group, ordinary_s, len(FITTED))
    took = np.stack([np.bincount(group, row, len(FITTED)) for row in hours])
    share = np.sqrt(ordinary / ordinary.sum())
    for sets in range(2, 73):
        of_hour = KMeans(sets, n_init=20, random_state=SEED).fit_predict(np.log(ordinary / took) * share)
        factors = np.array([ordinary * (of_hour == k).sum() / took[of_hour == k].sum(axis=0) for k in range(sets)])
        error = (ordinary / factors[of_hour]).sum(axis=1) / took.sum(axis=1) - 1
        if np.abs(error).max() <= FITTED_WITHIN:
            break
    print(f"{sets} sets; error on the links they are fitted to at most {np.abs(error).max():.1%}")
    order = np.argsort(-(factors * ordinary).sum(axis=1))  # the fastest first
    rank = np.argsort(order)
    speed = np.ones((sets, len(ROAD_CLASSES)))
    for c, name in enumerate(ROAD_CLASSES):
        base = name.removesuffix("_link").replace("motorway", "trunk")
        speed[:, c] = factors[order, FITTED.index(base if base in FITTED else "residential")]
    weekday, saturday, sunday = rank[of_hour].reshape(3, 24)
    return Traffic(
        names=tuple(f"speed-{k + 1}" for k in range(sets)),
        speed=speed,
        set_of_hour=np.concatenate([np.tile(weekday, 5), saturday, sunday]).astype(np.int64),
        source=SOURCE,
        sirens=SIRENS,
    )


def errors_of(
    roads: RoadNetwork, traffic: Traffic, edge: NDArray[np.int64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fitted over measured mean speed of some links together, less 1, by day type and hour."""
    ordinary_s = roads.length_m[edge] / roads.speed_mps[edge]
    of_hour = traffic.set_of_hour.reshape(7, 24)[[0, 5, 6]]
    fitted_s = np.array([[(ordinary_s * traffic.time_factor(roads, k)[edge]).sum() for k in day] for day in of_hour])
    return seconds.sum(axis=2) / fitted_s - 1


def score(roads: RoadNetwork, traffic: Traffic, edge: NDArray[np.int64], seconds: NDArray[np.float64]) -> None:
    """Print the hours of held-out links."""
    km = 3.6 * float(roads.length_m[edge].sum())
    raw = km / float((roads.length_m[edge] / roads.speed_mps[edge]).sum())
    errors = errors_of(roads, traffic, edge, seconds)
    print("held-out links, km/h:  hour   measured    raw  fitted   error")
    for d, day in enumerate(DAYS):
        for hour in range(24):
            measured, error = km / seconds[d, hour].sum(), errors[d, hour]
            print(f"{day:>21}  {hour:4}   {measured:8.2f} {raw:6.2f} {measured * (1 + error):7.2f}  {error:+6.1%}")
    summary("held-out links", errors)
    plain = raw / (km / seconds.sum(axis=2)) - 1
    summary("held-out links, raw speeds", plain)


def summary(of: str, errors: NDArray[np.float64]) -> None:
    """Print how many hours are within 5 %."""
    worst = np.abs(errors)
    print(
        f"{of}: {int((worst <= 0.05).sum())} of {worst.size} hours within 5 %, mean {worst.mean():.1%}, worst {worst.max():.1%}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
