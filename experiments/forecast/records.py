"""Read the two public histories of calls of the study."""

from __future__ import annotations

import gzip
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.holiday import USFederalHolidayCalendar

from ems_twin.demand.forecast.cells import Cells, square_cells, zone_cells
from ems_twin.demand.forecast.past import PastCalls, past_calls

NEW_YORK = "manhattan/nyc_ems_incidents_2013_2016h1_sample.csv.gz"
SAN_FRANCISCO = "san_francisco/units_2018_six_neighbourhoods.csv.gz"
N_ZIPS = 48


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A history to test forecasts on."""

    title: str
    source: str
    start: date
    """First day of the test."""
    timezone: str
    cells: Cells
    time_s: NDArray[np.float64]
    cell: NDArray[np.int32]
    lon: NDArray[np.float64] | None = None
    lat: NDArray[np.float64] | None = None

    def calls(self) -> PastCalls:
        """The whole record."""
        return past_calls(self.time_s, self.cells, self.timezone, cell=self.cell)


def new_york(data: Path) -> Case:
    """Manhattan by ZIP, a 4 % sample of 2013 to June 2016; the test is the last year.

    The cells are the 48 ZIPs with the most calls before the test. Their areas are not in the file: densities are per
    ZIP, and the floor of the forecasts is spread over ZIPs alike.
    """
    rows = _read(data / NEW_YORK, ["INCIDENT_DATETIME", "BOROUGH", "ZIPCODE"], "INCIDENT_DATETIME")
    rows = rows[(rows["BOROUGH"] == "MANHATTAN") & (rows["ZIPCODE"] != "?")]
    start = date(2015, 7, 6)
    before = rows["INCIDENT_DATETIME"] < pd.Timestamp(start)
    names = sorted(rows.loc[before, "ZIPCODE"].value_counts().index[:N_ZIPS])
    cells = zone_cells(tuple(names))
    return Case(
        title=f"New York: Manhattan, {N_ZIPS} ZIPs, 4 % sample",
        source="NYC Open Data, EMS Incident Dispatch Data (76xm-jjuj)",
        start=start,
        timezone="America/New_York",
        cells=cells,
        time_s=_posix(rows["INCIDENT_DATETIME"], "America/New_York"),
        cell=np.array([cells.row.get(name, -1) for name in rows["ZIPCODE"]], dtype=np.int32),
    )


def san_francisco(data: Path, size_m: float) -> Case:
    """Six neighbourhoods in 2018, one row a unit made one row an incident; the test is the second half of the year.

    The cells are the squares that hold a call before the test.
    """
    rows = _read(data / SAN_FRANCISCO, ["incident_number", "received", "lon", "lat"], "received")
    rows = rows.sort_values("received").drop_duplicates("incident_number")
    start = date(2018, 7, 2)
    before = (rows["received"] < pd.Timestamp(start)).to_numpy()
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    cells = square_cells(lon[before], lat[before], size_m)
    return Case(
        title=f"San Francisco: six neighbourhoods, squares of {size_m / 1000:g} km",
        source="DataSF, Fire Department Calls for Service (nuek-vuh3), ODC PDDL",
        start=start,
        timezone="America/Los_Angeles",
        cells=cells,
        time_s=_posix(rows["received"], "America/Los_Angeles"),
        cell=cells.locate(lon, lat),
        lon=lon,
        lat=lat,
    )


def holidays() -> set[date]:
    """Federal holidays of the years of the study."""
    return {stamp.date() for stamp in USFederalHolidayCalendar().holidays("2013-01-01", "2019-12-31")}


def data_folder(given: str | None) -> Path:
    """Folder with the histories; ends the program with a word of advice where there is none."""
    folder = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    missing = [name for name in (NEW_YORK, SAN_FRANCISCO) if not (folder / name).is_file()]
    if missing:
        print(
            f"The study needs {' and '.join(missing)} in {folder}. They are samples of public records (NYC Open Data "
            "76xm-jjuj, DataSF nuek-vuh3) and do not ship with the project. Say where they are with --data.",
            file=sys.stderr,
        )
        raise SystemExit(2)
    return folder


def _read(path: Path, columns: list[str], time: str) -> pd.DataFrame:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return pd.read_csv(file, usecols=columns, parse_dates=[time], dtype={"ZIPCODE": str, "incident_number": str})


def _posix(local: pd.Series, zone: str) -> NDArray[np.float64]:
    """Civil times as POSIX seconds; of a time that came twice the second, one that never came an hour later."""
    stamps = local.dt.tz_localize(zone, ambiguous=np.zeros(len(local), bool), nonexistent="shift_forward")
    return ((stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(np.float64)
