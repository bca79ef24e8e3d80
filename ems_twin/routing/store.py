"""Labels kept on disk beside the city they belong to, and checked against its content before they are used."""

from __future__ import annotations

import os
import tempfile
from dataclasses import fields
from pathlib import Path as FilePath
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .._compiled import user_cache_root
from ..city import City
from .hierarchy import NODE, Hierarchy
from .router import Router

_FORMAT = 1  # raise when the meaning of a stored array changes


def load_or_build(city: City) -> Router:
    """Router of a city, from the stored labels where they fit its roads and speeds, else built and stored.

    A stored file that is of another city, of another version or damaged is built anew; a folder that cannot be
    written to is passed over.
    """
    places = _places(city)
    for file in places:
        stored = _read(file, _key(city))
        if stored is not None:
            return _router_from(city, stored)
    router = Router(city.roads, sirens_factor=city.sirens_factor)
    for file in places:
        if _write(file, _key(city), router):
            break
    return router


def _places(city: City) -> list[FilePath]:
    """Where labels may lie: beside the bundle, else in the user's cache."""
    name = f"labels-{city.content_hash}.npz"
    cache = user_cache_root() / "labels" / name
    return [cache] if city.directory is None else [city.directory / name, cache]


def _key(city: City) -> str:
    return f"{_FORMAT}:{city.content_hash}:{city.sirens_factor!r}"


def _read(file: FilePath, key: str) -> dict[str, NDArray[Any]] | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            if str(stored["key"]) != key:
                return None
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _write(file: FilePath, key: str, router: Router) -> bool:
    """Write beside the target and rename, so that a reader never meets half a file."""
    arrays: dict[str, NDArray[Any]] = {"key": np.array(key)}
    arrays |= {f"h_{f.name}": getattr(router.hierarchy, f.name) for f in fields(Hierarchy)}
    arrays |= {"label_up": router.labels.up, "label_down": router.labels.down}
    arrays |= {"arc_up": router.arcs.up, "arc_down": router.arcs.down}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=".labels-", suffix=".npz")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type] # numpy types the flag, not the arrays
        FilePath(scratch).replace(file)
    except OSError:
        FilePath(scratch).unlink(missing_ok=True)
        return False
    _drop_other_versions(file)
    return True


def _drop_other_versions(file: FilePath) -> None:
    """Labels of a bundle's earlier content are of no more use (a cache folder holds many cities: left alone)."""
    if (file.parent / "city.toml").exists():
        for old in file.parent.glob("labels-*.npz"):
            if old != file:
                old.unlink(missing_ok=True)


def _router_from(city: City, stored: dict[str, NDArray[Any]]) -> Router:
    stored["h_nodes"] = stored["h_nodes"].view(NODE)  # a file forgets the alignment, and kernels would compile anew
    hierarchy = Hierarchy(**{f.name: stored[f"h_{f.name}"] for f in fields(Hierarchy)})
    return Router(
        city.roads,
        sirens_factor=city.sirens_factor,
        hierarchy=hierarchy,
        customised=(stored["label_up"], stored["label_down"], stored["arc_up"], stored["arc_down"]),
    )
