"""From a call history to the columns of a call file, so that both are replayed alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..city.nearest import nearest_nodes
from ..errors import CallsError
from .callrows import OPTIONAL, CallColumns
from .history import CallHistory
from .near import FARTHEST_M


def history_columns(history: CallHistory, city: City, file: Path) -> CallColumns:
    """Columns of the calls that lie near the city's roads; NaN where the history does not say.

    ``file`` is where the history comes from, for messages.

    Raises
    ------
    CallsError
        No call lies near the city's roads.
    """
    known = ~np.isnan(history.calls["lon"])
    near = known.copy()
    near[known] = nearest_nodes(city.roads, history.calls["lon"][known], history.calls["lat"][known])[1] <= FARTHEST_M
    calls = history.calls[near]
    if not len(calls):
        raise CallsError(
            f"none of {len(history):,} calls lies within {FARTHEST_M / 1000:g} km of a road of {city.title}",
            file=file,
            remedy="Name the city of the calls with --city, here and when the calls are imported.",
        )
    optional = {column: np.full(len(calls), np.nan) for column in OPTIONAL}
    optional["priority"] = np.where(calls["priority"] > 0, calls["priority"].astype(np.float64), np.nan)
    optional["transport"] = transport = _transport(calls)
    optional["dispatch_delay_s"] = calls["notified"].copy()
    optional["turnout_s"] = calls["en_route"] - calls["notified"]
    end = np.where(transport == 1, calls["left_scene"], calls["back_in_service"])
    optional["scene_s"] = np.where(np.isnan(transport), np.nan, end - calls["on_scene"])
    optional["offload_s"] = calls["transfer"] - calls["at_hospital"]
    optional["clear_s"] = calls["back_in_service"] - calls["transfer"]
    for column, values in optional.items():
        if column.endswith("_s"):
            values[values < 0] = np.nan  # times out of order say nothing
    return CallColumns(
        row=np.flatnonzero(near) + 1,
        time_s=calls["t"].copy(),
        lon=calls["lon"].copy(),
        lat=calls["lat"].copy(),
        optional=optional,
        extra={},
        notes=_notes(str(file), history, near, known, city),
    )


def _transport(calls: NDArray[np.void]) -> NDArray[np.float64]:
    """1 where the patient was taken, 0 where the record is whole and nobody was, else NaN."""
    taken = ~np.isnan(calls["left_scene"]) | ~np.isnan(calls["at_hospital"])
    ended = ~np.isnan(calls["on_scene"]) & ~np.isnan(calls["back_in_service"])
    silent = ~taken.any()  # a source that never names a hospital does not say that nobody went to one
    return np.where(taken, 1.0, np.where(ended & ~silent, 0.0, np.nan))


def _notes(name: str, history: CallHistory, near: NDArray[np.bool_], known: NDArray[np.bool_], city: City) -> list[str]:
    n, calls = len(history), history.calls[near]
    notes = []
    if unknown := int((~known).sum()):
        notes.append(f"{name}: {unknown:,} of {n:,} calls have no position and were left out.")
    if far := int((known & ~near).sum()):
        notes.append(
            f"{name}: {far:,} of {n:,} calls lie farther than {FARTHEST_M / 1000:g} km from every road node of "
            f"{city.title} and were left out."
        )
    if drawn := int(calls["placed"].sum()):
        notes.append(f"{name}: {drawn:,} calls give only their zone; where in it they lie was drawn.")
    if not np.isnan(calls["notified"]).all():
        notes.append(f"{name}: recorded dispatch delays include waits for a unit to become free.")
    return notes
