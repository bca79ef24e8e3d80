"""Read the hourly emergency-room series of Montreal (Données Québec / MSSS, CC-BY 4.0) as anonymous rooms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ems_twin.demand.ed_load import EDHistory

ZONE = ZoneInfo("America/Toronto")
FILES = {"occupancy": "occupancy", "present": "patients_total", "waiting": "patients_waiting"}
CHANGES = (datetime(2023, 4, 17, 19, tzinfo=ZONE), datetime(2024, 2, 26, 19, tzinfo=ZONE))
"""When the table's columns changed owner: rows published later have the new columns."""


def read_montreal(folder: Path) -> EDHistory:
    """Hourly history with the labels as published: room_01 to room_21 are the columns from left to right.

    The last column, the total of the rooms that reported, is left out.

    Raises
    ------
    FileNotFoundError
        A file of the series is absent.
    """
    tables = {}
    for name, file in FILES.items():
        path = folder / f"{file}_2023_2024.csv.gz"
        if not path.exists():
            raise FileNotFoundError(f"{path} is absent")
        tables[name] = pd.read_csv(path, parse_dates=["Date"])
    stamps = tables["occupancy"]["Date"]
    if any(not table["Date"].equals(stamps) for table in tables.values()):
        raise ValueError(f"the files of {folder} have different stamps")
    values = {name: table.to_numpy()[:, 1:-1].astype(np.float64) for name, table in tables.items()}
    rooms = [f"room_{i + 1:02d}" for i in range(values["occupancy"].shape[1])]
    holidays = frozenset(day for year in (2023, 2024, 2025) for day in quebec_holidays(year))
    return EDHistory.from_stamps(
        stamps.dt.to_pydatetime().tolist(), zone=ZONE, rooms=rooms, holidays=holidays, sort=True, **values
    )


def quebec_holidays(year: int) -> list[date]:
    """Public holidays of Quebec and the days beside them on which most clinics are shut."""
    easter = _easter(year)
    return [
        date(year, 1, 1), date(year, 1, 2), easter - timedelta(days=2), easter + timedelta(days=1),
        _monday_on_or_before(date(year, 5, 24)), date(year, 6, 24), date(year, 7, 1),
        _monday_on_or_before(date(year, 9, 7)), _monday_on_or_before(date(year, 10, 14)),
        date(year, 12, 25), date(year, 12, 26),
    ]  # fmt: skip


def _monday_on_or_before(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
