"""The report of a comparison: the answer first, a map by contender, tables beside every chart, nothing asked of a network."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from made_up_run import HOSTILE, small_city
from screens import DESKTOP, NARROW, assert_alone

from ems_twin.demand import defaults_for
from ems_twin.scenario import Contender, Curve, compare_fleets, contest_record
from ems_twin.views import write_contest_page

pytestmark = pytest.mark.browser


def report(city, path, *, name="piled up", **options):
    demand = replace(defaults_for(city), hour_of_week=np.full(168, 3.0))
    piled = np.zeros(len(city.stations), np.int64)
    piled[0] = 6
    contest = compare_fleets(
        city, demand, ["home", "best-move", Contender(name=name, placement=piled)], start=datetime(2024, 5, 6, tzinfo=UTC),
        duration_s=2 * 86_400.0, replications=6, units=(6,), **options,
    )  # fmt: skip
    record = contest_record(contest, demand=demand.title, demand_notes=["rates are made up"])
    return write_contest_page(contest, record, path)


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contest")
    city = replace(small_city(units=2), attribution="© OpenStreetMap contributors")
    return {
        "plain": report(city, folder / "plain.html", curve=Curve()),
        "hostile": report(small_city(units=2, hostile=True), folder / "hostile.html", name=HOSTILE[0] + HOSTILE[6]),
    }


@pytest.mark.parametrize("size", [DESKTOP, NARROW])
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_the_file_is_all_that_is_asked_for(open_page, files, name, size):
    assert_alone(open_page(name, size), files[name])


def test_names_are_shown_as_they_are_written(open_page):
    tab = open_page("hostile")
    assert HOSTILE[0] + HOSTILE[6] in tab.find(".answer").text
    assert HOSTILE[0] + HOSTILE[6] in tab.find("#view").text


def test_the_answer_comes_first_and_says_who_is_worse(open_page):
    tab = open_page("plain")
    text = tab.find(".answer").text.replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith("With 6 units, ")
    assert "piled up is worse than home." in text
    row = next(row for row in tab.find_all("table.figures tbody tr") if "piled up" in row.text)
    assert "worse than home: more late calls" in row.text


def test_every_chart_has_its_figures_beside_it(open_page):
    tab = open_page("plain")
    assert len(tab.find_all(".changes")) == 2
    shown = tab.find_all("table.figures")[0].find_elements("css selector", "tbody tr")
    assert len(shown) == 3 + 8
    assert len(tab.find_all("svg.moves .named")) == 3
    assert len(tab.find_all("svg.moves .point")) == 8
    assert "figures in the table" in tab.find("svg.moves").get_attribute("aria-label")
    assert [entry.text for entry in tab.find_all(".against ol li")] == ["home", "best-move", "piled up"]


def test_the_map_follows_the_choice_and_has_a_table(open_page):
    tab = open_page("plain")
    options = [option.text for option in tab.find_all("#view option")]
    assert options == ["best-move, 6 units", "piled up, 6 units"]
    colours = "return E.contest.cells.map((cell) => cell.options.fillColor + cell.options.dashArray)"
    before = tab.js(colours)
    tab.find("#view").send_keys("piled")
    tab.wait("document.getElementById('view').value === '1'")
    assert tab.js(colours) != before
    view = tab.js("return E.contest.data.views[1]")
    worse = [i for i, (a, h) in enumerate(zip(view["apart"], view["half"], strict=True)) if a is not None and a > h]
    assert worse
    dashes = tab.js("return E.contest.cells.map((cell) => cell.options.dashArray)")
    assert all(dashes[i] == "4 3" for i in worse)
    assert all(dash is None for i, dash in enumerate(dashes) if i not in worse)
    tab.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    rows = tab.find_all("#cells tbody tr")
    assert len(rows) == sum(a is not None for a in view["apart"])
    assert sum(row.text.endswith("later") for row in rows) == len(worse)
    assert tab.find("#cells caption").text.startswith("piled up, 6 units")


def test_the_theme_can_be_changed(open_page):
    tab = open_page("plain")
    before = tab.js("return getComputedStyle(document.body).backgroundColor")
    tab.find("#theme").click()
    assert tab.js("return getComputedStyle(document.body).backgroundColor") != before
    tab.js("localStorage.clear()")  # the next page is to open as it was written
