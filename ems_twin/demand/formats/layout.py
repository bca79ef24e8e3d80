"""What a format of call files is: where each field stands, in which zone its times are, what its priorities mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..history import NEMSIS_TIMES
from ..sizes import N_PRIORITIES

if TYPE_CHECKING:
    from .records import Records

AFTER, VALID = "_after_s", "_valid"
"""Endings of fields: seconds from the call to a time, and whether the source holds them for valid."""

FIELDS: tuple[str, ...] = (
    "time", "lon", "lat", "point", "zone", "priority", "kind", "group", "incident", "unit", "hospital",
    *NEMSIS_TIMES,
    *(f"{name}{ending}" for name in NEMSIS_TIMES for ending in (AFTER, VALID)),
)  # fmt: skip
"""Fields that a file may have. ``point`` holds both coordinates in one text, ``group`` a wider kind, ``incident`` what
the rows of one call have in common, ``unit`` who was sent."""


def plain_name(column: str) -> str:
    """Name of a column in small letters and digits joined by ``_``: a portal spells one name in several ways."""
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def numbered_priority(records: Records) -> NDArray[np.uint8]:
    """Priority of the numbers 1 to 3; any other text is unknown, 0."""
    number = records.numbers("priority")
    known = np.isin(number, np.arange(1, N_PRIORITIES + 1))
    return np.where(known, number, 0).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A format of call files."""

    name: str
    """Its name on the command line."""
    title: str
    """Its name for people."""
    columns: Mapping[str, tuple[str, ...]]
    """By field of :data:`FIELDS` the plain names of the column, the first that a file has counts."""
    marks: tuple[str, ...]
    """Fields that a file must have; of a mark such as ``point|zone`` one of them."""
    timezone: str | None
    """Civil time of its times without an offset; None where that depends on the file."""
    box: tuple[float, float, float, float] | None = None
    """West, south, east and north of where its calls lie, degrees; None where that depends on the file."""
    priority: Callable[[Records], NDArray[np.uint8]] = numbered_priority
    """Our priority of each record: 1 (most urgent) to 3, or 0."""
    one_row_a_unit: bool = False
    """Whether rows of the same time and place are units of one call, where no column names the incident."""
    month_first: bool = True
    """Whether 3/4/2020 is known to be the fourth of March; False where it is only the likelier guess."""

    def column_of(self, field: str, header: Mapping[str, str]) -> str | None:
        """Column of a field, or None; ``header`` has the file's columns by their plain names."""
        return next((header[name] for name in self.columns.get(field, ()) if name in header), None)

    def missing(self, known: Collection[str]) -> list[str]:
        """Marks that a file with these plain names lacks."""
        return [
            mark.replace("|", " or ")
            for mark in self.marks
            if not any(name in known for field in mark.split("|") for name in self.columns.get(field, ()))
        ]
