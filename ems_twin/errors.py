"""Errors that a user can mend: each says where the fault is and what to do about it.

The command line prints an :class:`InputError` as one message and ends with exit code 2; anything else that
escapes is a defect of ours and shows its traceback.
"""

from __future__ import annotations

from pathlib import Path


class InputError(ValueError):
    """Something a user gave us is wrong.

    ``str(error)`` reads ``file, row 3, field 'lat': what is wrong. Remedy.`` with the parts that are known.

    Parameters
    ----------
    problem
        What is wrong, with the offending value, as a phrase without a final stop.
    file, row, field
        Where it is. ``row`` counts data rows from 1, as a spreadsheet without its header would.
    remedy
        What the user can do, as a sentence.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: Path | str | None = None,
        row: int | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else str(file)
        self.row = row
        self.field = field
        self.remedy = remedy
        where = ", ".join(
            part
            for part in (
                self.file,
                None if row is None else f"row {row}",
                None if field is None else f"field '{field}'",
            )
            if part
        )
        text = f"{where}: {problem}" if where else problem
        super().__init__(f"{text}. {remedy}" if remedy else f"{text}.")


class CityError(InputError):
    """A city bundle is missing, malformed or contradicts itself."""


class RoutingError(InputError):
    """A road graph or a set of edge times cannot be routed on."""


class CallsError(InputError):
    """A file of calls cannot be replayed."""
