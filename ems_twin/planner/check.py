"""Look over what a page has sent: every fault by the path of its field, and what its closures would do."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

from ..city import City
from ..demand import Demand, load_demand, node_weights
from ..errors import InputError
from ..faults import faults_of
from ..routing import Router
from ..scenario.whatif import prepare
from ..scenario.whatif.prepare import Prepared
from .plain import scenario_of
from .preview import preview_of

_KIND = re.compile(r"(changes\[\d+\])\.(?:factor|surge|crowd)(?=\.|$)")


class Checker:
    """Checks scenarios of one city, one at a time: they share its travel times.

    Parameters
    ----------
    city
        The city.
    name
        Name or folder by which scenarios name it.
    """

    def __init__(self, city: City, name: str) -> None:
        self.city, self.name = city, name
        self.demand: Demand = load_demand(city)
        self.router = Router.for_city(city)
        self.weight = node_weights(self.demand)
        self._lock = Lock()

    def look_over(self, given: Any) -> dict[str, Any]:
        """Faults, what the closures do (None without any, or where they have faults), and what will be simulated."""
        with self._lock:
            faults: list[dict[str, Any]] = []
            summary = None
            try:
                prepared = prepare(scenario_of(given, self.name))
                summary = _summary(prepared)
            except InputError as error:
                faults = faults_by_path(error)
            return {"faults": faults, "preview": self._preview(given), "summary": summary}

    def _preview(self, given: Any) -> dict[str, Any] | None:
        roads = given.get("roads") if isinstance(given, dict) else None
        closures = roads.get("closures") if isinstance(roads, dict) else None
        if not isinstance(closures, dict) or not closures.get("closures") or _names_file(closures):
            return None
        try:
            return preview_of(closures, self.city, self.router, self.weight)
        except InputError:  # told among the faults
            return None


def _names_file(closures: dict[str, Any]) -> bool:
    found = closures["closures"]
    return not isinstance(found, list) or any(
        not isinstance(one, dict) or isinstance(one.get("line"), str) for one in found
    )


def faults_by_path(error: InputError) -> list[dict[str, Any]]:
    """Path, problem and remedy of each fault; the path as the page writes it."""
    return [
        {
            "path": None if one.field is None else _KIND.sub(r"\1", one.field),
            "problem": one.problem,
            "remedy": one.remedy,
        }
        for one in faults_of(error)
    ]


def _summary(prepared: Prepared) -> dict[str, Any]:
    return {
        "variants": [
            {
                "name": one.variant,
                "case": one.case,
                "units": one.crews.n_units,
                "extra_units": len(one.crews.homes),
                "extra_calls": one.overlay.expected_calls(prepared.count_from_s, prepared.count_to_s),
            }
            for one in prepared.ready
        ],
        "days": sum(one.replications for one in prepared.ready),
        "searches": len(prepared.placing),
        "rollouts": sum(one.sections.policy.rollout is not None for one in prepared.ready),
        "notes": list(prepared.notes),
    }
