"""What a city asks of its ambulances: how many calls, when, where, how urgent, and how long each step takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .case_mix import ORDINARY, CaseMix
from .delay import ByPriority
from .rooms import EmergencyRooms
from .sizes import HOURS_A_WEEK, N_PRIORITIES


@dataclass(frozen=True, eq=False, kw_only=True)
class Demand:
    """Rates and laws from which the calls of one city are drawn.

    The number of calls in an hour is Poisson with the rate of that hour of the week, in the city's civil time. A call
    falls into a zone by the zone's share and on a node of the zone by the node's weight.

    Raises
    ------
    InputError
        Arrays do not fit each other, or shares are not shares.
    """

    hour_of_week: NDArray[np.float64]
    """Mean calls an hour, length 168, from Monday 00:00 in civil time."""
    zone_names: tuple[str, ...]
    """Names of the z zones."""
    zone_share: NDArray[np.float64]
    """Share of all calls by zone, length z, summing to 1."""
    node_zone: NDArray[np.int32]
    """Zone of each road node, length n."""
    node_weight: NDArray[np.float64]
    """Weight of each node among the nodes of its zone, length n, >= 0."""
    priority_share: NDArray[np.float64]
    """Share of calls by priority 1, 2, 3, summing to 1."""
    transport_share: NDArray[np.float64]
    """Share of patients taken to hospital by priority, each in [0, 1]."""
    dispatch_delay: ByPriority
    """Call received to unit notified, when a unit is free."""
    turnout: ByPriority
    """Unit notified to en route."""
    scene_transport: ByPriority
    """On scene to leaving for the hospital."""
    scene_no_transport: ByPriority
    """On scene to available, when nobody is taken to hospital."""
    offload: ByPriority
    """Hospital arrival to transfer of care."""
    clear: ByPriority
    """Transfer of care to available."""
    case_mix: tuple[CaseMix, CaseMix, CaseMix] = (ORDINARY, ORDINARY, ORDINARY)
    """Calls that are out of the ordinary, by priority; by default none is."""
    emergency_rooms: EmergencyRooms | None = None
    """Stays in treatment bays and patients who walk in, for runs that count bays."""
    title: str = ""
    """One line for people: what the figures are."""
    source: str = ""
    """Where the figures come from."""
    notes: tuple[str, ...] = ()
    """What a user should know before believing results, such as assumed rates."""

    def __post_init__(self) -> None:
        n_zones = len(self.zone_names)
        for field, length in (
            ("hour_of_week", HOURS_A_WEEK),
            ("zone_share", n_zones),
            ("node_weight", len(self.node_zone)),
            ("priority_share", N_PRIORITIES),
            ("transport_share", N_PRIORITIES),
        ):
            value = getattr(self, field)
            if value.shape != (length,):
                raise InputError(f"has shape {value.shape}, expected ({length},)", field=field)
            if not (np.all(np.isfinite(value)) and np.all(value >= 0)):
                raise InputError("holds a negative number or one that is not finite", field=field)
        for field in ("zone_share", "priority_share"):
            total = float(getattr(self, field).sum())
            if abs(total - 1) > 1e-6:
                raise InputError(f"sums to {total:.6g}", field=field, remedy="Shares must sum to 1.")
        if np.any(self.transport_share > 1):
            raise InputError("holds a share above 1", field="transport_share")
        if len(self.node_zone) and not (self.node_zone.min() >= 0 and self.node_zone.max() < n_zones):
            raise InputError(f"names a zone outside 0..{n_zones - 1}", field="node_zone")
        weight = np.bincount(self.node_zone, self.node_weight, n_zones)
        for zone in np.flatnonzero((weight <= 0) & (self.zone_share > 0)):
            raise InputError(
                f"zone '{self.zone_names[zone]}' has a share of the calls but no road node",
                field="node_zone",
                remedy="Merge it with the zone beside it.",
            )
        for priority, mix in enumerate(self.case_mix, start=1):
            mix.check_priority(priority)
        for field in self.__dataclass_fields__:
            value = getattr(self, field)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def calls_per_day(self) -> float:
        """Mean calls a day over a week without a change of clocks."""
        return float(self.hour_of_week.sum()) / 7


def node_weights(demand: Demand) -> NDArray[np.float64]:
    """Probability that a call falls on each road node, length n, summing to 1."""
    total = np.bincount(demand.node_zone, demand.node_weight, len(demand.zone_names))
    scale = np.divide(demand.zone_share, total, out=np.zeros_like(total), where=total > 0)
    weights: NDArray[np.float64] = scale[demand.node_zone] * demand.node_weight
    return weights
