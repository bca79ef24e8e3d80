"""Read ``demand.toml``: priorities, how long each step of a call takes, and what the figures are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .case_mix import CaseMix
from .delay import ByPriority, Delay
from .entries import Entries
from .mix_settings import MIX_KEYS, read_case_mix
from .sizes import N_PRIORITIES

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
    case_mix: tuple[CaseMix, CaseMix, CaseMix]
    """What is out of the ordinary, by priority."""


def read_settings(path: Path) -> Settings:
    """Read and check a ``demand.toml``.

    Raises
    ------
    CityError
        The file is missing or is no TOML, or entries are missing, unknown or out of range; all are named.
    """
    file = Entries(path)
    top = file.top
    file.known(top, {"title", "source", "notes", "volume", "priority"})
    table = file.table(top, "volume")
    file.known(table, VOLUME_KEYS, "volume.")
    volume = {key: file.number(table, key, "volume.") for key in table if key in VOLUME_KEYS}
    if volume and "calls_per_1000_inhabitants_year" not in volume:
        file.fault("volume", "gives inhabitants without their calls", "Add calls_per_1000_inhabitants_year.")
    tables = top.get("priority", [])
    if not isinstance(tables, list) or len(tables) != N_PRIORITIES:
        file.fault(
            "priority",
            f"there must be {N_PRIORITIES} of them",
            "Write a [[priority]] table for each of the priorities 1, 2 and 3, in this order.",
        )
        file.raise_any()
    share, transport = np.zeros(N_PRIORITIES), np.zeros(N_PRIORITIES)
    rows: list[dict[str, Delay]] = []
    mixes: list[CaseMix] = []
    for i, table in enumerate(tables):
        prefix = f"priority[{i + 1}]."
        file.known(table, {"share", "transport_share", *DELAYS, *MIX_KEYS}, prefix)
        share[i] = file.number(table, "share", prefix, most=1.0)
        transport[i] = file.number(table, "transport_share", prefix, most=1.0)
        rows.append({key: file.law(table, key, prefix) for key in DELAYS})
        mixes.append(read_case_mix(file, table, prefix, priority=i + 1))
    file.raise_any()
    if abs(share.sum() - 1) > 0.005:
        file.fault(
            "share",
            f"shares of the priorities sum to {share.sum():.4g}",
            "They must sum to 1 (to within 0.005).",
        )
        file.raise_any()
    return Settings(
        title=str(top.get("title", "")),
        source=str(top.get("source", "")),
        notes=tuple(str(note) for note in top.get("notes", ())),
        volume=volume,
        priority_share=share / share.sum(),
        transport_share=transport,
        delays={key: (rows[0][key], rows[1][key], rows[2][key]) for key in DELAYS},
        case_mix=(mixes[0], mixes[1], mixes[2]),
    )
