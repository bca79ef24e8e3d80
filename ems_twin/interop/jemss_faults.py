"""All faults of a JEMSS model in one error, each with its file, row and column.

Whoever prepares a model by hand wants one list to work through, not one complaint a run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..errors import InputError

SHOWN = 20
"""Faults that an error's text lists one by one; of the rest it says how many."""

T = TypeVar("T")


class JemssError(InputError):
    """A JEMSS model cannot be read as it stands.

    Parameters
    ----------
    faults
        At least one. The text of several has a line for each of the first :data:`SHOWN`, then a count.

    Attributes
    ----------
    faults : tuple of InputError
        All of them, with their ``file``, ``row``, ``field`` and ``remedy``.
    """

    def __init__(self, faults: list[InputError]) -> None:
        self.faults = tuple(faults)
        first = faults[0]
        if len(faults) == 1:
            super().__init__(first.problem, file=first.file, row=first.row, field=first.field, remedy=first.remedy)
            return
        lines = [f"the JEMSS model has {len(faults)} faults:", *(f"  {fault}" for fault in faults[:SHOWN])]
        if len(faults) > SHOWN:
            lines.append(f"  and {len(faults) - SHOWN} more.")
        super().__init__("\n".join(lines).removesuffix("."))


class Faults:
    """Collects what is wrong, so that reading can go on to the next row and the next file."""

    def __init__(self) -> None:
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

    def attempt(self, read: Callable[[], T]) -> T | None:
        """Answer what ``read`` answers, or None if it fails; its faults are kept."""
        try:
            return read()
        except JemssError as error:
            self._found.extend(error.faults)
        except InputError as error:
            self._found.append(error)
        return None

    def raise_if_any(self) -> None:
        """Raise a :class:`JemssError` with everything found so far, if there is anything."""
        if self._found:
            raise JemssError(self._found)
