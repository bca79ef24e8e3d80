"""The commands that simulate, draw, replay and measure."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import InputError
from .shared import draw_map, progress_bar, run_as_asked, say_written, size_of, tell


def demo(arguments: argparse.Namespace) -> None:
    """Simulate a day, print it, and serve its map."""
    run, facts = run_as_asked(
        city=arguments.city, calls=None, days=arguments.hours / 24, start=None, seed=arguments.seed, volume=1.0,
        units=None, fleet=None, driver="compiled", rules=None, out=arguments.out, quiet=arguments.json,
    )  # fmt: skip
    page = tell(run, facts, arguments.out, with_map=True, as_json=arguments.json)
    if not arguments.once and page is not None:
        from ..views import serve

        serve(page, arguments.port, host=arguments.host, open_browser=not arguments.no_browser)


def simulate(arguments: argparse.Namespace) -> None:
    """Simulate as asked; print, and write where asked to."""
    if arguments.map and arguments.out is None:
        raise InputError("--map needs a folder to write into", remedy="Add --out DIR.")
    run, facts = run_as_asked(
        city=arguments.city, calls=arguments.calls, days=arguments.days, start=arguments.start, seed=arguments.seed,
        volume=arguments.volume, units=arguments.units, fleet=arguments.fleet, driver=arguments.driver,
        rules=arguments.rules, out=arguments.out, quiet=arguments.json, bays=arguments.bays, policy=arguments.policy,
        closures=arguments.closures, traffic=arguments.traffic, accept_cut_off=arguments.accept_cut_off,
    )  # fmt: skip
    tell(run, facts, arguments.out, with_map=arguments.map, as_json=arguments.json)


def jemss(arguments: argparse.Namespace) -> None:
    """Run a JEMSS model; write JEMSS's tables and our own."""
    from ..interop import read_jemss, run_jemss, write_jemss_results
    from ..simulation import check_writable

    if arguments.out is not None:
        check_writable(arguments.out)
    with progress_bar(f"running {arguments.model}", quiet=arguments.json) as say:
        done = run_jemss(
            read_jemss(arguments.model),
            driver=arguments.driver,
            seed=arguments.seed,
            progress=lambda share: say(None, share),
        )
        if arguments.out is not None:
            write_jemss_results(done, arguments.out)
    facts = {
        "calls_from": {
            "jemss": str(arguments.model),
            "move_up": done.model.move_up.module,
            "notes": list(done.model.notes),
        }
    }
    tell(done.as_run(), facts, arguments.out, with_map=False, as_json=arguments.json)


def draw(arguments: argparse.Namespace) -> None:
    """Draw the map of a run."""
    from ..simulation import read_run

    run = read_run(arguments.results)
    page = arguments.out or arguments.results / "map.html"
    hours = arguments.hours
    draw_map(
        run,
        page,
        quiet=arguments.json,
        theme=arguments.theme,
        replay_from_s=arguments.from_hour * 3600,
        replay_s=None if hours is None else hours * 3600,
    )
    if arguments.json:
        print(json.dumps(size_of(page)))
    else:
        say_written(page)
    if arguments.open:
        from ..views import serve

        serve(page)


def replay(arguments: argparse.Namespace) -> None:
    """Print an instant of a run."""
    from ..simulation import read_run, state_at

    log = arguments.results
    run = read_run(log.parent if log.suffix == ".parquet" and log.is_file() else log)
    then = state_at(run, seconds_of(arguments.at, run.start))
    if arguments.json:
        print(json.dumps(then.to_dict(), ensure_ascii=False))
        return
    from ..views import print_instant

    print_instant(then, run.city)


def seconds_of(text: str, start: datetime) -> float:
    """Seconds since the start of a run: of a number of hours, or of a time (on the city's clock unless it has a zone)."""
    try:
        return float(text) * 3600
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"'{text}' is not a time", field="at", remedy="Give hours since the start, or a time like 2024-05-06T12:30."
        ) from None
    return (time if time.tzinfo else time.replace(tzinfo=start.tzinfo)).timestamp() - start.timestamp()


def bench(arguments: argparse.Namespace) -> None:
    """Measure, and print the measurements."""
    from ..benchmarks import PARTS, print_bench, run_bench
    from ..benchmarks.synthetic import write_synthetic_graphml

    parts = {arguments.only} if arguments.only else PARTS
    with TemporaryDirectory() as folder, progress_bar("measuring", quiet=arguments.json) as say:
        graph = arguments.graph
        if arguments.synthetic is not None:
            say("drawing an invented city")
            graph = Path(folder) / f"synthetic-{arguments.synthetic}.graphml"
            write_synthetic_graphml(graph, nodes=arguments.synthetic)
        result = run_bench(graph=graph, parts=parts, quick=arguments.quick, progress=say)
    if arguments.json:
        print(json.dumps(result))
    else:
        print_bench(result)
