"""Changes of the demand on the streets of a city, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...demand import Demand
from ...faults import Faults
from .changes import Change, Crowd, Factor, MassCasualty, Place, Surge
from .intensity import Intensity, of_casualties, of_crowd, of_factor, of_surge, usual
from .overlay import Placed
from .places import Nodes, nodes_of
from .times import Clock


def placed_changes(
    changes: Sequence[Change],
    city: City,
    demand: Demand,
    ordinary: NDArray[np.float64],
    factor: float,
    clock: Clock,
    path: str,
    faults: Faults,
) -> tuple[Placed, ...]:
    """Place changes; their faults are noted.

    Parameters
    ----------
    changes
        Courses must have been read in.
    city, demand
        Where, and what is usual.
    ordinary
        Probability that an ordinary call falls on each node, shape (n,).
    factor
        Factor on the ordinary calls.
    clock
        Of the run.
    path
        Where the changes stand in the file.
    faults
        Where to note.
    """
    found, seen = [], set()
    for i, change in enumerate(changes):
        at = f"{path}[{i}]"
        if change.id in seen:
            faults.add(f"there are two changes '{change.id}'", field=f"{at}.id", remedy="Give each an id of its own.")
        seen.add(change.id)
        one = _placed(change, city, demand, ordinary, factor, clock, at, faults)
        if one is not None:
            found.append(one)
    return tuple(found)


def _placed(
    change: Change,
    city: City,
    demand: Demand,
    ordinary: NDArray[np.float64],
    factor: float,
    clock: Clock,
    at: str,
    faults: Faults,
) -> Placed | None:
    place = (
        Place(lon=change.lon, lat=change.lat, radius_m=change.radius_m)
        if isinstance(change, MassCasualty)
        else change.place
    )
    nodes = nodes_of(place, city, ordinary)
    if nodes is None:
        faults.add(f"'{change.id}' lies outside the map of {city.title}, or meets no street", field=f"{at}.place",
                   remedy="Longitude comes first; is it the right city?")  # fmt: skip
        return None
    if isinstance(change, MassCasualty):
        at_s = clock.second(change.at)
        if not 0 <= at_s < clock.duration_s:
            faults.add(f"happens at {change.at}, outside the window", field=f"{at}.at",
                       remedy="Give a time within the window.")  # fmt: skip
            return None
        return Placed(change=change, mean=of_casualties(change, nodes, at_s))
    from_s, to_s = clock.stretch(change.start, change.end)
    if to_s <= from_s:
        faults.add(f"ends at {change.end}, before it begins at {change.start or 'the window’s begin'}",
                   field=f"{at}.end", remedy="Give a later end.")  # fmt: skip
        return None
    if to_s <= 0 or from_s >= clock.duration_s:
        faults.add(f"lies outside the window ({change.start} to {change.end})", field=at,
                   remedy="Give times within the window, or move the window.")  # fmt: skip
        return None
    mean = _mean(change, nodes, city, demand, ordinary, factor, clock, from_s, to_s)
    if not mean.total and not (isinstance(change, Factor) and change.factor == 1):
        faults.add(f"'{change.id}' brings no calls while it lasts", field=at,
                   remedy="Check its profile, when its runners start, and its place.")  # fmt: skip
        return None
    return Placed(change=change, mean=mean, inside=nodes.node, from_s=from_s, to_s=to_s)


def _mean(
    change: Factor | Surge | Crowd,
    nodes: Nodes,
    city: City,
    demand: Demand,
    ordinary: NDArray[np.float64],
    factor: float,
    clock: Clock,
    from_s: float,
    to_s: float,
) -> Intensity:
    if isinstance(change, Crowd):
        return of_crowd(change, nodes, clock, from_s, to_s)
    as_usual = usual(demand, city, clock, from_s, to_s).scaled(factor)
    if isinstance(change, Factor):
        return of_factor(change, nodes, as_usual, ordinary)
    return of_surge(change, nodes, as_usual, clock, from_s, to_s)
