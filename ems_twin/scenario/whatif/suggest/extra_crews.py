"""Where extra crews should be based, and when they should be on duty: one after the other, each chosen beside those before.

A model of expected drives says which places and shifts are worth a simulation, a race on training days picks one, and
days that nothing was chosen by say what each crew is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....city import City
from ....city.posts import most_posts, with_posts
from ....simulation.statistics import Estimate, compare
from ..prepare import Prepared, Ready
from ..spec import Crew, Post, Spell
from .arms import FRESH, LATE, MEAN, TRAINING, Arm, Days
from .ask import Ask
from .drives import Drives
from .race import heat_within, race
from .revise import widened, with_crews
from .words import Suggestion, both_in_words, points, seconds, span, street_corner

_CORNERS = 40  # street corners that are offered beside the stations
_STARTS = 6  # at most, of shifts
_SHIFTS_A_SITE = 2  # that may be in one race
_FRESH = 40  # days by which the gains are judged, at most


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A crew: its base, and its shift in seconds of the run."""

    site: int
    from_s: float
    to_s: float


class Sites:
    """Places where a crew may be based: the variant's stations and posts, then street corners.

    Parameters
    ----------
    city
        With its posts.
    weight
        Calls that are expected at each road node, shape (n,).
    """

    def __init__(self, city: City, weight: NDArray[np.float64]) -> None:
        n = min(_CORNERS, most_posts(city, weight))
        self.n_own = len(city.stations)
        stations = list(city.stations)
        ids = {station.id for station in stations}
        for number, corner in enumerate(with_posts(city, n, weight).stations[self.n_own :], start=1):
            name = f"corner-{number}"
            while name in ids:
                name += "x"
            streets = street_corner(city.roads, corner.node)
            stations.append(replace(corner, id=name, name=streets or f"Corner {number}"))
        self.stations = tuple(stations)

    @property
    def nodes(self) -> NDArray[np.int64]:
        """Road node of each."""
        return np.array([station.node for station in self.stations], np.int64)


