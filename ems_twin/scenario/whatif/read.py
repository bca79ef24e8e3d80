"""Read a scenario: YAML or JSON, with every fault by its path."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from ...city.closures.read import read_course
from ...city.validation import validated
from ...errors import InputError
from ...faults import Faults, ModelError
from .changes import MassCasualty, Place
from .spec import Scenario

ENDINGS = (".yaml", ".yml", ".json")
"""Endings of files that :func:`read_scenario` reads."""
_LARGEST = 5_000_000  # bytes; a course of a thousand points takes 40,000


class ScenarioError(ModelError):
    """A scenario that makes no sense, by itself or for its city: all its faults."""

    subject = "the scenario"


class _Loader(yaml.SafeLoader):
    """YAML without its traps: ``10:00`` is no number of minutes, ``no`` no falsehood, and no key comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping, each key once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key '{key.value}' is there twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_KEPT = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:float", "tag:yaml.org,2002:merge"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag in _KEPT]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))


def read_scenario(file: Path) -> Scenario:
    """Read a scenario; courses that it keeps in other files are read in.

    Raises
    ------
    ScenarioError
        If the file or a course cannot be read, or fields are missing, unknown or unfit: all of them, by path.
    """
    return scenario_from(_read(file), file=file)


def scenario_from(given: Any, *, file: Path | None = None) -> Scenario:
    """A scenario from plain values, as YAML and JSON hold them; files of courses are looked for beside ``file``.

    Raises
    ------
    ScenarioError
        As of :func:`read_scenario`.
    """
    faults = Faults(ScenarioError)
    if not isinstance(given, dict):
        faults.add("holds no fields", file=file, remedy="Write 'name:', 'window:' and 'variants:' at least.")
        faults.raise_if_any()
    scenario = validated(Scenario, given, faults, file=file)
    folder = Path() if file is None else file.parent

    def with_courses(part: Any, path: str) -> Any:
        changes = []
        for i, change in enumerate(part.demand.changes):
            place = None if isinstance(change, MassCasualty) else change.place
            if place is not None and isinstance(place.line, str):
                at = f"{path}demand.changes[{i}].place.line"
                line = _course(folder / place.line, at, faults, file)
                if line is not None:
                    place = Place.model_validate(place.model_dump(exclude_unset=True) | {"line": line})
                    change = change.model_copy(update={"place": place})
            changes.append(change)
        if "changes" not in part.demand.model_fields_set:
            return part
        return part.model_copy(update={"demand": part.demand.model_copy(update={"changes": tuple(changes)})})

    scenario = with_courses(scenario, "")
    scenario = scenario.model_copy(
        update={
            name: tuple(with_courses(one, f"{name}[{i}].") for i, one in enumerate(getattr(scenario, name)))
            for name in ("variants", "cases")
        }
    )
    faults.raise_if_any()
    return scenario


def _course(name: Path, path: str, faults: Faults, file: Path | None) -> tuple[tuple[float, float], ...] | None:
    try:
        return read_course(name)
    except InputError as error:
        faults.add(f"'{name.name}' {error.problem}", file=file, row=error.row, field=path, remedy=error.remedy)
    return None


def _read(file: Path) -> Any:
    def refuse(problem: str, remedy: str, row: int | None = None) -> ScenarioError:
        return ScenarioError([InputError(problem, file=file, row=row, remedy=remedy)])

    if file.suffix.lower() not in ENDINGS:
        raise refuse(f"'{file.suffix}' is no ending of a scenario", f"Use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
    try:
        if file.stat().st_size > _LARGEST:
            raise refuse(f"is larger than {_LARGEST / 1e6:g} MB", "Keep courses and calls in files of their own.")
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("cannot be read", "Check the file's name.") from error
    try:
        return json.loads(text) if file.suffix.lower() == ".json" else yaml.load(text, _Loader)
    except json.JSONDecodeError as error:
        raise refuse(f"is not JSON ({error.msg})", "Correct it there.", error.lineno) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise refuse(f"is not YAML ({error.problem})", "Correct it there.", mark.line + 1 if mark else None) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise refuse("is not YAML", "Correct it there.") from error
