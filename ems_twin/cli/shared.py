"""What several commands do alike: run, tell, draw, show progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..city import City
    from ..demand import Demand
    from ..routing import Router
    from ..simulation import Run
    from ..world import RoadPlan

DEFAULT_START = "2024-05-06"
"""A Monday without a holiday near it."""


def run_as_asked(
    *,
    city: str,
    calls: Path | None,
    days: float | None,
    start: datetime | None,
    seed: int,
    volume: float,
    units: int | None,
    fleet: Path | None,
    driver: str,
    rules: Path | None,
    out: Path | None,
    quiet: bool,
    bays: bool = False,
    policy: str | None = None,
    closures: Path | None = None,
    traffic: str | None = None,
    accept_cut_off: bool = False,
) -> tuple[Run, dict[str, Any]]:
    """Simulate as asked; returns the run and where its calls and its fleet came from.

    With ``bays`` treatment bays are counted: calls get stays, walk-ins come to the emergency rooms, and patients go where
    a bay is expected soonest, unless ``rules`` say where. ``policy`` is the name of one or a TOML file that chooses one.
    ``closures`` come into force and are lifted while the run goes on; ``traffic`` is a file of speeds, or empty for the
    city's own.
    """
    from zoneinfo import ZoneInfo

    from ..city import load_city
    from ..demand import generate_calls, load_demand, read_calls
    from ..routing import Router
    from ..simulation import check_writable, simulate
    from ..world import PolicyChoice, Rules, own_fleet, read_fleet

    law = None if rules is None else Rules.from_toml(rules)
    choice = None
    if policy is not None:
        choice = PolicyChoice.from_toml(Path(policy)) if policy.endswith(".toml") else PolicyChoice.named(policy)
    elif law is not None and law.spare_from_priority > 0:
        choice = PolicyChoice()  # units return home, and the objective says which is missed less
    if out is not None:
        check_writable(out)
    place = load_city(city)
    folder = fleet if fleet is not None or units is not None else own_fleet(place.directory)
    plan = None if folder is None else read_fleet(folder, place)
    skill_names = ("transport",) if plan is None else plan.skill_names
    demand = load_demand(place)
    if calls is not None:
        for name, value, default in (("--days", days, None), ("--start", start, None), ("--volume", volume, 1.0)):
            if value != default:
                raise InputError(
                    f"{name} does not go with --calls", remedy="The file says when calls come, and how many."
                )
        file = read_calls(calls, place, demand, seed=seed, skill_names=skill_names)
        drawn, epoch, duration_s, notes = file.calls, file.start, file.duration_s, list(file.notes)
        facts: dict[str, Any] = {"calls_from": {"file": calls.name, "notes": notes}}
    else:
        epoch = (start or datetime.fromisoformat(DEFAULT_START)).replace(tzinfo=ZoneInfo(place.timezone))
        duration_s = (days or 1.0) * 86_400
        drawn = generate_calls(
            demand, place, start=epoch, duration_s=duration_s, seed=seed, volume_factor=volume, skill_names=skill_names
        )
        notes = list(demand.notes)
        facts = {"calls_from": {"demand": demand.title, "volume_factor": volume, "notes": notes}}
    if plan is not None:
        facts["fleet_from"] = {"folder": str(folder)} | plan.to_dict()
    router = Router.for_city(place)
    roads = None
    if closures is not None or traffic is not None:
        roads = roads_as_asked(place, router, demand, epoch, duration_s, closures, traffic, accept_cut_off)
        facts["roads_from"] = roads_facts(roads, closures) | {"notes": roads.notes(drawn)}
        notes = [*notes, *facts["roads_from"]["notes"]]
    if choice is not None:
        facts["policy"] = asdict(choice)
    walk_ins = None
    if bays:
        law = replace(law or Rules(soonest_hospital=True), count_bays=True)
        drawn, walk_ins, told = fill_emergency_rooms(
            place, demand, drawn, epoch, duration_s, seed, volume if calls is None else None,
            soonest=law.soonest_hospital,
        )  # fmt: skip
        facts["emergency_rooms"] = told
        notes = [*notes, *told["notes"]]
    if not quiet:
        for note in notes:
            print(f"note: {note}", file=sys.stderr)
    with progress_bar(f"simulating {place.title}", quiet=quiet) as say:
        run = simulate(
            place,
            drawn,
            start=epoch,
            duration_s=duration_s,
            units=units,
            fleet=None if plan is None else plan.fleet(epoch, duration_s),
            rules=law,
            router=router if roads is None else None,
            roads=roads,
            stationing=None
            if choice is None
            else choice.stationing(place, router if roads is None else roads.router, demand, units=units),
            policies=None if choice is None else choice.policies(),
            walk_ins=walk_ins,
            driver=driver,
            seed=seed,
            progress=lambda share: say(None, share),
        )
    return run, facts


def roads_as_asked(
    place: City,
    router: Router,
    demand: Demand,
    start: datetime,
    duration_s: float,
    closures: Path | None,
    traffic: str | None,
    accept_cut_off: bool,
) -> RoadPlan:
    """Roads that change, from the files that were named; closures that isolate a station or hospital must be accepted."""
    from ..city.closures import place_closures, read_closures
    from ..city.traffic import FILE, read_traffic
    from ..demand import node_weights
    from ..routing.closure_check import check_closures, refuse_isolated
    from ..world import plan_roads

    placed = None
    if closures is not None:
        placed = place_closures(read_closures(closures), place, file=closures)
        if not accept_cut_off:
            refuse_isolated(check_closures(placed, router, weight=node_weights(demand)), closures)
    speeds = None
    if traffic is not None:
        if not traffic and place.directory is None:
            raise InputError(
                "the city has no folder that could hold traffic", remedy="Name a file with --traffic FILE."
            )
        speeds = read_traffic(Path(traffic) if traffic else Path(place.directory or "") / FILE)
    return plan_roads(place, router, start=start, duration_s=duration_s, closures=placed, traffic=speeds)


def roads_facts(roads: RoadPlan, closures: Path | None) -> dict[str, Any]:
    """Where changes of the roads came from, for JSON."""
    return {
        "closures": None if closures is None else closures.name,
        "traffic": None if roads.traffic is None else roads.traffic.source,
    }


def fill_emergency_rooms(
    place: City,
    demand: Demand,
    calls: NDArray[np.void],
    start: datetime,
    duration_s: float,
    seed: int,
    volume: float | None,
    *,
    soonest: bool,
) -> tuple[NDArray[np.void], NDArray[np.void], dict[str, Any]]:
    """Calls with their stays in treatment bays, the patients who walk in, and what to say about them.

    As many walk in as fill the bays to the target beside the patients by ambulance: ``volume`` times those of the
    demand, or as many as the calls of a file are beside the demand's.
    """
    from ..demand import ambulance_load, draw_stays, expected_calls, generate_walk_ins

    if volume is None:
        expected = expected_calls(demand, place, start=start, duration_s=duration_s)
        volume = len(calls) / expected if expected else 0.0
    walk_ins = generate_walk_ins(demand, place, start=start, duration_s=duration_s, seed=seed, volume_factor=volume)
    rooms = demand.emergency_rooms
    notes = [] if rooms is None else list(rooms.notes)
    load = ambulance_load(demand, place, volume_factor=volume)
    full = [hospital.name for hospital, a in zip(place.hospitals, load, strict=True) if a >= hospital.bays]
    if full and not soonest:
        notes.append(
            f"Ambulances alone bring more patients than there are bays to {', '.join(full)} as long as everybody goes "
            "to the nearest hospital: see the rules soonest_hospital and divert_above."
        )
    there = int((walk_ins["t_arrival"] == 0).sum())
    return (
        draw_stays(demand, calls, seed=seed),
        walk_ins,
        {"walk_ins": len(walk_ins) - there, "in_bays_at_the_start": there, "notes": notes},
    )


def tell(run: Run, facts: dict[str, Any], out: Path | None, *, with_map: bool, as_json: bool) -> Path | None:
    """Write what is asked for and print the figures; returns the map's file, if there is one."""
    from ..simulation import summarise, write_results

    summary = summarise(run) | facts if out is None else write_results(run, out, extra=facts)
    if not as_json:
        from ..views import print_summary

        print_summary(summary)
        if out is not None:
            print(f"Results in {out}: " + ", ".join(sorted(path.name for path in out.iterdir() if path.is_file())))
    page = draw_map(run, out / "map.html", quiet=as_json) if with_map and out is not None else None
    if as_json:
        print(json.dumps(summary if page is None else summary | size_of(page), ensure_ascii=False))
    elif page is not None:
        say_written(page)
    return page


