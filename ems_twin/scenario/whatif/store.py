"""Simulated days kept on disk: an interrupted study goes on where it stopped, a changed one redoes what changed.

A day is kept under a key of everything that it depends on: the program's own source, the city, the demand, and what the
variant says, files that it names included.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ...demand import Demand
from ...errors import InputError
from .day import Day
from .prepare import Prepared, Ready

FOLDER = "days"
"""Folder of the days within that of the results."""
_OURS = re.compile(r"(?:[0-9a-f]{16}-\d+|placement-[0-9a-f]{16}|figures-[0-9a-f]{16}--?\d+)(?:\.npz|\.\d+\.part)")
_PACKAGE = Path(__file__).parents[2]
_ROOMS = ("city", "routing", "demand", "world", "policies", "simulation", "scenario")
_ONLY_TOLD = (
    "record",
    "words",
    "parts",
    "hours",
    "findings",
    "engine",
    "read",
    "contest",
    "verdict",
    "suggest",
    "stationing_files",
)
"""Beginnings of the names of files and folders of the last room that say what was found, and change no day."""


@cache
def source_digest() -> str:
    """Digest of the source of everything that a simulated day depends on, 16 hex digits."""
    digest = sha256()
    for room in _ROOMS:
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            if room == "scenario" and any(part.startswith(_ONLY_TOLD) for part in path.relative_to(_PACKAGE).parts):
                continue
            digest.update(str(path.relative_to(_PACKAGE)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def key_of(prepared: Prepared, ready: Ready) -> str:
    """Key of a variant's days, 16 hex digits."""
    scenario, city = prepared.scenario, ready.city
    facts: dict[str, Any] = {
        "source": source_digest(),
        "window": scenario.window.model_dump(mode="json"),
        "seed": scenario.seed,
        "search_runs": scenario.search_runs,
        "sections": ready.sections.model_dump(mode="json"),
        "roads": None if ready.roads is None else ready.roads.to_dict(),
        "city": [city.content_hash, prepared.city.content_hash, city.sirens_factor, list(city.target_s)],
        "places": [[s.id, s.node, s.units] for s in city.stations] + [[h.id, h.node, h.bays] for h in city.hospitals],
        "demand": _digest_of(ready.demand),
        "rules": repr(ready.rules),
        "policy": repr(ready.choice),
        "fleet": None if ready.crews.plan is None else repr(ready.crews.plan),
        "calls": None if ready.recorded is None else sha256(ready.recorded.calls.tobytes()).hexdigest(),
    }
    return sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _digest_of(demand: Demand) -> str:
    digest = sha256()
    for name in demand.__dataclass_fields__:
        value = getattr(demand, name)
        digest.update(name.encode())
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()


class Store:
    """Keeps days in a folder; without one it keeps nothing.

    Parameters
    ----------
    folder
        Folder of the results, or None.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = None if folder is None else folder / FOLDER
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(
                    f"cannot be made ({error.strerror})", file=self.folder, remedy="Name another folder with --out."
                ) from error

    def get(self, key: str, replication: int) -> Day | None:
        """A day that was kept, None if it was not or can no longer be read."""
        found = self._arrays(f"{key}-{replication}", set(Day.__dataclass_fields__))
        return None if found is None else Day(**found)

    def put(self, key: str, replication: int, day: Day) -> None:
        """Keep a day."""
        self._write(f"{key}-{replication}", day.arrays())

    def count(self, key: str, replications: int) -> int:
        """How many of a variant's days are kept."""
        if self.folder is None:
            return 0
        return sum((self.folder / f"{key}-{k}.npz").exists() for k in range(replications))

    def clear(self) -> None:
        """Forget all that is kept, and nothing else that lies there."""
        if self.folder is not None:
            for path in self.folder.iterdir():
                if _OURS.fullmatch(path.name):
                    path.unlink(missing_ok=True)

    def get_placement(self, key: str) -> NDArray[np.int64] | None:
        """A placement that was kept."""
        found = self._arrays(f"placement-{key}", {"units"})
        return None if found is None else found["units"]

    def put_placement(self, key: str, units: NDArray[np.int64]) -> None:
        """Keep a placement."""
        self._write(f"placement-{key}", {"units": units})

    def get_figures(self, key: str, replication: int) -> NDArray[np.float64] | None:
        """A few figures of a day that were kept."""
        found = self._arrays(f"figures-{key}-{replication}", {"values"})
        return None if found is None else found["values"]

    def put_figures(self, key: str, replication: int, values: NDArray[np.float64]) -> None:
        """Keep a few figures of a day."""
        self._write(f"figures-{key}-{replication}", {"values": values})

    def _arrays(self, name: str, wanted: set[str]) -> dict[str, Any] | None:
        if self.folder is None:
            return None
        try:
            with (self.folder / f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return {key: kept[key] for key in kept.files} if set(kept.files) == wanted else None
        except (OSError, ValueError, BadZipFile, EOFError):  # not there, or the computer was switched off meanwhile
            return None

    def _write(self, name: str, arrays: dict[str, Any]) -> None:
        """Write a file as a whole or not at all."""
        if self.folder is None:
            return
        path = self.folder / f"{name}.npz"
        beside = path.with_suffix(f".{os.getpid()}.part")
        try:
            with beside.open("wb") as file:
                np.savez(file, **arrays)
            beside.replace(path)
        except OSError as error:
            raise InputError(
                f"cannot be written ({error.strerror})", file=path, remedy="Is the disk full? What was kept stays."
            ) from error
