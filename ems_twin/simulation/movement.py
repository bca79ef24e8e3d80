"""How a unit moves: it enters a state, turns where it can, and begins a trip whose end is known."""

from __future__ import annotations

from .._compiled import leaf_kernel, lean_kernel
from ..policies.motion import RESPONSE, RETURN, TRANSPORT, metric_at, moves_of_shift, next_node, travel_ticks
from .calendar import schedule
from .luck import pace_of_luck
from .numbers import AT_HOSPITAL, AT_STATION, ON_SCENE, U_EN_ROUTE, U_RELOCATING, U_TRANSPORTING


@leaf_kernel
def enter(world, u, status):  # type: ignore[no-untyped-def]
    """Close the unit's present spell and begin another."""
    unit = world.units[u]
    now = world.clock[0].now
    unit.status_s[unit.status] += now - unit.since
    unit.since = now
    unit.status = status


@leaf_kernel
def park(world, u):  # type: ignore[no-untyped-def]
    """The unit has come to the end of its trip."""
    unit = world.units[u]
    unit.from_node, unit.t_from = unit.to_node, unit.t_to


@lean_kernel
def turn(world, ground, u, metric):  # type: ignore[no-untyped-def]
    """Let a unit's trip end at the first node where it can take another way, at the speeds of its next trip."""
    unit = world.units[u]
    node, t = next_node(world, ground, u, ground.labels.metrics[metric].off_road_s_per_m)
    unit.from_node, unit.t_from = node, t
    unit.to_node, unit.t_to, unit.off_m, unit.pace = node, t, 0.0, 1.0


@lean_kernel
def depart(world, ground, u, metric, to_node, drive_ticks, off_m):  # type: ignore[no-untyped-def]
    """Begin a trip from where the unit can turn; returns when it ends.

    ``drive_ticks`` is from the node that :func:`turn` left the unit at; its ``pace`` says what chance makes of them.
    """
    unit = world.units[u]
    speeds = ground.labels.metrics[metric]
    unit.metric = metric
    unit.to_node, unit.off_m = to_node, off_m
    unit.trip_node, unit.t_trip = unit.from_node, unit.t_from
    unit.t_to = unit.t_from + unit.pace * drive_ticks * speeds.tick_s + off_m * speeds.off_road_s_per_m
    return unit.t_to


@lean_kernel
def drive_to_place(world, ground, u, place, metric, status):  # type: ignore[no-untyped-def]
    """Begin a trip to a fixed place (a station, or the stations' number plus a hospital); returns its end."""
    turn(world, ground, u, metric)
    enter(world, u, status)
    return _depart_for(world, ground, u, place, metric)


@lean_kernel
def _depart_for(world, ground, u, place, metric):  # type: ignore[no-untyped-def]
    unit = world.units[u]
    n_stations = len(world.stations)
    if place < n_stations:
        node, off_m = world.stations[place].node, world.stations[place].off_m
    else:
        node, off_m = world.hospitals[place - n_stations].node, world.hospitals[place - n_stations].off_m
    drive = ground.places.to_ticks[ground.labels.metrics[metric].row, place, unit.from_node]
    if unit.status == U_TRANSPORTING:
        median_s = drive * ground.labels.metrics[metric].tick_s
        unit.pace = pace_of_luck(ground, median_s, world.calls[unit.call].u_transport)
    return depart(world, ground, u, metric, node, drive, off_m)


@lean_kernel
def go_on(world, ground, u, c):  # type: ignore[no-untyped-def]
    """The roads have changed under a unit: from its next node it takes the best way to where it is going anyway.

    A unit that drives to a scene does the same in :func:`drive_to_scene`.
    """
    unit = world.units[u]
    now = world.clock[0].now
    if unit.status == U_TRANSPORTING:
        metric = metric_at(ground, TRANSPORT, world.calls[c].priority, now)
        turn(world, ground, u, metric)
        schedule(world, _depart_for(world, ground, u, len(world.stations) + unit.hospital, metric), AT_HOSPITAL, u, c)
        return
    metric = metric_at(ground, RETURN, 0, now)
    turn(world, ground, u, metric)
    end = _depart_for(world, ground, u, unit.station, metric)
    schedule(world, end, AT_STATION, u, -1)
    if unit.status == U_RELOCATING:
        unit.t_moved = end


@lean_kernel
def head_for(world, ground, u, s, status):  # type: ignore[no-untyped-def]
    """Drive to station ``s``, the unit's home from now on."""
    metric = metric_at(ground, RETURN, 0, world.clock[0].now)
    end = drive_to_place(world, ground, u, s, metric, status)
    world.units[u].home = world.units[u].station = s
    schedule(world, end, AT_STATION, u, -1)


@lean_kernel
def relocate(world, ground, u):  # type: ignore[no-untyped-def]
    """Drive to the station that a review has made the unit's home; the move is counted for its shift."""
    unit = world.units[u]
    unit.n_moves += 1
    if moves_of_shift(world, u) == 0:
        count_moves_anew(world, u)
    unit.moves_made += 1
    head_for(world, ground, u, unit.home, U_RELOCATING)
    unit.t_moved = unit.t_to


@lean_kernel
def count_moves_anew(world, u):  # type: ignore[no-untyped-def]
    """A shift begins, or 24 hours in which the first move is made now."""
    world.units[u].moves_from, world.units[u].moves_made = world.clock[0].now, 0


@lean_kernel
def drive_to_scene(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Drive to the scene of call ``c``, from a door or from the next node on the unit's way."""
    unit, call = world.units[u], world.calls[c]
    metric = metric_at(ground, RESPONSE, call.priority, world.clock[0].now)
    turn(world, ground, u, metric)
    if unit.status != U_EN_ROUTE:
        enter(world, u, U_EN_ROUTE)
    speeds = ground.labels.metrics[metric]
    drive = travel_ticks(ground, speeds.row, unit.station, unit.from_node, call.node)
    start_up_s = ground.drives[0].start_up_s if unit.station >= 0 else 0.0
    unit.pace = pace_of_luck(ground, start_up_s + drive * speeds.tick_s, call.u_travel)
    unit.t_from += unit.pace * start_up_s
    unit.station = -1
    schedule(world, depart(world, ground, u, metric, call.node, drive, call.off_m), ON_SCENE, u, c)
