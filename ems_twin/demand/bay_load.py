"""How full treatment bays are by what comes through the door, and how many walk-ins fill them to a given share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..city import City
from ..errors import InputError
from .model import Demand, node_weights
from .rooms import EmergencyRooms


def rooms_of(demand: Demand) -> EmergencyRooms:
    """Emergency rooms of a demand; raises an :class:`InputError` when it says nothing about them."""
    if demand.emergency_rooms is None:
        raise InputError(
            "the demand knows no stays in treatment bays", field="emergency_rooms",
            remedy="Load it with load_demand(city), or give it EmergencyRooms.",
        )  # fmt: skip
    return demand.emergency_rooms


def hospital_share(demand: Demand, city: City) -> NDArray[np.float64]:
    """Share of the calls that lie nearest to each hospital as the crow flies, shape (hospitals,)."""
    from scipy.spatial import cKDTree

    roads = city.roads
    doors = np.array([hospital.node for hospital in city.hospitals], dtype=np.intp)
    _, nearest = cKDTree(np.column_stack([roads.x[doors], roads.y[doors]])).query(np.column_stack([roads.x, roads.y]))
    return np.bincount(nearest, node_weights(demand), len(doors)).astype(np.float64)


def arrivals_by_ambulance(demand: Demand, city: City, *, volume_factor: float = 1.0) -> NDArray[np.float64]:
    """Patients an hour, averaged over the week, whom ambulances take to each hospital, shape (hospitals,).

    Each goes to the hospital nearest to the scene. Calls that may be called off count as called off.
    """
    return hospital_share(demand, city) * float(carried_share(demand).sum()) * demand.calls_per_day / 24 * volume_factor


def carried_share(demand: Demand) -> NDArray[np.float64]:
    """Share of all calls that have a priority and end at a hospital, shape (3,), not summing to 1."""
    stays_on = np.array(
        [(1 - mix.refused) * (1 - (mix.cancelled.share if mix.cancelled else 0)) for mix in demand.case_mix]
    )
    share: NDArray[np.float64] = demand.priority_share * demand.transport_share * stays_on
    return share


def mean_hold_s(demand: Demand) -> float:
    """Mean time that a patient by ambulance holds a bay, seconds: transfer of care and stay."""
    share = carried_share(demand)
    if share.sum() == 0:
        return 0.0
    hold = [a.mean_s + b.mean_s for a, b in zip(demand.offload, rooms_of(demand).ambulance_stay, strict=True)]
    return float(share @ hold / share.sum())


def ambulance_load(demand: Demand, city: City, *, volume_factor: float = 1.0) -> NDArray[np.float64]:
    """Bays that patients by ambulance fill on average, by Little's law: arrivals times mean hold, shape (hospitals,)."""
    return arrivals_by_ambulance(demand, city, volume_factor=volume_factor) * (mean_hold_s(demand) / 3600)


def walk_in_rate(
    bays: ArrayLike, *, occupancy: float, mean_stay_s: float, ambulance_load: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Walk-ins an hour that fill bays to a share ``occupancy`` together with the patients by ambulance.

    The load offered to c bays is a + λ E[S] (Little's law: a by ambulance, walk-ins at rate λ who stay E[S]). As long
    as it is below c and nobody leaves unseen, it is also the mean number of bays in use, however long the queue. So
    λ = max(0, ρ c − a) / E[S] for an occupancy of ρ. Where ambulances alone bring more than ρ c, nobody walks in and
    the occupancy is higher.

    Parameters
    ----------
    bays
        Treatment bays c, shape (hospitals,).
    occupancy
        ρ, from 0 to below 1.
    mean_stay_s
        E[S] of a walk-in in the bay, seconds, > 0.
    ambulance_load
        a, bays, shape (hospitals,).

    Raises
    ------
    InputError
        ``occupancy`` or ``mean_stay_s`` is out of range.
    """
    if not 0 <= occupancy < 1:
        raise InputError(f"{occupancy} is not a share below 1", field="occupancy", remedy="Give a number such as 0.85.")
    if not 0 < mean_stay_s < np.inf:
        raise InputError(f"{mean_stay_s} s", field="mean_stay_s", remedy="Give seconds above 0.")
    free = occupancy * np.asarray(bays, dtype=np.float64) - np.asarray(ambulance_load, dtype=np.float64)
    return np.maximum(free, 0.0) / (mean_stay_s / 3600)


def walk_in_rates(demand: Demand, city: City, *, volume_factor: float = 1.0) -> NDArray[np.float64]:
    """Walk-ins an hour at each hospital, averaged over the week, as the demand's settings say, shape (hospitals,).

    Raises
    ------
    InputError
        The demand says nothing about emergency rooms, or names a hospital that the city does not have.
    """
    rooms = rooms_of(demand)
    bays = np.array([hospital.bays for hospital in city.hospitals], dtype=np.float64)
    if rooms.walk_ins_per_bay_day is not None:
        rates = bays * (rooms.walk_ins_per_bay_day / 24)
    else:
        rates = walk_in_rate(
            bays, occupancy=rooms.occupancy, mean_stay_s=rooms.walk_in_stay.mean_s,
            ambulance_load=ambulance_load(demand, city, volume_factor=volume_factor),
        )  # fmt: skip
    row = {hospital.id: i for i, hospital in enumerate(city.hospitals)}
    for id_, a_day in rooms.walk_ins_per_day.items():
        if id_ not in row:
            raise InputError(
                f"there is no hospital '{id_}'", field="walk_ins_per_day",
                remedy=f"{city.title} has {', '.join(row)}.",
            )  # fmt: skip
        rates[row[id_]] = a_day / 24
    return rates
