"""A call history as a Parquet file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CallsError
from .history import CALL_HISTORY, NEMSIS_TIMES, CallHistory

METADATA_KEY = b"ems_twin.call_history"
"""Entry of a Parquet file's metadata that says that it holds a call history."""

_VERSION = 1
_NAMES = {"kind": "kinds", "zone": "zones", "hospital": "hospitals"}
_FACTS = ("timezone", "kinds", "zones", "hospitals", "source", "city", "nodes_hash")
_REMEDY = "Make it with 'ems-twin calls import'."


def write_history(history: CallHistory, path: Path) -> None:
    """Write a history; columns in words and UTC so that other programs can read it too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    calls = history.calls
    columns: dict[str, Any] = {
        "received": pa.array(np.round(calls["t"] * 1e6).astype(np.int64)).cast(pa.timestamp("us", "UTC")),
        "lon": _or_null(calls["lon"]),
        "lat": _or_null(calls["lat"]),
        "node": pa.array(calls["node"], mask=calls["node"] < 0),
        "priority": pa.array(calls["priority"], mask=calls["priority"] == 0),
        "placed": pa.array(calls["placed"].astype(np.bool_)),
    }
    for field, names in _NAMES.items():
        rows = pa.array(calls[field], mask=calls[field] < 0)
        columns[field] = pa.DictionaryArray.from_arrays(rows, pa.array(getattr(history, names), pa.string()))
    columns |= {f"{name}_s": _or_null(calls[name]) for name in NEMSIS_TIMES}
    facts = {"version": _VERSION} | {name: getattr(history, name) for name in _FACTS}
    table = pa.table(columns).replace_schema_metadata({METADATA_KEY: json.dumps(facts, ensure_ascii=False)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd")
    except OSError as error:
        raise CallsError(
            f"cannot be written ({error.strerror or error})", file=path, remedy="Check the path."
        ) from None


def read_history(path: Path) -> CallHistory:
    """Read a history that :func:`write_history` wrote."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise CallsError("is missing", file=path, remedy="Check the path.") from None
    except (OSError, pa.ArrowException) as error:
        raise CallsError(f"cannot be read as Parquet ({_first_line(error)})", file=path, remedy=_REMEDY) from None
    stored = (table.schema.metadata or {}).get(METADATA_KEY)
    if stored is None:
        raise CallsError("is a Parquet file but no call history", file=path, remedy=_REMEDY)
    try:
        facts = json.loads(stored)
        version = facts["version"]
        if version != _VERSION:
            raise CallsError(f"has version {version}, this program reads {_VERSION}", file=path, remedy=_REMEDY)
        words = {name: tuple(str(word) for word in facts[name]) for name in _NAMES.values()}
        return CallHistory(
            calls=_rows(table, words),
            kinds=words["kinds"],
            zones=words["zones"],
            hospitals=words["hospitals"],
            timezone=str(facts["timezone"]),
            source=str(facts["source"]),
            city=str(facts["city"]),
            nodes_hash=str(facts["nodes_hash"]),
        )
    except CallsError as error:
        raise CallsError(
            error.problem, file=path, row=error.row, field=error.field, remedy=error.remedy or _REMEDY
        ) from None
    except (KeyError, ValueError, TypeError, pa.ArrowException) as error:
        raise CallsError(f"is a damaged call history ({_first_line(error)})", file=path, remedy=_REMEDY) from None


def _rows(table: Any, words: dict[str, tuple[str, ...]]) -> NDArray[np.void]:
    import pyarrow as pa
    import pyarrow.compute as pc

    def plain(name: str, empty: float) -> NDArray[Any]:
        return np.asarray(pc.fill_null(table[name], pa.scalar(empty, table[name].type)).to_numpy())

    calls = np.zeros(table.num_rows, dtype=CALL_HISTORY)
    calls["t"] = table["received"].cast(pa.int64()).to_numpy() / 1e6
    for name in ("lon", "lat"):
        calls[name] = plain(name, np.nan)
    calls["node"], calls["priority"] = plain("node", -1), plain("priority", 0)
    calls["placed"] = table["placed"].to_numpy()
    for field, names in _NAMES.items():
        rows = pc.index_in(table[field].cast(pa.string()), pa.array(words[names], pa.string()))
        if rows.null_count != table[field].null_count:
            raise CallsError(f"holds a {field} that its metadata does not name", field=field)
        calls[field] = pc.fill_null(rows, -1).to_numpy()
    for name in NEMSIS_TIMES:
        calls[name] = plain(f"{name}_s", np.nan)
    return calls


def _or_null(values: NDArray[np.float64]) -> Any:
    import pyarrow as pa

    return pa.array(values, mask=np.isnan(values))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
