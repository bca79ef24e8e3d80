"""Results on disk: one Parquet file a table, ``summary.json``, and the world itself, from which a run is read back."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import datetime
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..city import load_city
from ..errors import InputError
from ..routing import Router
from ..world import N_PRIORITIES, Disposition, Role, Rules, World, disposition, make_ground, plan_again
from ..world.schema import CallStatus, EventKind, UnitStatus
from .distance import driven_m
from .outcomes import hospital_load, response_s, status_seconds, summarise
from .run import Run

FILES = (
    "calls.parquet", "responses.parquet", "units.parquet", "hospitals.parquet", "events.parquet", "world.npz", "summary.json",
)  # fmt: skip
"""What :func:`write_results` leaves in a folder."""


NEMSIS = {
    "t_received": "eTimes.01",
    "t_needed": "eTimes.02",
    "t_notified": "eTimes.03",
    "t_en_route": "eTimes.05",
    "t_on_scene": "eTimes.06",
    "t_left_scene": "eTimes.09",
    "t_at_hospital": "eTimes.11",
    "t_transfer": "eTimes.12",
    "t_ended": "eTimes.13",
    "t_cancelled": "eTimes.14",
    "t_at_station": "eTimes.15",
    "disposition": "eDisposition",
}
"""NEMSIS v3 elements of the columns that have one; the Parquet files name them in the columns' metadata."""


