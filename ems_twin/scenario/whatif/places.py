"""Where the calls of a change fall: road nodes, their weights, and how these move with runners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...city.projection import project
from ...demand.volume import street_length_m
from .changes import Place, Runners

_STEP_M = 25.0  # between the points that stand for a line
_BIN_KM = 0.25  # a line's calls are shared out by such pieces, then by metres of street within each
_FAR_FROM_MAP_M = 1000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Nodes:
    """Road nodes of a place."""

    node: NDArray[np.int64]
    """Rows of the nodes, shape (m,)."""
    weight: NDArray[np.float64]
    """Their shares of the calls, shape (m,), summing to 1."""
    km: NDArray[np.float64]
    """Where on the line each is, kilometres from its first point; NaN where the place is no line."""


def nodes_of(place: Place, city: City, ordinary: NDArray[np.float64]) -> Nodes | None:
    """Nodes of a place; None where the map has none.

    In a place calls fall by metres of street; in the whole city as they usually do.

    Parameters
    ----------
    place
        The place; a line must be one of points.
    city
        The city.
    ordinary
        Probability that an ordinary call falls on each node, shape (n,).
    """
    roads = city.roads
    if place.is_whole_city:
        node = np.flatnonzero(ordinary > 0)
        return _nodes(node, ordinary[node], None)
    street_m = np.maximum(street_length_m(roads), 1e-6)
    if place.area is not None:
        import shapely

        corners = np.array(place.area)
        area = shapely.make_valid(shapely.Polygon(np.column_stack(project(roads, corners[:, 0], corners[:, 1]))))
        node = np.flatnonzero(shapely.contains_xy(area, roads.x, roads.y))
        return _nodes(node, street_m[node], None) if len(node) else None
    if place.line is not None:
        return _along(place, city, street_m)
    assert place.lon is not None  # the model says so
    assert place.lat is not None
    x, y = project(roads, place.lon, place.lat)
    away = np.hypot(roads.x - x, roads.y - y)
    node = np.flatnonzero(away <= place.radius_m)
    if not len(node):
        nearest = int(np.argmin(away))
        return _nodes(np.array([nearest]), np.ones(1), None) if away[nearest] <= _FAR_FROM_MAP_M else None
    return _nodes(node, street_m[node], None)


def _nodes(node: NDArray[np.int64], weight: NDArray[np.float64], km: NDArray[np.float64] | None) -> Nodes:
    return Nodes(
        node=node.astype(np.int64), weight=weight / weight.sum(), km=np.full(len(node), np.nan) if km is None else km
    )


def _along(place: Place, city: City, street_m: NDArray[np.float64]) -> Nodes | None:
    """Nodes along a line: each piece of it has the weight of its kilometre, shared out by metres of street."""
    from scipy.spatial import cKDTree

    assert isinstance(place.line, tuple)
    roads, line = city.roads, np.array(place.line)
    x, y = project(roads, line[:, 0], line[:, 1])
    so_far = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    stop = so_far[-1] if place.to_km is None else min(1000.0 * place.to_km, so_far[-1])
    at = np.arange(1000.0 * place.from_km, stop + 1e-9, _STEP_M)
    if not len(at):
        return None
    points = np.column_stack((np.interp(at, so_far, x), np.interp(at, so_far, y)))
    away, nearest = cKDTree(points).query(np.column_stack((roads.x, roads.y)))
    node = np.flatnonzero(away <= place.radius_m)
    if not len(node):
        return None
    km = at[nearest[node]] / 1000.0
    piece = (km / _BIN_KM).astype(np.int64)
    middle = (piece + 0.5) * _BIN_KM
    of_km = np.ones(len(node))
    if place.km_weights:
        known = np.array(place.km_weights)
        of_km = np.interp(middle, known[:, 0], known[:, 1])
    total = np.bincount(piece, street_m[node])
    weight = of_km * street_m[node] / total[piece]
    return _nodes(node, weight, km) if weight.sum() > 0 else None


def runner_weights(
    runners: Runners, start_s: float, nodes: Nodes, middle_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weight of each node in each bin of time: how many runners are at its kilometre then, times its own weight.

    A runner's pace p is lognormal, so at time t after the start the density at x kilometres is that of
    ``p = t / x`` times ``p / x``; waves are equally large.

    Parameters
    ----------
    runners
        Their waves and paces.
    start_s
        Start of the first wave, seconds of the run.
    nodes
        Nodes along a line.
    middle_s
        Middles of the bins, seconds of the run, shape (k,).

    Returns
    -------
    float64[k, m]
    """
    x = nodes.km + runners.before_km
    total = np.zeros((len(middle_s), len(x)))
    sigma, median = runners.pace_spread, np.log(runners.pace_min_per_km)
    for wave in range(runners.waves):
        minutes = (middle_s - start_s) / 60.0 - wave * runners.wave_gap_min
        with np.errstate(divide="ignore", invalid="ignore"):
            pace = minutes[:, None] / np.maximum(x, 1e-3)[None, :]
            density = np.exp(-0.5 * ((np.log(pace) - median) / sigma) ** 2) / (sigma * np.maximum(x, 1e-3))[None, :]
        total += np.where(minutes[:, None] > 0, density, 0.0)
    weighed: NDArray[np.float64] = np.nan_to_num(total) * nodes.weight[None, :]
    return weighed
