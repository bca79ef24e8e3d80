"""Everything that JEMSS writes about a run, in its columns and units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .jemss_ambulance_results import ambulance_results
from .jemss_call_results import call_results
from .jemss_grammar import EVENT_NAMES
from .jemss_history import JemssHistory, history_of
from .jemss_run import JemssRun
from .jemss_write import write_ambulances, write_calls, write_events, write_hospitals

WRITTEN = ("calls", "ambulances", "hospitals", "events")
"""Those of JEMSS's files that are written here; its statistics are our summary."""


def event_results(history: JemssHistory) -> dict[str, Any]:
    """Columns of ``events.csv`` (:data:`~ems_twin.interop.EVENT_COLUMNS`) of a run."""
    parent, unit, call, station = (
        np.array([getattr(event, name) for event in history.events], np.int64)
        for name in ("parent", "unit", "call", "station")
    )
    return {
        "parentIndex": np.where(parent >= 0, parent + 1, -1),
        "time": history.event_days,
        "eventKey": np.array([EVENT_NAMES.index(event.name) for event in history.events], np.int64),
        "ambIndex": np.where(unit >= 0, unit + 1, -1),
        "callIndex": np.where(call >= 0, call + 1, -1),
        "stationIndex": np.where(station >= 0, station + 1, -1),
    }


def hospital_results(history: JemssHistory) -> dict[str, Any]:
    """Result column of ``hospitals.csv`` of a run: ``numCalls``, the patients brought."""
    return {"numCalls": history.run.world.hospitals["n_arrivals"]}


def write_jemss_results(run: JemssRun, folder: Path) -> tuple[Path, ...]:
    """Write what JEMSS writes about a run: ``calls.csv``, ``ambulances.csv``, ``hospitals.csv`` and ``events.csv``.

    Of these only the files that the configuration lists in ``outputFiles``, if it lists any; the names are JEMSS's
    usual ones, by which :func:`~ems_twin.interop.read_outputs` finds them.

    Returns
    -------
    Paths of the files written.

    Raises
    ------
    OSError
        If a file cannot be written, or an input file, whose checksum stands in ``events.csv``, cannot be read any more.
    """
    listed, history = run.model.config.output_files, history_of(run)
    paths = {name: folder / f"{name}.csv" for name in WRITTEN if name in listed or not listed}
    if "calls" in paths:
        write_calls(run.model, call_results(history), paths["calls"])
    if "ambulances" in paths:
        write_ambulances(run.model, ambulance_results(history), paths["ambulances"])
    if "hospitals" in paths:
        write_hospitals(run.model, hospital_results(history), paths["hospitals"])
    if "events" in paths:
        write_events(run.model, event_results(history), paths["events"])
    return tuple(paths.values())
