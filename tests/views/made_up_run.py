"""A run that nobody simulated: a chessboard city, calls at fixed times, a trace written by a few plain rules."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np

from ems_twin.city.city import City
from ems_twin.city.sample import grid_city
from ems_twin.routing import Router
from ems_twin.world.schema import CALL, TRACE, UNIT, EventKind, UnitStatus

START = datetime(2024, 3, 12, 4, 0, tzinfo=UTC)
HOSTILE = (
    '<img src=x onerror="window.hacked=1">',
    "${window.hacked=2}",
    "`;window.hacked=3;`",
    "</script><script>window.hacked=4</script>",
    '";window.hacked=5;//',
    "';window.hacked=6;//",
    "{{ 7 * 7 }}",
    "{% raw %}",
)


def small_city(rows: int = 16, cols: int = 12, *, units: int = 4, hostile: bool = False) -> City:
    city = grid_city(
        rows, cols, spacing_m=180.0, stations=((2, 2), (12, 3), (8, 9)), hospitals=((4, 8), (14, 9)),
        units_per_station=units, bays=6,
    )  # fmt: skip
    city = dataclasses.replace(city, title="Chessboard", timezone="America/New_York")
    if hostile:
        names = iter(HOSTILE * 2)
        return dataclasses.replace(
            city,
            title=HOSTILE[3],
            attribution="© OpenStreetMap contributors " + HOSTILE[0],
            stations=tuple(dataclasses.replace(s, name=next(names)) for s in city.stations),
            hospitals=tuple(dataclasses.replace(h, name=next(names)) for h in city.hospitals),
        )
    return city


@dataclass
class _Trip:
    from_node: int
    t_from: float
    to_node: int
    t_to: float
    metric: int


def made_up_run(
    city: City | None = None, *, n_calls: int = 60, hours: float = 3.0, seed: int = 7, router: Router | None = None
) -> Any:
    """Every call goes to the nearest unit that is free or on its way home; nobody ever waits in a queue for long."""
    city = small_city() if city is None else city
    router = Router(city.roads, sirens_factor=city.sirens_factor) if router is None else router
    rng = np.random.default_rng(seed)
    home = np.repeat(np.arange(len(city.stations)), [s.units for s in city.stations])
    units = np.zeros(len(home), dtype=UNIT)
    units["home"] = units["start_station"] = home
    calls = np.zeros(n_calls, dtype=CALL)
    calls["t_received"] = np.sort(rng.uniform(20.0, 3600.0 * hours, n_calls))
    calls["node"] = rng.integers(0, city.roads.n_nodes, n_calls)
    calls["lon"], calls["lat"] = city.roads.lon[calls["node"]], city.roads.lat[calls["node"]]
    calls["priority"] = rng.integers(1, 4, n_calls)
    calls["transport"] = rng.random(n_calls) < 0.7
    calls["dispatch_delay_s"], calls["turnout_s"] = 40.0, 50.0
    for name in ("t_notified", "t_en_route", "t_on_scene", "t_left_scene", "t_at_hospital", "t_transfer", "t_ended"):
        calls[name] = np.nan
    calls["hospital"] = -1
    rows: list[tuple[Any, ...]] = []
    trips = [_Trip(city.stations[h].node, 0.0, city.stations[h].node, 0.0, 1) for h in home]
    free_at = np.zeros(len(home))

    def note(
        time: float, kind: EventKind, status: UnitStatus, unit: int, call: int, hospital: int, trip: _Trip
    ) -> None:
        trips[unit] = trip
        place = (trip.metric, trip.from_node, trip.t_from, trip.to_node, trip.t_to)
        rows.append((time, kind, status, time, unit, call, call, hospital, home[unit], *place))

    def where(unit: int, time: float) -> tuple[int, float]:
        """Next node on the present trip, and when it is reached."""
        trip = trips[unit]
        if trip.from_node == trip.to_node or time >= trip.t_to:
            return trip.to_node, time
        path = router.path(trip.from_node, trip.to_node, metric=trip.metric)
        hop = int(np.searchsorted(path.elapsed_s, time - trip.t_from))
        return int(path.nodes[hop]), trip.t_from + float(path.elapsed_s[hop])

    for i, call in enumerate(calls):
        t, node = float(call["t_received"]) + 40.0, int(call["node"])
        free = np.flatnonzero(free_at <= t)
        t = t if len(free) else float(free_at.min()) + 1.0
        free = np.flatnonzero(free_at <= t)
        spots = [where(int(u), t) for u in free]
        eta = [at + router.travel_s(n, node) for n, at in spots]
        unit = int(free[int(np.argmin(eta))])
        start, start_t = spots[int(np.argmin(eta))]
        rows[:] = [r for r in rows if not (r[4] == unit and r[0] >= t)]  # an arrival home that never comes
        call["unit"], call["t_notified"] = unit, t
        note(t, EventKind.UNIT_NEEDED, UnitStatus.MOBILISING, unit, i, -1, _Trip(start, start_t, start, start_t, 0))
        t = max(t + 50.0, start_t)
        arrive = t + router.travel_s(start, node)
        note(t, EventKind.EN_ROUTE, UnitStatus.EN_ROUTE, unit, i, -1, _Trip(start, t, node, arrive, 0))
        note(arrive, EventKind.ON_SCENE, UnitStatus.ON_SCENE, unit, i, -1, _Trip(node, arrive, node, arrive, 0))
        leave = arrive + float(rng.uniform(500, 1200))
        call["t_en_route"], call["t_on_scene"], call["t_left_scene"] = t, arrive, leave
        done, place = leave, node
        if call["transport"]:
            away = np.array([router.travel_s(node, h.node) for h in city.hospitals])
            hospital = int(np.argmin(away))
            place = city.hospitals[hospital].node
            there = leave + float(away[hospital])
            note(
                leave,
                EventKind.LEFT_SCENE,
                UnitStatus.TRANSPORTING,
                unit,
                i,
                hospital,
                _Trip(node, leave, place, there, 0),
            )
            note(
                there,
                EventKind.AT_HOSPITAL,
                UnitStatus.AT_HOSPITAL,
                unit,
                i,
                hospital,
                _Trip(place, there, place, there, 0),
            )
            done = there + float(rng.uniform(300, 1500))
            note(
                done,
                EventKind.TRANSFER_OF_CARE,
                UnitStatus.CLEARING,
                unit,
                i,
                hospital,
                _Trip(place, done, place, done, 0),
            )
            call["t_at_hospital"], call["t_transfer"], call["hospital"] = there, done, hospital
            done += 300.0
        call["t_ended"] = free_at[unit] = done
        base = city.stations[home[unit]].node
        back = done + router.travel_s(place, base, metric=1)
        note(done, EventKind.BACK_IN_SERVICE, UnitStatus.RETURNING, unit, -1, -1, _Trip(place, done, base, back, 1))
        note(back, EventKind.AT_STATION, UnitStatus.AT_STATION, unit, -1, -1, _Trip(base, back, base, back, 1))
        trips[unit] = _Trip(place, done, base, back, 1)
    trace = np.array([tuple(row) for row in rows], dtype=TRACE)
    trace = trace[np.argsort(trace["time"], kind="stable")]
    return SimpleNamespace(
        city=city, router=router, start=START, duration_s=3600.0 * hours, calls=calls, units=units, responses=calls,
        call_of_response=np.arange(n_calls),
        hospitals=np.zeros(0), trace=trace, end_s=float(trace["time"][-1]), driver="made up", seed=seed,
        roads=None,
    )  # fmt: skip
