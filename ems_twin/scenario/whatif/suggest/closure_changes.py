"""What could be done otherwise about closures: each lifted, each crossing shut or without delay, further crossings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....city.closures import Closure, Crossing, PlacedPlan, place_closures
from ....errors import InputError


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """One thing done otherwise."""

    kind: str
    """``lifted`` (a closure), ``shut`` or ``no delay`` (a crossing), ``opened`` (a further one)."""
    key: str
    """Numbers of the closure and the crossing: changes of one crossing have the same."""
    label: str
    """For people."""
    placed: PlacedPlan | None
    """The closures then; None where none is left."""
    place: tuple[float, float] | None = None
    """Longitude and latitude of a further crossing."""
    saved_s: float = 0.0
    """By how much it shortens the expected drive to a call, seconds, where that was reckoned."""


def changes_of(placed: PlacedPlan) -> list[Change]:
    """Every closure lifted, every crossing shut, and every crossing without its delay."""
    lifted, shut, quick = [], [], []
    for i, one in enumerate(placed.closures):
        closure = one.closure
        lifted.append(Change(kind="lifted", key=f"{i}", label=closure.description or one.id,
                             placed=replaced(placed, i, None)))  # fmt: skip
        for j, crossing in enumerate(closure.crossings):
            others = closure.crossings[:j] + closure.crossings[j + 1 :]
            key = f"{i}-{j}"
            label = f"{crossing.name or crossing.street or f'crossing {j + 1}'} ({closure.id})"
            shut.append(Change(kind="shut", key=key, label=label,
                               placed=replaced(placed, i, closure.model_copy(update={"crossings": others}))))  # fmt: skip
            if crossing.delay_s > 0:
                at_once = crossing.model_copy(update={"delay_s": 0.0})
                crossings = (*closure.crossings[:j], at_once, *closure.crossings[j + 1 :])
                quick.append(Change(kind="no delay", key=key, label=label,
                                    placed=replaced(placed, i, closure.model_copy(update={"crossings": crossings}))))  # fmt: skip
    return [*lifted, *shut, *quick]


def further_crossings(placed: PlacedPlan) -> list[Change]:
    """A crossing more at each street with a name that ends at the barrier of a course and goes both ways there."""
    roads = placed.city.roads
    found = []
    for i, one in enumerate(placed.closures):
        if one.course is None or not len(one.nodes):
            continue
        closure = one.closure
        named = {(crossing.street or "").casefold() for crossing in closure.crossings}
        delays = [crossing.delay_s for crossing in closure.crossings]
        delay_s = float(np.median(delays)) if delays else Crossing.model_fields["delay_s"].default
        enters = one.cut[np.isin(roads.head[one.cut], one.nodes) & ~np.isin(roads.tail[one.cut], one.nodes)]
        leaves = one.cut[np.isin(roads.tail[one.cut], one.nodes) & ~np.isin(roads.head[one.cut], one.nodes)]
        opened: set[bytes] = set()
        both = np.intersect1d(roads.name_id[enters], roads.name_id[leaves])
        along = np.unique(roads.name_id[one.course.on])
        for row in np.setdiff1d(both, along).tolist():
            street = roads.names[row]
            if not street or street.casefold() in named:
                continue
            nodes = np.unique(roads.head[enters[roads.name_id[enters] == row]])
            if nodes.tobytes() in opened:  # the same junctions, where the street has another name beyond the course
                continue
            opened.add(nodes.tobytes())
            node = int(nodes[0])
            crossing = Crossing(street=street, delay_s=delay_s)
            try:
                changed = replaced(placed, i, closure.model_copy(update={"crossings": (*closure.crossings, crossing)}))
            except InputError:  # a street that meets the course only beside a junction
                continue
            found.append(Change(kind="opened", key=f"{i}-{street}", label=f"{street} ({closure.id})", placed=changed,
                                place=(float(roads.lon[node]), float(roads.lat[node]))))  # fmt: skip
    return found


def replaced(placed: PlacedPlan, number: int, closure: Closure | None) -> PlacedPlan | None:
    """Closures with one changed, or (None) left out; None where none is left.

    Raises
    ------
    ClosuresError
        The changed closure does not fit the streets.
    """
    asked, found = list(placed.plan.closures), list(placed.closures)
    if closure is None:
        del asked[number], found[number]
        if not asked:
            return None
    else:
        asked[number] = closure
        plan = placed.plan.model_copy(update={"closures": (closure,)})
        found[number] = place_closures(plan, placed.city).closures[0]
    return PlacedPlan(
        city=placed.city, plan=placed.plan.model_copy(update={"closures": tuple(asked)}), closures=tuple(found),
        notes=placed.notes,
    )  # fmt: skip
