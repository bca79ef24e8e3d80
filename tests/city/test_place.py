"""The download by place name, with OSMnx's network calls replaced."""

import networkx
import pytest

from ems_twin.city.build import build_city
from ems_twin.city.sources.place import read_place
from ems_twin.errors import CityError

osmnx = pytest.importorskip("osmnx")


def tiny_graph():
    graph = networkx.MultiDiGraph(crs="epsg:4326", created_date="2026-01-01 00:00:00")
    graph.add_node(1, x=5.10, y=52.09)
    graph.add_node(2, x=5.11, y=52.09)
    for a, b in ((1, 2), (2, 1)):
        graph.add_edge(a, b, osmid=7, highway="tertiary", name="Straat", length=684.0, oneway=False)
    return graph


def tiny_features():
    import geopandas
    import pandas
    from shapely import Point, box

    rows = {"amenity": ["hospital", None], "emergency": ["yes", "ambulance_station"], "name": ["Ziekenhuis", "Post"]}
    index = pandas.MultiIndex.from_tuples([("way", 11), ("node", 12)], names=["element", "id"])
    geometry = [box(5.099, 52.089, 5.101, 52.091), Point(5.11, 52.09)]
    return geopandas.GeoDataFrame(rows, geometry=geometry, index=index, crs="EPSG:4326")


def test_a_place_by_name(monkeypatch):
    monkeypatch.setattr(osmnx, "graph_from_place", lambda place, **kwargs: tiny_graph())
    monkeypatch.setattr(osmnx, "features_from_place", lambda place, tags: tiny_features())
    city, report = build_city(read_place("Utrecht, Netherlands"), name="utrecht", timezone="Europe/Amsterdam")
    assert city.roads.n_edges == 2
    assert [(h.name, h.source) for h in city.hospitals] == [("Ziekenhuis", "OpenStreetMap way/11")]
    assert [s.name for s in city.stations] == ["Post"]
    assert report.source == "Utrecht, Netherlands (OpenStreetMap, by OSMnx)"
    assert city.roads.crs == "EPSG:32631"


def test_no_places_is_a_note_and_no_network_an_error(monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(osmnx, "graph_from_place", lambda place, **kwargs: tiny_graph())
    monkeypatch.setattr(osmnx, "features_from_place", fail)
    raw = read_place("Utrecht")
    assert raw.candidates == ()
    assert raw.notes == ("no hospital or ambulance station was found (ConnectionError)",)
    monkeypatch.setattr(osmnx, "graph_from_place", fail)
    with pytest.raises(CityError, match=r"'Utrecht' cannot be downloaded \(ConnectionError: no route to host\)"):
        read_place("Utrecht")
