"""Changes of a day's demand, placed on a city: their mean, and what chance makes of them in a replication.

The ordinary calls are drawn first and know nothing of changes. Each change has streams of luck of its own, told apart by
its kind and id: a change that is added, moved or taken out leaves all other calls as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ...city import City
from ...city.projection import project
from ...demand import CALL_DRAW, Demand, draw_stays
from ...demand.arrivals import arrivals_in
from ...demand.generate import with_luck
from ...demand.streams import Stream, generator, uniforms
from .changes import Change, Crowd, Factor, MassCasualty, Surge
from .intensity import Intensity
from .spec import FirstAid
from .times import Clock

_CENTRAL_90 = 1.6448536269514722
PRESETS = {"marathon": ((19.0, 40.0), (0.4, 1.3)), "mass-gathering": ((0.3, 3.0), (0.01, 0.08))}
"""Presentations and transports a thousand people, central 90 %; :class:`~.changes.Crowd` says where they come from."""
_HEAT = 0.019  # of the logarithm of presentations a degree of the heat index


@dataclass(frozen=True, eq=False, kw_only=True)
class Placed:
    """A change on the streets of a city."""

    change: Change
    mean: Intensity
    """Its extra calls; of a crowd its people."""
    inside: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Nodes of a factor below 1: ordinary calls there may be taken away."""
    from_s: float = 0.0
    to_s: float = np.inf

    @property
    def part(self) -> int:
        """Number of its streams of luck."""
        return crc32(f"{self.change.kind}:{self.change.id}".encode())


