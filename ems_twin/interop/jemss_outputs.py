"""Read what JEMSS wrote about a run, to compare it with a run of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .jemss_faults import JemssError
from .jemss_tables import Table, need_table, read_tables

_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, eq=False)
class JemssOutputs:
    """Output files of a run, each a mapping from JEMSS's column names to arrays with the values of the file.

    Columns of whole numbers are int64, other numbers float64, anything else text. Indices count from 1, times are
    days, and -1 is none, as in the files.
    """

    calls: dict[str, NDArray[Any]]
    ambulances: dict[str, NDArray[Any]]
    hospitals: dict[str, NDArray[Any]]
    events: dict[str, NDArray[Any]]
    """Events with their ``name``; times are rounded to 1e-5 days."""
    complete: bool
    """The events file has its last line: JEMSS came to the end of the run."""


def read_outputs(folder: Path) -> JemssOutputs:
    """Read ``calls.csv``, ``ambulances.csv``, ``hospitals.csv`` and ``events.csv`` of an output folder.

    Raises
    ------
    JemssError
        If one is missing or malformed.
    """
    folder = Path(folder)
    events, complete = _events(folder / "events.csv")
    named = {
        name: _columns(need_table(read_tables(folder / f"{name}.csv"), name, folder / f"{name}.csv"))
        for name in ("calls", "ambulances", "hospitals")
    }
    return JemssOutputs(**named, events=events, complete=complete)


def _columns(table: Table) -> dict[str, NDArray[Any]]:
    return {name: _typed(table.cells(name)) for name in table.header}


def _typed(cells: list[str]) -> NDArray[Any]:
    if all(_WHOLE.fullmatch(cell) for cell in cells):
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return np.array(cells, dtype=np.str_)


def _events(path: Path) -> tuple[dict[str, NDArray[Any]], bool]:
    """Events with their names, and whether the closing row is there."""
    tables = read_tables(path)
    keys = _columns(need_table(tables, "eventDict", path))
    table = need_table(tables, "events", path)
    complete = bool(table.rows) and table.rows[-1][0] == "end"
    if complete:
        table = Table(table.file, table.name, table.header, table.rows[:-1], table.lines[:-1])
    events = _columns(table)
    if not {"key", "name"} <= set(keys) or "eventKey" not in events:
        raise JemssError(
            [InputError("has no names for its events", file=path, remedy="Take the file as JEMSS wrote it.")]
        )
    names = dict(zip(keys["key"].tolist(), keys["name"].tolist(), strict=True))
    unknown = set(events["eventKey"].tolist()) - set(names)
    if unknown:
        problem = f"event key {min(unknown)} has no name"
        raise JemssError([InputError(problem, file=path, field="eventKey", remedy="Add it to table eventDict.")])
    events["name"] = np.array([names[key] for key in events["eventKey"].tolist()], dtype=np.str_)
    return events, complete
