"""The Folium map that every page starts from: our Leaflet, no tiles, panes in drawing order."""

from __future__ import annotations

from typing import Any, ClassVar

import folium
import numpy as np
from folium.map import CustomPane
from folium.template import Template

from ..city.city import City
from ..errors import InputError

THEMES = ("dark", "light")
"""Looks of a page: dark for a control room at night, light with high contrast."""

_PANES = (("hexagons", 300, True), ("streets", 350, False))  # name, z-index, takes the pointer


class TwinMap(folium.Map):
    """A Folium map that loads nothing: Leaflet is inlined later, jQuery, Bootstrap and icon fonts are not used."""

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []


class Start(folium.MacroElement):
    """The last line of the page's script: hand Folium's layers to our own.

    Parameters
    ----------
    function
        Name in the ``EmsTwin`` script namespace, such as ``startReplay``.
    layers
        Folium elements by the name under which the script finds them.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            EmsTwin.{{ this.function }}({
                map: {{ this._parent.get_name() }},
                {%- for name, element in this.layers.items() %}
                {{ name }}: {{ element.get_name() }},
                {%- endfor %}
            });
        {% endmacro %}
        """
    )

    def __init__(self, function: str, layers: dict[str, Any]) -> None:
        super().__init__()
        self._name = "Start"
        self.function = function
        self.layers = layers


def check_theme(theme: str) -> str:
    """The theme itself, or an :class:`InputError` that names the two there are."""
    if theme not in THEMES:
        raise InputError(f"unknown theme {theme!r}", field="theme", remedy=f"Choose {' or '.join(THEMES)}.")
    return theme


def map_bounds(city: City) -> list[list[float]]:
    """South-west and north-east corner of a road network, latitude and longitude in degrees."""
    lat, lon = city.roads.lat, city.roads.lon
    corners = [[np.min(lat), np.min(lon)], [np.max(lat), np.max(lon)]]
    return [[round(float(value), 5) for value in corner] for corner in corners]


def new_map(city: City) -> folium.Map:
    """Return an empty map centred on a city; our script fits it to the window, again whenever that changes."""
    south_west, north_east = map_bounds(city)
    twin_map = TwinMap(
        location=[(south_west[0] + north_east[0]) / 2, (south_west[1] + north_east[1]) / 2],
        tiles=None,
        zoom_start=12,
        control_scale=True,
        prefer_canvas=True,
        zoom_control="topleft",
        maxZoom=19,
        minZoom=8,
        zoomSnap=0.25,
        zoomDelta=0.5,
        wheelPxPerZoomLevel=120,
    )
    for name, z_index, takes_pointer in _PANES:
        CustomPane(name, z_index=z_index, pointer_events=takes_pointer).add_to(twin_map)
    return twin_map


def finish_map(twin_map: folium.Map, function: str, layers: dict[str, Any]) -> None:
    """Add the layer control and the call of our script, which both must come after every layer."""
    control = folium.LayerControl(position="topright", collapsed=True)
    control.add_to(twin_map)
    twin_map.add_child(Start(function, {**layers, "control": control}))
