"""Put closures on a city's streets: which edges each one closes, cuts, holds up or keeps for ambulances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...faults import Faults
from ..city import City
from .barrier import PlacedCrossing, find_barrier
from .course import Course, lay_course
from .lookup import Edges, edges_by_row, edges_by_street, edges_in_area
from .read import ClosuresError
from .spec import Closure, ClosurePlan


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedClosure:
    """A closure on the streets. All edges are rows of the city's network."""

    closure: Closure
    """What was asked for."""
    begins: datetime | None
    """When it comes into force, with zone; None: from the beginning."""
    ends: datetime | None
    """When it is lifted; None: never."""
    on: Edges
    """Edges that are closed, narrowed, or have an ambulance lane."""
    cut: Edges
    """Edges that end at the barrier: open up to it, but nobody gets through."""
    nodes: NDArray[np.int64]
    """Junctions behind the barrier, on the course."""
    crossings: tuple[PlacedCrossing, ...]
    """Where ambulances get across."""
    course: Course | None
    """The course it was made from."""

    @property
    def id(self) -> str:
        """Name of the closure."""
        return self.closure.id


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedPlan:
    """All closures of a file on the streets of a city."""

    city: City
    """Whose streets."""
    plan: ClosurePlan
    """What was asked for."""
    closures: tuple[PlacedClosure, ...]
    """In the file's order."""
    notes: tuple[str, ...]
    """What the user should know."""


def place_closures(plan: ClosurePlan, city: City, *, file: Path | None = None) -> PlacedPlan:
    """Find the streets that closures mean.

    Parameters
    ----------
    plan
        The closures; courses must have been read in (:func:`~ems_twin.city.closures.read_closures` does).
    city
        Whose streets.
    file
        Where the closures come from, for messages.

    Raises
    ------
    ClosuresError
        Unknown streets or edges, courses and areas that miss the streets, crossings that are not on a course, times that
        are empty or do not exist: all of them, by path.
    """
    faults = Faults(ClosuresError)
    notes: list[str] = []
    placed = [_place(closure, city, f"closures[{i}]", file, faults, notes) for i, closure in enumerate(plan.closures)]
    faults.raise_if_any()
    closures = tuple(one for one in placed if one is not None)
    notes += _overlaps(closures)
    return PlacedPlan(city=city, plan=plan, closures=closures, notes=tuple(notes))


def _place(
    closure: Closure, city: City, path: str, file: Path | None, faults: Faults, notes: list[str]
) -> PlacedClosure | None:
    roads = city.roads
    before = len(faults.found)
    begins = _time(closure.start_date, city, f"{path}.start_date", file, faults)
    ends = _time(closure.end_date, city, f"{path}.end_date", file, faults)
    if begins is not None and ends is not None and ends <= begins:
        faults.add(f"'{closure.id}' ends at {closure.end_date}, before it begins at {closure.start_date}", file=file,
                   field=f"{path}.end_date", remedy="Give a later end.")  # fmt: skip
    named = edges_by_street(roads, closure.streets, f"{path}.streets", file, faults)
    spared = np.union1d(
        edges_by_street(
            roads, [name for name in closure.keep_open if isinstance(name, str)], f"{path}.keep_open", file, faults
        ),
        edges_by_row(
            roads, [row for row in closure.keep_open if isinstance(row, int)], f"{path}.keep_open", file, faults
        ),
    )
    on = [edges_by_row(roads, closure.edges, f"{path}.edges", file, faults)]
    if closure.area is not None:
        inside = edges_in_area(roads, np.array(closure.area))
        if not len(inside):
            faults.add("no street of the map lies in the area", file=file, field=f"{path}.area",
                       remedy="Longitude comes first; is it the right city?")  # fmt: skip
        elif closure.streets:
            inside = np.intersect1d(inside, named)
            if not len(inside):
                faults.add(f"none of the streets named lies in the area of '{closure.id}'", file=file,
                           field=f"{path}.area", remedy="Draw it larger, or name other streets.")  # fmt: skip
        on.append(inside)
    else:
        on.append(named)
    course = None
    cut, nodes = np.zeros(0, np.int64), np.zeros(0, np.int64)
    crossings: tuple[PlacedCrossing, ...] = ()
    if closure.line is not None:
        course = lay_course(roads, np.array(closure.line), closure.buffer_m, closure.from_km, closure.to_km)
        if not len(course.on):
            faults.add(f"the course runs along no street of the map (its nearest point is {course.miss_m:,.0f} m from a "
                       "junction)", file=file, field=f"{path}.line",
                       remedy="Longitude comes first; is it the right city, and the buffer wide enough?")  # fmt: skip
        else:
            notes += _course_notes(closure.id, course)
            on.append(course.on)
            if closure.vehicle_impact == "all-lanes-closed":
                cut, nodes, crossings = find_barrier(closure, roads, course, spared, path, file, faults, notes)
    if len(faults.found) > before:
        return None
    edges = np.setdiff1d(np.concatenate(on), spared)
    return PlacedClosure(
        closure=closure, begins=begins, ends=ends, on=edges, cut=np.setdiff1d(cut, edges), nodes=nodes,
        crossings=crossings, course=course,
    )  # fmt: skip


def _time(given: datetime | None, city: City, path: str, file: Path | None, faults: Faults) -> datetime | None:
    """A time with its zone; one on the city's clock must exist there."""
    if given is None or given.tzinfo is not None:
        return given
    zone = ZoneInfo(city.timezone)
    there = given.replace(tzinfo=zone)
    if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != given:
        faults.add(f"{given} does not exist: the clocks of {city.timezone} are put forward then", file=file, field=path,
                   remedy="Give an hour that exists, or an offset such as -04:00.")  # fmt: skip
    return there


def _course_notes(name: str, course: Course) -> list[str]:
    notes = []
    if course.off_map_m > 100.0:
        notes.append(f"'{name}': {course.off_map_m / 1000:.1f} of {course.length_m / 1000:.1f} km lie outside the map.")
    if course.off_street_m > 100.0:
        notes.append(f"'{name}': {course.off_street_m / 1000:.1f} km run along no street that the map has.")
    return notes


def _overlaps(closures: tuple[PlacedClosure, ...]) -> list[str]:
    """Pairs of closures that hold the same streets at the same time."""
    notes = []
    for i, one in enumerate(closures):
        for other in closures[i + 1 :]:
            apart = (one.ends is not None and other.begins is not None and one.ends <= other.begins) or (
                other.ends is not None and one.begins is not None and other.ends <= one.begins
            )
            shared = np.intersect1d(one.on, other.on)
            if len(shared) and not apart:
                notes.append(
                    f"'{one.id}' and '{other.id}' hold {len(shared)} edges at the same time: the stricter of them counts."
                )
    return notes
