"""The report of a what-if scenario: the answer first, two maps that move together, charts with their figures, no network."""

from dataclasses import replace
from itertools import pairwise

import pytest
from made_up_run import HOSTILE
from made_up_scenario import AREA, answered
from screens import DESKTOP, NARROW, assert_alone

from ems_twin.scenario.whatif.record import record_of
from ems_twin.views import write_whatif_page

pytestmark = pytest.mark.browser

NAMES = [HOSTILE[0], HOSTILE[1], HOSTILE[4].rstrip("/"), HOSTILE[6]]
"""What a scenario may call a variant: nothing with line ends and slashes."""


def hostile_answer():
    return answered(
        name=HOSTILE[3],
        question=HOSTILE[0] + HOSTILE[2],
        demand={"changes": [
            {"id": "the fair", "kind": "surge", "description": HOSTILE[3], "city_share": 0.5,
             "place": {"lon": -71.335, "lat": -29.96}},
        ]},
        roads={"closures": {"name": HOSTILE[1], "closures": [{"id": HOSTILE[0], "area": AREA}]}},
        cases=[{"name": NAMES[3], "description": HOSTILE[5]}, {"name": HOSTILE[7], "resources": {"units": 9}}],
        variants=[
            {"name": NAMES[0], "description": HOSTILE[3]},
            {"name": NAMES[1], "event": False},
            {"name": NAMES[2], "policy": {"move": "best-move"}, "resources": {
                "posts": [{"id": "p1", "name": HOSTILE[0], "lon": -71.335, "lat": -29.955}],
                "crews": [{"id": "extra", "at": "p1"}],
            }},
        ],
        comparisons=[],
    )  # fmt: skip


def hostile_record(found):
    suggestion = {
        "title": HOSTILE[0], "text": HOSTILE[1], "table": {"columns": [HOSTILE[2], "gain"], "rows": [[HOSTILE[3], 1.5]]},
        "places": [{"lon": -71.33, "lat": -29.95, "label": HOSTILE[3]}],
    }  # fmt: skip
    file = {"name": HOSTILE[0], "sha256": "0" * 64, "text": "\n".join(HOSTILE)}
    return record_of(found, file=file, command=HOSTILE[2], suggestions=[suggestion])


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whatif")
    found, hostile = answered(replications=30), hostile_answer()
    rooms = {room.id: f"room {HOSTILE[i]}" for i, room in enumerate(hostile.prepared.city.hospitals)}
    city = replace(
        hostile.prepared.city,
        hospitals=tuple(replace(room, name=rooms[room.id]) for room in hostile.prepared.city.hospitals),
    )
    hostile = replace(hostile, prepared=replace(hostile.prepared, city=city))
    return {
        "plain": write_whatif_page(found, record_of(found), folder / "plain.html"),
        "hostile": write_whatif_page(hostile, hostile_record(hostile), folder / "hostile.html"),
    }


def open_all(tab):
    tab.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def choose(tab, name, value):
    tab.js(
        "const one = document.getElementById(arguments[0]); one.value = arguments[1]; one.dispatchEvent(new Event('change'));",
        name, value,
    )  # fmt: skip


@pytest.mark.parametrize("size", [DESKTOP, NARROW])
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_the_file_is_all_that_is_asked_for(driver, open_page, files, name, size):
    driver.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    try:
        tab = open_page(name, size)
        open_all(tab)
        assert_alone(tab, files[name])
    finally:
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline | {"offline": False})


def test_names_are_shown_as_they_are_written(open_page):
    tab = open_page("hostile")
    assert tab.find("h1").text == HOSTILE[3]
    assert NAMES[0] in tab.find(".answer").text
    assert [one.text for one in tab.find_all("#left option")] == NAMES[:3]
    assert [one.text for one in tab.find_all("#case option")] == [NAMES[3], HOSTILE[7]]
    assert HOSTILE[0] in tab.find("#suggestions h3").text
    open_all(tab)
    assert HOSTILE[3] in tab.find("#inputs").text
    assert f"room {HOSTILE[0]}" in tab.find("#room-table").text
    for layer in ("places", "moves"):
        tab.find(f"[data-layer={layer}]").click()
    tab.js("document.querySelector('.place.gains').focus()")
    assert HOSTILE[3] in tab.find(".leaflet-tooltip").text
    assert tab.js("return window.hacked === undefined")


def test_suggested_places_are_a_layer_where_there_are_any(open_page):
    tab = open_page("hostile")
    box = tab.find("[data-layer=suggested]")
    assert box.is_displayed()
    assert len(tab.find_all("#right-slot .place.gains")) == 1
    box.click()
    assert tab.find_all(".place.gains") == []
    assert not open_page("plain").find("[data-layer=suggested]").is_displayed()


def test_headings_tables_and_controls_are_named(open_page):
    tab = open_page("plain")
    heads = [one.text for one in tab.find_all("h2")]
    assert heads == [
        "What was asked", "The figures", "Two variants side by side", "Over the hours", "Hospitals",
        "What units would do: moves by the hour", "What to bear in mind", "The exact inputs", "For researchers",
    ]  # fmt: skip
    open_all(tab)
    assert tab.js(
        "return [...document.querySelectorAll('table')].every((one) => one.caption && one.caption.textContent)"
    )
    assert tab.js("return [...document.querySelectorAll('table th')].every((one) => one.scope)")
    assert tab.js("return [...document.querySelectorAll('select, input')].every((one) => one.labels.length === 1)")
    assert tab.js(
        "return [...document.querySelectorAll('svg[role=img]')].every((one) => one.getAttribute('aria-label'))"
    )


