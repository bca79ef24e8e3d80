"""Read ``demand.toml``: priorities, how long each step of a call takes, and what the figures are."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CityError, InputError
from .delay import Delay
from .model import N_PRIORITIES, ByPriority

DELAYS = ("dispatch_delay", "turnout", "scene_transport", "scene_no_transport", "offload", "clear")
VOLUME_KEYS = ("inhabitants", "inhabitants_per_street_km", "calls_per_1000_inhabitants_year")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Content of a ``demand.toml``."""

    title: str
    source: str
    notes: tuple[str, ...]
    volume: dict[str, float]
    """Keys of :data:`VOLUME_KEYS` that the file gives; empty when the hourly table is to be taken as it stands."""
    priority_share: NDArray[np.float64]
    transport_share: NDArray[np.float64]
    delays: dict[str, ByPriority]
    """Keys of :data:`DELAYS`."""


def read_settings(path: Path) -> Settings:
    """Read and check a ``demand.toml``.

    Raises
    ------
    CityError
        The file is missing or is no TOML, an entry is missing, unknown or out of range.
    """
    top = _parse(path)
    _known(top, {"title", "source", "notes", "volume", "priority"}, path, "")
    volume = top.get("volume", {})
    if not isinstance(volume, dict):
        raise CityError("is not a table", file=path, field="volume", remedy="Write it as [volume].")
    _known(volume, set(VOLUME_KEYS), path, "volume.")
    volume = {key: _number(volume, key, path, "volume.") for key in volume}
    if volume and "calls_per_1000_inhabitants_year" not in volume:
        raise CityError(
            "gives inhabitants without their calls",
            file=path,
            field="volume",
            remedy="Add calls_per_1000_inhabitants_year.",
        )
    tables = top.get("priority", [])
    if not isinstance(tables, list) or len(tables) != N_PRIORITIES:
        raise CityError(
            f"there must be {N_PRIORITIES} of them",
            file=path,
            field="priority",
            remedy="Write a [[priority]] table for each of the priorities 1, 2 and 3, in this order.",
        )
    share, transport = np.zeros(N_PRIORITIES), np.zeros(N_PRIORITIES)
    rows: list[dict[str, Delay]] = []
    for i, table in enumerate(tables):
        prefix = f"priority[{i + 1}]."
        _known(table, {"share", "transport_share", *DELAYS}, path, prefix)
        share[i] = _number(table, "share", path, prefix, most=1.0)
        transport[i] = _number(table, "transport_share", path, prefix, most=1.0)
        rows.append({key: _delay(table, key, path, prefix) for key in DELAYS})
    if abs(share.sum() - 1) > 0.005:
        raise CityError(
            f"shares of the priorities sum to {share.sum():.4g}",
            file=path,
            field="share",
            remedy="They must sum to 1 (to within 0.005).",
        )
    return Settings(
        title=str(top.get("title", "")),
        source=str(top.get("source", "")),
        notes=tuple(str(note) for note in top.get("notes", ())),
        volume=volume,
        priority_share=share / share.sum(),
        transport_share=transport,
        delays={key: (rows[0][key], rows[1][key], rows[2][key]) for key in DELAYS},
    )


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CityError(
            f"cannot be read ({error.strerror})",
            file=path,
            remedy="Put the file back, or remove the demand folder to go on with default rates.",
        ) from None
    except UnicodeDecodeError:
        raise CityError("is not UTF-8 text", file=path, remedy="Save it in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise CityError(f"is not valid TOML: {error}", file=path, remedy="Mend the line.") from None


def _known(table: dict[str, Any], known: set[str], path: Path, prefix: str) -> None:
    for key in table:
        if key not in known:
            raise CityError(
                "is not a known entry",
                file=path,
                field=f"{prefix}{key}",
                remedy=f"Known are {', '.join(sorted(known))}.",
            )


def _number(table: dict[str, Any], key: str, path: Path, prefix: str, most: float = math.inf) -> float:
    value = table.get(key)
    if value is None:
        raise CityError("is missing", file=path, field=f"{prefix}{key}", remedy="Add it.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or value == math.inf:
        upper = "" if most == math.inf else f" and at most {most:g}"
        raise CityError(
            f"{value!r} is not a number of at least 0{upper}",
            file=path,
            field=f"{prefix}{key}",
            remedy="Give a number.",
        )
    return float(value)


def _delay(table: dict[str, Any], key: str, path: Path, prefix: str) -> Delay:
    entry = table.get(key)
    if not isinstance(entry, dict):
        raise CityError(
            "is missing" if entry is None else "is not a table",
            file=path,
            field=f"{prefix}{key}",
            remedy=f"Write {key} = {{ median_s = ..., sigma = ..., longest_s = ... }}.",
        )
    inner = f"{prefix}{key}."
    _known(entry, {"median_s", "sigma", "longest_s"}, path, inner)
    numbers = {name: _number(entry, name, path, inner) for name in ("median_s", "sigma", "longest_s")}
    try:
        return Delay(**numbers)
    except InputError as error:
        raise CityError(error.problem, file=path, field=f"{inner}{error.field}", remedy=error.remedy) from None
