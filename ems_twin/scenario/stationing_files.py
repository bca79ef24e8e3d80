"""Write a proposal so that it can be simulated, checked and put on a map."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from ..city import save_city
from ..city.posts import POST_SOURCE
from ..city.tables import STATION_COLUMNS, write_places
from ..errors import InputError
from .study import StationingStudy


def write_stationing(study: StationingStudy, folder: str | Path) -> list[Path]:
    """Write ``units.csv`` (a fleet), ``stations.csv`` (the bundle's table) and ``stationing.json`` (all figures).

    If street posts get units a bundle ``city`` that has them is written too, since a fleet's stations must be the
    city's: simulate it with ``--city FOLDER/city --fleet FOLDER``.

    Parameters
    ----------
    study
        The proposal.
    folder
        Where to write; it is made.

    Returns
    -------
    list[Path]
        What was written.

    Raises
    ------
    InputError
        It cannot be written there.
    """
    folder = Path(folder)
    units = study.proposed.units.tolist()
    stations = study.city_as_proposed.stations
    written = [folder / "units.csv", folder / "stations.csv", folder / "stationing.json"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with written[0].open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["unit", "station"])
            for station, n in zip(study.city.stations, units, strict=True):
                writer.writerows([f"{station.id}.{k}", station.id] for k in range(1, n + 1))
        write_places(written[1], STATION_COLUMNS, stations)
        written[2].write_text(json.dumps(study.to_dict(), ensure_ascii=False, indent=1), encoding="utf-8")
        if any(station.source == POST_SOURCE for station in stations):
            bundle = save_city(study.city_as_proposed, folder / "city")
            own = study.city.directory
            if own is not None and (own / "demand").is_dir() and own.resolve() != bundle.resolve():
                shutil.copytree(own / "demand", bundle / "demand", dirs_exist_ok=True)
            written.append(bundle)
    except OSError as error:
        raise InputError(
            f"cannot write here: {error.strerror or error}",
            file=folder,
            remedy="Choose another folder with --out, or mend its permissions.",
        ) from error
    return written
