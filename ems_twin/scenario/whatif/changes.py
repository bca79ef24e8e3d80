"""What may change a day's demand: a factor, a surge at a place, a crowd, a mass-casualty incident.

One model a kind of change. A change only ever adds calls or takes some away; the ordinary calls of the day, with their
luck, are the same with it and without.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...city.closures.spec import Lat, Lon, Point


class Strict(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)


class Place(Strict):
    """Where a change happens: a point, an area or a line. Exactly one of the three; none means the whole city."""

    lon: Lon | None = None
    """Longitude of a point, degrees."""
    lat: Lat | None = None
    """Latitude of a point, degrees."""
    area: tuple[Point, ...] | None = Field(default=None, min_length=3)
    """Corners of an area, longitude and latitude."""
    line: tuple[Point, ...] | str | None = None
    """A course: points of longitude and latitude, or a GPX or GeoJSON file beside the scenario."""
    from_km: float = Field(default=0.0, ge=0)
    """Where on the line it begins, kilometres from the first point."""
    to_km: float | None = Field(default=None, gt=0)
    """Where on the line it ends. Default: at its end."""
    radius_m: float = Field(default=250.0, gt=0, le=5000)
    """How far from the point or the line calls come, metres."""
    km_weights: tuple[tuple[float, float], ...] = ()
    """Weight by kilometre of the line, as pairs (km, weight) joined by straight lines. Default: the same everywhere."""

    @model_validator(mode="after")
    def _is_one_place(self) -> Place:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("needs both lon and lat")
        if sum(given is not None for given in (self.lon, self.area, self.line)) > 1:
            raise ValueError("is several of a point, an area and a line; give one of them")
        if isinstance(self.line, tuple) and len(self.line) < 2:
            raise ValueError("has a line of fewer than two points")
        if self.line is None and (self.km_weights or self.from_km or self.to_km is not None):
            raise ValueError("has kilometres but no line that they could refer to")
        if self.to_km is not None and self.to_km <= self.from_km:
            raise ValueError(f"ends at km {self.to_km:g}, before it begins at km {self.from_km:g}")
        check_curve(self.km_weights, "km_weights", "kilometre")
        return self

    @property
    def is_whole_city(self) -> bool:
        """Whether no place was named."""
        return self.lon is None and self.area is None and self.line is None


def check_curve(points: tuple[tuple[float, float], ...], name: str, what: str) -> None:
    """Raise a ValueError unless pairs of position and weight rise in position and weigh something."""
    if not points:
        return
    if len(points) < 2 or any(b[0] <= a[0] for a, b in pairwise(points)):
        raise ValueError(f"{name} must be two pairs or more, each at a later {what} than the one before")
    if any(weight < 0 for _, weight in points) or not any(weight > 0 for _, weight in points):
        raise ValueError(f"{name} must have weights of 0 or more, one of them above 0")


class Runners(Strict):
    """When runners pass: waves that start one after the other, and paces that are lognormal.

    The weight of a kilometre at a time is how many of them are there. It needs a line.
    """

    start: datetime
    """Start of the first wave at the first point of the line, on the city's clock."""
    waves: int = Field(default=1, ge=1, le=50)
    """How many waves start."""
    wave_gap_min: float = Field(default=20.0, ge=0, le=240)
    """Minutes between two waves."""
    pace_min_per_km: float = Field(default=6.4, gt=1, le=30)
    """Median pace, minutes a kilometre (a marathon in 4:30)."""
    pace_spread: float = Field(default=0.18, gt=0, le=1)
    """Standard deviation of the logarithm of the pace."""
    before_km: float = Field(default=0.0, ge=0, le=100)
    """Kilometres that they ran before the first point of the line."""


class _Change(Strict):
    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9 _.\-]+$")
    """Name of the change, once a scenario. Its luck goes by it: two changes of one name and kind bring the same patients."""
    description: str = ""
    """For people."""
    start: datetime | None = None
    """When it begins, on the city's clock unless it has an offset. Default: with the window."""
    end: datetime | None = None
    """When it ends. Default: with the window."""


class Factor(_Change):
    """The calls of a place, or of the whole city, times a factor."""

    kind: Literal["factor"]
    factor: float = Field(ge=0.1, le=10)
    """Factor on the number of calls: 1.4 is 40 % more."""
    place: Place = Place()
    """Where. Default: the whole city."""


class Surge(_Change):
    """Extra calls at a place, of the kinds that the city always has."""

    kind: Literal["surge"]
    place: Place = Place()
    """Where. Default: the whole city, as its calls usually lie."""
    city_share: float | None = Field(default=None, gt=0, le=5)
    """How many: as a share of all the city's ordinary calls while it lasts; 0.4 raises them by 40 %."""
    calls: float | None = Field(default=None, gt=0, le=100_000)
    """How many, instead: the mean number over all."""
    doubt: float = Field(default=0.0, ge=0, le=2)
    """Standard deviation of the logarithm of that number: each replication draws its own. 0: Poisson only."""
    profile: tuple[tuple[float, float], ...] | Literal["usual", "even"] = "usual"
    """When: ``usual`` as the city's calls by the hour, ``even``, or pairs (hours since the begin, weight) joined by
    straight lines."""
    runners: Runners | None = None
    """When and where on a line, instead of a profile: as runners pass."""
    priority_share: tuple[float, float, float] | None = None
    """Shares of priorities 1, 2 and 3. Default: the city's."""
    transport_share: tuple[float, float, float] | None = None
    """Shares that go to hospital, by priority. Default: the city's."""

    @model_validator(mode="after")
    def _agrees(self) -> Surge:
        if (self.city_share is None) == (self.calls is None):
            raise ValueError("needs city_share or calls, and not both")
        _check_times(self.profile, self.runners, self.place)
        check_shares(self.priority_share, self.transport_share)
        return self


