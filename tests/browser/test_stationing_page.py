"""The page of a proposal: before and after, and who gains and loses."""

import pytest

pytestmark = pytest.mark.browser


def test_signs_and_table_show_the_proposal(open_page):
    tab = open_page("stationing")
    stations = tab.js("return E.city.data.stations")
    assert sum(row["units"] for row in stations) == sum(row["now"] for row in stations) == 5
    signs = [sign.text for sign in tab.find_all(".place.station")]
    assert sorted(signs) == sorted(str(row["units"]) for row in stations)
    assert len(tab.find_all(".place.gains")) == sum(row["change"] > 0 for row in stations)
    assert len(tab.find_all(".place.loses")) == sum(row["change"] < 0 for row in stations)
    tab.find("#tab-stations").click()
    heads = [head.text.split()[0] for head in tab.find_all("#stations-table th")]
    assert heads == ["Station", "Now", "Proposed", "Change"]
    assert all(key.is_displayed() for key in tab.find_all("[data-proposal]"))


def test_before_and_after_are_two_shadings(open_page):
    tab = open_page("stationing")
    assert tab.find("#shade-title").text.startswith("As proposed")
    after = tab.find("#covered").text
    tab.js("const p = E.city.page; p.map.removeLayer(p.after); p.map.addLayer(p.before); p.map.fire('baselayerchange')")
    assert tab.find("#shade-title").text.startswith("As it is")
    assert after.endswith("covered in time.")
    tab.js("const p = E.city.page; p.map.removeLayer(p.before); p.map.fire('baselayerchange')")
    assert not tab.find("#shading-key").is_displayed()


def test_a_city_says_nothing_of_proposals(open_page):
    tab = open_page("city")
    assert not any(key.is_displayed() for key in tab.find_all("[data-proposal]"))
    assert tab.find("#city-subtitle").text == "City bundle"
    assert tab.find("#shade-title").text.startswith("Drive from the nearest station")
