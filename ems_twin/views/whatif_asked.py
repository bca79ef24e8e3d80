"""What a scenario asks, in words: the day, what is different in it, and how each variant differs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .escape import escape_ten
from .summary_table import civil

if TYPE_CHECKING:
    from ..scenario.whatif.changes import Change, Place
    from ..scenario.whatif.spec import (
        DemandSection,
        HospitalSection,
        Knowledge,
        PolicySection,
        ResourceSection,
        RoadSection,
        Scenario,
        Sections,
    )

_PLACEMENT = {
    "own": "units are based where the city has them",
    "ordinary": "units are based where a search finds best for an ordinary day",
    "event": "units are based where a search finds best for this very day",
}


def asked_html(scenario: Scenario, record: dict[str, Any]) -> str:
    """The section of what was asked."""
    window = (
        f"{civil(record['start'])}, {record['hours']:g} hours; calls received from {civil(record['count_from'])} to "
    )
    days = f"{scenario.replications} such days were drawn and simulated under every variant."
    parts = [
        f"<p>{escape_ten(scenario.question)}</p>" if scenario.question else "",
        f"<p>{escape_ten(record['title'])}, from {window}{civil(record['count_to'])} count. {days}</p>",
        listed("On all variants, unless they say otherwise", section_words(scenario, scenario.model_fields_set)),
    ]
    for title, given in (("Cases", scenario.cases), ("Variants", scenario.variants)):
        if not given:
            continue
        rows = "".join(_one(one, scenario.baseline_name) for one in given)
        parts.append(f"<h3>{title}</h3><dl>{rows}</dl>")
    return "".join(parts)


def _one(one: Any, baseline: str) -> str:
    words = section_words(one, one.model_fields_set)
    if not getattr(one, "event", True):
        words.insert(0, "the ordinary day: the changes and closures above do not happen")
    what = escape_ten(one.name) + (" (baseline)" if one.name == baseline else "")
    told = f"<p>{escape_ten(one.description)}</p>" if one.description else ""
    items = "".join(f"<li>{escape_ten(word)}</li>" for word in words)
    return f"<dt>{what}</dt><dd>{told}{f'<ul>{items}</ul>' if items else ''}</dd>"


def listed(title: str, words: Iterable[str]) -> str:
    """A heading and its list; nothing where there is nothing to list."""
    items = "".join(f"<li>{escape_ten(word)}</li>" for word in words)
    return f"<h3>{escape_ten(title)}</h3><ul>{items}</ul>" if items else ""


def section_words(sections: Sections, given: set[str]) -> list[str]:
    """What sections say, in words; only those that are given."""
    words: list[str] = []
    for name, said in (
        ("demand", _demand), ("roads", _roads), ("resources", _resources), ("hospitals", _hospitals), ("policy", _policy)
    ):  # fmt: skip
        if name in given:
            part = getattr(sections, name)
            words += said(part, part.model_fields_set)
    return words


def _demand(part: DemandSection, given: set[str]) -> list[str]:
    words = []
    if "calls" in given and part.calls is not None:
        words.append(f"the calls of a real day, from {Path(part.calls).name}")
    if "factor" in given:
        words.append(f"ordinary calls times {part.factor:g}")
    words += [change_words(change) for change in part.changes]
    if "changes" in given and not part.changes:
        words.append("no changes of the demand")
    return words


def change_words(change: Change) -> str:
    """A change of the demand in words."""
    text = f"{change.id}: "
    if change.kind == "factor":
        text += f"calls {_where(change.place)} times {change.factor:g}"
    elif change.kind == "surge":
        many = f"{100 * change.city_share:g} % of the city's calls" if change.city_share else f"{change.calls:g} calls"
        text += f"extra calls, {many} on average, {_where(change.place)}"
        text += f", each day's number drawn with a spread of {change.doubt:g} (log)" if change.doubt else ""
        text += ", as runners pass" if change.runners else ""
    elif change.kind == "crowd":
        text += f"{change.people:,} people {_where(change.place)} (rates of a {change.event})"
    else:
        shown = f"{change.at:%Y-%m-%d %H:%M}"
        text += f"{change.patients:,} patients within {change.within_min:g} minutes from {shown}, {_point(change.lon, change.lat)}"
    text += _when(change.start, change.end)
    return text + (f" ({change.description})" if change.description else "")


def _where(place: Place) -> str:
    if place.is_whole_city:
        return "in the whole city"
    if place.area is not None:
        return f"in an area of {len(place.area)} corners"
    if place.line is not None:
        part = "" if place.to_km is None and not place.from_km else f" from km {place.from_km:g}"
        part += "" if place.to_km is None else f" to km {place.to_km:g}"
        return f"within {place.radius_m:g} m of a course of {len(place.line)} points{part}"
    return f"within {place.radius_m:g} m of {_point(place.lon, place.lat)}"


def _point(lon: float | None, lat: float | None) -> str:
    return f"longitude {lon:.5f}, latitude {lat:.5f}"


def _roads(part: RoadSection, given: set[str]) -> list[str]:
    words = []
    if "closures" in given:
        if part.closures is None:
            words.append("no closures")
        elif isinstance(part.closures, str):
            words.append(f"closures of {Path(part.closures).name}")
        else:
            words.append(f"closures: {', '.join(str(one.get('id', '?')) for one in part.closures.get('closures', []))}")
    if "traffic" in given:
        words.append("speeds by the hour of the week" if part.traffic else "one speed for all hours")
    if part.accept_cut_off:
        words.append("closures may cut off stations or hospitals")
    return words


def _resources(part: ResourceSection, given: set[str]) -> list[str]:
    words = []
    if "units" in given and part.units is not None:
        words.append(f"{part.units} units")
    if "fleet" in given and part.fleet is not None:
        words.append(f"the fleet of {Path(part.fleet).name}")
    if "street_posts" in given:
        words.append(f"{part.street_posts} street posts where demand lacks a station")
    if "placement" in given:
        words.append(_PLACEMENT[part.placement] + (" (for few late calls)" if part.placement_aim == "late" else ""))
    words += [f"temporary post {post.name or post.id} at {_point(post.lon, post.lat)}" for post in part.posts]
    for crew in part.crews:
        shifts = "; ".join(_when(s.start, s.end).strip() for s in crew.shifts) or "always"
        own = ", from a neighbouring service" if crew.mutual_aid else ""
        words.append(
            f"{crew.count} extra {crew.kind}{'s' if crew.count != 1 else ''} '{crew.id}' at {crew.at}, {shifts}{own}"
        )
    words += [
        f"first-aid station {aid.id}, treats {100 * aid.treats_share:g} % within {aid.radius_m:g} m{_when(aid.start, aid.end)}"
        for aid in part.first_aid
    ]
    words += [f"{gone.count} units out of service{_when(gone.start, gone.end)}" for gone in part.withdrawn]
    return words


def _hospitals(part: HospitalSection, given: set[str]) -> list[str]:
    words = []
    if "bays_count" in given:
        words.append("treatment bays fill up" if part.bays_count else "treatment bays do not count")
    if "occupancy" in given and part.occupancy is not None:
        words.append(f"{100 * part.occupancy:g} % of the bays in use on average")
    words += [f"{n} treatment bays at {name}" for name, n in part.bays.items()]
    words += [f"{n} extra treatment bays at {name}" for name, n in part.surge_beds.items()]
    words += [f"{one.hospital} is closed to ambulances{_when(one.start, one.end)}" for one in part.diversions]
    if "choice" in given:
        words.append(
            "patients go where a bay is expected soonest, drive and wait" if part.choice == "soonest"
            else "patients go to the nearest emergency room"
        )  # fmt: skip
    if "divert_above" in given and part.divert_above is not None:
        words.append(
            f"an emergency room diverts when {100 * part.divert_above:g} % of its bays are in use or waited for"
        )
    return words


def _policy(part: PolicySection, given: set[str]) -> list[str]:
    words = []
    if "move" in given:
        name = Path(part.move).name
        words.append("units go back to their base" if part.move == "home" else f"units are moved by the policy {name}")
    words += _plain("parameter", part.parameters)
    if "knows" in given:
        words.append(_knows(part.knows))
    if part.rollout is not None:
        ask = part.rollout
        words.append(
            f"every {ask.every_min:g} minutes {ask.candidates} moves are tried in up to {ask.futures} sampled futures of "
            f"{ask.horizon_min:g} minutes before one is made"
        )
    return words + _plain("rule", part.rules)


def _knows(knows: Knowledge) -> str:
    if knows.of == "ordinary":
        return "relocation expects ordinary calls"
    text = "relocation is told of the day's extra calls"
    doubts = []
    if knows.found < 1:
        doubts.append(f"{100 * knows.found:g} % of them")
    if knows.late_min:
        doubts.append(f"{knows.late_min:g} minutes late")
    if knows.apart_m:
        doubts.append(f"{knows.apart_m:g} m off")
    return f"{text}, badly: {', '.join(doubts)}" if doubts else text


def _plain(what: str, values: dict[str, Any]) -> list[str]:
    return [f"{what} {name}: {value}" for name, value in values.items()]


def _when(start: datetime | None, end: datetime | None) -> str:
    return (f" from {start:%Y-%m-%d %H:%M}" if start else "") + (f" to {end:%Y-%m-%d %H:%M}" if end else "")
