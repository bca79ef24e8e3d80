"""Read times or speeds of links and corridors, put them on the roads by position, and learn speeds by the hour from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...city import ROAD_CLASSES, City, nearest_nodes
from ...city.traffic import Traffic
from ...errors import CallsError
from ...routing import ORDINARY, Router
from ..formats.files import read_records
from ..formats.records import Records
from .layouts import LINKS
from .speeds import FITTED, HOURS, KINDS_OF_DAY, Links, errors_of, fit_speeds, group_of
from .trips import FASTEST_MPS, Sieve, only

MATCH_M = 50.0
"""A junction must be so near to either end of a link."""
LONGEST_WAY = 1.5
"""The way along the roads may be so many times as long as the straight line: a longer one goes round something."""
SLOWEST_MPS = 1 / 3.6
HELD_OUT = 0.3
"""Share of the links that is only scored."""
FEWEST_TO_SCORE = 50
"""With fewer links none is held out."""
_COLUMNS = (
    "from_lon, from_lat, to_lon, to_lat, speed_kmh or seconds, and may be days (weekday, saturday, sunday or all), "
    "from_hour, to_hour"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class LinkFile:
    """What a file says."""

    links: Links
    rows: int
    source: str
    dropped: tuple[tuple[int, str], ...]
    """Data row and reason of each row that is not used."""


def read_links(path: Path, city: City) -> LinkFile:
    """Read a table of links: one row a link and hours.

    Rows with the same two ends are one link; of several times in one hour it has the mean.

    Raises
    ------
    CallsError
        The file cannot be read, lacks a column, or no link of it lies on the roads.
    """
    _, records, torn, _ = read_records(path, lambda header: only(LINKS, path, header, _COLUMNS))
    sieve = Sieve(records, torn)
    of_day, first, last = _when(records, sieve)
    ends = np.stack([records.numbers(name) for name in ("from_lon", "from_lat", "lon", "lat")], axis=1)
    there = np.logical_and.reduce(np.abs(ends) <= (180.0, 90.0, 180.0, 90.0), axis=1)
    sieve.drop(~there, "no coordinates")
    places, place = np.unique(np.where(there[:, None], ends, 0.0), axis=0, return_inverse=True)
    place = place.ravel()
    ordinary_s, length_m, why = _on_roads(places, city)
    for reason in sorted(set(why) - {""}):
        sieve.drop(np.array([w == reason for w in why], dtype=np.bool_)[place], reason)
    seconds, kmh = records.numbers("seconds"), records.numbers("speed_kmh")
    took_s = np.where(np.isnan(seconds), length_m[place] / (np.where(kmh > 0, kmh, np.nan) / 3.6), seconds)
    sieve.drop(np.isnan(took_s) | (took_s <= 0), "no time or speed above 0")
    pace = length_m[place] / np.where(took_s > 0, took_s, np.nan)
    sieve.drop(~((pace >= SLOWEST_MPS) & (pace <= FASTEST_MPS)), f"not between 1 and {3.6 * FASTEST_MPS:.0f} km/h")
    total, count = np.zeros((HOURS, len(places))), np.zeros((HOURS, len(places)))
    for i in np.flatnonzero(sieve.kept):
        for day in range(len(KINDS_OF_DAY)) if of_day[i] < 0 else (of_day[i],):
            hours = slice(24 * day + first[i], 24 * day + last[i])
            total[hours, place[i]] += took_s[i]
            count[hours, place[i]] += 1
    used = count.sum(axis=0) > 0
    if not used.any():
        why_not = ", ".join(f"{n} {reason}" for reason, n in sieve.reasons())
        raise CallsError(
            f"no link of its {len(records)} rows lies on the roads: {why_not}",
            file=path, remedy="Check the columns, and that the links are of this city.",
        )  # fmt: skip
    mean_s = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    links = Links(ordinary_s=ordinary_s, took_s=mean_s, length_m=length_m).take(used)
    return LinkFile(links=links, rows=len(records) + len(torn), source=path.name, dropped=tuple(sorted(sieve.dropped)))


def learn_speeds(read: LinkFile, *, seed: int) -> tuple[Traffic, dict[str, Any]]:
    """Speeds by class of road and hour of the week, and what they are worth as plain values.

    Three of ten links, drawn at random, are only scored, unless there are too few.
    """
    links, notes = read.links, []
    scored = len(links) >= FEWEST_TO_SCORE
    held_out = np.random.default_rng(seed).random(len(links)) < (HELD_OUT if scored else 0.0)
    traffic, worst = fit_speeds(links.take(~held_out), source=f"link times of {read.source}", seed=seed)
    if not scored:
        notes.append(f"{len(links)} links: fewer than {FEWEST_TO_SCORE}, so none is held out and nothing is scored.")
    hours = int((~np.isnan(links.took_s)).any(axis=1).sum())
    if hours < HOURS:
        notes.append(f"{HOURS - hours} of {HOURS} hours are not measured; in those ordinary speeds hold.")
    main_group = links.ordinary_s.argmax(axis=1)
    record = {
        "source": read.source,
        "rows": read.rows,
        "links": len(links),
        "dropped": len(read.dropped),
        "dropped_because": dict(Counter(reason.partition(":")[0] for _, reason in read.dropped).most_common()),
        "hours": hours,
        "sets": {
            name: {group: float(traffic.speed[k, ROAD_CLASSES.index(group)]) for group in FITTED}
            for k, name in enumerate(traffic.names)
        },
        "worst_fitted_hour": worst,
        "links_by_class": {group: int((main_group == row).sum()) for row, group in enumerate(FITTED)},
        "scored": _scored(traffic, links.take(held_out)) if scored else None,
        "notes": notes,
    }
    return traffic, record


def _scored(traffic: Traffic, links: Links) -> dict[str, Any]:
    """How far mean speeds of links are off, at the fitted speeds and at ordinary ones."""
    plain = Traffic(
        names=("ordinary",), speed=np.ones((1, traffic.speed.shape[1])), set_of_hour=np.zeros(168, dtype=np.int64)
    )
    found: dict[str, Any] = {"links": len(links)}
    for name, one in (("fitted", traffic), ("raw", plain)):
        error = np.abs(errors_of(one, links))
        found[name] = {"mean": float(np.nanmean(error)), "worst": float(np.nanmax(error))}
    return found


def _when(records: Records, sieve: Sieve) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Kind of day of each row (-1 for all), first hour, and the hour after the last."""
    code, words = records.texts("days")
    known = {name: k for k, name in enumerate(KINDS_OF_DAY)} | {"all": -1}
    of_word = np.array([known.get(word.lower(), -2) for word in words] + [-1], dtype=np.int64)
    of_day = of_word[code]
    sieve.drop(of_day == -2, "unknown days", lambda i: f"'{words[code[i]]}'")
    first, last = records.numbers("from_hour"), records.numbers("to_hour")
    for hour, field in ((first, "from_hour"), (last, "to_hour")):
        filled = records.texts(field)[0] >= 0
        sieve.drop(filled & ~(np.isin(hour, np.arange(25))), f"{field} is no whole hour from 0 to 24")
    last = np.where(np.isnan(last), np.where(np.isnan(first), 24, first + 1), last)
    first = np.where(np.isnan(first), 0, first)
    sieve.drop(~((first < last) & (last <= 24)), "hours that end before they begin")
    return of_day, np.nan_to_num(first).astype(np.int64), np.nan_to_num(last).astype(np.int64)


