"""The commands about closures."""

from __future__ import annotations

import argparse
import json

from .shared import progress_bar, say_written, size_of


def city_closures(arguments: argparse.Namespace) -> int:
    """Print what closures would do to a city; 2 when a station or hospital could not be driven to."""
    from ..city import load_city
    from ..city.closures import place_closures, read_closures
    from ..demand import load_demand, node_weights
    from ..routing import Router
    from ..routing.closure_check import check_closures, refuse_isolated

    city = load_city(arguments.city)
    placed = place_closures(read_closures(arguments.file), city, file=arguments.file)
    router = Router.for_city(city)
    with progress_bar(f"closing streets in {city.title}", quiet=arguments.json):
        check = check_closures(placed, router, weight=node_weights(load_demand(city)))
        page = None
        if arguments.map is not None:
            from ..views import write_closure_map

            page = write_closure_map(placed, check, router, arguments.map, theme=arguments.theme)
    if arguments.json:
        print(json.dumps(check.to_dict() | ({} if page is None else size_of(page)), ensure_ascii=False))
    else:
        print("\n".join(check.lines()))
        if page is not None:
            say_written(page)
    if not arguments.accept_cut_off:
        refuse_isolated(check, arguments.file)
    return 0
