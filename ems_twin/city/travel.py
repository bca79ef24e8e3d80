"""How long drives really take in a city: what was learnt from observed trips, kept in a bundle's ``travel.toml``.

The time of a drive is ``T = m exp(c(m) z)``: its median m is the start-up time and the way at calibrated speeds, z is
Student's t with four degrees of freedom, and c, about the coefficient of variation, falls with m (Budge, Ingolfsson and
Zerom 2010). Short drives vary most.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CityError
from ..faults import Faults, ModelError
from .roads import ROAD_CLASSES

TRAVEL_FILE = "travel.toml"
"""Name of the file in a bundle."""

BUDGE = (0.336, 0.000058, 0.0388)
"""Spread of Calgary's ambulances, m in minutes (Budge, Ingolfsson and Zerom 2010)."""

HOUR_STEP = 0.05
"""Speeds of the hours are rounded to this for :func:`write_hours`, so that a few sets serve them all."""

TRIM = 0.001
"""Share cut off each tail of the spread, as they advise: the mean of an untrimmed log-t is infinite."""


class TravelError(ModelError, CityError):
    """``travel.toml`` says what makes no sense: all its faults."""

    subject = "travel.toml"


@dataclass(frozen=True, kw_only=True)
class Travel:
    """Calibrated driving. The defaults change nothing but know how far times stray."""

    start_up_s: float = 0.0
    """Part of a response's median that does not depend on the way, seconds: leaving the base, slow at both ends."""
    speed_by_class: Mapping[str, float] = field(default_factory=dict)
    """Ordinary speed over the bundle's own, by road class; 1 for what is not named."""
    speed_by_hour: tuple[float, ...] = (1.0,) * 168
    """Speed over the week's usual, by hour of the week (0 is Monday 00:00 to 01:00, civil time)."""
    sirens_factor: float | None = None
    """Lights-and-sirens speed over ordinary speed; None: the city's own."""
    spread: tuple[float, float, float] = BUDGE
    """b0, b1 and b2 of ``c(m) = sqrt(b0 (b2 + 1) + b1 (b2 + 1) m + b2 m^2) / m``, m in minutes."""
    interval_90: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """90 % intervals by the name of a number above; classes as ``speed.primary``."""
    source: str = ""
    """The trips it was fitted to."""
    period: str = ""
    """First and last day of those, ``2018-01-01 to 2018-08-31``."""
    n_trips: int = 0
    """How many there were."""

    def spread_of(self, median_s: ArrayLike) -> NDArray[np.float64]:
        """c(m) of some medians, seconds; any shape."""
        return spread(np.asarray(median_s, dtype=np.float64) / 60.0, self.spread)

    def quantile_s(self, median_s: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
        """Time that a share of drives with these medians do not exceed, seconds; shapes broadcast."""
        median = np.asarray(median_s, dtype=np.float64)
        z = t4_quantile(TRIM + (1 - 2 * TRIM) * np.asarray(share, dtype=np.float64))
        found: NDArray[np.float64] = median * np.exp(self.spread_of(median) * z)
        return found

    def mean_s(self, median_s: ArrayLike) -> NDArray[np.float64]:
        """Mean time of drives with these medians, seconds; a little more than the median."""
        share = (np.arange(400) + 0.5) / 400
        found: NDArray[np.float64] = self.quantile_s(np.asarray(median_s)[..., None], share).mean(axis=-1)
        return found


def spread(median_min: NDArray[np.float64], b: tuple[float, float, float]) -> NDArray[np.float64]:
    """c(m) of medians in minutes; what takes no time does not stray."""
    m = np.maximum(median_min, 1e-3)
    found: NDArray[np.float64] = np.sqrt(b[0] * (b[2] + 1) + b[1] * (b[2] + 1) * m + b[2] * m * m) / m
    return np.where(median_min > 0, found, 0.0)


def t4_quantile(share: ArrayLike) -> NDArray[np.float64]:
    """Quantile of Student's t with four degrees of freedom (closed form: Shaw 2006); shares above 0 and below 1."""
    u = np.asarray(share, dtype=np.float64)
    a = 4 * u * (1 - u)
    q = np.cos(np.arccos(np.minimum(np.sqrt(a), 1.0)) / 3) / np.sqrt(a)
    found: NDArray[np.float64] = np.sign(u - 0.5) * 2 * np.sqrt(np.maximum(q - 1, 0.0))
    return found


def eta_interval_s(median_s: float, travel: Travel, level: float = 0.9) -> tuple[float, float]:
    """Bounds between which a share ``level`` of drives with this median end, seconds from the start of the drive."""
    low, high = travel.quantile_s(median_s, np.array([(1 - level) / 2, (1 + level) / 2]))
    return float(low), float(high)


def write_travel(travel: Travel, file: Path) -> Path:
    """Write the settings as a bundle keeps them, for people to read and change."""

    def row(name: str, key: str, value: float) -> str:
        bounds = travel.interval_90.get(key)
        return f"{name} = {value:.4g}" + (f" # 90 % interval {bounds[0]:.4g} to {bounds[1]:.4g}" if bounds else "")

    lines = [
        "# Driving as observed: see `ems-twin travel calibrate`.",
        "format = 1",
        f"source = {_quoted(travel.source)}",
        f"period = {_quoted(travel.period)}",
        f"n_trips = {travel.n_trips}",
        "",
        row("start_up_s", "start_up_s", travel.start_up_s),
    ]
    if travel.sirens_factor is not None:
        lines.append(row("sirens_factor", "sirens_factor", travel.sirens_factor))
    lines += ["", "[spread] # c(m) = sqrt(b0 (b2 + 1) + b1 (b2 + 1) m + b2 m^2) / m, m in minutes"]
    lines += [row(name, f"spread.{name}", value) for name, value in zip(("b0", "b1", "b2"), travel.spread, strict=True)]
    lines += ["", "[speed_by_class] # ordinary speed over the bundle's own"]
    lines += [row(name, f"speed.{name}", value) for name, value in travel.speed_by_class.items()]
    lines += ["", "[speed_by_hour] # speed over the week's usual, 24 hours from 00:00"]
    for day, values in zip(_DAYS, np.reshape(travel.speed_by_hour, (7, 24)), strict=True):
        lines.append(f"{day} = [{', '.join(f'{value:.3f}' for value in values)}]")
    lines += ["", "[interval_90]"]
    lines += [f'"{key}" = [{low:.4g}, {high:.4g}]' for key, (low, high) in travel.interval_90.items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write_hours(travel: Travel, file: Path) -> Path:
    """Write the speeds of the week's hours as sets of speeds, in steps of 5 %, for `simulate --traffic`."""
    speed = np.round(np.array(travel.speed_by_hour) / HOUR_STEP) * HOUR_STEP
    lines = ["format = 1", f"source = {_quoted(f'{travel.source}, {travel.period}')}"]
    for value in np.unique(speed).tolist():
        lines += ["", "[[sets]]", f'name = "{value:.2f}"', f"speed = {{ other = {value:.2f} }}"]
    lines += ["", "[week] # set of each hour from 00:00"]
    for day, values in zip(_DAYS, speed.reshape(7, 24).tolist(), strict=True):
        lines.append(f'{day} = "{" ".join(f"{value:.2f}" for value in values)}"')
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def read_travel(file: Path) -> Travel:
    """Read settings that :func:`write_travel` wrote, or that somebody wrote by hand; what is left out has its default.

    Raises
    ------
    CityError
        The file cannot be read, or says what makes no sense: a :class:`TravelError` with all faults of that kind.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CityError(f"cannot be read ({error})", file=file, remedy="Correct it or calibrate again.") from error
    reader = _Reader(file, given)
    travel = Travel(
        start_up_s=reader.number("start_up_s", 0.0, 0.0, 600.0),
        sirens_factor=reader.number("sirens_factor", math.nan, 0.5, 5.0),
        spread=tuple(
            reader.number(f"spread.{n}", d, 0.0, 10.0) for n, d in zip(("b0", "b1", "b2"), BUDGE, strict=True)
        ),  # type: ignore[arg-type]
        speed_by_class=reader.classes(),
        speed_by_hour=reader.hours(),
        interval_90=reader.intervals(),
        source=str(given.get("source", "")),
        period=str(given.get("period", "")),
        n_trips=int(reader.number("n_trips", 0.0, 0.0, 1e12)),
    )
    reader.check_keys()
    reader.faults.raise_if_any()
    return travel if math.isfinite(travel.sirens_factor or 0.0) else replace(travel, sirens_factor=None)


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = (
    "format", "source", "period", "n_trips", "start_up_s", "sirens_factor", "spread", "speed_by_class", "speed_by_hour",
    "interval_90",
)  # fmt: skip


class _Reader:
    """Takes values out of the file's table and notes what is wrong with them."""

    def __init__(self, file: Path, given: dict[str, Any]) -> None:
        self.file, self.given = file, given
        self.faults = Faults(TravelError)

    def _fault(self, field: str, problem: str, remedy: str) -> None:
        self.faults.add(problem, file=self.file, field=field, remedy=remedy)

    def _table(self, key: str) -> dict[str, Any]:
        table = self.given.get(key, {})
        if isinstance(table, dict):
            return table
        self._fault(key, "is no table", f"Write [{key}] and one 'name = number' a line.")
        return {}

    def _fits(self, field: str, value: Any, low: float, high: float) -> bool:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        if not fits:
            self._fault(field, f"is {value!r}", f"It must be a number from {low:g} to {high:g}.")
        return fits

    def number(self, field: str, default: float, low: float, high: float) -> float:
        """A number within bounds."""
        name, _, key = field.partition(".")
        table = self._table(name) if key else self.given
        value = table.get(key or name)
        return float(value) if value is not None and self._fits(field, value, low, high) else default

    def classes(self) -> dict[str, float]:
        """Speeds by road class."""
        found = {}
        for name, value in self._table("speed_by_class").items():
            if name not in ROAD_CLASSES:
                self._fault(f"speed_by_class.{name}", "is no road class", f"Classes are {', '.join(ROAD_CLASSES)}.")
            elif self._fits(f"speed_by_class.{name}", value, 0.05, 10.0):
                found[name] = float(value)
        return found

    def hours(self) -> tuple[float, ...]:
        """Speeds of the week's hours."""
        table = self._table("speed_by_hour")
        found = np.ones((7, 24))
        for day, values in table.items():
            if day not in _DAYS or not isinstance(values, list) or len(values) != 24:
                self._fault(f"speed_by_hour.{day}", "is no day with 24 numbers", "Write monday = [1.0, 0.9, ...].")
            elif all(self._fits(f"speed_by_hour.{day}", value, 0.05, 10.0) for value in values):
                found[_DAYS.index(day)] = values
        return tuple(found.ravel().tolist())

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Intervals by the name of a number."""
        found = {}
        for key, pair in self._table("interval_90").items():
            if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(x, int | float) for x in pair)):
                self._fault(f"interval_90.{key}", f"is {pair!r}", "Write two numbers: [0.9, 1.1].")
            else:
                found[key] = (float(pair[0]), float(pair[1]))
        return found

    def check_keys(self) -> None:
        """Nothing in the file may be left unread."""
        if self.given.get("format") != 1:
            self._fault("format", f"is {self.given.get('format')!r}", "This version reads format 1.")
        for key in self.given:
            if key not in _KEYS:
                self._fault(key, "is not known", f"Keys are {', '.join(_KEYS)}.")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