class Crowd(_Change):
    """People at an event, of whom some fall ill or are hurt.

    Patients are people x presentations / 1000. Those who must go to hospital (people x transports / 1000) need an
    ambulance; of the others first aid at the place treats some (``resources.first_aid``), and for some of the rest
    somebody calls an ambulance. Both rates are drawn anew in each replication, lognormal with the given range as its
    central 90 %.
    """

    kind: Literal["crowd"]
    place: Place
    """Where."""
    people: int = Field(ge=1, le=20_000_000)
    """How many there are."""
    event: Literal["marathon", "mass-gathering"] = "mass-gathering"
    """Preset of the two rates. ``marathon``: 19 to 40 presentations (Twin Cities 1982-94, Chicago 2018) and 0.4 to 1.3
    transports (Twin Cities, London 2010-17) a thousand runners. ``mass-gathering``: 0.3 to 3 and 0.01 to 0.08 a
    thousand people around Arbon et al. 2001's 0.99 and 0.027, which was found wide of the mark for single events."""
    presentations_per_1000: tuple[float, float] | None = None
    """Range of the patients a thousand people, instead of the preset's."""
    transports_per_1000: tuple[float, float] | None = None
    """Range of those who go to hospital a thousand people, instead of the preset's."""
    heat_index_rise: float = Field(default=0.0, ge=-30, le=40)
    """Heat index above that of an ordinary event, degrees Fahrenheit: presentations x exp(0.019 x this), from a relative
    risk of 1.21 for 10 degrees at another kind of event."""
    call_share: float = Field(default=0.3, ge=0, le=1)
    """Share of the patients, beside those for hospital, for whom an ambulance is called where no first aid treats them
    (assumed)."""
    profile: tuple[tuple[float, float], ...] | Literal["even"] = "even"
    """When: ``even``, or pairs (hours since the begin, weight) joined by straight lines."""
    runners: Runners | None = None
    """When and where on a line, instead of a profile: as runners pass."""
    priority_share: tuple[float, float, float] | None = None
    """Shares of priorities 1, 2 and 3. Default: the city's."""

    @model_validator(mode="after")
    def _agrees(self) -> Crowd:
        if self.place.is_whole_city:
            raise ValueError("needs a place")
        for name in ("presentations_per_1000", "transports_per_1000"):
            given = getattr(self, name)
            if given is not None and not 0 < given[0] <= given[1] <= 1000:
                raise ValueError(f"{name} must be a range (low, high) above 0, at most 1000")
        _check_times(self.profile, self.runners, self.place)
        check_shares(self.priority_share, None)
        return self


class MassCasualty(_Change):
    """Many patients at once at one place."""

    kind: Literal["mass-casualty"]
    lon: Lon
    """Longitude, degrees."""
    lat: Lat
    """Latitude, degrees."""
    at: datetime
    """When the first of them is reported, on the city's clock."""
    patients: int = Field(ge=1, le=5000)
    """How many there are."""
    within_min: float = Field(default=20.0, gt=0, le=600)
    """Minutes in which they are all reported."""
    radius_m: float = Field(default=150.0, gt=0, le=2000)
    """How far around the place they lie, metres."""
    priority_share: tuple[float, float, float] = (0.25, 0.30, 0.45)
    """Shares of priorities 1, 2 and 3 (assumed: immediate, urgent, delayed)."""
    transport_share: tuple[float, float, float] = (1.0, 0.95, 0.5)
    """Shares that go to hospital, by priority (assumed)."""

    @model_validator(mode="after")
    def _agrees(self) -> MassCasualty:
        if self.start is not None or self.end is not None:
            raise ValueError("has a start or an end; give 'at' and 'within_min'")
        check_shares(self.priority_share, self.transport_share)
        return self


Change = Annotated[Factor | Surge | Crowd | MassCasualty, Field(discriminator="kind")]
"""A change of the demand, told apart by ``kind``."""


def check_shares(priority: tuple[float, float, float] | None, transport: tuple[float, float, float] | None) -> None:
    """Raise a ValueError unless the first sum to 1 and the second lie between 0 and 1."""
    if priority is not None and (min(priority) < 0 or abs(sum(priority) - 1) > 1e-6):
        raise ValueError(f"priority_share sums to {sum(priority):g}, not to 1")
    if transport is not None and not all(0 <= share <= 1 for share in transport):
        raise ValueError("transport_share must be shares from 0 to 1")


def _check_times(profile: tuple[tuple[float, float], ...] | str, runners: Runners | None, place: Place) -> None:
    if isinstance(profile, tuple):
        check_curve(profile, "profile", "hour")
    if runners is not None and place.line is None:
        raise ValueError("has runners but no line that they run along")
