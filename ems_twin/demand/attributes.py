"""From a number in (0, 1) to an attribute of a call, by inverting its law: the same luck under another law."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .delay import quantiles_s
from .model import Demand
from .streams import Stream

U = NDArray[np.float64]


def pick_category(share: U, u: U) -> NDArray[np.intp]:
    """Category of each number by cumulative share; a category of share 0 is never picked."""
    cumulative = np.cumsum(share)
    return np.searchsorted(cumulative / cumulative[-1], u, side="right")


def pick_nodes(demand: Demand, u_zone: U, u_node: U) -> NDArray[np.int32]:
    """Node of each call: the zone by its share, then a node of the zone by its weight."""
    zone = pick_category(demand.zone_share, u_zone)
    return pick_nodes_in(demand.node_zone, demand.node_weight, zone, u_node)


def pick_nodes_in(
    node_zone: NDArray[np.int32], node_weight: NDArray[np.float64], zone: NDArray[np.integer], u: U
) -> NDArray[np.int32]:
    """Node in a given zone by its weight.

    Parameters
    ----------
    node_zone, node_weight
        Zone and weight >= 0 of each road node, length n.
    zone
        Zones, length k; each has a node of weight above 0.
    u
        Numbers in (0, 1), length k.

    Returns
    -------
    int32[k]
    """
    nodes = np.flatnonzero(node_weight > 0)
    nodes = nodes[np.argsort(node_zone[nodes], kind="stable")]
    count = np.bincount(node_zone[nodes], minlength=int(zone.max(initial=0)) + 1)
    last = np.cumsum(count)
    first = last - count
    cumulative = np.concatenate(([0.0], np.cumsum(node_weight[nodes])))
    low, high = cumulative[first[zone]], cumulative[last[zone]]
    place = np.searchsorted(cumulative, low + u * (high - low), side="right") - 1
    picked: NDArray[np.intp] = nodes[np.clip(place, first[zone], last[zone] - 1)]
    return picked.astype(np.int32)


def pick_priority(demand: Demand, u: U) -> NDArray[np.uint8]:
    """Priority 1 to 3 of each call."""
    return (pick_category(demand.priority_share, u) + 1).astype(np.uint8)


def pick_transport(demand: Demand, priority: NDArray[np.uint8], u: U) -> NDArray[np.uint8]:
    """1 where the patient is taken to hospital, else 0."""
    return (u < demand.transport_share[priority.astype(np.intp) - 1]).astype(np.uint8)


def delay_s(
    demand: Demand, stream: Stream, priority: NDArray[np.uint8], transport: NDArray[np.uint8], u: U
) -> NDArray[np.float64]:
    """Length in seconds of the step that ``stream`` serves, given each call's priority and transport flag."""
    row = priority.astype(np.intp) - 1
    if stream == Stream.SCENE:
        laws = (*demand.scene_no_transport, *demand.scene_transport)
        return quantiles_s(laws, row + 3 * transport.astype(np.intp), u)
    by_priority = {
        Stream.DISPATCH_DELAY: demand.dispatch_delay,
        Stream.TURNOUT: demand.turnout,
        Stream.OFFLOAD: demand.offload,
        Stream.CLEAR: demand.clear,
    }
    return quantiles_s(by_priority[stream], row, u)


DELAY_STREAMS: dict[str, Stream] = {
    "dispatch_delay_s": Stream.DISPATCH_DELAY,
    "turnout_s": Stream.TURNOUT,
    "scene_s": Stream.SCENE,
    "offload_s": Stream.OFFLOAD,
    "clear_s": Stream.CLEAR,
}
"""Fields of a drawn call that :func:`delay_s` fills, and their streams."""
