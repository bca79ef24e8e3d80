"""Read the small CSV tables of a demand folder, naming file, row and field when one is wrong."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import CityError
from .sizes import HOURS_A_WEEK

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def read_hour_of_week(path: Path) -> NDArray[np.float64]:
    """Read calls an hour (or any multiple of them) for the 168 hours of the week.

    Columns ``day`` (Mon to Sun), ``hour`` (0 to 23), ``calls_per_hour``; rows in any order, each hour once.
    """
    table = np.full(HOURS_A_WEEK, np.nan)
    for row, cells in _rows(path, ("day", "hour", "calls_per_hour")):
        if cells["day"] not in DAYS:
            raise CityError(f"'{cells['day']}' is no day", file=path, row=row, field="day", remedy="Give Mon to Sun.")
        if not (cells["hour"].isdecimal() and int(cells["hour"]) < 24):
            raise CityError(
                f"'{cells['hour']}' is no hour", file=path, row=row, field="hour", remedy="Give a number from 0 to 23."
            )
        slot = DAYS.index(cells["day"]) * 24 + int(cells["hour"])
        if not np.isnan(table[slot]):
            raise CityError(
                f"{cells['day']} {cells['hour']}:00 comes twice", file=path, row=row, remedy="Keep one of the rows."
            )
        table[slot] = _number(cells["calls_per_hour"], path, row, "calls_per_hour")
    missing = np.flatnonzero(np.isnan(table))
    if len(missing):
        slot = int(missing[0])
        raise CityError(
            f"{len(missing)} of the 168 hours of the week are missing, the first is {DAYS[slot // 24]} {slot % 24}:00",
            file=path,
            remedy="Give one row for each hour of the week.",
        )
    if table.sum() <= 0:
        raise CityError("all rates are 0", file=path, field="calls_per_hour", remedy="Give at least one rate above 0.")
    return table


def read_zones(path: Path) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Read names and weights of the zones; columns ``zone``, ``weight`` (any measure of how many calls fall there)."""
    weights: dict[str, float] = {}
    for row, cells in _rows(path, ("zone", "weight")):
        if not cells["zone"]:
            raise CityError("the zone has no name", file=path, row=row, field="zone", remedy="Name it.")
        if cells["zone"] in weights:
            raise CityError(f"zone '{cells['zone']}' comes twice", file=path, row=row, remedy="Keep one of the rows.")
        weights[cells["zone"]] = _number(cells["weight"], path, row, "weight")
    if sum(weights.values()) <= 0:
        raise CityError("no zone has a weight", file=path, field="weight", remedy="Give at least one weight above 0.")
    return tuple(weights), np.array(list(weights.values()))


def read_zone_names(path: Path, zones: tuple[str, ...]) -> dict[str, str]:
    """Read other names of zones, such as post codes of single buildings; columns ``name``, ``zone``. Empty without a file.

    Raises
    ------
    CityError
        A row names a zone that is not in ``zones``, or a name comes twice or is a zone's own.
    """
    found: dict[str, str] = {}
    for row, cells in _rows(path, ("name", "zone")) if path.exists() else ():
        name, zone = cells["name"], cells["zone"]
        if zone not in zones:
            raise CityError(
                f"zone '{zone}' is not in zones.csv", file=path, row=row, field="zone", remedy="Name one of its zones."
            )
        if name in found or name in zones or not name:
            raise CityError(
                f"'{name}' is a name already" if name else "there is no name", file=path, row=row, field="name",
                remedy="Give each other name once.",
            )  # fmt: skip
        found[name] = zone
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Return number and cells of each data row; further columns are allowed and left alone."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CityError("is not UTF-8 text", file=path, remedy="Save it as CSV in UTF-8.") from None
    except OSError as error:
        raise CityError(
            f"cannot be read ({error.strerror})", file=path, remedy="Put the file back, or remove the demand folder."
        ) from None
    lines = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines()) if line]
    header = lines[0] if lines else []
    for column in columns:
        if column not in header:
            raise CityError(
                f"column '{column}' is missing", file=path, remedy=f"The header must name {', '.join(columns)}."
            )
    rows = []
    for row, line in enumerate(lines[1:], start=1):
        if len(line) != len(header):
            raise CityError(
                f"has {len(line)} cells, the header has {len(header)}", file=path, row=row, remedy="Mend the row."
            )
        rows.append((row, dict(zip(header, line, strict=True))))
    return rows


def _number(text: str, path: Path, row: int, field: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise CityError(
            f"'{text}' is not a number of 0 or more", file=path, row=row, field=field, remedy="Give a number."
        )
    return value
