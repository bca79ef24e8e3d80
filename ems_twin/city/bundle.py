"""City bundles on disk: a folder with city.toml, roads.npz, stations.csv, hospitals.csv and SOURCE.md.

A bundle is read in milliseconds, with numpy alone. It is written whole or not at all: into a folder beside it that
then takes its name. What else lies in the bundle (demand tables, a recipe) is carried over.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from ..errors import CityError
from ..faults import Faults
from .city import City
from .facts import FORMAT, read_facts
from .fingerprint import content_hash
from .stored import read_roads, write_roads
from .tables import HOSPITAL_COLUMNS, STATION_COLUMNS, BundleError, read_hospitals, read_stations, write_places
from .travel import TRAVEL_FILE, read_travel, write_travel

_PACKAGE = Path(__file__).resolve().parents[1]
_ODBL = (
    "Road data © OpenStreetMap contributors, available under the Open Database License (ODbL) 1.0,\n"
    "https://www.openstreetmap.org/copyright. A database derived from it stays under that licence.\n"
)


def maps_folders() -> list[Path]:
    """Folders in which bundles are looked up by name: ``./maps``, then the maps that ship."""
    folders = [Path("maps"), _PACKAGE / "maps", _PACKAGE.parent / "maps"]
    found: list[Path] = []
    for folder in folders:
        if folder.is_dir() and not any(folder.samefile(other) for other in found):
            found.append(folder)
    return found


def list_cities() -> list[str]:
    """Names of the bundles that :func:`load_city` finds by name, sorted."""
    return sorted({path.parent.name for folder in maps_folders() for path in folder.glob("*/city.toml")})


def find_city(name_or_path: str | Path) -> Path:
    """Folder of a bundle: an existing path, else ``./maps/NAME``, else the bundle that ships under that name.

    Raises
    ------
    CityError
        There is none; the message names the nearest names.
    """
    path = Path(name_or_path)
    if (path / "city.toml").is_file():
        return path
    if len(path.parts) == 1:
        for folder in maps_folders():
            if (folder / path / "city.toml").is_file():
                return folder / path
    known = list_cities()
    if path.is_dir():
        raise CityError("the folder has no city.toml", file=path, remedy="Build one with `ems-twin city build`.")
    near = difflib.get_close_matches(path.name.lower(), known, n=3, cutoff=0.5)
    remedy = f"Did you mean {' or '.join(near)}?" if near else f"Known cities: {', '.join(known) or 'none'}."
    raise CityError(f"there is no city '{name_or_path}'", remedy=remedy)


def load_city(name_or_path: str | Path, *, calibrated: bool = True) -> City:
    """Read a city's bundle.

    Parameters
    ----------
    name_or_path
        A bundle's folder, or the name of a bundle in ``./maps`` or among those that ship.
    calibrated
        Whether what its ``travel.toml`` says of speeds counts, if it has one; else its own speeds do.

    Returns
    -------
    City

    Raises
    ------
    CityError
        There is no such bundle, or something in it is missing or malformed: the message says where and what to do.
        Faults of the stations and hospitals are listed all at once.
    """
    folder = find_city(name_or_path)
    facts = read_facts(folder / "city.toml")
    roads = read_roads(folder / "roads.npz", facts.text("crs"))
    faults = Faults(BundleError)
    stations = faults.attempt(lambda: read_stations(folder / "stations.csv", roads))
    hospitals = faults.attempt(lambda: read_hospitals(folder / "hospitals.csv", roads))
    file = folder / TRAVEL_FILE
    travel = faults.attempt(lambda: read_travel(file)) if calibrated and file.is_file() else None
    faults.raise_if_any()
    city = City(
        name=facts.text("name"),
        title=facts.text("title"),
        timezone=facts.timezone(),
        roads=roads,
        stations=stations or (),
        hospitals=hospitals or (),
        content_hash=content_hash(roads),
        directory=folder.resolve(),
        sirens_factor=facts.positive("sirens_factor", City.sirens_factor),
        target_s=facts.targets(),
        attribution=facts.text("attribution"),
        sources=facts.sources(),
    )
    return city if travel is None else city.calibrated(travel)


def save_city(city: City, directory: str | Path, *, source_md: str | None = None) -> Path:
    """Write a city's bundle, replacing the one that is there; all of it or nothing.

    The speeds of a calibrated city are written as its own; what else was learnt goes into ``travel.toml``.

    Parameters
    ----------
    city
        The city.
    directory
        The bundle's folder.
    source_md
        Text of SOURCE.md; by default the present one is kept, else one is written from ``city.sources``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CityError
        The folder cannot be written, or it holds something that is not a bundle.
    """
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise CityError("is a file, not a folder", file=target, remedy="Choose another folder for the bundle.")
    if target.is_dir() and any(target.iterdir()) and not _is_bundle(target):
        raise CityError("the folder holds other things", file=target, remedy="Choose an empty or a new folder.")
    fresh: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        fresh.chmod(0o755)
        _write(city, fresh)
        if target.is_dir():
            _carry_over(target, fresh)
        if source_md is not None or not (fresh / "SOURCE.md").exists():
            (fresh / "SOURCE.md").write_text(source_md or _source_md(city), encoding="utf-8")
        _swap(fresh, target)
    except OSError as error:
        raise CityError(
            f"the bundle cannot be written ({error.strerror or error})",
            file=target,
            remedy="Choose a folder that you may write to, on a disk with room.",
        ) from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)
    return target


def _is_bundle(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("city.toml", "recipe.toml", "demand"))


def _write(city: City, folder: Path) -> None:
    write_places(folder / "stations.csv", STATION_COLUMNS, city.stations)
    write_places(folder / "hospitals.csv", HOSPITAL_COLUMNS, city.hospitals)
    write_roads(folder / "roads.npz", city.roads)
    if city.travel is not None:
        write_travel(replace(city.travel, speed_by_class={}, sirens_factor=None), folder / TRAVEL_FILE)
    lines = [
        f"format = {FORMAT}",
        f"name = {_quoted(city.name)}",
        f"title = {_quoted(city.title)}",
        f"timezone = {_quoted(city.timezone)}",
        f"crs = {_quoted(city.roads.crs)} # metric coordinate system",
        f"attribution = {_quoted(city.attribution)}",
        f"sirens_factor = {city.sirens_factor} # lights-and-sirens speed over ordinary speed",
        f"target_s = {list(city.target_s)} # received to on scene, by priority; the last serves all further ones",
        "",
        "[sources]",
        *(f"{key} = {_quoted(text)}" for key, text in city.sources.items()),
    ]
    (folder / "city.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _carry_over(old: Path, fresh: Path) -> None:
    for entry in old.iterdir():
        copy = fresh / entry.name
        if copy.exists() or entry.name.startswith("labels-"):  # labels belong to the old roads
            continue
        if entry.is_dir():
            shutil.copytree(entry, copy)
        else:
            shutil.copy2(entry, copy)


def _swap(fresh: Path, target: Path) -> None:
    """Give the fresh folder the target's name; the old one is put back if that fails."""
    if not target.exists():
        fresh.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    try:
        target.rename(aside / target.name)
        try:
            fresh.rename(target)
        except OSError:
            (aside / target.name).rename(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _source_md(city: City) -> str:
    facts = "\n".join(f"- {key}: {text}" for key, text in city.sources.items())
    notice = f"\n## Licence\n\n{_ODBL}" if "OpenStreetMap" in city.attribution else ""
    return f"# Sources of {city.title}\n\n{facts or '- none given'}\n{notice}"
