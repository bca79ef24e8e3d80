"""The command that compares policies on the same nights."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime
from time import perf_counter
from typing import Any

from .shared import DEFAULT_START, progress_bar, roads_as_asked, roads_facts, size_of


def compare(arguments: argparse.Namespace) -> None:
    """Let policies meet the same calls; print how they differ, and write where asked to."""
    from ..city import load_city
    from ..demand import load_demand
    from ..demand.clock import time_zone
    from ..routing import Router
    from ..scenario import Curve, compare_fleets, contest_record, write_contest
    from ..simulation import check_writable
    from ..world import Rules, own_fleet, read_fleet

    begin = perf_counter()
    rules = None if arguments.rules is None else Rules.from_toml(arguments.rules)
    curve = None if arguments.curve is None else Curve.read(arguments.curve)
    if arguments.out is not None:
        check_writable(arguments.out)
    city = load_city(arguments.city)
    demand = load_demand(city)
    folder = None if arguments.units else own_fleet(city.directory)
    start = (arguments.start or datetime.fromisoformat(DEFAULT_START)).replace(tzinfo=time_zone(city.timezone))
    with progress_bar(f"reading {city.title}", quiet=arguments.json) as say:
        roads, roads_from = None, None
        if arguments.closures is not None or arguments.traffic is not None:
            roads = roads_as_asked(
                city, Router.for_city(city), demand, start, arguments.days * 86_400, arguments.closures,
                arguments.traffic, arguments.accept_cut_off,
            )  # fmt: skip
            roads_from = roads_facts(roads, arguments.closures)
        contest = compare_fleets(
            city, demand, arguments.policies, baseline=arguments.baseline, units=arguments.units,
            plan=None if folder is None else read_fleet(folder, city), curve=curve,
            replications=arguments.replications, start=start, duration_s=arguments.days * 86_400, seed=arguments.seed,
            volume=arguments.volume, rules=rules, bays=arguments.bays, precision=arguments.precision,
            evaluations=arguments.runs, roads=roads, threads=arguments.threads, say=say,
        )  # fmt: skip
        facts: dict[str, Any] = {
            "demand": demand.title, "demand_notes": list(demand.notes), "seconds": round(perf_counter() - begin, 1),
            "rules": None if rules is None else asdict(rules), "roads_from": roads_from,
        }  # fmt: skip
        record = contest_record(contest, **facts)
        written = []
        if arguments.out is not None:
            from ..views import write_contest_page

            say("writing", 1.0)
            written = write_contest(contest, record, arguments.out)
            written.append(write_contest_page(contest, record, arguments.out / "report.html"))
    if arguments.json:
        print(json.dumps(record | ({} if not written else {"report": size_of(written[-1])}), ensure_ascii=False))
        return
    from ..views import print_contest

    for note in demand.notes:
        print(f"note: {note}", file=sys.stderr)
    print_contest(record)
    if written:
        print(f"In {arguments.out}: {', '.join(path.name for path in written)}")
        print(f"Open {written[-1]} in a browser, no network needed")


def sizes_of(text: str) -> tuple[int, ...]:
    """Sizes of fleets between commas."""
    sizes = tuple(int(part) if part.strip().isdigit() else 0 for part in text.split(","))
    if 0 in sizes:
        raise argparse.ArgumentTypeError(f"'{text}' is not whole numbers above 0 between commas, such as 60,70,80")
    return sizes
