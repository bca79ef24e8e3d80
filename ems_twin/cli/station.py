"""The commands about where units are based."""

from __future__ import annotations

import argparse
import json

from .shared import progress_bar, say_written, size_of


def station_optimise(arguments: argparse.Namespace) -> None:
    """Propose where units should be based; print it, and write where asked to."""
    from ..city import load_city
    from ..demand import load_demand
    from ..scenario import optimise_stations
    from ..scenario.stationing_files import write_stationing
    from ..simulation import check_writable
    from ..world import Rules

    rules = None if arguments.rules is None else Rules.from_toml(arguments.rules)
    if arguments.out is not None:
        check_writable(arguments.out)
    city = load_city(arguments.city)
    with progress_bar(f"reading {city.title}", quiet=arguments.json) as say:
        study = optimise_stations(
            city, load_demand(city), units=arguments.units, model=arguments.model, target_s=arguments.target_s,
            posts=arguments.posts, hours=arguments.hours, capacity=arguments.capacity, rules=rules, seed=arguments.seed,
            replications=arguments.weeks, seconds=arguments.seconds, evaluations=arguments.runs, say=say,
        )  # fmt: skip
        page = None
        if arguments.out is not None:
            from ..views import write_stationing_map

            say("writing", 1.0)
            written = write_stationing(study, arguments.out)
            page = write_stationing_map(study, arguments.out / "map.html")
    if arguments.json:
        print(json.dumps(study.to_dict() | ({} if page is None else size_of(page)), ensure_ascii=False))
        return
    from ..views import print_stationing

    print_stationing(study)
    if page is not None:
        print(f"Fleet and figures in {arguments.out}: " + ", ".join(path.name for path in written))
        bundle = arguments.out / "city" if arguments.out / "city" in written else city.name
        print(f"Simulate it: ems-twin simulate --city {bundle} --fleet {arguments.out}")
        say_written(page)