def _on_roads(places: NDArray[np.float64], city: City) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Ordinary seconds by group and length of the shortest way between two ends; and why there is none, or nothing.

    Parameters
    ----------
    places
        Longitude and latitude of both ends, shape (k, 4).
    """
    roads = city.roads
    metres = Router(roads, roads.length_m, sirens_factor=1.0)
    a, a_m = nearest_nodes(roads, places[:, 0], places[:, 1])
    b, b_m = nearest_nodes(roads, places[:, 2], places[:, 3])
    own_s, group = roads.length_m / roads.speed_mps, group_of(roads)
    ordinary_s, length_m, why = np.zeros((len(places), len(FITTED))), np.ones(len(places)), []
    for i, (start, end) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        if max(a_m[i], b_m[i]) > MATCH_M:
            why.append(f"no junction within {MATCH_M:.0f} m of an end")
            continue
        if start == end:
            why.append("both ends at one junction")
            continue
        edges = metres.path(start, end, metric=ORDINARY).edges
        ordinary_s[i] = np.bincount(group[edges], own_s[edges], len(FITTED))
        length_m[i] = roads.length_m[edges].sum()
        straight_m = float(np.hypot(roads.x[start] - roads.x[end], roads.y[start] - roads.y[end]))
        why.append("" if length_m[i] <= LONGEST_WAY * straight_m + MATCH_M else "no way on the roads that is as direct")
    return ordinary_s, length_m, why
