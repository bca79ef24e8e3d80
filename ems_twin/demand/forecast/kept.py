"""A fitted forecaster as a file that holds numbers and names, and nothing that could be run.

The file is a NumPy archive: one JSON text says which of the classes listed here has which attributes, the arrays that
it names lie beside it. Reading makes objects of those classes alone. Times and places of single calls are left out:
a fitted model needs sums over cells and hours, at the finest.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from ...errors import InputError
from .blend import Blend
from .cells import Cells
from .glm import CallRegression
from .grown import GrownTrees
from .hour_of_week import ConstantShares, HourOfWeek
from .hours import CivilHours
from .laws import Spread
from .medic import Medic, MedicKernel
from .past import PastCalls
from .protocol import Forecaster
from .self_exciting import SelfExciting
from .shares import ShareTable
from .split import VolumeDensity, area_prior
from .st_kde import SpaceTimeKernel
from .trees import BoostedTrees, Recent
from .volume_curve import VolumeCurve

_FORMAT = 1
_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        Blend, BoostedTrees, CallRegression, Cells, ConstantShares, GrownTrees, HourOfWeek, Medic, MedicKernel, Recent,
        SelfExciting, ShareTable, SpaceTimeKernel, VolumeCurve, VolumeDensity,
    )
}  # fmt: skip
_FUNCTIONS = {"area_prior": area_prior}
_FORGOTTEN: dict[str, dict[str, Any]] = {"Blend": {"_given": {}, "parts": {}}, "BoostedTrees": {"_blocks": {}}}
"""What only the next fit would use, and can do without."""
_REMEDY = "Make it anew with 'ems-twin forecast fit'."


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """A forecaster that has learnt, and what it has learnt from."""

    model: Forecaster
    """It forecasts, and takes in later calls by ``update``."""
    name: str
    """Name of the model in the catalogue."""
    cells: Cells
    cells_kind: str
    """Kind of the cells as the command line says it, such as ``h3:8``."""
    timezone: str
    since_s: float
    until_s: float
    """Begin and end of the calls that it was fitted to, POSIX seconds."""
    calls: int
    """How many they were."""
    digest: str
    """Of those calls, by :func:`calls_digest`."""
    source: str
    notes: tuple[str, ...] = ()
    """What was to be said when it was fitted, such as that a simpler model took the place of another."""


def calls_digest(calls: PastCalls) -> str:
    """Digest of when and in which cells calls were made, and of the cells themselves."""
    digest = sha256(json.dumps([calls.clock.timezone, *calls.cells.names]).encode())
    for values in (calls.time_s, calls.cell.astype(np.int64), calls.cells.area_km2):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:32]


@cache
def version_key() -> str:
    """Digest of the forecasters' own code: a fitted model is of use to the code that fitted it."""
    digest = sha256(str(_FORMAT).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def write_fitted(fitted: FittedModel, path: Path) -> None:
    """Write a fitted model, through a temporary file beside it.

    Raises
    ------
    InputError
        The file cannot be written there, or the model holds something that a file cannot (a prior of the user's own).
    """
    writer = _Writer()
    text = {"version": version_key()} | {f.name: writer.encode(getattr(fitted, f.name)) for f in fields(FittedModel)}
    arrays = {"model": np.array(json.dumps(text)), **writer.arrays}
    scratch = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, **arrays)  # type: ignore[arg-type] # numpy types the flag, not the arrays
        Path(scratch).chmod(0o644)
        Path(scratch).replace(path)
    except OSError as error:
        if scratch is not None:
            Path(scratch).unlink(missing_ok=True)
        raise InputError(
            f"cannot be written ({error.strerror or error})", file=path,
            remedy="Name a file in a folder that you may write to.",
        ) from error  # fmt: skip