def test_protocols_caveats_and_inputs_are_those_of_the_run(open_page):
    tab = open_page("plain")
    open_all(tab)
    protocol = tab.find("#protocol").text
    assert "fleets of 5 or 8 units" in protocol
    assert "Closures (fair ground)" in protocol
    assert "under “moved” units are moved by best-move" in protocol
    assert "30 replications of common random numbers" in protocol
    assert "the first 3 hours warm up and do not count" in protocol
    caveats = tab.find("#caveats").text
    assert "The extra calls are given, not foretold" in caveats
    assert ", 60 % of the ordinary ones." in caveats
    inputs = tab.find("#inputs").text
    assert "name: Fair in Coquimbo" in inputs
    assert "numba" in inputs


def test_the_maps_move_together(open_page):
    tab = open_page("plain")
    tab.js("E.whatif.maps.left.map.setView([-29.93, -71.28], 14, {animate: false})")
    same = "E.whatif.maps.left.map.getCenter().equals(E.whatif.maps.right.map.getCenter(), 1e-6)"
    tab.wait(f"E.whatif.maps.right.map.getZoom() === 14 && {same}")
    tab.js("E.whatif.maps.right.map.panBy([80, 40], {animate: false})")
    tab.wait(same)


def test_shadings_show_what_the_figures_say(open_page):
    tab = open_page("plain")
    choose(tab, "right", "3")
    looks = "return E.whatif.maps.right.cells.map((cell) => [cell.options.fillColor, cell.options.dashArray, cell.options.fillOpacity])"
    seen = []
    for shading in ("response", "change", "cover", "extra"):
        choose(tab, "shading", shading)
        seen.append(tab.js(looks))
        open_all(tab)
        assert len(tab.find_all("#cells tbody tr")) == len(seen[-1])
        assert tab.find_all("#key li")
    assert all(one != other for one, other in pairwise(seen))
    view = tab.js("return E.whatif.data.views[0][3]")
    worse = [i for i, (a, h) in enumerate(zip(view["apart"], view["half"], strict=True)) if a is not None and a > h]
    assert worse
    assert all(seen[1][i][1] == "4 3" for i in worse)
    hour = tab.js("return Number(document.getElementById('hour').value)")
    thin = [i for i, units in enumerate(view["cover"][hour]) if units < 1]
    assert thin
    assert all(seen[2][i][1] == "3 4" for i in thin)
    assert all(seen[2][i][1] is None for i in range(len(seen[2])) if i not in thin)


def test_the_hour_moves_units_and_the_ordinary_day_has_no_closures(open_page):
    tab = open_page("plain")
    circles = "return [...document.querySelectorAll('#right-slot path')].map((one) => one.getAttribute('d')).join()"
    before = tab.js(circles)
    assert before
    tab.js("const one = document.getElementById('hour'); one.value = '11'; one.dispatchEvent(new Event('input'));")
    assert tab.js(circles) != before
    assert tab.find("#hour-text").text == "Wed 11:00"
    assert tab.find("#right-title").text == "fewer, Wed 11:00"
    on = "return E.whatif.maps.right.map.hasLayer(E.whatif.maps.right.page.closed_0)"
    assert tab.js(on)
    choose(tab, "right", "1")
    assert not tab.js(on)


def test_moves_are_arrows_and_rows(open_page):
    tab = open_page("plain")
    choose(tab, "right", "2")
    moves = tab.js("return E.whatif.data.views[0][2].moves")
    assert moves["rows"]
    hour = moves["rows"][0][0]
    tab.js(
        "const one = document.getElementById('hour'); one.value = arguments[0]; one.dispatchEvent(new Event('input'));",
        hour,
    )
    tab.find("[data-layer=moves]").click()
    arrows = tab.js("return E.whatif.maps.right.moves.getLayers().length")
    assert 0 < arrows <= 2 * sum(row[0] == hour for row in moves["rows"])
    open_all(tab)
    assert len(tab.find_all("#moves-table tbody tr")) == len(moves["rows"])
    assert f"moved: {moves['total']:.1f} moves on average" in tab.find("#moves-words").text


def test_charts_have_bands_two_kinds_of_lines_and_a_table(open_page):
    tab = open_page("plain")
    assert len(tab.find_all("#hour-charts svg[role=img]")) == 6
    assert len(tab.find_all("#hour-charts figure .band")) >= 8
    dashes = tab.js(
        "return ['left', 'right'].map((side) => getComputedStyle(document.querySelector(`#hour-charts .mean.${side}`)).strokeDasharray)"
    )
    assert dashes[0] == "none"
    assert dashes[1] != "none"
    open_all(tab)
    assert len(tab.find_all("#hour-table tbody tr")) == 12
    assert len(tab.find_all("#room-charts figure")) == len(tab.find_all("#room-table tbody tr")) == 2


def test_a_case_can_be_chosen(open_page):
    tab = open_page("hostile")
    assert [one.is_displayed() for one in tab.find_all("[data-case]")] == [True, False]
    choose(tab, "case", "1")
    assert [one.is_displayed() for one in tab.find_all("[data-case]")] == [False, True]
    assert len(tab.find_all("#cases tbody tr")) == 6


def test_the_theme_can_be_changed(open_page):
    tab = open_page("plain")
    before = tab.js("return getComputedStyle(document.body).backgroundColor")
    tab.find("#theme").click()
    assert tab.js("return getComputedStyle(document.body).backgroundColor") != before
    tab.js("localStorage.clear()")  # the next page is to open as it was written
