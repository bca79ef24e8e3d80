"""OpenStreetMap's tag values as numbers and rows: road classes and speed limits, from any source that keeps them."""

from __future__ import annotations

import re

from .raw import CLASS_INDEX, UNKNOWN_CLASS

_MPH_KMH = 1.609344
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|knots|km/?h|kph)?", re.IGNORECASE)
_FACTOR = {"mph": _MPH_KMH, "knots": 1.852}
_WORDS_KMH = {"walk": 7.0, "none": 130.0, "urban": 50.0, "rural": 90.0, "motorway": 120.0, "living_street": 20.0}


def limit_kmh(text: str | None) -> float:
    """Speed limit in km/h of a ``maxspeed`` tag, NaN when it says nothing usable.

    Of several values (``50;30``, ``['25 mph', '30 mph']``) the mean is taken. ``none`` counts as 130, zone words
    such as ``DE:urban`` as 50 (urban), 90 (rural) and 120 (motorway): common legal limits.
    """
    if not text:
        return float("nan")
    values = [float(number) * _FACTOR.get(unit.lower(), 1.0) for number, unit in _NUMBER.findall(text)]
    if values:
        return sum(values) / len(values)
    return _WORDS_KMH.get(text.rsplit(":", 1)[-1].strip().lower(), float("nan"))


def class_index(highway: str | None) -> int:
    """Row in ``ROAD_CLASSES`` of a ``highway`` tag; of a list (as OSMnx writes it) the first known class counts."""
    for word in re.findall(r"[a-z_]+", highway or ""):
        if word in CLASS_INDEX:
            return CLASS_INDEX[word]
    return UNKNOWN_CLASS
