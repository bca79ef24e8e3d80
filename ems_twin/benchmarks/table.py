"""The measurements as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_QUESTION = {"single_s": "all units to one call", "batch_s": "all calls at once", "one_to_all_s": "one to all"}


def print_bench(result: dict[str, Any], console: Console | None = None) -> None:
    """Print what :func:`~ems_twin.benchmarks.run.run_bench` returned.

    Parameters
    ----------
    result
        The measurements.
    console
        Where to; by default the terminal.
    """
    from rich.console import Console

    console = console or Console()
    m = result["machine"]
    memory = "" if m["memory_gb"] is None else f", {m['memory_gb']:g} GB"
    console.print(f"{m['processor']}, {m['cores']} cores{memory}, {m['system']}, {m['python']}", highlight=False)
    for routing in result.get("routing", []):
        _print_routing(routing, console)
    if "closures" in result:
        _print_closures(result["closures"], console)
    if "simulation" in result:
        _print_simulation(result["simulation"], console)
    if "decision" in result:
        _print_decision(result["decision"], console)
    if "rollout" in result:
        _print_rollout(result["rollout"], console)
    if "journal" in result:
        _print_journal(result["journal"], console)


def duration(seconds: float | None) -> str:
    """A duration with three figures and a fitting unit: ``7.73 µs``, ``405 µs``, ``1.55 s``; ``-`` for None."""
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1.0 or unit == "µs":
            value = seconds * factor
            return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    raise AssertionError("the last unit fits everything")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"


def _print_routing(routing: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    graph, asked = routing["graph"], routing["asked"]
    table = Table(
        title=f"Routing on {graph['name']}: {graph['nodes']:,} nodes, {graph['edges']:,} edges",
        caption=(
            f"{asked['units']} units, {asked['calls']:,} calls; batch: for one question of all calls asked at once; "
            f"closure: {asked['closed_streets']} streets; same: answers differ from ours by at most 1 ms; "
            "* scaled from a part of the searches"
        ),
    )
    table.add_column("router", no_wrap=True)
    for column in ("build", "weights", f"{asked['units']} to 1", "batch", "1 to all", "closure", "same"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in routing["rows"]:
        if row["version"] is None and "build_s" not in row:
            table.add_row(row["name"], "not installed")
            continue
        table.add_row(
            f"{row['name']} {row['version'] or ''}".strip(),
            duration(row["build_s"]),
            duration(row["customise_s"]),
            duration(row["single_s"]),
            duration(row["batch_s"]) + ("*" if row["batch_searches_timed"] else ""),
            duration(row["one_to_all_s"]),
            duration(row["close_s"]),
            "" if "agrees" not in row else "yes" if row["agrees"] else f"NO, {row['differs_s']:g} s",
        )
    console.print(table)
    for row in routing["rows"]:
        if "how" in row:
            console.print(f"  {row['name']}: {row['how']}", highlight=False, style="dim")
    for key, best in routing["ratios"].items():
        console.print(
            f"{_QUESTION[key]}: {best['ratio']:.3g} times the fastest peer ({best['fastest_peer']})", highlight=False
        )
    _print_targets(routing["targets"], console)


def _print_closures(measured: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    asked = measured["asked"]
    table = Table(
        title=f"{asked['event']}: {asked['closed_edges']} edges closed or cut, {asked['stations']} stations",
        caption=(
            "in force: from the request to new travel times that may be asked, finding the streets on the course included; "
            "answer: the first question afterwards, all stations to one junction"
        ),
    )
    table.add_column("how", no_wrap=True)
    for column in ("in force", "of it streets", "answer", "same"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in measured["rows"]:
        table.add_row(
            row["name"],
            duration(row["in_force_s"]),
            duration(row["of_it_placing_s"]),
            duration(row["answer_s"]),
            "yes" if row["differs_s"] <= 1e-6 else f"NO, {row['differs_s']:g} s",
        )
    console.print(table)
    _print_targets(measured["targets"], console)


def _print_simulation(simulation: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    asked = simulation["asked"]
    table = Table(
        title=f"Simulation of {asked['city']}: {asked['calls']:,} calls in {asked['days']:.0f} days, {asked['units']} units",
        caption=(
            f"{asked['had_to_wait_for_a_unit']:.1%} of the calls waited for a unit; same: response times equal the "
            "compiled driver's to 1 µs; the SimPy twin follows the same rules, looks travel times up in a table made "
            "beforehand and keeps the times of calls only; every rule: shifts, breaks, skills, several units a call, treatment "
            "bays with walk-ins, diversion, cancellations, pre-emption, units soon free"
        ),
    )
    table.add_column("driver", no_wrap=True)
    for column in ("wall time", "calls/s", "same"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in simulation["rows"]:
        if row["wall_s"] is None:
            table.add_row(row["name"], "not installed")
            continue
        table.add_row(
            f"{row['name']} {row['version'] or ''}".strip(),
            duration(row["wall_s"]),
            f"{row['calls_per_s']:,.0f}",
            "" if row["agrees"] is None else "yes" if row["agrees"] else f"NO, {row['differs_s']:g} s",
        )
    console.print(table)
    _print_targets(simulation["targets"], console)


def _print_decision(measured: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    asked = measured["asked"]
    table = Table(
        title=f"Decisions in {asked['city']}: {asked['units']} units, {asked['stations']} stations, {asked['points']} points",
        caption=(
            f"at {asked['moments']} moments of a simulated day: the station of a free unit, the unit to be moved, the unit "
            "for a call; same: the peer's choice is worth as much"
        ),
    )
    table.add_column("decision", no_wrap=True)
    for column in ("median", "95 %", "longest", "same"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in measured["rows"]:
        same = "" if row["agrees"] is None else "yes" if row["agrees"] else "NO"
        table.add_row(row["name"], *(duration(row[key]) for key in ("median_s", "p95_s", "most_s")), same)
    console.print(table)
    _print_targets(measured["targets"], console)


def _print_rollout(measured: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    asked = measured["asked"]
    table = Table(
        title=(
            f"Rollout in {asked['city']}: {asked['candidates']} orders, {asked['futures']} futures of "
            f"{asked['horizon_h']:g} h, {asked['calls_an_hour']:.0f} calls/h, {asked['units']} units"
        ),
        caption=(
            f"wall time and processor time of all threads include {duration(asked['draw_s'])} for drawing the futures, "
            "but for the loop that forks; futures: run in all, of all orders; same: mean responses equal the rollout's "
            "to 1 µs"
        ),
    )
    table.add_column("way", no_wrap=True)
    for column in ("wall time", "processor time", "futures", "futures/s", "same"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in measured["rows"]:
        table.add_row(
            row["name"],
            duration(row["wall_s"]),
            duration(row["cpu_s"]),
            f"{row['futures']:,}",
            f"{row['futures_per_s']:,.0f}",
            "" if row["agrees"] is None else "yes" if row["agrees"] else f"NO, {row['differs_s']:g} s",
        )
    console.print(table)
    _print_targets(measured["targets"], console)


def _print_journal(measured: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    load, kills = measured["load"], measured["kills"]
    table = Table(
        title=f"Journal: {load['asked_per_s']:,.0f} signed positions a second over HTTP for {load['seconds']:g} s",
        caption="from when a message is due until its sender is told that it is safe on the disk",
    )
    for column in ("acknowledged", "a second", "median", "99 %", "longest"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_row(
        f"{load['acknowledged']:,} of {load['sent']:,}", f"{load['per_s']:,.0f}",
        *(duration(load[key]) for key in ("p50_s", "p99_s", "most_s")),
    )  # fmt: skip
    console.print(table)
    console.print(
        f"{kills['kills']} times killed under load, {kills['acknowledged']:,} messages acknowledged: {kills['lost']} lost, "
        f"{kills['twice']} there twice; outbox: {kills['outbox_lost']} lost, {kills['outbox_twice']} twice; state "
        f"{'equal to' if kills['same_state'] else 'NOT that of'} an undisturbed run",
        highlight=False,
    )
    _print_targets(measured["targets"], console)


def _print_targets(targets: list[dict[str, Any]], console: Console) -> None:
    for target in targets:
        verdict = "[green]met[/]" if target["met"] else "[red]missed[/]"
        console.print(
            f"{target['what']}: {_figure(target['measured'])}, target {target['target']}: {verdict}", highlight=False
        )
