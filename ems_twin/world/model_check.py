"""Everything that a run needs, read and checked together: all faults at once."""

from __future__ import annotations

from pathlib import Path

from ..city import City, find_city, load_city
from ..demand import load_demand
from ..faults import Faults
from .fleet_files import own_fleet, read_fleet
from .fleet_plan import FleetPlan
from .rules import Rules


def check_model(
    city: str | Path, *, fleet: Path | None = None, rules: Path | None = None
) -> tuple[City, FleetPlan | None]:
    """Read a city, its demand, a fleet and rules.

    Parameters
    ----------
    city
        Name or folder of the city's bundle.
    fleet
        Folder of the fleet's files; by default the bundle, if it has any.
    rules
        TOML file of rules, if there is one.

    Returns
    -------
    City
    FleetPlan or None
        None where no files describe a fleet: then stations.csv says how many units are where.

    Raises
    ------
    ModelError
        With all faults of all files, each with file, row, field and remedy. Of a city that cannot be read, the files of
        the fleet are checked for what does not need it.
    """
    faults = Faults()
    place = faults.attempt(lambda: load_city(city))
    if place is not None:
        faults.attempt(lambda: load_demand(place))
    folder = fleet or own_fleet(Faults().attempt(lambda: find_city(city)))  # that there is none has been noted
    plan = None if folder is None else faults.attempt(lambda: read_fleet(folder, place))
    if rules is not None:
        faults.attempt(lambda: Rules.from_toml(rules))
    faults.raise_if_any()
    assert place is not None  # else it had left a fault
    return place, plan
