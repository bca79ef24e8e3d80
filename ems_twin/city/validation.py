"""Pydantic's complaints in our words: each with the path of its field and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..faults import Faults

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], given: Any, faults: Faults, *, file: Path | None = None, within: str = "") -> Model:
    """What is given as a model; ``within`` is the path of what is given in the file.

    Raises
    ------
    ModelError
        What ``faults`` was made with: fields are missing, unknown or unfit; all of them, by path.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for path, fault in _plainest(error, given):
            problem, remedy = _words(fault)
            faults.add(problem, file=file, field=f"{within}.{path}".strip(".") or None, remedy=remedy)
    faults.raise_if_any()
    raise AssertionError  # a model that does not validate has left a fault


def _plainest(error: ValidationError, given: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Faults by path, without those that only follow from others.

    A list of bad closures is called empty, too, and a field of two kinds is told that it is not the other kind.
    """
    found: list[tuple[str, Mapping[str, Any]]] = [(_path_of(fault["loc"], given), fault) for fault in error.errors()]
    plain = [
        (path, fault)
        for path, fault in found
        if not (
            fault["type"] in ("too_short", "string_type")
            and any(other.startswith(path) and fault is not that for other, that in found)
        )
    ]
    return plain or found[:1]


def _path_of(loc: tuple[int | str, ...], given: Any) -> str:
    """Path of a field as people write it: ``closures[0].crossings[1].delay_s``.

    Pydantic names the kind of a thing that may be of several on the way to its fields; the file has no such step.
    """
    path, at = "", given
    for i, part in enumerate(loc):
        if isinstance(part, int):
            path += f"[{part}]"
        elif isinstance(at, Mapping) and part not in at and part in at.values() and i < len(loc) - 1:
            continue
        elif part.isidentifier() and part != "str":  # else one of the kinds that a field may be of
            path += f".{part}" if path else part
        try:
            at = at[part]
        except (KeyError, IndexError, TypeError):
            at = None
    return path


def _words(fault: Mapping[str, Any]) -> tuple[str, str]:
    """Problem and remedy of one of pydantic's complaints."""
    kind, given = fault["type"], fault.get("input")
    if kind == "value_error":
        return str(fault["ctx"]["error"]).rstrip("."), "Mend it."
    if kind == "extra_forbidden":
        return "there is no such field", "Check its spelling, or leave it out."
    if kind == "missing":
        return "is missing", "Add it."
    shown = repr(given) if isinstance(given, str | int | float | bool) or given is None else f"a {type(given).__name__}"
    return f"is {shown}", f"{str(fault['msg']).rstrip('.')}."