def suggest_crews(
    prepared: Prepared, ready: Ready, placement: NDArray[np.int64] | None, ask: Ask, days: Days, drives: Drives
) -> Suggestion:
    """Suggest where ``ask.crews`` extra crews should be, and say what each is worth."""
    figure = LATE if ready.sections.resources.placement_aim == "late" else MEAN
    sites, shifts = Sites(ready.city, drives.node_weight), shifts_of(prepared, ask.shift_h)
    n_fresh = int(np.clip(ask.budget // (3 * (ask.crews + 1)), 10, _FRESH))
    heat = heat_within((ask.budget - n_fresh * (ask.crews + 1)) // ask.crews)
    from_sites_s = drives.from_nodes_s(ready, sites.nodes)
    standing = np.zeros((len(drives.hours), len(sites.stations)))
    standing[:, : sites.n_own] = drives.standing(ready, placement)
    chosen: list[Duty] = []
    arms = [Arm(prepared=prepared, ready=ready, placement=placement)]
    for _ in range(ask.crews):
        gains = drives.gains(from_sites_s, standing, from_sites_s)
        worth = _worth_trying(drives, gains, shifts, heat.arms)
        tried = [_arm(prepared, ready, placement, sites, [*chosen, duty]) for duty in worth]
        best = race(days, tried, figure, first=TRAINING, n=heat.days)
        chosen.append(worth[best])
        arms.append(tried[best])
        standing[:, worth[best].site] += drives.overlap([(worth[best].from_s, worth[best].to_s)])
    return _told(prepared, sites, chosen, days.figures(arms, FRESH, n_fresh), n_fresh)


def shifts_of(prepared: Prepared, shift_h: float) -> list[tuple[float, float]]:
    """Shifts of a length within the time that counts, beginning at full hours after its begin; one where it is shorter."""
    from_s, to_s = prepared.count_from_s, prepared.count_to_s
    length_s = min(3600.0 * shift_h, to_s - from_s)
    hours = int((to_s - from_s - length_s) // 3600.0)
    starts = np.unique(np.rint(np.linspace(0, hours, min(hours + 1, _STARTS))))
    return [(from_s + 3600.0 * h, from_s + 3600.0 * h + length_s) for h in starts.tolist()]


def _worth_trying(
    drives: Drives, gains: NDArray[np.float64], shifts: Sequence[tuple[float, float]], n: int
) -> list[Duty]:
    """Sites and shifts that a model thinks most of, the best first, a site at most twice."""
    by_shift = np.array([drives.overlap([shift]) @ gains for shift in shifts])
    found: list[Duty] = []
    for row in np.argsort(-by_shift, axis=None, kind="stable").tolist():
        shift, site = divmod(row, by_shift.shape[1])
        if sum(duty.site == site for duty in found) < _SHIFTS_A_SITE:
            found.append(Duty(site=site, from_s=shifts[shift][0], to_s=shifts[shift][1]))
        if len(found) == n:
            break
    return found


def sections_for(
    prepared: Prepared, sites: Sites, duties: Sequence[Duty], taken: set[str]
) -> tuple[list[Post], list[Crew]]:
    """Temporary posts and crews as a scenario writes them."""
    clock = prepared.clock
    posts: dict[str, Post] = {}
    crews = []
    for number, duty in enumerate(duties, start=1):
        site = sites.stations[duty.site]
        if duty.site >= sites.n_own:
            posts[site.id] = Post(id=site.id, name=site.name, lon=site.lon, lat=site.lat)
        name = f"extra crew {number}"
        while name in taken:
            name += "x"
        spell = Spell(start=clock.at(duty.from_s), end=clock.at(duty.to_s))
        crews.append(Crew(id=name, at=site.id, shifts=(spell,)))
    return list(posts.values()), crews


def _arm(
    prepared: Prepared, ready: Ready, placement: NDArray[np.int64] | None, sites: Sites, duties: Sequence[Duty]
) -> Arm:
    taken = {crew.id for crew in ready.sections.resources.crews}
    found = with_crews(prepared, ready, *sections_for(prepared, sites, duties, taken))
    return Arm(prepared=prepared, ready=found, placement=widened(placement, found))


def _told(prepared: Prepared, sites: Sites, duties: Sequence[Duty], found: NDArray[np.float64], n: int) -> Suggestion:
    """What fresh days say: ``found`` (crews + 1, days, figures)."""
    level, k = prepared.scenario.level, len(duties)

    def apart(before: int, after: int, intervals: int) -> tuple[Estimate, Estimate]:
        mean, late = (
            compare(found[before, :, figure], found[after, :, figure], level=1 - (1 - level) / intervals).difference
            for figure in (MEAN, LATE)
        )
        return mean, late

    steps = [apart(i, i + 1, 2 * k) for i in range(k)]
    mean, late = apart(0, k, 2)
    helps = (mean.high < 0 or late.high < 0) and not (mean.low > 0 or late.low > 0)
    rows, places = [], []
    for i, (duty, step) in enumerate(zip(duties, steps, strict=True), start=1):
        site, when = sites.stations[duty.site], span(prepared.clock, duty.from_s, duty.to_s)
        kind = "street corner" if duty.site >= sites.n_own else site.kind
        rows.append((f"{i}", f"{site.name} ({kind})", when, seconds(step[0]), points(step[1])))
        places.append({"lon": site.lon, "lat": site.lat, "label": f"Extra crew {i}: {site.name}, {when}"})
    if k > 1:
        rows.append(("all", "", "", seconds(mean), points(late)))
    posts, crews = sections_for(prepared, sites, duties, set())
    return Suggestion(
        question="crews", title=f"Where {_crews(k)} would help most", text=_text(places, steps, mean, late, n, level, helps),
        columns=("crew", "where", "on duty", "mean response changes by", "late calls change by"),
        rows=tuple(rows), places=tuple(places) if helps else (),
        facts={
            "days": n, "suggested": helps,
            "resources": {
                "posts": [post.model_dump(mode="json", exclude_defaults=True) for post in posts],
                "crews": [crew.model_dump(mode="json", exclude_defaults=True) for crew in crews],
            },
            "steps": [{"response_s": a.to_dict(), "late_share": b.to_dict()} for a, b in steps],
            "together": {"response_s": mean.to_dict(), "late_share": late.to_dict()},
        },
    )  # fmt: skip


def _text(
    places: Sequence[dict[str, Any]],
    steps: Sequence[tuple[Estimate, Estimate]],
    mean: Estimate,
    late: Estimate,
    n: int,
    level: float,
    helps: bool,
) -> str:
    k = len(places)
    where = "; ".join(str(place["label"]).split(": ", 1)[1] for place in places)
    if helps:
        text = f"Put {_crews(k)} at: {where}. With {'it' if k == 1 else 'them'} {both_in_words(mean, late)}."
        vain = [f"{i}" for i, (a, b) in enumerate(steps, start=1) if a.high >= 0 and b.high >= 0]
        if vain and k > 1:
            text += f" What crew {' and '.join(vain)} adds to those before is not told apart from nothing."
    else:
        text = (
            f"No suggestion: {_crews(k)} would gain nothing that can be told apart from chance. At the best places that were "
            f"found ({where}) {both_in_words(mean, late)}."
        )
    return text + (
        f" Judged on {n} days by which nothing was chosen; both intervals hold together at {100 * level:.0f} %"
        + (", and so do those of the single crews in the table." if k > 1 else ".")
    )


def _crews(k: int) -> str:
    return "one extra crew" if k == 1 else f"{k} extra crews"
