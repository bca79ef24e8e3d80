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
from ..faults import Faults
from ..world import Fleet, FleetPlan, PolicyChoice, Rules, fleet_by_station, fleet_homes, read_fleet

_STATIC = "static:"


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
    """A contender as written on the command line: ``[NAME=]POLICY[@FOLDER][+RULES]``.

    Parameters
    ----------
    text
        The policy is a name or a TOML file; ``@FOLDER`` bases its units as the files of a fleet there do, as ``station
        optimise`` writes them; ``static@FOLDER`` or ``static:FOLDER`` is ``home@FOLDER``. ``+RULES`` is a TOML file of
        rules of its own. It is called ``NAME``, by default as it is written, folders and files by their last part.
    city
        Whose stations the folder names.
    rules
        The contender's own rules if the text names none.

    Raises
    ------
    InputError
        There is no such policy, file or folder, or they make no sense.
    """
    name, _, rest = text.rpartition("=")
    rest, _, law = rest.partition("+")
    if rest.startswith(_STATIC):
        policy, mark, folder = "static", ":", rest.removeprefix(_STATIC)
    else:
        policy, mark, folder = rest.partition("@")
    if mark and not folder:
        raise InputError(f"'{text}' names no folder", field="policies", remedy="Write static:FOLDER or POLICY@FOLDER.")
    chosen = "home" if policy == "static" else policy
    faults = Faults()
    choice = faults.attempt(
        lambda: PolicyChoice.from_toml(Path(chosen)) if chosen.endswith(".toml") else PolicyChoice.named(chosen)
    )
    plan = faults.attempt(lambda: read_fleet(Path(folder), city)) if folder else None
    own = faults.attempt(lambda: Rules.from_toml(Path(law))) if law else rules
    faults.raise_if_any()
    assert choice is not None  # else there was a fault
    by_itself = Path(policy).stem if policy.endswith(".toml") else policy.rpartition(".py:")[2]
    by_itself += (mark + Path(folder).name) + ("+" + Path(law).stem if law else "")
    return Contender(name=name or by_itself, policy=choice, rules=own, plan=plan)
