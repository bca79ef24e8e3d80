"""The command that learns from observed trips how long drives take."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .shared import progress_bar

if TYPE_CHECKING:
    from ..city import City
    from ..demand.travel import Calibration


def travel_calibrate(arguments: argparse.Namespace) -> None:
    """Fit a city's travel times to trips, score them on later ones, and write what came out."""
    from ..city import load_city
    from ..demand.travel import calibrate, read_pings, read_trips
    from ..simulation import check_writable

    # speeds from links come on top of those that are driven by; what is fitted to trips replaces them
    city = load_city(arguments.city, calibrated=arguments.speeds is not None)
    out: Path | None = arguments.out or city.directory
    assert out is not None  # a bundle has a folder
    if arguments.out is not None:
        check_writable(out)
    if arguments.speeds is not None:
        _speeds(arguments, city, out)
        return
    with progress_bar(f"reading {arguments.trips or arguments.pings}", quiet=arguments.json) as say:
        trips = read_pings(arguments.pings, city, say=say) if arguments.pings else read_trips(arguments.trips, city)
        done = calibrate(
            trips, city, fit_share=arguments.fit_share, resamples=arguments.resamples, seed=arguments.seed, say=say
        )
        written = write_calibration(done, out)
    record = done.to_dict() | {"written": [str(path) for path in written]}
    print(json.dumps(record, ensure_ascii=False) if arguments.json else "\n".join(calibration_lines(record)))


def _speeds(arguments: argparse.Namespace, city: City, out: Path) -> None:
    """Speeds by the hour from link times."""
    from ..city.traffic import write_traffic
    from ..demand.travel.link_times import learn_speeds, read_links
    from ..demand.travel.trips import write_dropped

    with progress_bar(f"reading {arguments.speeds}", quiet=arguments.json):
        read = read_links(arguments.speeds, city)
        traffic, record = learn_speeds(read, seed=arguments.seed)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [
            write_traffic(traffic, out / "travel_speeds.toml"),
            write_dropped(read.dropped, out / "travel_speeds_dropped.csv"),
        ]
    except OSError as error:
        raise _unwritable(out, error) from error
    record["written"] = [str(path) for path in written]
    print(json.dumps(record, ensure_ascii=False) if arguments.json else "\n".join(_speed_lines(record)))


def _speed_lines(record: dict[str, Any]) -> list[str]:
    lines = [f"{record['source']}: {record['rows']:,} rows, {record['links']:,} links on the roads; "
             f"{record['dropped']:,} rows dropped:"]  # fmt: skip
    lines += [f"  {count:>8,}  {reason}" for reason, count in record["dropped_because"].items()]
    lines.append(f"{record['hours']} of 72 hours (weekday, Saturday, Sunday) measured; speeds over ordinary speeds:")
    for name, speed in record["sets"].items():
        lines.append(f"  {name:<12} " + ", ".join(f"{group} {value:.2f}" for group, value in speed.items()))
    for name, title in (("raw", "ordinary speeds"), ("fitted", "fitted")):
        if record["scored"] is not None:
            found = record["scored"][name]
            lines.append(
                f"{record['scored']['links']:,} links held out, mean speed by hour, {title}: off by "
                f"{found['mean']:.1%} in the mean, {found['worst']:.1%} at worst"
            )
    lines += [f"Note: {note}" for note in record["notes"]]
    return [*lines, f"Written: {', '.join(record['written'])}"]


def _unwritable(out: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot be written ({error.strerror})", file=out, remedy="Name a folder that you may write to with --out."
    )


def write_calibration(done: Calibration, out: Path) -> list[Path]:
    """Write settings, figures and the rows that were dropped; the settings only if something was learnt."""
    from ..city.travel import TRAVEL_FILE, write_hours, write_travel
    from ..demand.travel.trips import write_dropped
    from ..views import write_travel_page

    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [write_dropped(done.trips.dropped, out / "travel_dropped.csv")]
        scores = out / "travel_scores.json"
        scores.write_text(json.dumps(done.to_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written += [scores, write_travel_page(done, out / "travel.html")]
        if done.fit is not None:
            written.insert(0, write_travel(done.travel, out / TRAVEL_FILE))
            written.append(write_hours(done.travel, out / "travel_hours.toml"))
    except OSError as error:
        raise _unwritable(out, error) from error
    return written


def calibration_lines(record: dict[str, Any]) -> list[str]:
    """A calibration as text for people."""
    what = "pings and drives" if record["pings"] else "rows"
    lines = [
        f"{record['source']}: {record['trips']:,} trips, {record['period']}; {record['dropped']:,} {what} dropped:"
    ]
    lines += [f"  {count:>8,}  {reason}" for reason, count in record["dropped_because"].items()]
    lines += [f"Note: {note}" for note in record["notes"]]
    fitted, scored = record["fitted"], record["scored"]
    if scored is not None:
        bounds = fitted["interval_90"]

        def row(name: str, value: float, key: str, unit: str = "") -> str:
            pair = bounds.get(key)
            return f"  {name:<34}{value:8.3f}{unit:<3}" + (f"[{pair[0]:.3f}, {pair[1]:.3f}]" if pair else "")

        hours = fitted["speed_by_hour"]
        lines += [
            "",
            f"Learnt from {fitted['trips']:,} trips, {fitted['period']}, with 90 % intervals over weeks:",
            row("start-up", fitted["start_up_s"], "start_up_s", " s"),
            row("sirens factor", fitted["sirens_factor"], "sirens_factor"),
            *(row(f"speed on {name}", value, f"speed.{name}") for name, value in fitted["speed_by_class"].items()),
            row("spread b0", fitted["spread"][0], "spread.b0"),
            row("spread b2", fitted["spread"][2], "spread.b2"),
            f"  speed by hour of the week         {min(hours):8.3f} to {max(hours):.3f} of the usual",
            "",
            f"Scored on {scored['trips']:,} later trips, {scored['period']}; predicted minus observed, minutes:",
            f"  {'':<28}{'bias':>7} {'[95 % interval]':<18}{'SD':>6} {'[95 % interval]':<16}{'mean |error|':>13}",
        ]
        for name, found in scored["errors_min"].items():
            (low, high), (least, most) = found["bias_interval"], found["sd_interval"]
            lines.append(
                f"  {name.replace('_', ' '):<28}{found['bias']:>+7.2f} [{low:+.2f}, {high:+.2f}]    {found['sd']:>6.2f} "
                f"[{least:.2f}, {most:.2f}]  {found['mean_absolute_error']:>13.2f}"
            )
        lines += [
            f"  90 % interval holds {scored['coverage_90']:.1%} of them, 50 % interval {scored['coverage_50']:.1%}; "
            f"the median width of the first is {scored['median_width_90_min']:.1f} min."
        ]
    return [*lines, f"Written: {', '.join(record['written'])}"]
