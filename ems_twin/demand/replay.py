"""Replay real calls: read a file of them and draw what it does not say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..city.nearest import nearest_nodes
from .attributes import DELAY_STREAMS, delay_s, pick_priority, pick_transport
from .callrows import OPTIONAL, CallColumns, Faults, read_columns
from .calls import CALL_DRAW
from .clock import midnight, next_day, time_zone
from .history import CallHistory
from .history_replay import history_columns
from .model import Demand
from .near import FARTHEST_M
from .replay_mix import fill_case_mix
from .streams import Stream, uniforms


@dataclass(frozen=True, eq=False, kw_only=True)
class CallFile:
    """Calls read from a file, whole civil days of them."""

    calls: NDArray[np.void]
    """CALL_DRAW[k], sorted by ``t_received``."""
    start: datetime
    """Epoch: the midnight in the city before the first call."""
    duration_s: float
    """Seconds from ``start`` to the midnight after the last call."""
    notes: list[str]
    """What was drawn, ignored, sorted or taken for granted, one sentence each."""


def read_calls(
    path: str | Path, city: City, demand: Demand, *, seed: int = 0, skill_names: tuple[str, ...] = ("transport",)
) -> CallFile:
    """Read a call file.

    CSV in UTF-8 with a header. Columns ``time`` (ISO 8601; without an offset it is the city's civil time), ``lon``,
    ``lat`` (degrees) are required; ``priority`` (1 to 3), ``transport`` (1 or 0), ``dispatch_delay_s``,
    ``turnout_s``, ``scene_s``, ``offload_s``, ``clear_s`` may be given. What a column or an empty cell leaves open is
    drawn from ``demand`` with the luck of its row, so mending one cell changes no other call.

    Further columns say what sets calls apart; an empty cell says that there was nothing of the kind, a column that is
    missing leaves it to the demand's case mix: ``cancelled_at`` (when the call was called off: eTimes.14 of NEMSIS),
    ``unit_disposition`` (eDisposition.27, code or words) or ``refused`` (1 or 0: a unit came for nobody to treat),
    ``worsened_at`` and ``worse_priority``, ``n_units``, ``skills`` and ``speciality`` (names joined by ``+``),
    ``known_at`` (id of the hospital that has the patient's records), and ``stay_s`` in a treatment bay (an empty cell is drawn where bays are counted).

    A Parquet file is taken for a :class:`~ems_twin.demand.CallHistory` and replayed by its ``to_calls``.

    Parameters
    ----------
    path
        The file.
    city
        City in which the calls happened.
    demand
        Laws for what the file does not say.
    seed
        Seed of those draws, >= 0.
    skill_names
        What the bits of ``needs`` mean, bit 0 first: the skills that the fleet knows.

    Raises
    ------
    CallsError
        The file cannot be read or has bad cells (ten of them are listed), or a call lies more than 1 km from every
        road node.
    InputError
        The demand's case mix asks for a skill or a speciality that nobody has.
    """
    path = Path(path)
    if path.suffix.lower() == ".parquet":
        columns = history_columns(CallHistory.read(path), city, path)
    else:
        columns = read_columns(
            path, time_zone(city.timezone), skill_names, tuple(hospital.id for hospital in city.hospitals)
        )
    return calls_from_columns(path, columns, city, demand, seed=seed, skill_names=skill_names)


def calls_from_columns(
    path: Path, columns: CallColumns, city: City, demand: Demand, *, seed: int, skill_names: tuple[str, ...]
) -> CallFile:
    """Draw what columns do not say; ``path`` is where they come from, for messages. See :func:`read_calls`."""
    zone = time_zone(city.timezone)
    node = _nodes(path, city, columns)
    calls = np.zeros(len(columns.row), dtype=CALL_DRAW)
    calls["lon"], calls["lat"], calls["node"] = columns.lon, columns.lat, node
    _fill(calls, columns, demand, seed)
    fill_case_mix(path, calls, columns, city, demand, lambda stream: uniforms(seed, 0, stream, len(calls)), skill_names)
    notes = [*columns.notes, *_gap_notes(path, columns)]
    if np.any(np.diff(columns.time_s) < 0):
        notes.append(f"{path}: rows were not in order of time and have been sorted.")
    first = datetime.fromtimestamp(columns.time_s.min(), UTC).astimezone(zone).date()
    last = datetime.fromtimestamp(columns.time_s.max(), UTC).astimezone(zone).date()
    start = midnight(first, zone)
    calls["t_received"] = columns.time_s - start.timestamp()
    return CallFile(
        calls=calls[np.argsort(calls["t_received"], kind="stable")],
        start=start,
        duration_s=midnight(next_day(last), zone).timestamp() - start.timestamp(),
        notes=notes,
    )


def _nodes(path: Path, city: City, columns: CallColumns) -> NDArray[np.int32]:
    """Nearest node of every call; calls outside the city are a fault."""
    node, distance_m = nearest_nodes(city.roads, columns.lon, columns.lat)
    outside = np.flatnonzero(~(distance_m <= FARTHEST_M))
    if not len(outside):
        return node
    faults = Faults(path)
    # An exchange of the two columns is the commonest cause; say so when it would put the calls into the city.
    can_swap = np.abs(columns.lon[outside]) <= 90
    swapped = np.zeros(len(outside), dtype=bool)
    if can_swap.any():
        rows = outside[can_swap]
        swapped[can_swap] = nearest_nodes(city.roads, columns.lat[rows], columns.lon[rows])[1] <= FARTHEST_M
    for i, is_swapped in zip(outside, swapped, strict=True):
        where = f"the call at lon {columns.lon[i]:g}, lat {columns.lat[i]:g} lies {_far(distance_m[i])} from the nearest road node of {city.title}"
        hint = ", but lon and lat exchanged it lies in the city" if is_swapped else ""
        faults.add(int(columns.row[i]), "", where + hint)
    if swapped.all():
        remedy = "Exchange the names of the columns lon and lat."
    else:
        remedy = (
            f"Correct the position or delete the row; a call must lie within {FARTHEST_M / 1000:g} km of a road node."
        )
    faults.raise_any(remedy)
    return node


def _far(metres: float) -> str:
    return f"{metres / 1000:,.1f} km" if np.isfinite(metres) else "too far to measure"


def _fill(calls: NDArray[np.void], columns: CallColumns, demand: Demand, seed: int) -> None:
    """Set every attribute of the calls: the file's where it speaks, drawn where it is silent."""
    n = len(calls)

    def either(name: str, drawn: NDArray[np.generic]) -> NDArray[np.float64]:
        said = columns.optional[name]
        return np.where(np.isnan(said), drawn, said)

    calls["priority"] = either("priority", pick_priority(demand, uniforms(seed, 0, Stream.PRIORITY, n)))
    priority = np.ascontiguousarray(calls["priority"])
    drawn = pick_transport(demand, priority, uniforms(seed, 0, Stream.TRANSPORT, n))
    calls["transport"] = either("transport", drawn)
    transport = np.ascontiguousarray(calls["transport"])
    for name, stream in DELAY_STREAMS.items():
        calls[name] = either(name, delay_s(demand, stream, priority, transport, uniforms(seed, 0, stream, n)))
    calls["u_travel"] = uniforms(seed, 0, Stream.TRAVEL, n)
    calls["u_transport"] = uniforms(seed, 0, Stream.TRANSPORT_TRAVEL, n)


def _gap_notes(path: Path, columns: CallColumns) -> list[str]:
    """Say for how many calls what was drawn."""
    n = len(columns.row)
    gaps = {name: int(np.isnan(columns.optional[name]).sum()) for name in OPTIONAL}
    whole = [name for name, count in gaps.items() if count == n]
    notes = [f"{path}: drawn from the city's demand for all {n} calls: {', '.join(whole)}."] if whole else []
    notes += [
        f"{path}: {name} is empty in {count} of {n} rows and was drawn for them."
        for name, count in gaps.items()
        if 0 < count < n
    ]
    return notes
