"""What a comparison sets against each other: a policy, the rules, and where units are based."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from ..world import Fleet, FleetPlan, PolicyChoice, Rules, fleet_by_station, fleet_homes, read_fleet


@dataclass(frozen=True, eq=False, kw_only=True)
class Contender:
    """One way to run the service."""

    name: str
    """Shown to people."""
    policy: PolicyChoice = field(default_factory=PolicyChoice)
    """Where units stand that wait."""
    rules: Rules | None = None
    """Its own rules; None: those of the comparison."""
    placement: NDArray[np.int64] | None = None
    """Units based at each station, shape (stations,), all of one kind and always on duty; None: as the city has them, in
    its shares."""
    plan: FleetPlan | None = None
    """A fleet with all its facts, such as shifts, in place of the other two."""

    def fleet(self, city: City, units: int, *, start: datetime, duration_s: float) -> Fleet:
        """The fleet of a run.

        Raises
        ------
        InputError
            The placement is for other stations or another number of units.
        """
        if self.plan is not None:
            return self.plan.fleet(start, duration_s)
        if self.placement is None:
            return fleet_by_station(np.bincount(fleet_homes(city, units), minlength=len(city.stations)))
        given = np.asarray(self.placement)
        if given.shape != (len(city.stations),) or (given < 0).any() or given.sum() != units:
            raise InputError(
                f"bases {int(given.sum())} units at {len(given)} stations; the fleet has {units}, the city "
                f"{len(city.stations)} stations",
                field=self.name,
                remedy="Give each station a number of units, and as many as are compared in all.",
            )
        return fleet_by_station(given)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is None is as the comparison has it."""
        return {
            "name": self.name,
            "policy": asdict(self.policy),
            "rules": None if self.rules is None else asdict(self.rules),
            "placement": None if self.placement is None else np.asarray(self.placement).tolist(),
            "fleet": None if self.plan is None else self.plan.to_dict(),
        }


def contender_of(text: str, city: City, *, rules: Rules | None = None) -> Contender:
    """A contender as written on the command line: ``POLICY``, or ``POLICY@FOLDER`` with the units of a fleet folder.

    Parameters
    ----------
    text
        The policy is a name or a TOML file; ``static@FOLDER`` is ``home@FOLDER``.
    city
        Whose stations the folder names.
    rules
        The contender's own rules.

    Raises
    ------
    InputError
        There is no such policy, file or folder, or they make no sense.
    """
    policy, _, folder = text.partition("@")
    chosen = "home" if policy == "static" else policy
    choice = PolicyChoice.from_toml(Path(chosen)) if chosen.endswith(".toml") else PolicyChoice.named(chosen)
    plan = read_fleet(Path(folder), city) if folder else None
    name = Path(policy).stem if policy.endswith(".toml") else policy
    return Contender(name=f"{name}@{Path(folder).name}" if folder else name, policy=choice, rules=rules, plan=plan)
