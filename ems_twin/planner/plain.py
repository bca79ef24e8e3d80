"""Scenarios as the page holds them: plain values without files, and as the YAML that ``ems-twin whatif`` runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ..city import City
from ..city.closures import read_closures
from ..faults import Faults
from ..scenario.whatif import Scenario, ScenarioError, read_scenario, scenario_from
from ..world import POLICY_NAMES
from ..world.own_policies import own_policy_names

_FILES = ("calls", "closures", "fleet", "line", "traffic")
"""Fields that may name a file."""
_FIRST = ("name", "question", "city", "window")


def read_plain(file: Path, city: City) -> dict[str, Any]:
    """Plain values of a scenario's file, what it keeps in other files included.

    Parameters
    ----------
    file
        YAML or JSON.
    city
        Whose folder is also looked in for closures.

    Raises
    ------
    InputError
        The scenario or a file that it names cannot be read: all faults, by path.
    """
    plain: dict[str, Any] = read_scenario(file).model_dump(mode="json", exclude_unset=True)
    for _, holder in _sections(plain, "roads"):
        named = holder.get("closures")
        if isinstance(named, str):
            folder = file.parent if (file.parent / named).exists() else city.directory or file.parent
            plan = read_closures(folder / named)
            holder["closures"] = plain_closures(plan.model_dump(mode="json", exclude_unset=True))
    return plain


def plain_closures(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan of closures without what is empty."""
    closures = [{key: value for key, value in one.items() if value is not None} for one in plan["closures"]]
    return plan | {"closures": closures}


def scenario_of(given: Any, city_name: str) -> Scenario:
    """The scenario that a page has sent.

    Parameters
    ----------
    given
        Plain values. They may name no files: a page cannot say which.
    city_name
        The city that it is about, whatever the values say.

    Raises
    ------
    ScenarioError
        With every fault, by path.
    """
    faults = Faults(ScenarioError)
    if isinstance(given, dict):
        given = given | {"city": city_name}
        for path, name, value in _named_files(given):
            faults.add(f"names the file '{value}', which the page cannot read", field=path,
                       remedy=f"Leave out {name}, or run the scenario with 'ems-twin whatif'.")  # fmt: skip
        for path, section in _sections(given, "policy"):
            move = section.get("move", "home")
            if move not in (*POLICY_NAMES, *own_policy_names()):
                faults.add(f"there is no policy '{move}'", field=f"{path}.move",
                           remedy=f"There are {', '.join(POLICY_NAMES)}.")  # fmt: skip
        faults.raise_if_any()
    return scenario_from(given)


def yaml_of(scenario: Scenario) -> str:
    """A scenario as a file that ``ems-twin whatif`` runs."""
    given = scenario.model_dump(mode="json", exclude_unset=True)
    plain = {name: given[name] for name in (*_FIRST, *given) if name in given}
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made with the planner's page of ems_twin. Run it with: ems-twin whatif FILE --out DIR\n{text}"


class _Dumper(yaml.SafeDumper):
    """Points of places on one line, all else as usual."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _sequence(dumper: _Dumper, data: list[Any]) -> yaml.Node:
    points = bool(data) and all(isinstance(one, int | float | str) for one in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=points)


_Dumper.add_representer(list, _sequence)


def _sections(plain: Any, section: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and values of a section in the scenario, its cases and its variants."""
    holders: list[tuple[str, Any]] = [("", plain)]
    for group in ("cases", "variants"):
        found = plain.get(group)
        if isinstance(found, list):
            holders += [(f"{group}[{i}].", one) for i, one in enumerate(found)]
    for path, holder in holders:
        if isinstance(holder, dict) and isinstance(holder.get(section), dict):
            yield f"{path}{section}", holder[section]


def _named_files(given: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, field and name of each file in plain values."""
    if isinstance(given, dict):
        for key, value in given.items():
            here = f"{path}.{key}" if path else str(key)
            if key in _FILES and isinstance(value, str):
                yield here, key, value
            else:
                yield from _named_files(value, here)
    elif isinstance(given, list):
        for i, value in enumerate(given):
            yield from _named_files(value, f"{path}[{i}]")