@dataclass(frozen=True, eq=False, kw_only=True)
class Overlay:
    """All changes of a day."""

    city: City
    demand: Demand
    clock: Clock
    placed: tuple[Placed, ...]
    first_aid: tuple[FirstAid, ...] = ()
    skill_names: tuple[str, ...] = ("transport",)

    def over(self, ordinary: NDArray[np.void], *, seed: int, replication: int) -> NDArray[np.void]:
        """The ordinary calls with all changes, :data:`~ems_twin.demand.CALL_DRAW` in order of time."""
        keep = np.ones(len(ordinary), bool)
        extra = [np.zeros(0, CALL_DRAW)]
        for one in self.placed:
            if isinstance(one.change, Factor) and one.change.factor < 1:
                u = uniforms(seed, replication, Stream.KEPT, len(ordinary), one.part)
                there = np.isin(ordinary["node"], one.inside)
                then = (ordinary["t_received"] >= one.from_s) & (ordinary["t_received"] < one.to_s)
                keep &= ~(there & then) | (u < one.change.factor)
            else:
                extra.append(self._drawn(one, seed, replication))
        calls = np.concatenate([ordinary[keep], *extra])
        calls = calls[(calls["t_received"] >= 0) & (calls["t_received"] < self.clock.duration_s)]
        return calls[np.argsort(calls["t_received"], kind="stable")]

    def mean(self) -> list[Intensity]:
        """Extra calls that are to be expected, by change; below 0 where calls are taken away."""
        return [one.mean.scaled(self._calls_each(one.change)) for one in self.placed if one.mean.total]

    def expected_calls(self, from_s: float, to_s: float) -> float:
        """Extra calls that are to be expected in a stretch of the run."""
        total = 0.0
        for one in self.mean():
            low, high = np.maximum(one.edges_s[:-1], from_s), np.minimum(one.edges_s[1:], to_s)
            total += float(one.calls @ (np.maximum(high - low, 0.0) / np.diff(one.edges_s)))
        return total

    def _calls_each(self, change: Change) -> float:
        """Calls that are to be expected of each unit of a change's mean: of a person, for a crowd."""
        if not isinstance(change, Crowd):
            return 1.0
        presented, carried = self._rates(change, None)
        treated = max((aid.treats_share for aid in self.first_aid if self._reaches(aid, change)), default=0.0)
        return float(carried + (presented - carried) * (1 - treated) * change.call_share)

    def _reaches(self, aid: FirstAid, change: Crowd) -> bool:
        """Whether most of a crowd's place is within a first-aid station's reach."""
        mean = next(one.mean for one in self.placed if one.change is change)
        roads = self.city.roads
        x, y = project(roads, aid.lon, aid.lat)
        near = np.hypot(roads.x[mean.node] - x, roads.y[mean.node] - y) <= aid.radius_m
        return float(mean.weight[0][near].sum()) > 0.5

    def _rates(self, change: Crowd, u: NDArray[np.float64] | None) -> tuple[float, float]:
        """Patients and transports a person; without luck the means of their laws."""
        found = []
        ranges = (change.presentations_per_1000, change.transports_per_1000)
        for i, (given, preset) in enumerate(zip(ranges, PRESETS[change.event], strict=True)):
            low, high = given or preset
            mean, spread = 0.5 * (np.log(low) + np.log(high)), (np.log(high) - np.log(low)) / (2 * _CENTRAL_90)
            found.append(float(np.exp(mean + (spread**2 / 2 if u is None else spread * ndtri(u[i])))) / 1000)
        presented = found[0] * float(np.exp(_HEAT * change.heat_index_rise))
        return presented, min(found[1], presented)

    def _drawn(self, one: Placed, seed: int, replication: int) -> NDArray[np.void]:
        """The calls that a change brings in a replication."""
        change, mean = one.change, one.mean
        luck = uniforms(seed, replication, Stream.LEVEL, 2, one.part)
        carried_share = 0.0
        factor = 1.0
        if isinstance(change, Surge) and change.doubt:
            factor = float(np.exp(change.doubt * ndtri(luck[0]) - change.doubt**2 / 2))
        elif isinstance(change, Crowd):
            factor, carried = self._rates(change, luck)
            carried_share = carried / factor if factor else 0.0
        arrivals = generator(seed, replication, Stream.ARRIVAL, one.part)
        if isinstance(change, MassCasualty):
            t = np.sort(mean.edges_s[0] + arrivals.random(change.patients) * (mean.edges_s[-1] - mean.edges_s[0]))
        else:
            t = arrivals_in(mean.edges_s, mean.calls * factor, arrivals)
        n = len(t)

        def u(stream: Stream) -> NDArray[np.float64]:
            return uniforms(seed, replication, stream, n, one.part)

        node = _pick(mean, t, u(Stream.NODE))
        laws = self._laws(change)
        hospital = u(Stream.KEPT) < carried_share if isinstance(change, Crowd) else np.zeros(n, bool)

        def luck_of(stream: Stream) -> NDArray[np.float64]:
            if stream == Stream.TRANSPORT and isinstance(change, Crowd):  # decided above: a share of one half
                return np.where(hospital, 0.25, 0.75)
            return u(stream)

        calls = with_luck(t, node, laws, self.city, luck_of, self.skill_names)
        if self.demand.emergency_rooms is not None:
            calls = draw_stays(self.demand, calls, seed=seed, replication=replication, part=(one.part,))
        if isinstance(change, Crowd):
            own = uniforms(seed, replication, Stream.LEVEL, n, one.part, 1)
            calls = calls[hospital | self._calls_anyway(change, t, node, own)]
        return calls

    def _calls_anyway(
        self, change: Crowd, t: NDArray[np.float64], node: NDArray[np.int32], u: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Whether an ambulance is called for each of a crowd's patients who needs no hospital."""
        roads = self.city.roads
        untreated = np.ones(len(t))
        for aid in self.first_aid:
            x, y = project(roads, aid.lon, aid.lat)
            opens_s, closes_s = self.clock.stretch(aid.start, aid.end)
            there = np.hypot(roads.x[node] - x, roads.y[node] - y) <= aid.radius_m
            there &= (t >= opens_s) & (t < closes_s)
            untreated = np.where(there, np.minimum(untreated, 1 - aid.treats_share), untreated)
        called: NDArray[np.bool_] = u < untreated * change.call_share
        return called

    def _laws(self, change: Change) -> Demand:
        """The demand with the shares of a change."""
        priority = getattr(change, "priority_share", None)
        transport = getattr(change, "transport_share", None)
        laws = self.demand
        if priority is not None:
            laws = replace(laws, priority_share=np.array(priority))
        if isinstance(change, Crowd):
            transport = (0.5, 0.5, 0.5)
        return laws if transport is None else replace(laws, transport_share=np.array(transport))


def _pick(mean: Intensity, t: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.int32]:
    """Node of each call, by its bin's shares."""
    if not len(t):
        return np.zeros(0, np.int32)
    rows = np.zeros(len(t), np.int64)
    if len(mean.weight) > 1:
        rows = np.clip(np.searchsorted(mean.edges_s, t, side="right") - 1, 0, len(mean.weight) - 1)
    cumulative = np.cumsum(mean.weight, axis=1)
    cumulative /= cumulative[:, -1:]
    place = np.empty(len(t), np.int64)
    for row in np.unique(rows):
        mine = rows == row
        place[mine] = np.searchsorted(cumulative[row], u[mine], side="right")
    return mean.node[np.minimum(place, len(mean.node) - 1)].astype(np.int32)