def draw_map(run: Run, page: Path, *, quiet: bool, **options: Any) -> Path:
    """Write a run's map, its coverage weighed by the demand model."""
    from ..demand import load_demand, node_weights
    from ..views import write_run_map

    with progress_bar("drawing the map", quiet=quiet):
        return write_run_map(run, page, demand_weight=node_weights(load_demand(run.city)), **options)


def size_of(page: Path) -> dict[str, Any]:
    """A map's file and size, for JSON."""
    return {"map": str(page), "kilobytes": round(page.stat().st_size / 1000)}


def say_written(page: Path) -> None:
    """Say where a map is."""
    print(f"Map in {page} ({size_of(page)['kilobytes']:,} kB): open it in a browser, no network needed")


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Callable[..., None]]:
    """A progress bar on the terminal; silence where there is none. Told a text, a share done, or both."""
    if quiet or not sys.stderr.isatty():
        yield lambda _text=None, _share=None: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(title, total=None)
        last = 0.0

        def say(text: str | None = None, share: float | None = None) -> None:
            nonlocal last
            if text is not None:
                bar.update(task, description=text)
            if share is not None:
                if share < last:  # another piece of work begins: the pace of the one before says nothing
                    bar.reset(task, total=1.0)
                last = share
                bar.update(task, total=1.0, completed=share)

        yield say
