"""Read ``city.toml``: the facts of a bundle that are neither roads nor places."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..errors import CityError

FORMAT = 1
"""Version of the bundle's layout, written to city.toml."""


def check_timezone(name: str, file: Path | None = None) -> None:
    """Refuse a name that no time zone has.

    Raises
    ------
    CityError
        It names none.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CityError(
            f"there is no time zone '{name}'",
            file=file,
            field="timezone",
            remedy="Use an IANA name such as America/New_York.",
        ) from None


class Facts:
    """The table of city.toml, with readers that complain in full."""

    def __init__(self, path: Path, table: dict[str, Any]) -> None:
        self.path, self.table = path, table

    def error(self, field: str, problem: str, remedy: str) -> CityError:
        """Complaint about one field."""
        return CityError(problem, file=self.path, field=field, remedy=f"{remedy}.")

    def text(self, field: str) -> str:
        """A text that must be there."""
        value = self.table.get(field)
        if not isinstance(value, str) or not value:
            raise self.error(field, "is missing or no text" if value is None else f"{value!r} is no text", "Add it")
        return value

    def positive(self, field: str, default: float) -> float:
        """A number above 0."""
        value = self.table.get(field, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise self.error(field, f"{value!r} is not a number above 0", "Correct it")
        return float(value)

    def targets(self) -> tuple[float, ...]:
        """Response-time targets by priority, seconds."""
        values = self.table.get("target_s", [480.0])
        numbers = values if isinstance(values, list) else []
        if not numbers or any(isinstance(v, bool) or not isinstance(v, int | float) or v <= 0 for v in numbers):
            raise self.error("target_s", f"{values!r} is no list of seconds above 0", "Write it like [480.0, 720.0]")
        return tuple(float(v) for v in numbers)

    def timezone(self) -> str:
        """The IANA name of a time zone that exists."""
        name = self.text("timezone")
        check_timezone(name, self.path)
        return name

    def sources(self) -> dict[str, str]:
        """Where things come from, by subject."""
        table = self.table.get("sources", {})
        if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
            raise self.error("sources", "is no table of texts", 'Write lines like roads = "..." under [sources]')
        return dict(table)


def read_facts(path: Path) -> Facts:
    """Read a bundle's city.toml.

    Raises
    ------
    CityError
        It is missing, no TOML, or of another format.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CityError(f"cannot be read ({error})", file=path, remedy="Correct it or build the city again.") from error
    if table.get("format") != FORMAT:
        raise CityError(
            f"this version reads bundles of format {FORMAT}, not {table.get('format')!r}",
            file=path,
            field="format",
            remedy="Build the city again with `ems-twin city build`.",
        )
    return Facts(path, table)
