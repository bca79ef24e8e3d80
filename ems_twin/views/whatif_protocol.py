"""The protocol of a run for other researchers: ODD (Grimm et al. 2020) and STRESS-DES (Monks et al. 2019), filled from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..scenario.whatif.words import quoted
from .escape import escape_ten
from .summary_table import civil
from .whatif_asked import change_words, section_words

if TYPE_CHECKING:
    from ..scenario.whatif import Answer

_REPOSITORY_NOTE = (
    "The program is open source under the Apache License 2.0; its version is given with the exact inputs."
)


def odd_html(answer: Answer, record: dict[str, Any]) -> str:
    """Overview, design concepts and details of the model as it was run."""
    told = _Facts(answer, record)
    concepts = [
        ("Basic principles", "Units are servers on a road network; the closest suitable idle unit serves a call, and what "
         "relocation does is weighed by where calls are expected."),
        ("Emergence", f"Responses, queues, how busy units are ({told.busy}) and how full emergency rooms get follow from the "
         "law, and are not put in."),
        ("Adaptation", f"Dispatch follows the state at each call. {told.movers}"),
        ("Objectives", told.objectives),
        ("Learning", "None: nobody changes rules within a day, nor from one day to the next."),
        ("Prediction", told.prediction),
        ("Sensing", "Dispatch and relocation know where all units are and what they do. Hospitals' load is known "
         + ("as it is." if told.bays else "to nobody: treatment bays do not count.")),
        ("Interaction", "Calls compete for units" + (", and patients for treatment bays with those who walk in."
                                                     if told.bays else ".")),
        ("Stochasticity", "All luck of a call (time, place, priority, scene time, whether it goes to hospital, turnout, offload) "
         f"is drawn with the call, from seed {record['seed']}; the law draws nothing. All variants meet the same ordinary calls, and those of the event the same extra ones."),
        ("Collectives", f"The fleet and its stations; {told.fleets}."),
        ("Observation", f"Times of every call by the clocks of NEMSIS, taken together by hour, priority, hospital, station, "
         f"{told.zones} zones and {told.cells} hexagons."),
    ]  # fmt: skip
    items = [
        ("Purpose and patterns", f"{record['question'] or record['name']} The answer is judged by the mean response, late "
         f"calls and others, from {record['clock']}."),
        ("Entities, state variables, and scales", f"{told.entities} {told.scales}"),
        ("Process overview and scheduling", "Events in order of time: a call is received, waits for dispatch, is assigned or "
         "queued; the unit turns out, drives, is on scene, carries the patient or not, offloads, clears, and takes the next "
         f"call or goes where the policy says. {told.roads}"),
        ("Design concepts", concepts),
        ("Initialisation", f"At {told.start} every unit stands at its base"
         + (", and bays hold as many patients as on average" if told.bays else "")
         + f"; the first {told.warm_up:g} hours do not count."),
        ("Input data", told.data),
        ("Submodels", f"Travel: shortest times on the road graph, lights and sirens {told.sirens:g} times as fast as others. "
         f"Demand: Poisson calls by hour of the week, and what is different on the day: {told.changes}. {told.policies}"),
    ]  # fmt: skip
    return _definitions(items)


def stress_html(answer: Answer, record: dict[str, Any]) -> str:
    """The checklist for discrete-event simulations as it was run."""
    told = _Facts(answer, record)
    outputs = ", ".join(outcome["title"] for outcome in record["outcomes"])
    aims = "; ".join(
        f"{quoted(one['variant'])} against {quoted(one['against'])}" for one in record["cases"][0]["comparisons"]
    )  # fmt: skip
    items = [
        ("1. Objectives", [
            ("Purpose of the model", record["question"] or record["name"]),
            ("Model outputs", f"{outputs}. Each is a mean over {told.replications} days with a {100 * record['level']:.0f} % "
             "interval of Student's t."),
            ("Aims of experimentation", f"Pairs compared on the same days: {aims}."),
        ]),
        ("2. Logic", [
            ("Base model", "A call's life from the ring to the unit's return, as under ODD, process overview."),
            ("Scenario logic", f"{told.changes[0].upper()}{told.changes[1:]}. {told.roads}"),
            ("Algorithms", told.policies),
            ("Components", told.entities),
        ]),
        ("3. Data", [
            ("Data sources", told.data),
            ("Input parameters", "In the exact inputs: the scenario, rules and policies as they were in force."),
            ("Assumptions", "Under what to bear in mind."),
        ]),
        ("4. Experimentation", [
            ("Initialisation", f"Terminating: from {told.start}; the first {told.warm_up:g} hours warm up and do not count."),
            ("Run length", f"{record['hours']:g} hours a replication."),
            ("Estimation", f"{told.replications} replications of common random numbers; paired differences; Holm's adjustment "
             f"over all comparisons, {100 * record['family_wise_alpha']:.0f} % family-wise."),
        ]),
        ("5. Implementation", [
            ("Software", ", ".join(f"{name} {number}" for name, number in record["versions"].items())),
            ("Random sampling", f"NumPy's PCG64, a stream for each purpose, change and replication, seed {record['seed']}."),
            ("Model execution", "Events in order of time; results do not depend on the number of threads."),
            ("System", f"{record['seconds'].get('simulating', 0):g} s of simulation, {record['seconds'].get('searching', 0):g} s "
             f"of search, {record['seconds'].get('rollout', 0):g} s with rollout; {record['days_reused']} days were kept from "
             "before."),
        ]),
        ("6. Code access", [("Computer model", _REPOSITORY_NOTE)]),
    ]  # fmt: skip
    return _definitions(items)


class _Facts:
    """Numbers and names of a run, in sentences."""

    def __init__(self, answer: Answer, record: dict[str, Any]) -> None:
        prepared = answer.prepared
        city, ready = prepared.city, prepared.ready
        self.bays = any(one.rules.count_bays for one in ready)
        self.zones, self.cells = len(prepared.demand.zone_names), len(prepared.grid.cells)
        self.sirens = city.sirens_factor
        self.start = civil(record["start"])
        self.warm_up = prepared.count_from_s / 3600.0
        shown = [one["outcomes"].get("busy_counted_share") for case in record["cases"] for one in case["variants"]]
        busy = [one["mean"] for one in shown if one is not None]
        self.busy = f"{min(busy):.0f} to {max(busy):.0f} % of their time" if busy else "not known"
        numbers = sorted({one["replications"] for case in record["cases"] for one in case["variants"]})
        self.replications = " or ".join(str(number) for number in numbers)
        units = sorted({one["units"] + one["extra_units"] for case in record["cases"] for one in case["variants"]})
        self.fleets = f"fleets of {' or '.join(str(n) for n in units)} units"
        stations = sorted({len(one.city.stations) for one in ready})
        self.entities = (
            f"Units ({self.fleets}), stations and posts ({' or '.join(str(n) for n in stations)}), hospitals "
            f"({len(city.hospitals)}, with {sum(room.bays for room in city.hospitals)} treatment bays), calls, and a road network "
            f"of {city.roads.n_nodes:,} junctions and {city.roads.n_edges:,} edges."
        )
        calls = [
            one["outcomes"]["calls"]["mean"] for one in record["cases"][0]["variants"] if "calls" in one["outcomes"]
        ]
        many = f"; {min(calls):.0f} to {max(calls):.0f} calls a day count" if calls else ""
        self.scales = f"{record['title']}, {record['hours']:g} hours in continuous time, seconds{many}."
        moves: dict[str, list[str]] = {}
        for one in ready:
            roll = " and by trying moves in sampled futures" if one.sections.policy.rollout is not None else ""
            moves.setdefault(f"{one.sections.policy.move}{roll}", []).append(one.variant)
        moving = [move for move in moves if move != "home"]
        words = [f"under {_names(moves[move])} units are moved by {move}" for move in moving]
        if "home" in moves:
            words.append(f"under {_names(moves['home'])} units go back to their base")
        told = "; ".join(words)
        self.movers = f"{told[0].upper()}{told[1:]}."
        self.policies = f"Policies: {told}."
        self.objectives = (
            "Dispatch sends who is there first"
            + ("; relocation places units where they are expected to bring most." if moving else "; nobody is relocated.")
        )  # fmt: skip
        foresee = [one.variant for one in ready if one.sections.policy.knows.of == "event"]
        self.prediction = "Relocation weighs ordinary rates by hour and place" + (
            f"; under {_names(foresee)} also the day's changes." if foresee else "."
        )
        changes = [change_words(change) for change in prepared.scenario.demand.changes]
        parts: list[Any] = [*prepared.scenario.cases, *prepared.scenario.variants]
        own = [
            f"{one.name}: {'; '.join(section_words(one, {'demand'}))}"
            for one in parts
            if "demand" in one.model_fields_set
        ]
        self.changes = "; ".join([*changes, *own]) or "no changes"
        plans = {
            id(one.roads.closures): one.roads.closures for one in ready if one.roads is not None and one.roads.closures
        }
        closed = [closure.id for plan in plans.values() for closure in plan.closures]
        phases = max((len(np.unique(one.roads.set_row)) for one in ready if one.roads is not None), default=1)
        self.roads = "No street is closed."
        if closed:
            self.roads = f"Closures ({', '.join(closed)}) come into force and are lifted at their times: {phases} pictures of the roads."
        self.data = f"Demand: {record['demand']['title']}, {record['demand']['source']}. Streets: {city.attribution}."


def _names(names: list[str]) -> str:
    """Names of variants, each once."""
    return ", ".join(quoted(name) for name in dict.fromkeys(names))


def _definitions(items: list[Any]) -> str:
    rows = "".join(
        f"<dt>{escape_ten(title)}</dt><dd>{_definitions(said) if isinstance(said, list) else escape_ten(said)}</dd>"
        for title, said in items
    )
    return f"<dl>{rows}</dl>"
