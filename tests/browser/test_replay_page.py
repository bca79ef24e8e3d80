"""The replay in a real browser: time moves, units move with it, tables and layers follow."""

import math
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from replay_decoder import metres_between
from screens import NARROW

pytestmark = pytest.mark.browser

PLACE = """
    const place = R.state.units[arguments[0]].place(arguments[1], {});
    return [E.lonOf(place.x), E.latOf(place.y)];
"""


def true_place(run, unit, t):
    rows = run.trace[(run.trace["unit"] == unit) & (run.trace["time"] <= t)]
    while len(rows) > 1 and rows[-1]["t_from"] > t:
        rows = rows[:-1]
    if len(rows) == 0:
        home = run.city.stations[run.units["start_station"][unit]]
        return home.lon, home.lat
    row = rows[-1]
    path = run.router.path(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"]))
    return path.at(t - float(row["t_from"]))


def test_units_are_drawn_where_the_router_says(open_page, run):
    tab = open_page("run")
    rng = np.random.default_rng(11)
    for _ in range(120):
        unit, t = int(rng.integers(len(run.units))), float(rng.uniform(0, run.end_s))
        assert metres_between(tab.js(PLACE, unit, t), true_place(run, unit, t)) < 1.0


def test_the_canvas_shows_units_and_calls_where_the_map_has_them(open_page):
    tab = open_page("run", fragment="#t=5400")
    away = tab.js("""
        return R.fleet.drawn.filter((d) => d.kind === "call").map((d) => {
            const call = R.state.calls[d.row], at = R.page.map.latLngToContainerPoint([call.lat, call.lon]);
            return Math.hypot(at.x - d.x, at.y - d.y);
        });
    """)
    assert away
    assert max(away) < 0.75
    assert tab.js("return R.fleet.drawn.filter((d) => d.kind === 'unit').length") == 12


def test_the_slider_moves_the_units_and_the_clock(open_page, run):
    tab = open_page("run")
    before = tab.js("return R.state.places.map((p) => [p.x, p.y])")
    tab.js("const s = E.byId('slider'); s.value = 5400; s.dispatchEvent(new Event('input', {bubbles: true}))")
    after = tab.js("return R.state.places.map((p) => [p.x, p.y])")
    assert sum(a != b for a, b in zip(before, after, strict=True)) >= 3
    civil = (run.start + timedelta(seconds=5400)).astimezone(ZoneInfo("America/New_York"))
    assert tab.find("#clock-time").text == civil.strftime("%H:%M:%S")
    assert "EDT" in tab.find("#clock-date").text


def test_play_advances_at_the_speed_that_is_set_and_pause_stops(open_page):
    tab = open_page("run")
    tab.find("input[value='300']").click()
    tab.find("#play").click()
    assert tab.find("#play").get_attribute("aria-label") == "Pause"
    begin, t0 = time.monotonic(), tab.js("return R.player.t")
    tab.wait("R.player.t > 400")
    rate = (tab.js("return R.player.t") - t0) / (time.monotonic() - begin)
    assert 120 < rate < 400
    tab.find("#play").click()
    stopped = tab.js("return R.player.t")
    time.sleep(0.15)
    assert tab.js("return R.player.t") == stopped


def test_it_starts_by_itself_unless_the_reader_wants_no_motion_or_asked_for_a_time(open_page):
    assert open_page("moving").wait("R.player.playing && R.player.t > 10")
    assert not open_page("moving", reduced_motion=True).js("return R.player.playing")
    tab = open_page("moving", fragment="#t=3600")
    assert not tab.js("return R.player.playing")
    assert tab.js("return R.player.t") == 3600


def test_with_reduced_motion_the_picture_changes_once_a_second(open_page):
    tab = open_page("run", reduced_motion=True)
    tab.js("R.player.play()")
    time.sleep(0.4)
    assert tab.js("return R.player.t") == 0
    tab.wait("R.player.t >= 60", 3)
    tab.js("R.player.pause()")


def test_the_end_is_the_end_and_play_begins_again(open_page):
    tab = open_page("run")
    tab.js("R.player.seek(R.player.span - 5); R.player.play()")
    tab.wait("!R.player.playing")
    assert tab.js("return R.player.t === R.player.span")
    tab.js("R.player.play()")
    tab.wait("R.player.t > 0 && R.player.t < 2000")
    tab.js("R.player.pause()")


def test_keys(open_page):
    tab = open_page("run", fragment="#t=3600")
    tab.key("ArrowRight")
    assert tab.js("return R.player.t") == 3660
    tab.key("ArrowLeft", shiftKey=True)
    assert tab.js("return R.player.t") == 3060
    tab.key("ArrowRight", ".leaflet-container")  # there it pans the map
    tab.key("ArrowRight", "input[name=speed]")  # and there it chooses a speed
    assert tab.js("return R.player.t") == 3060
    tab.key(" ")
    assert tab.js("return R.player.playing")
    tab.key(" ", "#slider")
    assert not tab.js("return R.player.playing")


def test_counters_are_those_of_the_run(open_page, run):
    tab = open_page("run", fragment="#t=5400")
    calls, t = run.calls, 5400.0
    reached = calls[calls["t_on_scene"] <= t]
    response = reached["t_on_scene"] - reached["t_received"]
    minutes, seconds = divmod(round(float(response.mean())), 60)
    assert tab.find("#response").text == f"{minutes}:{seconds:02d}"
    assert tab.find("#on-target-note").text == f"of {len(reached)} reached"
    open_calls = (calls["t_received"] <= t) & (calls["t_ended"] > t)
    waiting = open_calls & (calls["t_notified"] > t)
    assert tab.find("#waiting").text == str(waiting.sum())
    assert f"of {open_calls.sum()} open call" in tab.find("#waiting-note").text
    last = {int(row["unit"]): int(row["status"]) for row in run.trace[run.trace["time"] <= t] if row["unit"] >= 0}
    available = sum(last.get(unit, 0) in (0, 7) for unit in range(len(run.units)))
    assert tab.find("#available").text == str(available)


def test_calls_appear_when_received_and_clear_when_ended(open_page, run):
    tab = open_page("run")
    call = run.calls[20]
    shown = "return R.fleet.drawn.some((d) => d.kind === 'call' && R.state.calls[d.row].id === 21)"
    for t, expected in (
        (call["t_received"] - 1, False),
        (call["t_received"] + 1, True),
        (call["t_on_scene"] + 1, True),
        (call["t_ended"] - 1, True),
        (call["t_ended"] + 1, False),
    ):
        tab.js("R.player.seek(arguments[0])", float(t))
        assert tab.js(shown) is expected


def test_tables_sort_by_their_headings(open_page):
    tab = open_page("run", fragment="#t=5400")
    column = "return [...document.querySelectorAll('#units-table tbody tr')].map((r) => r.children[arguments[0]].textContent)"
    assert tab.js(column, 0) == [str(i) for i in range(1, 13)]
    heading = tab.find("#units-table th:first-child button")
    heading.click()
    assert tab.js(column, 0) == [str(i) for i in range(12, 0, -1)]
    assert tab.find("#units-table th:first-child").get_attribute("aria-sort") == "descending"
    tab.find("#units-table th:nth-child(4) button").click()
    assert tab.find("#units-table th:first-child").get_attribute("aria-sort") == "none"
    seconds = [sum(int(p) * 60**i for i, p in enumerate(reversed(text.split(":")))) for text in tab.js(column, 3)]
    assert seconds == sorted(seconds)
    tab.js("R.player.seek(7200)")
    seconds = [sum(int(p) * 60**i for i, p in enumerate(reversed(text.split(":")))) for text in tab.js(column, 3)]
    assert seconds == sorted(seconds)


def test_layers_switch_on_and_off(open_page):
    tab = open_page("run", fragment="#t=5400")
    control = "const box = [...document.querySelectorAll('.leaflet-control-layers label')].find((l) => l.textContent.trim() === arguments[0]).querySelector('input'); box.click();"
    drawn = "return R.fleet.drawn.filter((d) => d.kind === arguments[0]).length"
    assert tab.js(drawn, "unit") == 12
    tab.js(control, "Units")
    assert tab.js(drawn, "unit") == 0
    assert tab.js(drawn, "call") > 0
    tab.js(control, "Calls")
    assert tab.js(drawn, "call") == 0
    tab.js(control, "Units")
    assert tab.js(drawn, "unit") == 12
    tab.js(control, "Stations")
    assert tab.find_all(".place.station") == []
    assert tab.js("return R.page.map.hasLayer(R.page.coverage)")
    tab.js(control, "Response time")
    assert tab.js("return !R.page.map.hasLayer(R.page.coverage) && R.page.map.hasLayer(R.page.response)")
    assert "response" in tab.find("#shade-title").text.lower()
    tab.js(control, "No shading")
    assert not tab.find("#shading-key").is_displayed()


def test_coverage_is_shaded_by_the_present_picture(open_page):
    tab = open_page("run")
    wrong = """
        const d = R.state.data.coverage, letters = d.steps[R.state.coverageStep()];
        let wrong = 0;
        E.hexagonsInOrder(R.page.coverage).forEach((hexagon, i) => {
            const klass = E.shadeClass((d.alphabet.indexOf(letters[i]) + 0.5) * d.bin, d.limit);
            if (hexagon.options.fillColor !== E.colour(`shade-${klass}`)) wrong++;
        });
        return wrong;
    """
    for t in (0, 4000, 5400, 300, 9000):
        tab.js("R.player.seek(arguments[0])", t)
        assert tab.js(wrong) == 0
    tab.find("#theme").click()
    assert tab.js(wrong) == 0


def test_what_is_chosen_is_explained(open_page):
    tab = open_page("run", fragment="#t=5400")
    x, y, row = tab.js("const d = R.fleet.drawn.find((d) => d.kind === 'unit'); return [d.x, d.y, d.row]")
    at = "const at = R.page.map.containerPointToLatLng([arguments[0], arguments[1]]), containerPoint = L.point(arguments[0], arguments[1]);"
    tab.js(f"{at} R.page.map.fire('mousemove', {{latlng: at, containerPoint}})", x, y)
    assert tab.find(".tip").is_displayed()
    assert "Unit" in tab.find(".tip b").text
    tab.js(f"{at} R.page.map.fire('click', {{latlng: at, containerPoint}})", x, y)
    assert tab.find("#details-title").text == f"Unit {row + 1}"
    tab.find("#tab-calls").click()
    tab.find("#calls-table .row-button").click()
    assert tab.find("#details-title").text.startswith("Call #")
    assert tab.find("#calls-table tr.selected").is_displayed()
    tab.find("#details-close").click()
    assert not tab.find("#details").is_displayed()
    tab.driver.execute_script("document.querySelector('.place.hospital').click()")
    assert tab.find("#details-title").text.startswith("Hospital")


def test_hospital_load_is_that_of_the_trace(open_page, run):
    t = float(np.median(run.calls["t_at_hospital"][~np.isnan(run.calls["t_at_hospital"])])) + 1.0
    tab = open_page("run")
    tab.js("R.player.seek(arguments[0])", t)
    tab.find("#tab-hospitals").click()
    loads = tab.js("return [...document.querySelectorAll('#hospitals-table .load-text')].map((e) => e.textContent)")
    calls = run.calls
    for i, hospital in enumerate(run.city.hospitals):
        here = (calls["hospital"] == i) & (calls["t_at_hospital"] <= t) & (calls["t_transfer"] > t)
        assert loads[i] == f"{here.sum()} / {hospital.bays}"
    assert sum(int(load.split()[0]) for load in loads) > 0


def test_charts_count_every_call_once(open_page, run):
    tab = open_page("run")
    tab.find("#tab-charts").click()
    tab.js("R.player.seek(R.player.span)")
    label = tab.find("#histogram svg").get_attribute("aria-label")
    assert f"of {len(run.calls)} calls" in label
    assert f"{len(run.calls)} so far" in tab.find("#hour-strip svg").get_attribute("aria-label")
    heights = tab.js(
        "return [...document.querySelectorAll('#histogram .bar-now')].map((b) => Number(b.getAttribute('height')))"
    )
    minutes = np.minimum((run.calls["t_on_scene"] - run.calls["t_received"]) // 60, 19).astype(int)
    counts = np.bincount(minutes, minlength=20)
    np.testing.assert_allclose(np.array(heights) / max(heights), counts / counts.max(), atol=0.01)


def test_the_sheet_opens_on_a_narrow_screen(open_page):
    tab = open_page("run", NARROW, fragment="#t=5400")
    assert not tab.find("#units-table").is_displayed()
    assert tab.find("#available").is_displayed()
    tab.find("#sheet").click()
    assert tab.find("#sheet").get_attribute("aria-expanded") == "true"
    assert tab.find("#units-table").is_displayed()
    assert tab.js("return document.documentElement.scrollWidth") <= 390
    assert tab.find(".folium-map").rect["height"] > 150
    tab.find("#sheet").click()
    assert not tab.find("#units-table").is_displayed()


def test_zoom_and_pan_keep_the_canvas_on_the_map(open_page):
    tab = open_page("run", fragment="#t=5400")
    tab.js(
        "R.page.map.setZoom(R.page.map.getZoom() + 1, {animate: false}); R.page.map.panBy([80, 40], {animate: false})"
    )
    away = tab.js("""
        const box = R.page.map.getContainer().getBoundingClientRect(), own = R.fleet.canvas.getBoundingClientRect();
        const call = R.fleet.drawn.find((d) => d.kind === "call"), c = R.state.calls[call.row];
        const at = R.page.map.latLngToContainerPoint([c.lat, c.lon]);
        return [own.left - box.left, own.top - box.top, at.x - call.x, at.y - call.y];
    """)
    assert max(map(abs, away)) < 1.0


def test_frames_are_drawn_quickly(open_page):
    tab = open_page("run", fragment="#t=5400")
    ms = tab.js("""
        const begin = performance.now();
        for (let i = 0; i < 200; i++) R.player.seek(5400 + i);
        return (performance.now() - begin) / 200;
    """)
    assert math.isfinite(ms)
    assert ms < 16.0
