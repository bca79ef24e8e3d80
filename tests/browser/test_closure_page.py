"""The page of closures: what is closed, the crossings, and how much longer drives get."""

import pytest

pytestmark = pytest.mark.browser


def test_closed_streets_and_crossings_are_drawn_and_named(open_page):
    tab = open_page("closures")
    assert tab.find("#city-title").text == "Run <i>"  # names are text
    assert all(key.is_displayed() for key in tab.find_all("[data-closures]"))
    assert len(tab.find_all(".place.crossing")) == 1
    assert tab.find_all(".place.crossing b") == []  # so are those of crossings
    lines = tab.js("return E.city.page.closed.getLayers()[0].getLatLngs().length")
    assert lines >= 1
    facts = tab.find("#facts").text
    assert "In force" in facts
    assert "course" in facts
    assert tab.find("#shade-title").text.startswith("Longer to the nearest hospital")


def test_a_city_says_nothing_of_closures(open_page):
    tab = open_page("city")
    assert not any(key.is_displayed() for key in tab.find_all("[data-closures]"))
