"""Import records of past calls: read, sift, place, join the units of a call, and say what was found."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..city.city import City
from ..errors import CallsError
from .formats import choose_layout
from .formats.files import read_records
from .history import NEMSIS_TIMES, CallHistory
from .import_doubts import find_doubts
from .import_join import join_units
from .import_places import find_places, snap_calls
from .import_report import ImportReport
from .import_sieve import Sieve
from .import_times import find_times
from .zoning import nodes_hash


def import_calls(
    path: str | Path,
    format: str = "auto",  # noqa: A002 - the word that the command line uses
    *,
    city: City | None = None,
    timezone: str | None = None,
    columns: Mapping[str, str] | None = None,
    swap: bool = False,
    local_times: bool = False,
    seed: int = 0,
    now: float | None = None,
) -> tuple[CallHistory, ImportReport]:
    """Import a file of past calls.

    CSV, Parquet or the JSON of an open-data portal, packed by gzip or not. Only the columns that are needed are read:
    names, phones, addresses and remarks stay outside.

    Parameters
    ----------
    path
        The file.
    format
        Name of a format (:data:`~ems_twin.demand.formats.LAYOUTS`), or ``auto``: told by the columns.
    city
        City on whose roads the calls are put; calls that give only a zone are placed in it by length of street.
    timezone
        IANA name of the civil time of times without an offset; else the format's, else the city's.
    columns
        Names of columns by field (:data:`~ems_twin.demand.formats.FIELDS`), before those of the format.
    swap
        Exchange longitude and latitude where they look exchanged; such rows are dropped otherwise.
    local_times
        Take times for civil time even where the file gives them an offset.
    seed
        Seed of the places that are drawn, >= 0.
    now
        Seconds since 1970 (UTC) after which a call lies in the future; the present if None.

    Returns
    -------
    history, report

    Raises
    ------
    CallsError
        The file cannot be read, is in no format that is known, has times of an unknown zone, or no call is left.
    InputError
        The seed is negative.
    CityError
        The time zone is unknown, or the city's zones cannot be read.
    """
    begin = time.perf_counter()
    path = Path(path)
    own = dict(columns or {})
    layout, records, torn, not_used = read_records(path, lambda header: choose_layout(path, header, format, own))
    sieve = Sieve(records, torn)
    times = find_times(
        path, records, layout, sieve, timezone=timezone, city=city, local=local_times,
        now=time.time() if now is None else now,
    )  # fmt: skip
    places = find_places(records, layout, city, sieve, swap=swap, seed=seed)
    joined = join_units(records, layout, sieve, times=times, places=places)
    if not len(joined.calls):
        counts = "; ".join(f"{count:,} rows: {reason}" for reason, count in sieve.counts().items())
        raise CallsError(f"no call is left: {counts}", file=path, remedy=sieve.remedy())
    snap = None if city is None else snap_calls(joined.calls, city)
    history = CallHistory(
        calls=joined.calls,
        timezone=times.timezone,
        kinds=joined.kinds,
        zones=places.zones,
        hospitals=joined.hospitals,
        source=f"{path.name} ({layout.title})",
        city="" if city is None else city.name,
        nodes_hash="" if city is None else nodes_hash(city.roads),
    )
    found = find_doubts(history, civil=bool((times.is_civil & sieve.kept).any()))
    report = ImportReport(
        file=path.name,
        format=layout.name,
        timezone=times.timezone,
        rows=len(records) + len(torn),
        calls=len(history),
        joined=joined.n_joined,
        dropped=sieve.counts(),
        duplicates=joined.n_duplicates,
        placed=int(history.calls["placed"].sum()),
        without_position=int(np.isnan(history.calls["lon"]).sum()),
        swapped=places.n_swapped,
        first=float(history.calls["t"][0]),
        last=float(history.calls["t"][-1]),
        resolution_s=found.resolution_s,
        gaps=found.gaps,
        repeated_hours=found.repeated_hours,
        passes_merged=found.passes_merged,
        skipped_times=int((times.is_skipped & sieve.kept).sum()),
        hours_off=found.hours_off,
        snap=snap,
        known={name: _share_known(history, name) for name in ("priority", *NEMSIS_TIMES)},
        times_left_out=times.left_out(sieve.kept),
        doubts=(
            *times.doubts(sieve.kept),
            *places.doubts,
            *joined.doubts,
            *found.sentences(remedy=not local_times and not times.is_civil.all()),
            *([] if snap is None else snap.doubts(city)),
        ),
        not_used=tuple(not_used),
        seconds=time.perf_counter() - begin,
        dropped_rows=sieve.table(),
    )
    return history, report


def _share_known(history: CallHistory, field: str) -> float:
    values = history.calls[field]
    return float(np.mean(values > 0 if field == "priority" else ~np.isnan(values)))
