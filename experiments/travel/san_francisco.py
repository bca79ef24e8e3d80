"""San Francisco as a bundle: streets of the US Census, firehouses and hospitals of the city. It does not ship."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ems_twin.city import City, build_city, load_city, save_city
from ems_twin.city.sources import read_source


def build_san_francisco(data: Path, folder: Path) -> City:
    """Build the bundle in a folder and load it; ``data`` is the folder ``san_francisco`` of the raw data."""
    folder.mkdir(parents=True, exist_ok=True)
    stations, hospitals = folder / "stations.csv", folder / "hospitals.csv"
    with (data / "stations.csv").open(encoding="utf-8") as stream:
        rows = [
            (_id(s["station"]), s["station"], s["lon"], s["lat"], 1, "station", "DataSF")
            for s in csv.DictReader(stream)
        ]
    _write(stations, ("id", "name", "lon", "lat", "units", "kind", "source"), rows)
    with (data / "hospitals.csv").open(encoding="utf-8") as stream:
        rows = [
            (
                _id(h["name"]),
                h["name"],
                h["lon"],
                h["lat"],
                round(float(h["beds"] or 0)),
                10,
                "HIFLD 2021, bays assumed",
            )
            for h in csv.DictReader(stream)
        ]
    _write(hospitals, ("id", "name", "lon", "lat", "beds", "bays", "source"), rows)
    city, _ = build_city(
        read_source(data / "roads_tiger2013.graphml.gz"),
        name="san_francisco",
        title="San Francisco",
        timezone="America/Los_Angeles",
        stations=stations,
        hospitals=hospitals,
    )
    return load_city(save_city(city, folder / "san_francisco"))


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.partition(" (")[0].lower()).strip("-")


def _write(file: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
