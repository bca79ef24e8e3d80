"""All faults of a model in one error, each with its file, row and field.

Whoever prepares a model by hand wants one list to work through, not one complaint a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from .errors import InputError

SHOWN = 20
"""Faults that an error's text lists one by one if nothing else is said; of the rest it says how many."""

T = TypeVar("T")


class ModelError(InputError):
    """What a user prepared cannot be read as it stands.

    Parameters
    ----------
    faults
        At least one. The text of several has a line for each of the first ``shown``, then a count.
    shown
        How many the text lists.

    Attributes
    ----------
    faults : tuple of InputError
        All of them, with their ``file``, ``row``, ``field`` and ``remedy``.
    """

    subject = "the model"
    """What has the faults, for the first line of the text."""

    def __init__(self, faults: Sequence[InputError], *, shown: int = SHOWN) -> None:
        self.faults = tuple(faults)
        first = faults[0]
        if len(faults) == 1:
            super().__init__(first.problem, file=first.file, row=first.row, field=first.field, remedy=first.remedy)
            return
        lines = [f"{self.subject} has {len(faults)} faults:", *(f"  {fault}" for fault in faults[:shown])]
        if len(faults) > shown:
            lines.append(f"  and {len(faults) - shown} more.")
        super().__init__("\n".join(lines).removesuffix("."))


class Faults:
    """Collects what is wrong, so that reading can go on to the next row and the next file.

    Parameters
    ----------
    error
        What :meth:`raise_if_any` raises.
    """

    def __init__(self, error: type[ModelError] = ModelError) -> None:
        self._error = error
        self._found: list[InputError] = []

    @property
    def found(self) -> tuple[InputError, ...]:
        """Everything found so far."""
        return tuple(self._found)

    def add(
        self,
        problem: str,
        *,
        file: Path | str | None = None,
        row: int | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """Note one fault; the arguments are those of :class:`~ems_twin.errors.InputError`."""
        self._found.append(InputError(problem, file=file, row=row, field=field, remedy=remedy))

    def attempt(self, read: Callable[[], T], *, file: Path | str | None = None) -> T | None:
        """Answer what ``read`` answers, or None if it fails; its faults are kept.

        ``file`` is where those faults are that do not name one.
        """
        try:
            return read()
        except InputError as error:
            for fault in faults_of(error):
                if fault.file is None and file is not None:
                    self.add(fault.problem, file=file, row=fault.row, field=fault.field, remedy=fault.remedy)
                else:
                    self._found.append(fault)
        return None

    def raise_if_any(self) -> None:
        """Raise one error with everything found so far, if there is anything."""
        if self._found:
            raise self._error(self._found)


def faults_of(error: InputError) -> tuple[InputError, ...]:
    """The single faults of an error: those it lists, else itself."""
    return error.faults if isinstance(error, ModelError) else (error,)


def fault_rows(error: InputError) -> list[dict[str, Any]]:
    """The single faults of an error as JSON takes them: ``file``, ``row``, ``field``, ``problem`` and ``remedy``."""
    names = ("file", "row", "field", "problem", "remedy")
    return [{name: getattr(fault, name) for name in names} for fault in faults_of(error)]
