"""Runs of the planner: a folder each, with the scenario, how far it is, and what it found."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import InputError
from ..scenario.whatif import Scenario
from ..views.page import write_atomically
from .pictures import FILE as PICTURES
from .plain import yaml_of
from .worker import SCENARIO

FILES = {
    "report.html": "text/html; charset=utf-8",
    "results.json": "application/json",
    "replications.parquet": "application/vnd.apache.parquet",
    SCENARIO: "application/yaml; charset=utf-8",
    PICTURES: "application/json",
}
"""Files of a run that a page may ask for, and what they are."""
_RECORD = "run.json"
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What is known of a run."""

    id: str
    name: str
    made: str
    """When it was asked for, UTC."""
    city: str
    replications: int
    variants: tuple[str, ...]
    state: str = "waiting"
    """``waiting``, ``running``, ``done``, ``stopped`` or ``failed``."""
    text: str = ""
    """What is being done, or why it failed."""
    share: float | None = None
    """Share of that which is done."""
    left_s: float | None = None
    """Seconds that are left of it."""
    seconds: float | None = None
    """How long it took."""
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state not in ("waiting", "running")


def user_data_folder() -> Path:
    """Folder of this user for what should stay."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "ems_twin"


class Runs:
    """The runs in a folder.

    Parameters
    ----------
    folder
        Where they lie; it is made.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"cannot be made ({error.strerror})", file=folder, remedy="Name another folder with --folder."
            ) from error
        if not os.access(folder, os.W_OK):
            raise InputError("cannot be written to", file=folder, remedy="Name another folder with --folder.")
        self._lock = Lock()
        self._kept: dict[str, RunRecord] = {}
        for path in sorted(folder.glob(f"*/{_RECORD}")):
            record = _read(path)
            if record is not None:
                if not record.is_over:  # the program ended meanwhile
                    record = replace(record, state="stopped", text="", share=None, left_s=None)
                self._kept[record.id] = record

    def add(self, scenario: Scenario) -> RunRecord:
        """A new run of a scenario."""
        now = datetime.now(UTC)
        record = RunRecord(
            id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}", name=scenario.name, made=now.isoformat(timespec="microseconds"),
            city=scenario.city, replications=scenario.replications, variants=tuple(v.name for v in scenario.variants),
        )  # fmt: skip
        write_atomically(yaml_of(scenario), self.folder_of(record.id) / SCENARIO)
        self.keep(record)
        return record

    def keep(self, record: RunRecord, *, on_disk: bool = True) -> None:
        """Remember what is known of a run; not on disk for what changes several times a second."""
        with self._lock:
            self._kept[record.id] = record
        if on_disk:
            write_atomically(json.dumps(asdict(record), indent=1), self.folder_of(record.id) / _RECORD)

    def all(self) -> list[RunRecord]:
        """All runs, the newest first."""
        with self._lock:
            return sorted(self._kept.values(), key=lambda record: record.made, reverse=True)

    def get(self, run: str) -> RunRecord | None:
        """A run by its id."""
        with self._lock:
            return self._kept.get(run)

    def drop(self, run: str) -> None:
        """Forget a run and delete its folder."""
        with self._lock:
            self._kept.pop(run)
        shutil.rmtree(self.folder_of(run), ignore_errors=True)

    def folder_of(self, run: str) -> Path:
        """Folder of a run; ids are made by us, and nothing else is let near the file system."""
        if not _ID.fullmatch(run):
            raise ValueError(f"'{run}' is no id of a run")
        return self.folder / run

    def file_of(self, run: str, name: str) -> Path | None:
        """A file of a run that a page may ask for, None if there is none."""
        if self.get(run) is None or name not in FILES:
            return None
        path = self.folder_of(run) / name
        return path if path.is_file() else None


def _read(path: Path) -> RunRecord | None:
    """A record from its file; None where it is none of ours."""
    try:
        found = json.loads(path.read_text("utf-8"))
        record = RunRecord(**found | {"variants": tuple(found["variants"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if record.id == path.parent.name and _ID.fullmatch(record.id) else None
