"""From records to calls: repeats are dropped, and the units that were sent to one call become one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .formats import Layout
from .formats.records import Records
from .history import CALL_HISTORY, NEMSIS_TIMES
from .import_places import Places
from .import_sieve import Sieve
from .import_times import LONGEST_S, CallTimes

_REPEATED = "it repeats an earlier row"


@dataclass(frozen=True, eq=False, kw_only=True)
class Joined:
    """Calls made of records."""

    calls: NDArray[np.void]
    """CALL_HISTORY[k], sorted by ``t``."""
    kinds: tuple[str, ...]
    hospitals: tuple[str, ...]
    n_joined: int
    """Records that joined the call of another."""
    n_duplicates: int
    """Records that repeat another in all that was read."""
    doubts: tuple[str, ...]


def join_units(records: Records, layout: Layout, sieve: Sieve, *, times: CallTimes, places: Places) -> Joined:
    """Make calls of the records that are still in.

    Of the units of a call the first notified, en route and on scene counts; of the one that first left for a hospital
    the rest. If none did, the call ends when the last unit is back in service.
    """
    import pandas as pd

    kind, kinds = records.texts("kind")
    if (kind < 0).any():
        kind, kinds = np.where(kind < 0, len(kinds), kind), [*kinds, "unknown"]
    hospital, hospitals = records.texts("hospital")
    table = pd.DataFrame(
        {
            "t": times.t, "lon": places.lon, "lat": places.lat, "priority": layout.priority(records), "kind": kind,
            "zone": places.zone, "placed": places.placed, "hospital": hospital,
            "incident": records.texts("incident")[0], "unit": records.texts("unit")[0],
            **{name: times.after.get(name, np.nan) for name in NEMSIS_TIMES},
        }
    )[sieve.kept]  # fmt: skip
    # A drawn place tells no call from another, and without a place two calls of one minute may look the same.
    seen = table.assign(lon=table["lon"].mask(table["placed"]), lat=table["lat"].mask(table["placed"]))
    again = (seen.duplicated() & ((seen["incident"] >= 0) | seen["lon"].notna())).to_numpy()
    out = np.zeros(len(records), dtype=np.bool_)
    out[np.flatnonzero(sieve.kept)[again]] = True
    n_duplicates = sieve.drop(out, _REPEATED)
    table = table[~again].sort_values("t", kind="stable")
    columns = {str(name): table[name].to_numpy() for name in table}
    group, n_split = _groups(columns, layout)
    calls = _calls(columns, group)
    doubts = []
    if n_split:
        doubts.append(
            f"{n_split:,} numbers of incidents come again more than a day later: they were taken for other calls."
        )
    if alike := int((seen.duplicated() & ~again).sum()):
        doubts.append(
            f"{alike:,} calls look like an earlier one, but without a number or a position that proves nothing."
        )
    return Joined(
        calls=calls,
        kinds=tuple(kinds),
        hospitals=tuple(hospitals),
        n_joined=len(table) - len(calls),
        n_duplicates=n_duplicates,
        doubts=tuple(doubts),
    )


def _groups(columns: dict[str, NDArray[Any]], layout: Layout) -> tuple[NDArray[np.int64], int]:
    """Number of the call of each record, and how many incidents were split because their number was used again."""
    import pandas as pd

    n = len(columns["t"])
    key: NDArray[np.int64] = columns["incident"].astype(np.int64)
    if layout.one_row_a_unit and (key < 0).all():
        place = pd.DataFrame({name: columns[name] for name in ("t", "lon", "lat")})
        key = place.groupby(list(place), dropna=False).ngroup().to_numpy().astype(np.int64)
    alone = key < 0
    key[alone] = key.max(initial=0) + 1 + np.arange(int(alone.sum()))
    order = np.argsort(key, kind="stable")
    same = np.diff(key[order]) == 0
    late = same & (np.diff(columns["t"][order]) > LONGEST_S)
    group = np.empty(n, dtype=np.int64)
    group[order] = np.concatenate(([0], np.cumsum(~same | late)))[:n]
    return group, int(late.sum())


def _calls(columns: dict[str, NDArray[Any]], group: NDArray[np.int64]) -> NDArray[np.void]:
    """One row a group; the records are in order of time."""

    def first_by(key: NDArray[Any]) -> NDArray[np.intp]:
        """Record of each group with the smallest key, the earliest of equals."""
        order = np.lexsort((key, group))
        return order[np.diff(group[order], prepend=-1) > 0]

    def least(name: str) -> NDArray[np.float64]:
        values = columns[name]
        return values[first_by(np.where(np.isnan(values), np.inf, values))]

    first = first_by(columns["t"])
    calls = np.zeros(len(first), dtype=CALL_HISTORY)
    place = first_by(np.isnan(columns["lon"]))
    for name in ("lon", "lat", "zone", "placed"):
        calls[name] = columns[name][place]
    calls["t"], calls["node"], calls["kind"] = columns["t"][first], -1, columns["kind"][first]
    urgency = np.where(columns["priority"] == 0, 255, columns["priority"])
    calls["priority"] = columns["priority"][first_by(urgency)]
    for name in ("notified", "en_route", "on_scene"):
        calls[name] = least(name)
    left = np.where(np.isnan(columns["left_scene"]), columns["at_hospital"], columns["left_scene"])
    carrier = first_by(np.where(np.isnan(left), np.inf, left))
    for name in ("left_scene", "at_hospital", "transfer", "hospital"):
        calls[name] = columns[name][carrier]
    ends = columns["back_in_service"]
    last = ends[first_by(np.where(np.isnan(ends), np.inf, -ends))]
    calls["back_in_service"] = np.where(np.isnan(left[carrier]), last, ends[carrier])
    for name in NEMSIS_TIMES:
        calls[name] -= calls["t"]
    return calls[np.argsort(calls["t"], kind="stable")]
