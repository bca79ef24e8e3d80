"""Roads that change while a run goes on: traffic by the hour of the week, closures that come into force and are lifted.

Each pair of a set of speeds and the closures in force beside it is one *road set*: two metrics of one router, sirens and
ordinary. A run knows beforehand which pairs it meets, so all are made before it starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..city import City
from ..city.closures import PlacedPlan, place_closures, plan_from
from ..city.fingerprint import content_hash
from ..city.traffic import Traffic, traffic_from
from ..demand.clock import hours_of_week
from ..errors import InputError
from ..routing import Router
from ..routing.closures import hierarchy_on, network_for
from ..routing.phases import Phase, phases
from .rules import Rules
from .schema import AGENDA, EventKind
from .speeds import SpeedPlan, sirens_plan

_AFTER_S = 2 * 86_400.0  # traffic is known so long after the last call; then the last set stays in force
_MOST_METRICS = 255  # a unit's row has one byte for its metric
_MOST_BYTES = 4e9


@dataclass(frozen=True, kw_only=True)
class RoadSet:
    """Travel times that are in force together."""

    traffic: str | None
    """Name of the set of speeds; None where there is no traffic."""
    closures: tuple[str, ...]
    """Ids of the closures in force."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RoadPlan:
    """A city whose roads change, and when."""

    city: City
    """The city. Some streets have their opposite direction too, for ambulance lanes and ways out of dead ends."""
    router: Router
    """Two metrics a road set, sirens and ordinary, in the order of :attr:`sets`."""
    sets: tuple[RoadSet, ...]
    """Road sets that the run meets; the first is in force when it starts."""
    from_s: NDArray[np.float64]
    """Seconds of the run from which a road set is in force, shape (k,), the first 0."""
    set_row: NDArray[np.int64]
    """Which one, shape (k,)."""
    closures: PlacedPlan | None
    """Closures it was made from."""
    traffic: Traffic | None
    """Traffic it was made from."""
    cut_off: NDArray[np.bool_]
    """Whether node v cannot be driven to in a road set, shape (sets, n)."""
    walk_m: NDArray[np.float64]
    """Metres at walking pace to node v in a road set, shape (sets, n)."""

    def speeds(self, rules: Rules, n_priorities: int) -> SpeedPlan:
        """Metrics by time, purpose and priority, sirens as the rules say."""
        one = sirens_plan(rules.sirens_to_priority, rules.transport_sirens_to_priority, n_priorities).metric[0]
        return SpeedPlan(
            from_s=self.from_s,
            set_row=self.set_row,
            metric=np.stack([one + 2 * number for number in range(len(self.sets))]),
        )

    def agenda(self) -> NDArray[np.void]:
        """The changes, as units under way hear of them (:data:`~ems_twin.world.AGENDA`)."""
        rows = np.zeros(len(self.from_s) - 1, AGENDA)
        rows["time"], rows["kind"], rows["unit"], rows["hospital"] = self.from_s[1:], EventKind.ROADS_CHANGED, -1, -1
        return rows

    def set_at(self, t_s: ArrayLike) -> NDArray[np.int64]:
        """Row in :attr:`sets` of what is in force at some seconds of the run."""
        at: NDArray[np.int64] = self.set_row[np.maximum(np.searchsorted(self.from_s, t_s, side="right") - 1, 0)]
        return at

    def notes(self, calls: NDArray[np.void]) -> list[str]:
        """What a reader of the run should know; ``calls`` have ``t_received`` and ``node``."""
        notes = [] if self.closures is None else list(self.closures.notes)
        at = self.set_at(calls["t_received"])
        behind = self.cut_off[at, calls["node"]]
        walk_m = self.walk_m[at, calls["node"]]
        if behind.any():
            notes.append(
                f"{int(behind.sum())} calls come from places that cannot be driven to at that time: units get to the "
                f"barrier of {int((behind & (walk_m == 0)).sum())} of them, and to {int((walk_m > 0).sum())} at walking "
                f"pace, over {float(walk_m.max()):,.0f} m at most."
            )
        return notes

    def to_dict(self) -> dict[str, Any]:
        """Plain values, from which :func:`plan_again` makes the same plan."""
        return {
            "closures": None if self.closures is None else self.closures.plan.model_dump(mode="json"),
            "traffic": None if self.traffic is None else self.traffic.to_dict(),
            "sets": [{"traffic": one.traffic, "closures": list(one.closures)} for one in self.sets],
            "changes": [
                {"from_s": float(t), "set": int(row)} for t, row in zip(self.from_s, self.set_row, strict=True)
            ],
        }


