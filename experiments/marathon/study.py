"""The marathon: whether relocation by a forecast and hospitals chosen by free beds make up for 40 % more calls.

``make study STUDY=marathon`` or ``python experiments/marathon/study.py [--quick] [--out FOLDER]`` makes ``results/`` again:

marathon.txt  ../marathon_manhattan.yaml: variants (a) to (d), the ordinary day, and transport on closed roads
regimes.txt   regimes.yaml: three sizes of the fleet, crowded and uncrowded rooms, a hotspot and a city-wide surge

Days that were simulated are kept in the folder, so that an interrupted study goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import monotonic

import numpy as np

from ems_twin.scenario.comparison import relative_change
from ems_twin.scenario.whatif import Answer, answer, prepare, read_scenario
from ems_twin.scenario.whatif.record import difference_of, estimate_of, values_of
from ems_twin.simulation.outcomes import RESPONSE_CLOCK
from ems_twin.simulation.statistics import Estimate, mean_interval_of

HERE = Path(__file__).parent
RESULTS = HERE / "results"
BASE, POSTS, ORDINARY, TWIN = "usual practice", "re-optimised posts", "ordinary day", "the twin"
NOON_H = (8, 12)
"""Hours of the run before noon in which streets are closed (Jena et al. 2017 looked before noon, in affected areas)."""
AIMS = {BASE: -22.0, POSTS: -15.0}
BUSY = (35.0, 55.0)
"""Percent of their time that units are busy under usual practice, in the regimes for which the aims were set."""


def asked(file: Path, out: Path, quick: bool) -> Answer:
    """What a scenario finds, with a word on its progress every half minute."""
    scenario = read_scenario(file)
    if quick:
        scenario = scenario.model_copy(update={"replications": 6, "search_runs": 200})
    last = monotonic()

    def say(text: str, share: float) -> None:
        nonlocal last
        if monotonic() - last > 30:
            last = monotonic()
            print(f"  {text}: {share:.0%}", file=sys.stderr, flush=True)

    return answer(prepare(scenario, file=file), out=out, say=say)


def table(found: Answer, case: str) -> list[str]:
    """A line for each variant of a case."""
    lines = [
        f"{'':24} {'mean':>6} {'90 %':>6} {'late':>6} {'wait+':>6} {'busy':>5} {'off-':>5}   {'against':>16}   {'against':>16}   "
        f"{'wait+drive':>16}",
        f"{'':24} {'min':>6} {'min':>6} {'%':>6} {'drive':>6} {'%':>5} {'load':>5}   {'usual practice':>16}   "
        f"{'re-opt. posts':>16}   {'agst. usual':>16}",
    ]
    for variant in found.prepared.scenario.variants:
        name = variant.name

        def mean(key: str, name: str = name) -> float:
            one = estimate_of(found, case, name, key)
            return float("nan") if one is None else one.mean

        lines.append(
            f"{name:24} {mean('response_s') / 60:6.2f} {mean('response_p90_s') / 60:6.2f} {mean('late_share'):6.1f} "
            f"{mean('travel_queue_s') / 60:6.2f} {mean('busy_counted_share'):5.1f} {mean('offload_min'):5.1f}   "
            f"{percent(found, case, name, BASE):>16}   {percent(found, case, name, POSTS):>16}   "
            f"{percent(found, case, name, BASE, 'travel_queue_s'):>16}"
        )
    return lines


def percent(found: Answer, case: str, variant: str, against: str, key: str = "response_s") -> str:
    """Relative change of a figure in percent, with half its interval."""
    if variant == against:
        return "-"
    apart = difference_of(found, case, variant, against, key)
    return "not known" if apart is None or apart[1] is None else words(apart[1])


def words(change: Estimate) -> str:
    """A relative change with its interval."""
    return f"{100 * change.mean:+.1f} +- {100 * change.half_width:.1f} %"


def aims(found: Answer, case: str) -> list[str]:
    """Whether the aims are met in a case, and whether they were set for it."""
    busy = float(values_of(found, case, BASE, "busy_counted_share").mean())
    inside = BUSY[0] <= busy <= BUSY[1]
    lines = [f"units busy {busy:.0f} % under usual practice: {'one' if inside else 'none'} of the regimes of the aims"]
    for against, aim in AIMS.items():
        apart = difference_of(found, case, TWIN, against, "response_s")
        assert apart is not None
        assert apart[1] is not None
        change = 100 * apart[1].mean
        lines.append(
            f"  {TWIN} against {against}: {words(apart[1])}, aim {aim:g} %: {'met' if change <= aim else 'missed'}"
        )
    apart = difference_of(found, case, TWIN, ORDINARY, "response_s")
    assert apart is not None
    lines.append(
        f"  a marathon day with the twin against an ordinary day without it: {apart[0].mean:+.1f} s "
        f"[{apart[0].low:+.1f}, {apart[0].high:+.1f}]"
    )
    return lines


def transports(found: Answer, variant: str, near: int) -> np.ndarray:
    """Mean drive to hospital of those who left a scene before noon, minutes, by replication."""
    days = found.days["", variant]
    hours = slice(*NOON_H)
    return np.array([d.near_transport_s[near, hours].sum() / d.near_transports[near, hours].sum() for d in days]) / 60


def jena(found: Answer) -> list[str]:
    """Drive to hospital with streets closed and without, near the course and elsewhere."""
    lines = [
        "Drive to hospital before noon, streets closed against open, ordinary demand (Jena et al. 2017: +4.4 min, +30 %):"
    ]
    for near, where in ((1, "within 1 km of the course"), (0, "elsewhere")):
        a, b = (transports(found, name, near) for name in (ORDINARY, "closed streets only"))
        apart, change = mean_interval_of(b - a), relative_change(a, b)
        lines.append(f"  {where}: {a.mean():.1f} to {b.mean():.1f} min, {apart.mean:+.2f} +- {apart.half_width:.2f} min "
                     f"({words(change)})")  # fmt: skip
    return lines


def main() -> None:
    """Run both, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few days and short searches, to see that all works")
    parser.add_argument("--out", type=Path, default=Path("marathon-study"), help="folder for the days that are kept")
    given = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for file in (HERE.parent / "marathon_manhattan.yaml", HERE / "regimes.yaml"):
        found = asked(file, given.out / file.stem, given.quick)
        scenario = found.prepared.scenario
        lines = [
            f"{scenario.name}: {scenario.replications} paired days, seed {scenario.seed}, {scenario.level:.0%} intervals",
            f"Clock: {RESPONSE_CLOCK}; calls received {scenario.window.count_from:%H:%M} to {scenario.window.count_to:%H:%M}",
        ]
        for case in found.prepared.cases:
            lines += ["", *([case] if case else []), *table(found, case), *aims(found, case)]
        if not scenario.cases:
            lines += ["", *jena(found)]
        spent = ", ".join(f"{what} {s:.0f} s" for what, s in found.seconds.items())
        lines += ["", f"{spent}; {found.reused} days were kept from before"]
        print("\n".join(lines), flush=True)
        if not given.quick:
            name = "marathon" if not scenario.cases else file.stem
            (RESULTS / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
