"""What a file of closures may say: streets that are closed or narrowed for a time, and where ambulances get across.

Names follow the Work Zone Data Exchange where it has one (``start_date``, ``end_date``, ``vehicle_impact``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ON_FOOT_MPS = 1.4
"""Pace along a closed street to places that cannot be driven to, metres a second (a brisk walk)."""

Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Point = tuple[Lon, Lat]
Edge = Annotated[int, Field(ge=0, strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Crossing(_Strict):
    """A place at which ambulances are let across a course."""

    lon: Lon | None = None
    """Longitude, degrees."""
    lat: Lat | None = None
    """Latitude, degrees."""
    street: str | None = None
    """Instead of a point: the street by name, wherever it meets the course."""
    name: str = ""
    """Name, for maps and messages."""
    delay_s: float = Field(default=90.0, ge=0, le=3600)
    """Seconds that a unit is held up, with lights and sirens or without (60 to 180 is usual where police hold the
    runners)."""
    radius_m: float = Field(default=40.0, gt=0, le=200)
    """How far it may be from the junction that it stands for, metres."""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Crossing:
        if (self.lon is None) != (self.lat is None) or (self.lon is None) == (self.street is None):
            raise ValueError("needs lon and lat, or else a street")
        return self


class Closure(_Strict):
    """Streets that are closed, or narrowed by works, for a time."""

    id: str = Field(min_length=1)
    """Name of the closure, once a file."""
    description: str = ""
    """For people."""
    start_date: datetime | None = None
    """When it comes into force; on the city's clock unless it has an offset. None: from the beginning."""
    end_date: datetime | None = None
    """When it is lifted. None: never."""

    streets: tuple[str, ...] = ()
    """Streets by name."""
    edges: tuple[Edge, ...] = ()
    """Edges by row number, as ``city export`` numbers them."""
    area: tuple[Point, ...] | None = Field(default=None, min_length=3)
    """Corners of an area, longitude and latitude: every street in it; with ``streets``, only those of these names."""
    line: tuple[Point, ...] | str | None = None
    """A course: points of longitude and latitude, or a GPX or GeoJSON file beside this one."""
    buffer_m: float = Field(default=15.0, gt=0, le=200)
    """Streets that run along the course within so many metres are closed."""
    from_km: float = Field(default=0.0, ge=0)
    """Where on the course it begins, kilometres from the course's first point."""
    to_km: float | None = Field(default=None, gt=0)
    """Where on the course it ends. None: at the course's end."""

    vehicle_impact: Literal["all-lanes-closed", "some-lanes-closed"] = "all-lanes-closed"
    """Whether nobody may drive there, or all drive slower."""
    speed_factor: float | None = Field(default=None, gt=0, le=1)
    """Speed where some lanes are closed, over ordinary speed."""
    ambulance_lane_kmh: float | None = Field(default=None, gt=0, le=120)
    """Ambulances keep a lane on the closed streets and drive it at this speed, in both directions: also against a
    one-way sign (contraflow). They get on to a course's lane at its crossings. None: there is no lane."""
    crossings: tuple[Crossing, ...] = ()
    """Where ambulances get across the course."""
    keep_open: tuple[str | Edge, ...] = ()
    """Streets by name, or edges by row number, that stay open though they meet the course: above or below it."""

    @model_validator(mode="after")
    def _agrees(self) -> Closure:
        if self.line is None and self.area is None and not self.streets and not self.edges:
            raise ValueError("says not which streets; give streets, edges, an area or a line")
        if self.line is None and (self.crossings or self.from_km or self.to_km is not None):
            raise ValueError("has crossings or kilometres but no line that they could refer to")
        if isinstance(self.line, tuple) and len(self.line) < 2:
            raise ValueError("has a line of fewer than two points")
        if self.to_km is not None and self.to_km <= self.from_km:
            raise ValueError(f"ends at km {self.to_km:g}, before it begins at km {self.from_km:g}")
        if (self.vehicle_impact == "some-lanes-closed") != (self.speed_factor is not None):
            raise ValueError("needs a speed_factor if, and only if, some lanes stay open")
        if self.speed_factor is not None and self.ambulance_lane_kmh is not None:
            raise ValueError("has an ambulance lane though some lanes are open to all")
        return self


class ClosurePlan(_Strict):
    """A file of closures."""

    name: str = ""
    """Name of the event."""
    on_foot_mps: float = Field(default=ON_FOOT_MPS, gt=0, le=5)
    """Pace to places that cannot be driven to, metres a second."""
    closures: tuple[Closure, ...] = Field(min_length=1)
    """The closures."""