def plan_roads(
    city: City,
    router: Router,
    *,
    start: datetime,
    duration_s: float,
    closures: PlacedPlan | None = None,
    traffic: Traffic | None = None,
) -> RoadPlan:
    """Make the travel times of a run whose roads change.

    Parameters
    ----------
    city, router
        The city and its router without traffic and closures.
    start, duration_s
        The run: its epoch, with a zone, and the time over which calls are received.
    closures
        Closures on this city's streets.
    traffic
        Speeds by the hour of the week.

    Raises
    ------
    InputError
        There are more road sets than a run can hold.
    """
    times = phases(city.roads, () if closures is None else closures.closures)
    from_s, pairs = _timeline(start, duration_s, times, traffic, ZoneInfo(city.timezone))
    used = list(dict.fromkeys(pairs))
    _check_size(city, router, len(used), traffic)
    network = network_for(city.roads, [times[phase].state for _, phase in used])
    on_foot_mps = 1.0 if closures is None else closures.plan.on_foot_mps
    rows: list[NDArray[np.float64]] = []
    metrics: list[tuple[int, float]] = []
    for number, phase in used:
        state = times[phase].state
        factor = 1.0 if traffic is None else traffic.time_factor(city.roads, number)
        ordinary = network.edge_s(state, time_factor=factor, on_foot_mps=on_foot_mps)
        rows.append(ordinary)
        if state.is_plain and (traffic is None or traffic.sirens == 1.0):
            metrics += [(len(rows) - 1, router.sirens_factor), (len(rows) - 1, 1.0)]
        else:  # sirens feel less of the traffic, and do not shorten walks and halts
            felt = 1.0 if traffic is None else traffic.time_factor(city.roads, number, sirens=True)
            sirens = network.edge_s(
                state, time_factor=felt, sirens_factor=router.sirens_factor, on_foot_mps=on_foot_mps
            )
            rows.append(sirens)
            metrics += [(len(rows) - 1, 1.0), (len(rows) - 2, 1.0)]
    wider = network.roads.n_edges > city.roads.n_edges
    roads = network.roads if wider else city.roads
    return RoadPlan(
        city=replace(city, roads=roads, content_hash=content_hash(roads)) if wider else city,
        router=Router(
            roads,
            np.stack(rows),
            sirens_factor=router.sirens_factor,
            metrics=metrics,
            hierarchy=hierarchy_on(router.hierarchy, roads) if wider else router.hierarchy,
        ),
        sets=tuple(
            RoadSet(traffic=None if traffic is None else traffic.names[number], closures=times[phase].in_force)
            for number, phase in used
        ),
        from_s=from_s,
        set_row=np.array([used.index(pair) for pair in pairs], np.int64),
        closures=closures,
        traffic=traffic,
        cut_off=np.stack([times[phase].state.access.cut_off for _, phase in used]),
        walk_m=np.stack([times[phase].state.access.walk_m for _, phase in used]),
    )


def plan_again(city: City, router: Router, facts: dict[str, Any], *, start: datetime, duration_s: float) -> RoadPlan:
    """The plan whose :meth:`RoadPlan.to_dict` was kept."""
    return plan_roads(
        city,
        router,
        start=start,
        duration_s=duration_s,
        closures=None if facts["closures"] is None else place_closures(plan_from(facts["closures"]), city),
        traffic=None if facts["traffic"] is None else traffic_from(facts["traffic"]),
    )


def _timeline(
    start: datetime, duration_s: float, times: tuple[Phase, ...], traffic: Traffic | None, zone: ZoneInfo
) -> tuple[NDArray[np.float64], list[tuple[int, int]]]:
    """When the pair of set of speeds and phase changes, from second 0 on, and to which pair."""
    until_s = duration_s + _AFTER_S
    begins_s = np.array([-np.inf if p.begins is None else p.begins.timestamp() - start.timestamp() for p in times])
    alike = {phase.in_force: i for i, phase in reversed(list(enumerate(times)))}  # the first of those that are equal
    same = [alike[phase.in_force] for phase in times]
    instants = {0.0, *begins_s[(begins_s > 0) & (begins_s < until_s)].tolist()}
    edges_s, hour = np.array([0.0, until_s]), np.zeros(1, np.intp)
    if traffic is not None:
        edges_s, hour = hours_of_week(start, until_s, zone)
        instants |= set(edges_s[:-1].tolist())
    from_s: list[float] = []
    pairs: list[tuple[int, int]] = []
    for t in sorted(instants):
        number = 0
        if traffic is not None:
            number = int(traffic.set_of_hour[hour[np.searchsorted(edges_s, t, side="right") - 1]])
        pair = number, same[int(np.searchsorted(begins_s, t, side="right")) - 1]
        if not pairs or pair != pairs[-1]:
            from_s.append(t)
            pairs.append(pair)
    return np.array(from_s), pairs


def _check_size(city: City, router: Router, n_sets: int, traffic: Traffic | None) -> None:
    rows = 2 * n_sets
    a_row = 8 * router.hierarchy.n_label_entries + 8 * router.hierarchy.n_arcs
    a_row += 28 * city.roads.n_nodes * (len(city.stations) + len(city.hospitals))
    if rows > _MOST_METRICS or rows * a_row > _MOST_BYTES:
        of = "" if traffic is None else f", of {len(traffic.names)} sets of speeds and the closures beside them"
        raise InputError(
            f"the run meets {n_sets} sets of roads{of}: up to {rows * a_row / 1e9:.1f} GB",
            field="closures" if traffic is None else "traffic",
            remedy=f"At most {_MOST_METRICS // 2} and {_MOST_BYTES / 1e9:.0f} GB are possible: let fewer closures begin "
            "and end at different times, take fewer sets of speeds, or simulate a shorter time.",
        )
