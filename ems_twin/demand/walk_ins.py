"""Draw the patients who come to emergency rooms by themselves, and the stays of those who come by ambulance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from .arrivals import arrival_times
from .attributes import pick_category
from .bay_load import arrivals_by_ambulance, carried_share, mean_hold_s, rooms_of, walk_in_rates
from .calls import WALK_IN_DRAW
from .clock import time_zone
from .delay import quantiles_s
from .generate import check_stretch
from .model import Demand
from .streams import Stream, generator, uniforms


def generate_walk_ins(
    demand: Demand,
    city: City,
    *,
    start: datetime,
    duration_s: float,
    seed: int,
    replication: int = 0,
    rates: NDArray[np.float64] | None = None,
    volume_factor: float = 1.0,
    already_there: bool = True,
) -> NDArray[np.void]:
    """Draw the patients who walk into the city's emergency rooms in [0, ``duration_s``) after ``start``.

    Arrivals at a hospital are a Poisson process with its rate, shaped by the hour of the week in civil time; stays are
    independent. Every hospital has its own luck, so that a change of one leaves the patients of all others alone.

    A run should not begin with empty bays. Patients who came before it and still have a bay are rows with
    ``t_arrival`` 0 and the rest of their stay. They are drawn, not approximated: arrivals begin one longest stay before
    the start, and those whose stay is over are dropped. At a constant rate this is the M/G/infinity system in
    equilibrium: a Poisson number of patients with mean rate times mean stay, whose residual stays have the density
    P(S > x) / E[S]. It leaves out that some of them would have waited for their bay. Patients by ambulance are drawn
    in the same way, at their rate (at most as many as fill the bays to the target; the others are thought to have gone
    elsewhere), and are rows like those who walked in.

    Parameters
    ----------
    demand
        Laws and rates; it must know the emergency rooms.
    city
        The city they belong to.
    start
        Epoch of the run, with a time zone.
    duration_s
        Length, seconds, > 0.
    seed, replication
        Whole numbers >= 0; the same pair gives the same patients.
    rates
        Walk-ins an hour at each hospital, averaged over the week, shape (hospitals,); by default what the demand says
        (:func:`~ems_twin.demand.walk_in_rates`).
    volume_factor
        Factor on the number of calls, and so on the bays that patients by ambulance fill, >= 0.
    already_there
        Whether to include those who have a bay when the run begins.

    Returns
    -------
    WALK_IN_DRAW[k]
        By hospital, then time.

    Raises
    ------
    InputError
        An argument is out of range, or the demand says nothing about emergency rooms.
    """
    check_stretch(demand, city, start, duration_s, volume_factor)
    rooms = rooms_of(demand)
    rates = walk_in_rates(demand, city, volume_factor=volume_factor) if rates is None else np.asarray(rates, np.float64)
    if rates.shape != (len(city.hospitals),) or not np.all((rates >= 0) & np.isfinite(rates)):
        raise InputError(
            "are not one rate for each hospital", field="rates",
            remedy=f"Give {len(city.hospitals)} numbers of 0 or more, patients an hour.",
        )  # fmt: skip
    zone = time_zone(city.timezone)
    shape = rooms.hour_of_week / rooms.hour_of_week.mean()
    before_s = rooms.walk_in_stay.longest_s
    long_before = start.astimezone(UTC) - timedelta(seconds=before_s)
    parts = [np.zeros(0, WALK_IN_DRAW)]
    by_ambulance = _rates_of_present(demand, city, volume_factor) if already_there else np.zeros(len(rates))
    for h, rate in enumerate(rates):
        came_s = arrival_times(
            shape * rate, long_before, before_s + duration_s, zone,
            generator(seed, replication, Stream.WALK_IN_ARRIVAL, h),
        ) - before_s  # fmt: skip
        stay_s = rooms.walk_in_stay.quantile_s(uniforms(seed, replication, Stream.WALK_IN_STAY, len(came_s), h))
        rows = _rows(h, came_s, stay_s)
        if already_there:
            parts.append(_brought_before(demand, city, h, by_ambulance[h], start, seed, replication))
        else:
            rows = rows[came_s[came_s + stay_s > 0] >= 0]
        parts.append(rows)
    return np.concatenate(parts)


def draw_stays(
    demand: Demand, calls: NDArray[np.void], *, seed: int, replication: int = 0, part: tuple[int, ...] = ()
) -> NDArray[np.void]:
    """Calls with their stays in treatment bays, a copy; stays that are above 0 already are kept.

    Parameters
    ----------
    demand
        Laws; it must know the emergency rooms.
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows.
    seed, replication, part
        As the calls were drawn with; a part is one of calls that were not drawn with the others.

    Raises
    ------
    InputError
        The demand says nothing about emergency rooms, or a seed is negative.
    """
    laws = rooms_of(demand).ambulance_stay
    u = uniforms(seed, replication, Stream.STAY, len(calls), *part)
    drawn = quantiles_s(laws, calls["priority"].astype(np.intp) - 1, u)
    calls = calls.copy()
    calls["stay_s"] = np.where(calls["stay_s"] > 0, calls["stay_s"], drawn)
    return calls


def _rows(hospital: int, came_s: NDArray[np.float64], stay_s: NDArray[np.float64]) -> NDArray[np.void]:
    """Patients whose stay ends after second 0; those who came before it are there at 0 for the rest of their stay."""
    there = came_s + stay_s > 0
    rows = np.zeros(int(there.sum()), WALK_IN_DRAW)
    rows["hospital"] = hospital
    rows["t_arrival"] = np.maximum(came_s[there], 0.0)
    rows["stay_s"] = stay_s[there] + np.minimum(came_s[there], 0.0)
    return rows


def _rates_of_present(demand: Demand, city: City, volume_factor: float) -> NDArray[np.float64]:
    """Patients an hour by ambulance at each hospital before the run, at most as many as fill its bays to the target."""
    arrivals = arrivals_by_ambulance(demand, city, volume_factor=volume_factor)
    hold_h = mean_hold_s(demand) / 3600
    if hold_h == 0:
        return np.zeros_like(arrivals)
    bays = np.array([hospital.bays for hospital in city.hospitals], dtype=np.float64)
    return np.minimum(arrivals, rooms_of(demand).occupancy * bays / hold_h)


def _brought_before(
    demand: Demand, city: City, hospital: int, rate: float, start: datetime, seed: int, replication: int
) -> NDArray[np.void]:
    """Patients by ambulance who have a bay of a hospital when the run begins; they came at the calls' hours."""
    stays = rooms_of(demand).ambulance_stay
    before_s = max(a.longest_s + b.longest_s for a, b in zip(demand.offload, stays, strict=True))
    mean = demand.hour_of_week.mean()
    if rate == 0 or before_s == 0 or mean == 0:
        return np.zeros(0, WALK_IN_DRAW)
    came_s = arrival_times(
        demand.hour_of_week * (rate / mean), start.astimezone(UTC) - timedelta(seconds=before_s), before_s,
        time_zone(city.timezone), generator(seed, replication, Stream.PRESENT_ARRIVAL, hospital),
    ) - before_s  # fmt: skip

    def u(stream: Stream) -> NDArray[np.float64]:
        return uniforms(seed, replication, stream, len(came_s), hospital)

    priority = pick_category(carried_share(demand), u(Stream.PRESENT_PRIORITY))
    offload_s = quantiles_s(demand.offload, priority, u(Stream.PRESENT_OFFLOAD))
    return _rows(hospital, came_s, offload_s + quantiles_s(stays, priority, u(Stream.PRESENT_STAY)))
