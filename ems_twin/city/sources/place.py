"""Roads and places downloaded from OpenStreetMap by the name of a place, with OSMnx (Nominatim and Overpass)."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import CityError
from ..raw import Candidate, RawRoads
from .graphml import read_graphml

_ROADS = (
    '["highway"~"^(motorway|trunk|primary|secondary|tertiary|unclassified|residential|living_street|service|road|busway)'
    '(_link)?$"]["area"!~"yes"]["service"!~"parking_aisle|driveway|drive-through"]["motor_vehicle"!~"^no$"]'
)
"""Overpass filter: the ambulance profile (``profile.py``) as far as one filter can say it. OSMnx itself would leave
private roads out."""

_PLACES: dict[str, Any] = {"amenity": "hospital", "emergency": "ambulance_station"}


def read_place(place: str) -> RawRoads:
    """Download the roads, hospitals and ambulance stations of a place.

    Parameters
    ----------
    place
        As one would type it in a map search: ``Utrecht, Netherlands``.

    Raises
    ------
    CityError
        The place is unknown, or the servers do not answer.
    """
    import osmnx

    try:
        graph = osmnx.graph_from_place(place, custom_filter=_ROADS, retain_all=True)
    except Exception as error:  # OSMnx raises its own, requests' and ValueError for what is one thing to the user
        raise CityError(
            f"'{place}' cannot be downloaded ({type(error).__name__}: {error})",
            remedy="Check the name and the network, or build from an .osm.pbf extract instead.",
        ) from error
    notes: tuple[str, ...] = ()
    try:
        candidates = _candidates(osmnx.features_from_place(place, tags=_PLACES))
    except Exception as error:  # no feature at all is an error to OSMnx, a note to us
        candidates = ()
        notes = (f"no hospital or ambulance station was found ({type(error).__name__})",)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roads.graphml"
        osmnx.save_graphml(graph, file)
        raw = read_graphml(file)
    return replace(raw, source=f"{place} (OpenStreetMap, by OSMnx)", candidates=candidates, notes=raw.notes + notes)


def _candidates(features: Any) -> tuple[Candidate, ...]:
    """Hospitals and stations of a GeoDataFrame indexed by (element, id)."""
    found = []
    for (element, id_), row in features.iterrows():
        tags = {key: value for key, value in row.items() if isinstance(value, str)}
        spot = row["geometry"].representative_point()
        digits = re.match(r"\d+", tags.get("beds", ""))
        found.append(
            Candidate(
                kind="hospital" if tags.get("amenity") == "hospital" else "station",
                id=f"{element}/{id_}",
                name=tags.get("name", ""),
                lon=float(spot.x),
                lat=float(spot.y),
                beds=int(digits.group()) if digits else 0,
                emergency={"yes": True, "no": False}.get(tags.get("emergency", "")),
            )
        )
    return tuple(found)
