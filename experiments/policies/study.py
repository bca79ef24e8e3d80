"""Where units stand and who is sent: every policy against units that return home and against the best static placement.

``make study STUDY=policies`` or ``python experiments/policies/study.py [PART ...] [--city NAME ...]`` makes ``results/`` again:

tune        choose parameters on training replications, at the normal fleet of each city
relocation  five fleet sizes, from tight to ample, on replications that nothing was chosen by
curve       late calls against moves a unit and day
dispatch    a unit that is missed less instead of the closest
hospital    hospital choice under crowding (crowding.py)
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import crowding
import numpy as np
from numpy.typing import NDArray

from ems_twin import Router, Rules, load_city, load_demand
from ems_twin.scenario import Comparison, Contender, compare_policies
from ems_twin.scenario.best_static import AIMS, best_static
from ems_twin.scenario.trial import TRAIN, VALIDATE
from ems_twin.simulation.statistics import Estimate
from ems_twin.world import PolicyChoice

RESULTS = Path(__file__).parent / "results"
DAY_S = 86_400.0
FLEETS = {"manhattan": (66, 72, 80, 95, 115), "coquimbo": (6, 7, 8, 10, 14)}
NORMAL = {"manhattan": 80, "coquimbo": 8}
TRAINING = {"manhattan": (8, 4.0), "coquimbo": (12, 14.0)}  # replications and days
JUDGED = {"manhattan": (20, 7.0), "coquimbo": (20, 28.0)}
_OBJECTIVE = {"objective": ("response", "coverage", "s-curve")}
_Q = {"busy_share": (0.2, 0.3, 0.4, 0.5)}
_DISCOUNT = {"travel_discount_per_min": (0.0, 0.02, 0.05)}
SEARCHED: dict[str, dict[str, tuple[Any, ...]]] = {
    "dmexclp": _Q,
    "expected-response": _OBJECTIVE | _Q | _DISCOUNT,
    "best-move": _OBJECTIVE | _Q | _DISCOUNT | {
        "least_gain": (0.25, 0.5, 1.0, 2.0), "longest_drive_s": (600.0, 900.0, 1200.0), "after_freed": (False, True),
    },
    "priority-list": _OBJECTIVE | _Q,
    "compliance": _OBJECTIVE | _Q,
    "zhang": _OBJECTIVE | _Q | {"drive_cost": (0.03, 0.1, 0.3)},
}  # fmt: skip
_SCALED = ("least_gain", "drive_cost")  # in seconds of response; of coverage the 200th part is as much
_ROUNDS = 2


class Place:
    """A city, and how it is compared in."""

    def __init__(self, name: str) -> None:
        self.city = load_city(name)
        self.demand, self.router = load_demand(self.city), Router.for_city(self.city)
        self.start = datetime(2024, 5, 6, tzinfo=ZoneInfo(self.city.timezone))

    def compare(
        self, contenders: list[Contender], units: int, *, first: int, replications: int, days: float, **options: Any
    ) -> Comparison:
        """Contenders on replications from ``first`` on."""
        return compare_policies(
            self.city, self.demand, contenders, units=units, start=self.start, duration_s=days * DAY_S, first=first,
            replications=replications, router=self.router, **options,
        )  # fmt: skip

    def judged(self, contenders: list[Contender], units: int, **options: Any) -> Comparison:
        """Contenders on the replications that are for judging."""
        replications, days = JUDGED[self.city.name]
        return self.compare(contenders, units, first=VALIDATE, replications=replications, days=days, **options)

    def trained(self, contenders: list[Contender], units: int) -> NDArray[np.float64]:
        """Late calls of contenders on the replications that are for choosing, shape (contenders, replications)."""
        replications, days = TRAINING[self.city.name]
        found = self.compare(contenders, units, first=TRAIN, replications=replications, days=days)
        return np.array([found.values(one.name, "late_share") for one in contenders])


class Report:
    """Lines that are printed and kept, and a record beside them."""

    def __init__(self, name: str) -> None:
        self.name, self.lines, self.record = name, [], {}
        self.record: dict[str, Any]
        self.lines: list[str]

    def say(self, line: str = "") -> None:
        """Print a line and keep it."""
        print(line, flush=True)
        self.lines.append(line)

    def write(self) -> None:
        """Write both."""
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.txt").write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        text = json.dumps(self.record, indent=1, ensure_ascii=False, default=lambda value: value.tolist())
        (RESULTS / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")


def tune(place: Place) -> None:
    """Choose one parameter after the other, the others held, by the late calls of training replications."""
    name = place.city.name
    units, report = NORMAL[name], Report(f"tuned-{name}")
    report.say(f"{place.city.title}, {units} units: late calls on {TRAINING[name][0]} training replications of "
               f"{TRAINING[name][1]:g} days")  # fmt: skip
    for policy, searched in SEARCHED.items():
        chosen: dict[str, Any] = {}
        best = float(place.trained([_contender(policy, chosen)], units).mean())
        report.say(f"  {policy}: {best:.2f} % with its defaults")
        for _ in range(_ROUNDS):
            before = dict(chosen)
            for key, values in searched.items():
                tried = [chosen | {key: value} for value in values if chosen.get(key) != value]
                late = place.trained([_contender(policy, one, f"{k}") for k, one in enumerate(tried)], units).mean(
                    axis=1
                )
                if late.min() < best:
                    best, chosen = float(late.min()), tried[int(late.argmin())]
            if chosen == before:
                break
        report.say(f"    {best:.2f} % with {_parameters(chosen) or chosen}")
        report.record[policy] = {"parameters": _parameters(chosen), "late_share": best}
    report.write()


def relocation(place: Place) -> None:
    """Every policy at five fleet sizes."""
    name = place.city.name
    report, tuned = Report(f"relocation-{name}"), _tuned(name)
    for units in FLEETS[name]:
        report.say(
            f"{place.city.title}, {units} units; {JUDGED[name][0]} pairs of {JUDGED[name][1]:g} days, 95 % intervals"
        )
        statics = {}
        for aim in AIMS:
            found = best_static(
                place.city, place.demand, start=place.start, units=units, aim=aim, router=place.router, evaluations=1500
            )
            statics[f"static, best in {aim}"] = found.units
            report.say(f"  static placement best in {aim}: from {found.started_from}, {len(found.search.steps)} moves in "
                       f"{found.search.evaluations} simulated weeks; {found.search.why}")  # fmt: skip
        contenders = [Contender(name="home"), *(Contender(name=key, placement=at) for key, at in statics.items())]
        contenders += [Contender(name=policy, policy=choice) for policy, choice in tuned.items()]
        compared = place.judged(contenders, units)
        rival = min(statics, key=lambda key: float(compared.values(key, "late_share").mean()))
        report.record[str(units)] = {
            "best_static": rival, "placements": statics,
            "contenders": {one.name: _figures(compared, one.name, rival) for one in contenders},
        }  # fmt: skip
        for line in _table(compared, rival):
            report.say(line)
        report.say()
    report.write()


def curve(place: Place) -> None:
    """What each further move brings."""
    name = place.city.name
    units, report = NORMAL[name], Report(f"curve-{name}")
    parameters = _record(f"tuned-{name}")["best-move"]["parameters"]
    scale = 1.0 if parameters.get("objective", "response") == "response" else 1 / 200
    rows = [("no moves", PolicyChoice.named("home"))]
    rows += [
        (f"gain of {gain * scale:g} and {most} moves", PolicyChoice.named(
            "best-move", **parameters | {"least_gain": gain * scale, "most_moves": most}))
        for gain, most in ((8, 4), (4, 4), (2, 4), (1, 4), (0.5, 4), (0.5, 12), (0.25, 24), (0.0, 99))
    ]  # fmt: skip
    rows.append(("all units, by compliance", _tuned(name)["compliance"]))
    compared = place.judged([Contender(name=key, policy=choice) for key, choice in rows], units, kilometres=True)
    report.say(f"{place.city.title}, {units} units: late calls against moves")
    report.say(
        f"  {'least gain and most moves a day':32} {'moves/unit/day':>14} {'km/unit/day':>12} {'late':>8} {'change':>24}"
    )
    for key, _ in rows:
        report.record[key] = _figures(compared, key, "no moves")
        report.say(
            f"  {key:32} {compared.values(key, 'moves_per_unit_day').mean():14.2f} "
            f"{compared.values(key, 'km_per_unit_day').mean():12.1f} {compared.values(key, 'late_share').mean():7.2f}% "
            f"{_change(compared.relative(key, 'late_share')):>24}"
        )
    report.write()


def dispatch(place: Place) -> None:
    """The unit that is missed less, within a guard, beside the closest."""
    name = place.city.name
    units, report = NORMAL[name], Report(f"dispatch-{name}")
    guards = (60.0, 120.0, 180.0, 240.0, 300.0)
    moves = _tuned(name)["best-move"]
    contenders = [Contender(name="closest")]
    contenders += [
        Contender(
            name=f"missed less, {guard:g} s", policy=PolicyChoice.named("home", busy_share=0.5),
            rules=Rules(spare_from_priority=2, spare_guard_s=guard),
        )
        for guard in guards
    ]  # fmt: skip
    contenders += [Contender(name="best-move, closest", policy=moves)]
    contenders += [
        Contender(name=f"best-move, {guard:g} s", policy=moves, rules=Rules(spare_from_priority=2, spare_guard_s=guard))
        for guard in guards[:2]
    ]
    compared = place.judged(contenders, units)
    report.say(f"{place.city.title}, {units} units; calls of priority 1 get the closest")
    report.say(f"  {'':24} {'mean s':>8} {'change':>24} {'late':>8} {'change':>24} {'urgent late':>12} {'change':>24}")
    for one in contenders:
        against = "best-move, closest" if one.name.startswith("best-move") else "closest"
        report.record[one.name] = _figures(compared, one.name, against)
        mean, late, urgent = (
            (compared.values(one.name, key).mean(), _change(compared.relative(one.name, key, against=against)))
            for key in ("response_s", "late_share", "urgent_late_share")
        )
        report.say(f"  {one.name:24} {mean[0]:8.1f} {mean[1]:>24} {late[0]:7.2f}% {late[1]:>24} {urgent[0]:11.2f}% "
                   f"{urgent[1]:>24}")  # fmt: skip
    report.write()


PARTS = {"tune": tune, "relocation": relocation, "curve": curve, "dispatch": dispatch}


def _contender(policy: str, parameters: dict[str, Any], name: str | None = None) -> Contender:
    return Contender(name=name or policy, policy=PolicyChoice.named(policy, **_parameters(parameters)))


def _parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """The same with gains in the unit of the objective."""
    scale = 1.0 if parameters.get("objective", "response") == "response" else 1 / 200
    return {key: value * scale if key in _SCALED else value for key, value in parameters.items()}


def _record(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return record


def _tuned(name: str) -> dict[str, PolicyChoice]:
    return {
        policy: PolicyChoice.named(policy, **found["parameters"]) for policy, found in _record(f"tuned-{name}").items()
    }


def _figures(compared: Comparison, name: str, rival: str) -> dict[str, Any]:
    keys = ("response_s", "response_p90_s", "late_share", "urgent_late_share", "busy_share", "moves_per_unit_day")
    return {
        key: {
            "mean": float(compared.values(name, key).mean()),
            "against_baseline": _plain(compared.relative(name, key)),
            "against_rival": _plain(compared.relative(name, key, against=rival)),
        }
        for key in keys
    }


def _plain(change: Estimate | None) -> dict[str, Any] | None:
    return None if change is None else change.to_dict()


def _table(compared: Comparison, rival: str) -> Iterator[str]:
    busy = compared.values("home", "busy_share").mean()
    yield f"  units are busy {busy:.0f} % of the time at home stations; the best static is '{rival}'"
    yield (f"  {'policy':24} {'mean s':>7} {'p90 s':>7} {'late':>7} {'against home':>24} {'against best static':>24} "
           f"{'moves':>6}")  # fmt: skip
    for one in compared.contenders:
        mean, p90, late, moves = (
            compared.values(one.name, key).mean()
            for key in ("response_s", "response_p90_s", "late_share", "moves_per_unit_day")
        )
        home, static = (
            compared.relative(one.name, "late_share"),
            compared.relative(one.name, "late_share", against=rival),
        )
        worse = static is not None and static.mean > 0 and one.name != rival
        words = "" if not worse else "  WORSE than static" if static and static.low > 0 else "  not better than static"
        yield (f"  {one.name:24} {mean:7.1f} {p90:7.0f} {late:6.2f}% {_change(home):>24} {_change(static):>24} {moves:6.2f}"
               f"{words}")  # fmt: skip


def _change(change: Estimate | None) -> str:
    return "" if change is None or change.mean == 0 else f"{change.mean:+.1%} [{change.low:+.1%}, {change.high:+.1%}]"


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "hospital"], metavar="PART", default=[])
    parser.add_argument("--city", nargs="+", choices=tuple(FLEETS), default=list(FLEETS))
    arguments = parser.parse_args()
    parts = arguments.parts or [*PARTS, "hospital"]
    for name in arguments.city:
        place = Place(name)
        for part in parts:
            if part in PARTS:
                PARTS[part](place)
    if "hospital" in parts:
        crowding.study()


if __name__ == "__main__":
    main()
