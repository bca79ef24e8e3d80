"""Settings from a TOML file whose keys are the fields of a dataclass: what is unknown or unfit is named."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..faults import Faults


def read_settings_file(file: Path, what: str) -> dict[str, Any]:
    """Keys and values of a TOML file.

    Parameters
    ----------
    file
        The file.
    what
        What it should hold, for the message: "rules".

    Raises
    ------
    InputError
        If it cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"there is no {what} that can be read", file=file, remedy="Check the file's name.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML ({error})", file=file, remedy="Write one 'key = value' a line.") from error


def given_fields(
    cls: type[Any],
    given: dict[str, Any],
    misfit: Callable[[str, Any, Any], str | None],
    faults: Faults,
    *,
    file: Path | None,
    kind: str,
) -> dict[str, Any]:
    """Those of the given values that fit fields of a dataclass; of the others the faults are noted.

    Parameters
    ----------
    cls
        The dataclass.
    given
        Values by key.
    misfit
        What a value of a key with such a default must be if this one is not, None if it fits.
    faults
        Where to note.
    file
        Where the values come from.
    kind
        What a key is, for messages: "rule".
    """
    known = {field.name: field for field in fields(cls)}
    usable: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Keys are {', '.join(known)}."
            faults.add(f"there is no {kind} '{key}'", file=file, field=key, remedy=hint)
        elif remedy := misfit(key, value, known[key].default):
            faults.add(f"is {value!r}", file=file, field=key, remedy=remedy)
        else:
            usable[key] = value
    return usable