def write_results(run: Run, directory: Path, *, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write the tables and the summary of a run; returns the summary.

    Everything is written beside the target first, so that a folder never holds half a result. Files of other names
    in it are left alone.

    Parameters
    ----------
    run
        The run.
    directory
        Folder to write to, made if need be.
    extra
        Facts to add to the summary: where the calls came from, the command.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    summary = summarise(run) | {"versions": _versions()} | (extra or {})
    scratch = _scratch(directory)
    try:
        _write_tables(run, scratch)
        np.savez_compressed(scratch / "world.npz", **_snapshot(run))  # type: ignore[arg-type] # a flag, says numpy
        (scratch / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
        for name in FILES:
            (scratch / name).replace(directory / name)
    except OSError as error:
        raise InputError(
            f"could not be written: {error.strerror or error}", file=directory, remedy="Is the disk full?"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return summary


def check_writable(directory: Path) -> None:
    """Raise the :class:`InputError` of :func:`write_results` now, before hours of work are lost to it."""
    _scratch(directory).rmdir()


def _scratch(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".writing-", dir=directory))
    except OSError as error:
        raise InputError(
            f"cannot write here: {error.strerror or error}",
            file=directory,
            remedy="Choose another folder with --out, or mend its permissions.",
        ) from error


def read_run(directory: Path) -> Run:
    """Read back a run that :func:`write_results` wrote.

    Raises
    ------
    InputError
        If the folder does not hold a run, or its city's roads have changed since.
    """
    try:
        summary = json.loads((directory / "summary.json").read_text("utf-8"))
        with (directory / "world.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            # a file forgets the alignment of records, and kernels would compile anew
            world = World(**{name: stored[name].view(dtype) for name, dtype in World.dtypes().items()})
        city, rules = load_city(summary["city"]), Rules.from_dict(summary["rules"])
        facts = {name: summary[name] for name in ("driver", "seed")}
        start = datetime.fromisoformat(summary["start"])
        duration_s, end_s = summary["duration_h"] * 3600, summary["end_h"] * 3600
    except (OSError, KeyError, ValueError, TypeError, BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"does not hold a run ({error})",
            file=directory,
            remedy="Give a folder that 'ems-twin simulate --out' wrote.",
        ) from error
    router, roads, speeds = Router.for_city(city), None, None
    if "roads" in summary:
        roads = plan_again(city, router, summary["roads"], start=start, duration_s=duration_s)
        city, router = roads.city, roads.router
        speeds = roads.speeds(rules, max(N_PRIORITIES, int(world.calls["priority"].max(initial=0))))
    if city.content_hash != summary["content_hash"]:
        raise InputError(
            f"the roads of '{city.name}' have changed since this run",
            file=directory,
            remedy="Simulate again with 'ems-twin simulate'.",
        )
    return Run(
        city=city,
        router=router,
        rules=rules,
        start=start.astimezone(ZoneInfo(city.timezone)),
        duration_s=duration_s,
        end_s=end_s,
        ground=make_ground(city, router, rules, speeds=speeds),
        world=world,
        roads=roads,
        **facts,
    )


def _snapshot(run: Run) -> dict[str, NDArray[Any]]:
    """The world's arrays without the empty rests of the growing ones."""
    parts = run.world._asdict()
    return parts | {"trace": run.trace, "calendar": parts["calendar"][:0], "queue": parts["queue"][:0]}


def _write_tables(run: Run, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, columns in (
        ("calls", _calls(run)),
        ("responses", _responses(run)),
        ("units", _units(run)),
        ("hospitals", _hospitals(run)),
        ("events", _events(run)),
    ):
        facts = {"city": run.city.name, "start": run.start.isoformat(), "units": "seconds since start, metres, degrees"}
        table = pa.table(columns)
        table = table.cast(pa.schema([_named_by_nemsis(column) for column in table.schema], facts))
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _named_by_nemsis(column: Any) -> Any:
    return column.with_metadata({"nemsis": NEMSIS[column.name]}) if column.name in NEMSIS else column


def _calls(run: Run) -> dict[str, Any]:
    return _call_table(run, run.calls, {"call": np.arange(len(run.calls))}) | {
        "disposition": _names(Disposition, disposition(run.calls))
    }


def _responses(run: Run) -> dict[str, Any]:
    """One row a unit's response to a call, with its NEMSIS times."""
    rows = np.flatnonzero(run.responses["status"] != CallStatus.NOT_NEEDED)
    responses = run.responses[rows]
    keys = {"response": rows, "call": run.call_of_response[rows], "role": _names(Role, responses["role"])}
    columns = _call_table(run, responses, keys)
    cancelled = np.where(responses["status"] == CallStatus.CANCELLED, responses["t_ended"], np.nan)
    columns["t_ended"] = _without_nan(np.where(np.isnan(cancelled), responses["t_ended"], np.nan))
    columns["t_cancelled"] = _without_nan(cancelled)
    columns["t_at_station"] = _without_nan(_back_at_station(run)[rows])
    return columns


def _back_at_station(run: Run) -> NDArray[np.float64]:
    """When the unit of each response was parked again before it got another call; NaN where it never was."""
    back = np.full(len(run.responses), np.nan)
    last: dict[int, int] = {}  # each unit's last response
    for row in run.trace[np.isin(run.trace["kind"], (EventKind.BACK_IN_SERVICE, EventKind.AT_STATION))]:
        unit = int(row["unit"])
        if row["kind"] == EventKind.BACK_IN_SERVICE:
            last[unit] = int(row["call"])
        elif unit in last:
            back[last.pop(unit)] = row["time"]
    return back


def _call_table(run: Run, calls: NDArray[np.void], keys: dict[str, Any]) -> dict[str, Any]:
    columns = dict(keys)
    apart = ("status", "hospital", "unit", "role", "incident", "n_rows", "t_first")
    columns |= {name: calls[name] for name in calls.dtype.names or () if name not in apart}
    columns["status"] = _names(CallStatus, calls["status"])
    columns["unit"] = _or_null(calls["unit"])
    columns["hospital"] = _labels([h.id for h in run.city.hospitals], calls["hospital"])
    columns["response_s"] = response_s(calls)
    columns["received_at"] = [run.at(float(t)) for t in calls["t_received"]]
    return {name: _without_nan(column) for name, column in columns.items()}


def _units(run: Run) -> dict[str, Any]:
    units = run.units
    columns: dict[str, Any] = {
        "unit": np.arange(len(units)),
        "station": _labels([s.id for s in run.city.stations], units["start_station"]),
        "n_calls": units["n_calls"],
        "n_transports": units["n_transports"],
        "n_relocations": units["n_moves"],
        "n_breaks": units["n_breaks"],
        "n_breaks_missed": units["n_breaks_missed"],
        "overrun_s": units["overrun_s"],
    }
    if len(run.trace) or not len(run.calls):
        seconds, metres = status_seconds(run, run.duration_s), driven_m(run.world, run.ground)
        for status in UnitStatus:
            columns[f"{status.name.lower()}_s"] = seconds[:, status]
        for status in (UnitStatus.EN_ROUTE, UnitStatus.TRANSPORTING, UnitStatus.RETURNING, UnitStatus.RELOCATING):
            columns[f"{status.name.lower()}_m"] = metres[:, status]
    return columns


def _hospitals(run: Run) -> dict[str, Any]:
    hospitals = run.city.hospitals
    return {
        "hospital": [h.id for h in hospitals],
        "name": [h.name for h in hospitals],
        "bays": [h.bays for h in hospitals],
        "n_arrivals": run.hospitals["n_arrivals"],
        "offload_s": run.hospitals["offload_s"],
        "offload_p90_s": [row["offload_p90_s"] for row in hospital_load(run)],
        "peak_offloading": run.hospitals["peak_offloading"],
    }


def _events(run: Run) -> dict[str, Any]:
    trace = run.trace
    columns: dict[str, Any] = {name: trace[name] for name in trace.dtype.names or ()}
    columns["kind"] = _names(EventKind, trace["kind"])
    columns["status"] = _names(UnitStatus, trace["status"])
    call_of = np.append(run.call_of_response, -1)  # the last for "none"
    columns |= {"call": call_of[trace["call"]], "response": trace["call"], "serves": call_of[trace["serves"]]}
    for name in ("unit", "call", "response", "serves", "hospital", "station"):
        columns[name] = _or_null(columns[name])
    return columns


def _names(kind: type[IntEnum], codes: NDArray[Any]) -> Any:
    import pyarrow as pa

    names = pa.array([member.name.lower() for member in kind])
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)


def _labels(names: list[str], rows: NDArray[Any]) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(rows.astype(np.int32), mask=rows < 0), pa.array(names, pa.string()))


def _or_null(rows: NDArray[Any]) -> Any:
    import pyarrow as pa

    return pa.array(rows, mask=rows < 0)


def _without_nan(column: Any) -> Any:
    """Times that never came are null, not NaN."""
    import pyarrow as pa

    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        return pa.array(column, mask=np.isnan(column))
    return column


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("ems-twin", "mesa", "numba", "numpy")}
