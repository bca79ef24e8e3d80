"""Scenarios to begin with: an ordinary day, a gathering in the middle of the city, and studies that ship with the city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..scenario.whatif import read_scenario
from .plain import read_plain

_EXPERIMENTS = Path(__file__).parents[2] / "experiments"
_DATE = "2024-05-11"  # a Saturday without a holiday near it


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A scenario to begin with."""

    key: str
    title: str
    about: str
    make: Callable[[], dict[str, Any]]
    """Makes its plain values."""


def presets_of(city: City, weight: NDArray[np.float64]) -> list[Preset]:
    """Scenarios to begin with in a city; ``weight`` says where its calls come from, shape (n,)."""
    found = [
        Preset(key="ordinary", title="An ordinary day", about="Nothing special happens. A start for a plan of your own.",
               make=_ordinary),
        Preset(key="gathering", title="A concert in the middle of the city",
               about="40,000 people for an evening, and nothing closed.", make=lambda: _gathering(city, weight)),
    ]  # fmt: skip
    for file in sorted(_EXPERIMENTS.glob("*.yaml")):
        scenario = read_scenario(file)
        if scenario.city == city.name:
            found.append(
                Preset(key=file.stem, title=scenario.name, about=scenario.question,
                       make=lambda file=file: read_plain(file, city))  # type: ignore[misc] # mypy: lambda default
            )  # fmt: skip
    return found


def _ordinary() -> dict[str, Any]:
    return {
        "name": "My event",
        "window": {
            "start": f"{_DATE}T06:00",
            "hours": 18,
            "count_from": f"{_DATE}T12:00",
            "count_to": f"{_DATE}T22:00",
        },
        "variants": [
            {"name": "usual practice"},
            {"name": "relocation", "policy": {"move": "best-move"}},
        ],
        "replications": 5,
    }


def _gathering(city: City, weight: NDArray[np.float64]) -> dict[str, Any]:
    """A crowd where half of the calls lie to the west and to the south."""
    roads = city.roads
    lon, lat = (_middle(values, weight) for values in (roads.lon, roads.lat))
    node = int(np.argmin(np.hypot((roads.lon - lon) * np.cos(np.radians(lat)), roads.lat - lat)))
    change = {
        "id": "concert", "kind": "crowd", "people": 40_000, "event": "mass-gathering",
        "start": f"{_DATE}T17:00", "end": f"{_DATE}T23:00",
        "place": {"lon": round(float(roads.lon[node]), 5), "lat": round(float(roads.lat[node]), 5), "radius_m": 300},
    }  # fmt: skip
    return {
        "name": "Concert",
        "window": {
            "start": f"{_DATE}T10:00",
            "hours": 15,
            "count_from": f"{_DATE}T16:00",
            "count_to": f"{_DATE}T23:59",
        },
        "demand": {"changes": [change]},
        "variants": [
            {"name": "usual practice"},
            {"name": "ordinary day", "event": False},
            {"name": "relocation with the forecast", "policy": {"move": "best-move", "knows": {"of": "event"}}},
        ],
        "replications": 5,
    }


def _middle(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    so_far = np.cumsum(weight[order])
    return float(values[order[np.searchsorted(so_far, so_far[-1] / 2)]])
