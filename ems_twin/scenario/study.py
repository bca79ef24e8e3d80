"""What a study of where units should be based has found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.posts import POST_SOURCE
from ..demand import DemandPoints
from ..policies.mexclp import expected_cover
from ..policies.p_median import expected_drive_s, mean_drive_s
from ..policies.siting import BusyHours, Placement, SitingProblem
from ..simulation.statistics import Paired
from .cover_bound import CoverBound
from .local_search import Search


@dataclass(frozen=True, eq=False, kw_only=True)
class StationingStudy:
    """What a model proposed, and what the simulation says of it."""

    city: City
    """With as many units as were asked for, where they are now, and the posts that were offered after its stations."""
    points: DemandPoints
    problem: SitingProblem
    """What the models saw: the stations as sites, and the demand points once for each priority, whose calls are driven to
    at its speeds."""
    model: str
    hours: str
    """Block of hours that counted: a key of :data:`~ems_twin.simulation.busy.HOUR_BLOCKS`."""
    target_s: float | None
    """Target that all calls were held to, seconds; None: the city's own by priority."""
    cover_s: tuple[float, ...]
    """Drive that the models hold to be in time, by priority: target less median call taking and turnout, seconds."""
    busy: BusyHours
    """Busy shares of the hours of the week that count, weighed by their calls, simulated as units stand now."""
    now: Placement
    """The city's own placement of as many units; objective and bound are its expected cover."""
    proposed: Placement
    """The model's answer."""
    search: Search | None
    """How local search came there."""
    mean_s: Paired
    """Simulated mean response, proposed against now, on replications that nothing was chosen by."""
    late_share: Paired
    """Simulated share of calls beyond their target, likewise."""
    bound: CoverBound | None
    """How much redeployment could do at most; None if the rules do not allow a bound."""
    seed: int

    @property
    def busy_share(self) -> float:
        """Share of the units that a call finds busy as they stand now."""
        return float(np.average(self.busy.share, weights=self.busy.weight))

    @property
    def city_as_proposed(self) -> City:
        """The city with the units where they are proposed, without the posts that get none."""
        city = with_units(self.city, self.proposed.units)
        return replace(city, stations=tuple(s for s in city.stations if s.units or s.source != POST_SOURCE))

    def cover(self, placement: Placement) -> float:
        """Share of the demand that a placement is expected to cover, 0 to 1."""
        limit_s = np.repeat(self.cover_s, len(self.points.node))
        return expected_cover(self.problem, placement, cover_s=limit_s, busy_share=self.busy)

    def drive_s(self, placement: Placement) -> float:
        """Expected drive to a call, seconds."""
        return mean_drive_s(self.problem, placement, busy_share=self.busy)

    def urgent_drive_s(self, placement: Placement) -> NDArray[np.float64]:
        """Expected drive to each demand point for a call of priority 1, seconds, shape (points,)."""
        return expected_drive_s(self.problem, placement, busy_share=self.busy)[: len(self.points.node)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "city": self.city.name,
            "content_hash": self.city.content_hash,
            "seed": self.seed,
            "model": self.model,
            "hours": self.hours,
            "target_s": list(self.city.target_s) if self.target_s is None else self.target_s,
            "cover_s": list(self.cover_s),
            "busy_share": self.busy_share,
            "demand_points": len(self.points.node),
            "sites": [
                {"id": site.id, "name": site.name, "kind": site.kind, "now": int(a), "proposed": int(b)}
                for site, a, b in zip(self.city.stations, self.now.units, self.proposed.units, strict=True)
            ],
            "placement": self.proposed.to_dict(),
            "expected_cover": {"now": self.cover(self.now), "proposed": self.cover(self.proposed)},
            "expected_drive_s": {"now": self.drive_s(self.now), "proposed": self.drive_s(self.proposed)},
            "simulated": {"mean_response_s": self.mean_s.to_dict(), "late_share": self.late_share.to_dict()},
            "search": None if self.search is None else self.search.to_dict(),
            "cover_bound": None if self.bound is None else self.bound.to_dict() | {"gap": self.bound_gap},
        }

    @property
    def bound_gap(self) -> float | None:
        """(bound - proposed) / (bound - now) of the simulated shares in time; None without a bound or a way to it."""
        if self.bound is None:
            return None
        gap = self.bound.gap(1 - self.late_share.other.mean, 1 - self.late_share.baseline.mean)
        return gap if np.isfinite(gap) else None


def with_units(city: City, units: NDArray[np.int64]) -> City:
    """The city with so many units at each station, shape (stations,)."""
    stations = (replace(station, units=int(n)) for station, n in zip(city.stations, units, strict=True))
    return replace(city, stations=tuple(stations))
