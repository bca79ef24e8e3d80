"""Traffic of a city: sets of speeds by road class, and the hours of the week in which each is in force.

A bundle keeps it in ``traffic.toml``::

    format = 1
    source = "where the figures come from"
    sirens = 0.5 # part of the traffic that lights and sirens feel; 1 if left out

    [[sets]]
    name = "night"
    speed = { primary = 1.4, secondary = 1.3, other = 1.2 } # over ordinary speed, by road class

    [[sets]]
    name = "rush"
    speed = { other = 0.7 }

    [week] # names of sets, one an hour from 00:00; weekday serves Monday to Friday
    weekday = "night night night night night night rush ..."
    saturday = "night night ..."
    sunday = "night night ..."
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ..errors import InputError
from ..faults import Faults, ModelError
from .roads import ROAD_CLASSES, RoadNetwork
from .validation import validated

FILE = "traffic.toml"
"""Name of the file in a bundle."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Keys of the week; ``weekday`` serves the first five."""

Factor = Annotated[float, Field(gt=0.05, le=10.0)]


class TrafficError(ModelError):
    """Traffic that cannot be used as it stands: all its faults."""

    subject = "the traffic"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SpeedSet(_Strict):
    """Speeds of some hours."""

    name: str = Field(min_length=1, pattern=r"^\S+$")
    """Name, without blanks."""
    speed: dict[str, Factor] = Field(min_length=1)
    """Speed over ordinary speed by road class; ``other`` serves classes that are not named, 1 if it is not there."""


class TrafficFile(_Strict):
    """What ``traffic.toml`` says."""

    format: Literal[1]
    source: str = ""
    sirens: float = Field(default=1.0, ge=0, le=1)
    sets: tuple[SpeedSet, ...] = Field(min_length=1)
    week: dict[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Traffic:
    """Sets of speeds and when they are in force."""

    names: tuple[str, ...]
    """Names of the sets."""
    speed: NDArray[np.float64]
    """Speed over ordinary speed, shape (sets, road classes)."""
    set_of_hour: NDArray[np.int64]
    """Set of each hour of the week, shape (168,); hour 0 is Monday 00:00 to 01:00 on the city's clock."""
    source: str = ""
    """Where the figures come from."""
    sirens: float = 1.0
    """Power of the factors that a unit with lights and sirens feels: 1 all of the traffic, 0 none of it. (Calibrated
    studies find that rush hours hardly slow such drives; how much of it they feel is not settled.)"""

    def time_factor(self, roads: RoadNetwork, number: int, *, sirens: bool = False) -> NDArray[np.float64]:
        """Time over ordinary time of every edge in a set, shape (m,)."""
        factor: NDArray[np.float64] = self.speed[number] ** -(self.sirens if sirens else 1.0)
        return factor[roads.road_class]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as :func:`traffic_from` reads them."""
        names = np.array(self.names, dtype=object)[self.set_of_hour].reshape(7, 24)
        return {
            "format": 1,
            "source": self.source,
            "sirens": self.sirens,
            "sets": [
                {"name": name, "speed": dict(zip(ROAD_CLASSES, speed.tolist(), strict=True))}
                for name, speed in zip(self.names, self.speed, strict=True)
            ],
            "week": {day: " ".join(hours) for day, hours in zip(DAYS, names, strict=True)},
        }


def read_traffic(file: Path) -> Traffic:
    """Read a file of traffic.

    Raises
    ------
    InputError
        It cannot be read, or says what makes no sense: a :class:`TrafficError` with all faults of that kind.
    """
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "there is no traffic that can be read", file=file, remedy="Check the file's name, or leave --traffic off."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML ({error})", file=file, remedy="Correct it there.") from error
    return traffic_from(given, file=file)


def traffic_from(given: Any, *, file: Path | None = None) -> Traffic:
    """Traffic from plain values.

    Raises
    ------
    TrafficError
        Values are missing or make no sense: all of them, by path.
    """
    faults = Faults(TrafficError)
    content = validated(TrafficFile, given, faults, file=file)
    names = [one.name for one in content.sets]
    speed = np.ones((len(names), len(ROAD_CLASSES)))
    for i, one in enumerate(content.sets):
        if one.name in names[:i]:
            faults.add(f"there are two sets '{one.name}'", file=file, field=f"sets[{i}].name",
                       remedy="Give each a name of its own.")  # fmt: skip
        speed[i] = one.speed.get("other", 1.0)
        for name, factor in one.speed.items():
            if name in ROAD_CLASSES:
                speed[i, ROAD_CLASSES.index(name)] = factor
            elif name != "other":
                faults.add(f"there is no road class '{name}'", file=file, field=f"sets[{i}].speed",
                           remedy=f"Classes are {', '.join(ROAD_CLASSES)}, and other.")  # fmt: skip
    set_of_hour = np.zeros((7, 24), np.int64)
    given_days = [day for key in content.week for day in (DAYS[:5] if key == "weekday" else (key,))]
    for day in DAYS:
        if given_days.count(day) != 1:
            how = "is missing" if day not in given_days else "is there twice"
            faults.add(
                how, file=file, field=f"week.{day}", remedy="Give every day once; weekday serves the first five."
            )
    for key, text in content.week.items():
        days = DAYS[:5] if key == "weekday" else (key,)
        hours = text.split()
        unknown = [name for name in dict.fromkeys(hours) if name not in names]
        if key not in (*DAYS, "weekday"):
            faults.add("is no day", file=file, field=f"week.{key}", remedy=f"Days are {', '.join(DAYS)}, weekday.")
        elif unknown or len(hours) != 24:
            problem = f"names no set '{unknown[0]}'" if unknown else f"has {len(hours)} hours"
            faults.add(
                problem, file=file, field=f"week.{key}", remedy="Write 24 names of sets, one an hour from 00:00."
            )
        else:
            for day in days:
                set_of_hour[DAYS.index(day)] = [names.index(name) for name in hours]
    faults.raise_if_any()
    return Traffic(
        names=tuple(names), speed=speed, set_of_hour=set_of_hour.reshape(168), source=content.source,
        sirens=content.sirens,
    )  # fmt: skip


def write_traffic(traffic: Traffic, file: Path) -> Path:
    """Write traffic as a bundle keeps it; equal weekdays are written once."""
    content = traffic.to_dict()
    week: dict[str, str] = content["week"]
    if len({week[day] for day in DAYS[:5]}) == 1:
        week = {"weekday": week["monday"]} | {day: week[day] for day in DAYS[5:]}
    lines = ["format = 1", f"source = {json.dumps(traffic.source, ensure_ascii=False)}", f"sirens = {traffic.sirens:g}"]
    for one in content["sets"]:
        speed = ", ".join(f"{name} = {factor:.4g}" for name, factor in one["speed"].items())
        lines += ["", "[[sets]]", f'name = "{one["name"]}"', f"speed = {{ {speed} }}"]
    lines += ["", "[week] # set of each hour from 00:00", *(f'{day} = "{hours}"' for day, hours in week.items())]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
