"""The commands about cities."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..errors import InputError
from ..faults import ModelError
from .shared import progress_bar, say_written, size_of


def city_list(arguments: argparse.Namespace) -> None:
    """Print the names of cities."""
    from ..city import list_cities

    names = list_cities()
    print(json.dumps(names) if arguments.json else "\n".join(names))


def city_build(arguments: argparse.Namespace) -> None:
    """Build a bundle from a recipe, a file or a place."""
    from ..city import build_city, build_shipped, read_source, save_city, shipped_recipes

    out = arguments.out or Path("maps") / arguments.name
    options = ("stations", "hospitals", "title", "timezone")
    with progress_bar(f"building {arguments.name}", quiet=arguments.json):
        if arguments.place is None and arguments.file is None:
            if arguments.name not in shipped_recipes():
                raise InputError(
                    f"there is no recipe for '{arguments.name}'",
                    remedy=f"Give --place or --file; recipes exist for {', '.join(sorted(shipped_recipes()))}.",
                )
            if given := [f"--{name}" for name in options if getattr(arguments, name) is not None]:
                raise InputError(
                    f"{given[0]} does not go with a recipe",
                    remedy="Give --place or --file too, or change the recipe.",
                )
            _, report = build_shipped(arguments.name, arguments.package, directory=out)
        else:
            if arguments.place is not None:
                from ..city.sources.place import read_place

                raw = read_place(arguments.place)
            else:
                raw = read_source(arguments.file)
            city, report = build_city(raw, name=arguments.name, **{name: getattr(arguments, name) for name in options})
            save_city(city, out)
    if arguments.json:
        print(json.dumps({"directory": str(out)} | report.to_dict(), ensure_ascii=False, default=str))
    else:
        print("\n".join([*report.lines(), f"Written to {out}"]))


def city_check(arguments: argparse.Namespace) -> int:
    """Print what is in a bundle and in the files of its fleet; 2 when something is wrong."""
    import numpy as np

    from ..city import check_city
    from ..world import check_model

    try:
        city, plan = check_model(arguments.name, fleet=arguments.fleet)
    except ModelError as error:  # who asks for a check wants to see every fault
        raise ModelError(error.faults, shown=len(error.faults)) from error
    homes = None if plan is None else np.bincount(plan.homes, minlength=len(city.stations)).tolist()
    check = check_city(city, units=homes)
    if arguments.json:
        fleet = {} if plan is None else {"fleet": plan.to_dict()}
        print(json.dumps(check.to_dict() | fleet, ensure_ascii=False))
    else:
        from rich.console import Console

        Console().print(check)
        if plan is not None:
            print("\n".join(plan.lines()))
    return 0 if check.ok else 2


def city_export(arguments: argparse.Namespace) -> None:
    """Write a bundle for other programs."""
    from ..city import export_city, load_city

    city = load_city(arguments.name)
    with progress_bar(f"exporting {city.title}", quiet=arguments.json):
        file = export_city(city, arguments.out or Path(f"{city.name}.gpkg"))
    print(json.dumps({"file": str(file)}) if arguments.json else f"Roads and places in {file}")


def city_show(arguments: argparse.Namespace) -> None:
    """Draw a bundle."""
    from ..city import load_city
    from ..routing import Router
    from ..views import serve, write_city_map

    city = load_city(arguments.name)
    page = write_city_map(
        city, arguments.out or Path(f"{city.name}.html"), theme=arguments.theme, router=Router.for_city(city)
    )
    if arguments.json:
        print(json.dumps(size_of(page)))
    else:
        say_written(page)
    if arguments.open:
        serve(page)
