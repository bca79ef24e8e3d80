"""The page as such: silent, alone, inert, readable on any screen, in both themes."""

import pytest
from made_up_run import HOSTILE
from screens import DESKTOP, NARROW

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESKTOP, NARROW])
@pytest.mark.parametrize("name", ["run", "city", "stationing", "hostile", "hostile city", "hostile stationing"])
def test_the_file_is_all_that_is_asked_for(open_page, files, name, size):
    tab = open_page(name, size)
    asked, failed = tab.requests()
    assert [url for url in asked if not url.startswith("data:")] == [files[name].as_uri()]
    assert failed == []


@pytest.mark.parametrize("name", ["run", "city", "stationing"])
@pytest.mark.parametrize("size", [DESKTOP, NARROW, (700, 500), (1000, 700)])
def test_nothing_scrolls_sideways_and_the_map_has_room(open_page, name, size):
    tab = open_page(name, size)
    assert tab.js("return document.documentElement.scrollWidth") <= size[0]
    assert tab.js("const p = E.byId('panel'); return p.scrollWidth - p.clientWidth") <= 0
    box = tab.find(".folium-map").rect
    assert box["width"] >= 0.5 * size[0]
    assert box["height"] >= 0.3 * size[1]
    for css in (".player", "#panel"):
        for element in tab.find_all(css):
            assert element.rect["y"] + element.rect["height"] <= size[1] + 1


def test_the_whole_city_is_in_view(open_page):
    for size in (DESKTOP, NARROW):
        tab = open_page("run", size)
        bounds = "const d = E.readData('ems-data').bounds; "
        assert tab.js(f"{bounds} return R.page.map.getBounds().contains(d)")


def test_attribution_is_visible(open_page):
    for name, text in (("run", "Invented city"), ("hostile", "© OpenStreetMap contributors")):
        credit = open_page(name).find(".leaflet-control-attribution")
        assert credit.is_displayed()
        assert text in credit.text


@pytest.mark.parametrize("name", ["hostile", "hostile city", "hostile stationing"])
def test_hostile_names_are_text_and_nothing_else(open_page, name):
    tab = open_page(name)
    for marker in tab.find_all(".place"):
        tab.driver.execute_script("arguments[0].focus(); arguments[0].click()", marker)
    for tabs in tab.find_all("[role=tab]"):
        tabs.click()
    tab.driver.execute_script("document.querySelectorAll('.row-button').forEach((b) => b.click())")
    if name == "hostile":
        tab.js("""
            for (const kind of ["station", "hospital"]) R.state.data[`${kind}s`].forEach((_, i) => R.select(kind, i));
            R.state.units.forEach((_, i) => R.select("unit", i));
            for (let t = 0; t < R.player.span; t += 300) R.player.seek(t);
        """)
    tab.js("""
        for (const group of [R ? R.page : E.city.page].flatMap((page) => [page.stations, page.hospitals])) {
            group.eachLayer((marker) => { marker.openTooltip(); });
        }
    """)
    assert tab.driver.execute_script("return window.hacked") is None
    assert tab.find_all("img, .leaflet-tooltip script, #panel script") == []
    shown = tab.driver.execute_script(
        "return [...document.querySelectorAll('.leaflet-tooltip b')].map((b) => b.textContent)"
    )
    assert set(HOSTILE[:3]) <= set(shown)
    assert tab.find("#city-title").text == HOSTILE[3]


def test_an_injected_script_would_not_run(open_page, driver):
    tab = open_page("run")
    driver.execute_script("""
        const image = document.createElement("div");
        image.innerHTML = '<img src="data:," onerror="window.hacked = 1">';
        document.body.append(image);
    """)
    tab.wait("document.querySelector('img').complete")
    assert driver.execute_script("return window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in tab.complaints())


def test_the_theme_changes_everything_and_is_remembered(open_page):
    tab = open_page("run")
    ground = "return getComputedStyle(document.querySelector('.leaflet-container')).backgroundColor"
    street = "return R.page.streets_minor.getLayers()[0].options.color"
    assert tab.js("return E.theme()") == "dark"
    dark = tab.js(ground), tab.js(street)
    tab.find("#theme").click()
    assert tab.js("return E.theme()") == "light"
    light = tab.js(ground), tab.js(street)
    assert dark[0] != light[0]
    assert dark[1] != light[1]
    assert open_page("run", keep_choice=True).js("return E.theme()") == "light"
    assert open_page("run").js("return E.theme()") == "dark"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_texts_have_contrast(open_page, theme):
    tab = open_page("run", fragment="#t=5400")
    if theme == "light":
        tab.find("#theme").click()
    poor = tab.js("""
        const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
        const parts = (css) => (css.match(/[\\d.]+/g) || []).map(Number);
        const ground = (e) => {
            for (; e; e = e.parentElement) {
                const c = parts(getComputedStyle(e).backgroundColor);
                if (c.length === 3 || c[3] > 0.8) return c;
            }
        };
        const poor = [];
        for (const e of document.querySelectorAll(
            "h1, h2, h3, p, dt, dd, td, th button, .chip, .tabs button, .clock div, .hours span, .speeds span, .place > span")) {
            if (!e.textContent.trim() || !e.offsetParent) continue;
            const a = light(parts(getComputedStyle(e).color)), b = light(ground(e));
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) poor.push([e.className || e.tagName, e.textContent.slice(0, 20), ratio]);
        }
        return poor;
    """)
    assert poor == []


def test_buttons_are_large_enough_for_a_finger(open_page):
    tab = open_page("run", NARROW, fragment="#t=5400")
    tab.find("#sheet").click()
    for css in ("button", "summary", ".speeds label", "#slider"):
        for element in tab.find_all(css):
            if element.is_displayed():
                assert min(
                    element.rect["height"], element.rect["width"]
                ) >= 24 or "row-button" in element.get_attribute("class")


def test_every_control_has_a_name(open_page):
    for name in ("run", "city", "stationing"):
        nameless = open_page(name).driver.execute_script("""
            return [...document.querySelectorAll("button, input, svg[role=img], [role=tabpanel]")].filter((e) =>
                !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim()
                  || (e.labels && [...e.labels].some((l) => l.textContent.trim())))).map((e) => e.outerHTML);
        """)
        assert nameless == []
