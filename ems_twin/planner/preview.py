"""What closures would do, for the page: before anything is simulated, in numbers, words and lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.closures import PlacedPlan, place_closures, plan_from
from ..city.roads import RoadNetwork
from ..routing import Router
from ..routing.closure_check import ClosureCheck, check_closures
from ..routing.phases import phases

_MOST_LINES = 4000


def preview_of(given: Any, city: City, router: Router, weight: NDArray[np.float64]) -> dict[str, Any]:
    """What closures do in the phase in which most is closed.

    Parameters
    ----------
    given
        Plain values of a plan of closures.
    city, router, weight
        Of the city without closures; weight of each junction, shape (n,).

    Raises
    ------
    InputError
        The closures make no sense or miss the streets: all faults, by path.
    """
    placed = place_closures(plan_from(given), city)
    check = check_closures(replace(placed, city=city), router, weight=weight)
    i = max(range(len(check.phases)), key=lambda i: check.phases[i].edges_closed + check.phases[i].edges_slower)
    return {"phase": _plain(check, i), "notes": list(check.notes), **_lines(placed, check, i)}


def _plain(check: ClosureCheck, i: int) -> dict[str, Any]:
    phase = check.phases[i]
    return {
        "in_force": list(phase.in_force),
        "begins": phase.begins,
        "km_closed": phase.km_closed,
        "edges_slower": phase.edges_slower,
        "share_cut_off": phase.share_cut_off,
        "longest_walk_m": phase.longest_walk_m,
        "places": [
            {"kind": place.kind, "id": place.id, "name": place.name, "walk_m": place.walk_m} for place in phase.places
        ],
        "detours": [
            {
                "kind": detour.kind, "mean_before_s": detour.mean_before_s, "mean_s": detour.mean_s,
                "most_s": detour.most_s, "share_longer": detour.share_longer,
            }
            for detour in phase.detours
        ],
    }  # fmt: skip


def _lines(placed: PlacedPlan, check: ClosureCheck, i: int) -> dict[str, Any]:
    """Streets that are closed, end at the barrier, or stay open to some, as lines; and the crossings."""
    roads = placed.city.roads
    state = phases(roads, placed.closures)[i].state
    in_force = [one for one in placed.closures if one.id in check.phases[i].in_force]
    none = np.zeros(0, np.int64)
    on = np.unique(np.concatenate([none, *(one.on for one in in_force)]))
    cut = np.setdiff1d(np.concatenate([none, *(one.cut for one in in_force)]), on)
    shut = on[state.shut[on]]
    return {
        "closed": _drawn(roads, shut),
        "barrier": _drawn(roads, cut[state.shut[cut]]),
        "kept": _drawn(roads, np.setdiff1d(on, shut)),
        "crossings": [
            {
                "name": crossing.name, "delay_s": crossing.delay_s,
                "lat": round(float(roads.lat[crossing.node]), 5), "lon": round(float(roads.lon[crossing.node]), 5),
            }
            for one in in_force
            for crossing in one.crossings
        ],
    }  # fmt: skip


def _drawn(roads: RoadNetwork, edges: NDArray[np.int64]) -> list[list[list[float]]]:
    return [np.round(roads.edge_lonlat(int(edge)), 5).tolist() for edge in edges[:_MOST_LINES]]
