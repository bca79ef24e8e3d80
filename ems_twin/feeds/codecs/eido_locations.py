"""Locations of an EIDO, to which its other parts refer, directly or through each other, and perhaps in circles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..intake import Intake, at_path, each
from ..moments import Heard
from .pidf import position

Found = tuple[tuple[float, float] | None, float | None]
"""Longitude and latitude in degrees, and the radius in metres; None for what is not known."""
_NOWHERE: Found = (None, None)


class Locations:
    """The location components of one EIDO.

    Parameters
    ----------
    parts
        The components with their paths.
    intake
        Where positions that are none are refused.
    """

    def __init__(self, parts: Iterable[tuple[dict[str, Any], str]], intake: Intake) -> None:
        self._parts = {part["$id"]: (part, where) for part, where in parts if isinstance(part.get("$id"), str)}
        self._intake = intake
        self._read: dict[str, Found] = {}

    def of(self, holder: dict[str, Any], sorts: tuple[str, ...]) -> Found:
        """Position of the first location of the wanted sorts that a part refers to and that has one, else of any."""
        targets = [
            at_path(reference, "$ref") if isinstance(reference, dict) else reference
            for reference, _ in each(holder.get("locationReference"), "")
        ]
        known = [target for target in targets if isinstance(target, str) and target in self._parts]
        sort = {target: self._parts[target][0].get("locationTypeDescriptionRegistryText") for target in known}
        order = sorted(known, key=lambda target: sorts.index(sort[target]) if sort[target] in sorts else len(sorts))
        return next((found for target in order if (found := self.at(target))[0]), _NOWHERE)

    def since(self, target: Any) -> Heard | None:
        """When the location that a reference names was changed, if it says so."""
        part, where = self._parts.get(str(target), ({}, ""))
        return self._intake.moment(part.get("lastUpdateTimeStamp"), f"{where}.lastUpdateTimeStamp")

    def at(self, target: Any) -> Found:
        """Position that a reference leads to; each part on the way is visited once."""
        visited = set()
        while isinstance(target, str) and target in self._parts and target not in visited:
            visited.add(target)
            part, where = self._parts[target]
            if "locationByValue" in part:
                if target not in self._read:
                    self._read[target] = position(part["locationByValue"], f"{where}.locationByValue", self._intake)
                return self._read[target]
            target = part.get("$ref")
        return _NOWHERE
