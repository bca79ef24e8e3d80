"""Read the entries of a TOML file, noting every fault before complaining."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import CityError, InputError
from .delay import Delay

LAW_KEYS = ("median_s", "sigma", "longest_s")
"""Numbers of a :class:`~ems_twin.demand.Delay`."""

_PUT_BACK = "Put the file back, or remove the demand folder to go on with default rates."


class Entries:
    """A TOML file whose entries are asked for one by one.

    An entry that is wrong is noted and answered by a stand-in, so that :meth:`raise_any` can name all of them.

    Raises
    ------
    CityError
        The file cannot be read or is no TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._faults: list[CityError] = []
        try:
            self.top: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise CityError(f"cannot be read ({error.strerror})", file=path, remedy=_PUT_BACK) from None
        except UnicodeDecodeError:
            raise CityError("is not UTF-8 text", file=path, remedy="Save it in UTF-8.") from None
        except tomllib.TOMLDecodeError as error:
            raise CityError(f"is not valid TOML: {error}", file=path, remedy="Mend the line.") from None

    def fault(self, field: str, problem: str, remedy: str | None) -> None:
        """Note a fault."""
        self._faults.append(CityError(problem, file=self.path, field=field, remedy=remedy))

    @property
    def n_faults(self) -> int:
        """Faults noted so far."""
        return len(self._faults)

    def raise_any(self) -> None:
        """Raise one :class:`CityError` for all faults, if there are any."""
        if len(self._faults) == 1:
            raise self._faults[0]
        if self._faults:
            each = [f"field '{fault.field}': {fault.problem}. {fault.remedy or ''}".rstrip() for fault in self._faults]
            raise CityError("\n  ".join([f"{len(each)} faults", *each]).rstrip("."), file=self.path)

    def known(self, table: dict[str, Any], names: Iterable[str], prefix: str = "") -> None:
        """Note every key of a table that is not one of ``names``."""
        for key in table:
            if key not in names:
                self.fault(f"{prefix}{key}", "is not a known entry", f"Known are {', '.join(sorted(names))}.")

    def table(self, table: dict[str, Any], key: str, prefix: str = "") -> dict[str, Any]:
        """Table under a key; empty when there is none."""
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault(f"{prefix}{key}", "is not a table", f"Write {key} = {{ ... }}, or [{prefix}{key}] on its own line.")
        return {}

    def number(self, table: dict[str, Any], key: str, prefix: str = "", most: float = math.inf) -> float:
        """Number from 0 to ``most`` that must be there."""
        value = table.get(key)
        if value is None:
            self.fault(f"{prefix}{key}", "is missing", "Add it.")
        elif (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or value == math.inf
        ):
            upper = "" if most == math.inf else f" and at most {most:g}"
            self.fault(f"{prefix}{key}", f"{value!r} is not a number of at least 0{upper}", "Give a number.")
        else:
            return float(value)
        return 0.0

    def law(self, table: dict[str, Any], key: str, prefix: str = "", others: tuple[str, ...] = ()) -> Delay:
        """Law of a time that must be there; its table may also have the keys ``others``."""
        entry = table.get(key)
        if not isinstance(entry, dict):
            self.fault(
                f"{prefix}{key}",
                "is missing" if entry is None else "is not a table",
                f"Write {key} = {{ {', '.join(f'{name} = ...' for name in (*others, *LAW_KEYS))} }}.",
            )
            return _AT_ONCE
        inner = f"{prefix}{key}."
        self.known(entry, (*others, *LAW_KEYS), inner)
        n_faults = self.n_faults
        numbers = {name: self.number(entry, name, inner) for name in LAW_KEYS}
        if self.n_faults == n_faults:
            try:
                return Delay(**numbers)
            except InputError as error:
                self.fault(f"{inner}{error.field}", error.problem, error.remedy)
        return _AT_ONCE


_AT_ONCE = Delay(median_s=0, sigma=0, longest_s=0)