def read_fitted(path: Path) -> FittedModel:
    """Read a fitted model.

    Raises
    ------
    InputError
        The file is missing, is none that :func:`write_fitted` wrote, is damaged, or is of another version.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            text = json.loads(str(stored["model"]))
            current = text["version"] == version_key()
            if current:
                reader = _Reader({name: stored[name] for name in stored.files})
                return FittedModel(**{f.name: reader.decode(text[f.name]) for f in fields(FittedModel)})
    except FileNotFoundError as error:
        raise InputError("is missing", file=path, remedy=_REMEDY) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=path, remedy=_REMEDY) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, BadZipFile) as error:
        raise InputError("is damaged, or no model that 'forecast fit' wrote", file=path, remedy=_REMEDY) from error
    raise InputError("was fitted by another version of the forecasters", file=path, remedy=_REMEDY)


class _Writer:
    """Turns objects into JSON and arrays; what two of them share is written once."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._known: dict[int, int] = {}
        self._alive: list[Any] = []  # an object that went away would lend its id to another

    def encode(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value.item() if isinstance(value, np.generic) else value
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, date):
            return {"date": value.isoformat()}
        if isinstance(value, Spread):
            return {"spread": [value.level, value.clumps]}
        if isinstance(value, tuple | list):
            return {type(value).__name__: [self.encode(entry) for entry in value]}
        if isinstance(value, dict):
            return {"dict": [[self.encode(key), self.encode(entry)] for key, entry in value.items()]}
        if isinstance(value, shapely.Geometry):
            return {"shape": shapely.to_wkb(value, hex=True)}
        if callable(value) and getattr(value, "__name__", "") in _FUNCTIONS:
            return {"function": value.__name__}
        if id(value) in self._known:
            return {"same": self._known[id(value)]}
        number = self._known[id(value)] = len(self._known)
        self._alive.append(value)
        return {"id": number} | self._encode_object(value)

    def _encode_object(self, value: Any) -> dict[str, Any]:
        if isinstance(value, np.ndarray):
            return {"array": self._array(value)}
        if sparse.issparse(value):
            table = sparse.csc_array(value)
            return {"sparse": [self._array(part) for part in (table.data, table.indices, table.indptr)],
                    "shape": list(table.shape)}  # fmt: skip
        if isinstance(value, CivilHours):
            return {"clock": value.timezone}
        if isinstance(value, PastCalls):  # its calls stay behind
            return {"record": [self.encode(part) for part in (value.cells, value.clock, value.since_s, value.until_s)]}
        if type(value).__name__ == "HistGradientBoostingRegressor":
            return self._encode_object(GrownTrees.of(value))
        name = type(value).__name__
        if _CLASSES.get(name) is not type(value):
            raise InputError(f"a {name} cannot be kept in a file", field="model", remedy="Use the models by name.")
        if is_dataclass(value):
            state = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        else:
            state = vars(value) | _FORGOTTEN.get(name, {})
        return {"class": name, "state": {key: self.encode(entry) for key, entry in state.items()}}

    def _array(self, values: NDArray[Any]) -> str:
        name = f"a{len(self.arrays)}"
        self.arrays[name] = values
        return name


class _Reader:
    """Makes the objects again."""

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self._known: dict[int, Any] = {}

    def decode(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if "same" in value:
            return self._known[value["same"]]
        if "date" in value:
            return date.fromisoformat(value["date"])
        if "spread" in value:
            return Spread(*value["spread"])
        if "tuple" in value or "list" in value:
            entries = [self.decode(entry) for entry in value["tuple" if "tuple" in value else "list"]]
            return tuple(entries) if "tuple" in value else entries
        if "dict" in value:
            return {self.decode(key): self.decode(entry) for key, entry in value["dict"]}
        if "shape" in value and "sparse" not in value:
            return shapely.from_wkb(value["shape"])
        if "function" in value:
            return _FUNCTIONS[value["function"]]
        self._known[value["id"]] = made = self._decode_object(value)
        return made

    def _decode_object(self, value: dict[str, Any]) -> Any:
        if "array" in value:
            return self._arrays[value["array"]]
        if "sparse" in value:
            return sparse.csc_array(tuple(self._arrays[name] for name in value["sparse"]), shape=value["shape"])
        if "clock" in value:
            return CivilHours(value["clock"])
        if "record" in value:
            cells, clock, since_s, until_s = (self.decode(part) for part in value["record"])
            none = np.empty(0)
            return PastCalls(
                cells=cells, clock=clock, time_s=none, cell=none.astype(np.int32), since_s=since_s, until_s=until_s
            )
        cls = _CLASSES[value["class"]]
        state = {key: self.decode(entry) for key, entry in value["state"].items()}
        if is_dataclass(cls):
            return cls(**state)
        made: Any = object.__new__(cls)
        vars(made).update(state)
        return made
