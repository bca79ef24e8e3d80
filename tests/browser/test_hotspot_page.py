"""The page of hotspots: a slider over the hours ahead that keys move, a figure for each cell, nothing asked of a network."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_run import HOSTILE, small_city
from screens import DESKTOP, NARROW, assert_alone

from ems_twin.demand.forecast.cells import h3_cells, square_cells
from ems_twin.demand.forecast.hours import CivilHours
from ems_twin.demand.forecast.result import DemandForecast
from ems_twin.demand.hotspots import rank_hotspots
from ems_twin.views import write_hotspot_map

pytestmark = pytest.mark.browser

AT_S = 1_710_201_600.0  # 2024-03-11 20:00 in New York
HOURS = 4


def spots_of(cells):
    """Rates that fall from the first cell to the last and rise from hour to hour; the last cell is thrice the usual."""
    clock = CivilHours("America/New_York")
    mean = np.outer(np.linspace(1.6, 0.05, len(cells)), np.linspace(1, 2, HOURS + 1))
    mean[-1] = 0.12
    usual = mean.copy()
    usual[-1] = 0.04
    said, normal = (
        DemandForecast(
            cells=cells, clock=clock, hour=int(clock.hour(AT_S)) + np.arange(HOURS + 1), mean=rates,
            dispersion=np.asarray(0.2),
        )
        for rates in (mean, usual)
    )  # fmt: skip
    return [rank_hotspots(said, normal, at_s=AT_S + 3600 * k, top=None) for k in range(HOURS)]


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hotspots")
    city = replace(small_city(), attribution="© OpenStreetMap contributors")
    hexagons = h3_cells(city.roads.lon, city.roads.lat, 8)
    squares = square_cells(city.roads.lon, city.roads.lat, 700.0)
    hostile = small_city(hostile=True)
    bad = [[replace(spot, why=HOSTILE[0]) for spot in hour] for hour in spots_of(hexagons)]
    return {
        "hexagons": write_hotspot_map(
            spots_of(hexagons), hexagons, city, folder / "hexagons.html", at_s=AT_S, facts=[("Model", "blend")], top=5
        ),
        "squares": write_hotspot_map(
            spots_of(squares), squares, city, folder / "squares.html", at_s=AT_S, theme="light"
        ),
        "hostile": write_hotspot_map(
            bad, hexagons, hostile, folder / "hostile.html", at_s=AT_S, facts=[(HOSTILE[3], HOSTILE[0])]
        ),
    }


@pytest.mark.parametrize("size", [DESKTOP, NARROW])
@pytest.mark.parametrize("name", ["hexagons", "squares", "hostile"])
def test_the_file_is_all_that_is_asked_for(open_page, files, name, size):
    assert_alone(open_page(name, size), files[name])


def test_keys_move_the_slider_from_hour_to_hour(open_page):
    tab = open_page("hexagons")
    slider = tab.find("#slider")
    assert slider.get_attribute("aria-valuetext") == "Mon, 11 Mar 2024, 20:00–21:00"
    totals = [tab.find("#total").text]
    colours = [tab.js("return E.hotspots.cells.map((cell) => cell.options.fillColor);")]
    slider.send_keys("\ue014")  # arrow right
    assert slider.get_attribute("aria-valuetext") == "Mon, 11 Mar 2024, 21:00–22:00"
    slider.send_keys("\ue010")  # end
    assert tab.find("#clock-time").text == "23:00–00:00"
    totals.append(tab.find("#total").text)
    colours.append(tab.js("return E.hotspots.cells.map((cell) => cell.options.fillColor);"))
    assert totals[0] != totals[1]
    assert "from 23:00 to 00:00" in totals[1]
    assert colours[0] != colours[1]
    slider.send_keys("\ue011")  # home
    assert tab.js("return E.hotspots.cells.map((cell) => cell.options.fillColor);") == colours[0]


def test_cells_say_their_rate_their_surprise_and_their_chance(open_page):
    tab = open_page("hexagons")
    lines = tab.js("return E.hotspots.lines(0);")
    assert lines[0] == "1.6 calls an hour"
    assert lines[1].startswith("1.0 × the usual 1.6; a usual hour is as busy in ")
    assert (
        lines[2] == f"Chance of a call: {100 * (1 - 1.32**-5):.1f} % in 60 min, {100 * (1 - 1.16**-5):.1f} % in 30 min"
    )
    assert lines[3] == "usual for Monday 20 h"
    last = tab.js("const h = E.hotspots; return h.lines(h.cells.length - 1).concat(h.cells.at(-1).options.dashArray);")
    assert last[1].startswith("3.0 × the usual")
    assert last[3:] == ["3.0 times the usual of this hour", "3 4"]
    assert tab.js("return E.hotspots.cells[0].options.dashArray;") is None


def test_the_table_holds_the_highest_and_leads_to_them(open_page):
    tab = open_page("hexagons")
    rows = tab.find_all("#spots-table tbody tr")
    assert len(rows) == 5
    assert [row.text.split()[0] for row in rows] == ["1", "2", "3", "4", "5"]
    rows[2].find_element("css selector", ".row-button").click()
    assert tab.js("return E.hotspots.view.chosen;") == 2
    assert "calls an hour" in tab.find(".tip").text
    tab.find("#tab-facts").click()
    assert "blend" in tab.find("#facts").text


def test_shade_is_by_doubling_rates(open_page):
    tab = open_page("hexagons")
    limits = tab.js("return E.hotspots.data.limits;")
    assert len(limits) == 5
    np.testing.assert_allclose(np.array(limits[1:]) / limits[:-1], 2, rtol=0.05)
    assert [item.text for item in tab.find_all("#shade-key li")][-1] == f"over {limits[-1]:g}"
