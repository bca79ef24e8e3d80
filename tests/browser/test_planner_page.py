"""The planner's page: from drawing a closure to the downloaded report, by mouse and by keys, with nobody else asked."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "planner"))

from browser_tab import Tab
from made_up_run import HOSTILE, small_city
from page_audit import FAINT, SMALL, UNNAMED
from planner_client import served, small_plan, street
from screens import DESKTOP, NARROW

pytestmark = pytest.mark.browser
CITY = small_city()


def saved(city, folder):
    from ems_twin.city import save_city

    return str(save_city(city, folder / "chessboard"))


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planner")
    with served(saved(CITY, folder), folder / "runs") as asking:
        yield asking


@pytest.fixture(scope="module")
def hostile_client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    with served(saved(small_city(hostile=True), folder), folder / "runs") as asking:
        yield asking


@pytest.fixture
def open_planner(driver, request):
    """Open the page with a plan; in the end the console was silent and nobody but the planner had been asked."""
    opened = []

    def opening(client, plan=None, size=DESKTOP):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == NARROW}
        driver.get("about:blank")
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.get_log("browser"), driver.get_log("performance")
        driver.get(str(client.base_url))
        tab = Tab(driver)
        opened.append((tab, str(client.base_url)))
        tab.wait("document.body.classList.contains('ready')", 30)
        if plan is not None:
            tab.js("E.openPlan({ scenario: arguments[0] })", plan)
        tab.wait("E.checked !== null", 30)
        return tab

    yield opening
    for tab, url in opened:
        tab.js("E.dirty = false")
        asked, failed = tab.requests()
        assert [address for address in asked if not address.startswith((url, "data:", "blob:"))] == []
        assert [one for one in failed if not one.get("canceled")] == []
        assert tab.complaints() == []
        assert tab.driver.execute_script("return window.hacked === undefined")
        driver.get("about:blank")


def checked(tab):
    """Wait for the answer to the last change."""
    time.sleep(0.1)
    tab.wait("E.checked !== null", 30)
    return tab.js("return E.checked")


def type_into(tab, control, text):
    from selenium.webdriver.common.keys import Keys

    control.send_keys(Keys.CONTROL, "a")
    control.send_keys(text)


def field(tab, path):
    """The control of a field."""
    return tab.js("return E.fields.get(arguments[0]).control", path)


def click_map(tab, points):
    from selenium.webdriver.common.action_chains import ActionChains

    box = tab.find("#map")
    width, height = box.size["width"], box.size["height"]
    for lon, lat in points:
        x, y = tab.js("const p = E.planMap.map.latLngToContainerPoint(arguments[0]); return [p.x, p.y]", [lat, lon])
        ActionChains(tab.driver).move_to_element_with_offset(
            box, int(x - width / 2), int(y - height / 2)
        ).click().perform()


def test_from_drawing_a_closure_to_the_downloaded_report(open_planner, client, tmp_path):
    from selenium.webdriver.common.keys import Keys

    busy = {"demand": {"factor": 10, "changes": [{"id": "busy", "kind": "factor", "factor": 10}]}}
    tab = open_planner(client, small_plan() | busy)
    tab.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    tab.find("#step-streets").click()
    tab.find("#add-course").click()
    course = street(CITY, 6, 2, 8)
    click_map(tab, [course[0], course[3], course[-1]])
    assert tab.js("return E.drawing()")
    tab.find("#map").send_keys(Keys.ENTER)
    found = checked(tab)
    assert found["faults"] == []
    assert found["preview"]["phase"]["km_closed"] > 1
    assert tab.find("#preview").is_displayed()
    assert "of streets" in tab.find("#preview-facts").text
    assert tab.find("#closures summary").text.startswith("course: a course of 1.1 km")

    next(b for b in tab.find_all("#closures button") if b.text == "Set one on the map").click()
    click_map(tab, [course[3]])
    assert len(checked(tab)["preview"]["crossings"]) == 1
    assert len(tab.find_all("#map .place.crossing")) == 1

    tab.find("#step-compare").click()
    ticked = [box.get_attribute("id") for box in tab.find_all("#variants input") if box.is_selected()]
    assert ticked == ["variant-usual-practice", "variant-relocation"]
    tab.find("#variant-ordinary-day").click()
    assert checked(tab)["summary"]["days"] == 6
    tab.find("#run").click()
    tab.wait("!document.getElementById('results').hidden")
    tab.wait("!document.getElementById('answer').hidden", 240)
    assert tab.find("#answer-words").text
    heads = [head.text for head in tab.find_all("#figures thead th")]
    assert heads == ["usual practice", "ordinary day", "relocation"]
    rows = {row.find_element("css selector", "th").text: row.text for row in tab.find_all("#figures tbody tr")}
    assert " to " in rows["mean response"]
    assert tab.find("#report").get_attribute("src").endswith("/report.html")

    tab.js("E.results.maps()[0].map.setView(E.results.maps()[0].map.getCenter(), 15, { animate: false })")
    views = tab.js(
        "return E.results.maps().map(({ map }) => [map.getZoom(), map.getCenter().lat, map.getCenter().lng])"
    )
    assert views[0] == pytest.approx(views[1])
    assert tab.js("return E.results.maps().map((page) => page.group.getLayers().length > 0)") == [True, True]

    next(a for a in tab.find_all("#detail-actions a") if a.text == "Download the report").click()
    until = time.monotonic() + 20
    while not list(tmp_path.glob("*report.html")):
        assert time.monotonic() < until
        time.sleep(0.05)
    report = next(iter(tmp_path.glob("*report.html"))).read_text("utf-8")
    assert "© OpenStreetMap contributors" in report or "Street run" in report
    assert "course" in report

    tab.js("E.plan.load({ variants: [] })")
    next(b for b in tab.find_all("#detail-actions button") if b.text == "Change this plan").click()
    tab.wait("!document.getElementById('plan').hidden && E.plan.get('name') === 'Street run'")
    assert len(tab.js("return E.plan.get('roads.closures.closures[0].crossings')")) == 1
    assert [one["name"] for one in tab.js("return E.plan.get('variants')")] == heads


def test_a_course_is_drawn_by_keys_alone(open_planner, client):
    from selenium.webdriver.common.keys import Keys

    tab = open_planner(client, small_plan())
    tab.find("#step-day").send_keys(Keys.ARROW_RIGHT)
    assert tab.find("#step-streets").get_attribute("aria-selected") == "true"
    tab.find("#add-course").send_keys(Keys.ENTER)
    assert tab.js("return document.activeElement.id") == "map"
    course = tab.find("#map")
    tab.js("E.planMap.map.setView(arguments[0], 15, { animate: false })", street(CITY, 6, 2, 2)[0][::-1])
    course.send_keys(" ")
    tab.wait("document.getElementById('status').textContent.includes('Point 1')")
    course.send_keys(Keys.ENTER)  # one point is no line
    assert "at least" in tab.find("#draw-error").text
    lon, lat = street(CITY, 6, 7, 7)[0]
    tab.find("#draw-bar summary").click()
    tab.find("#point-text").send_keys("nonsense", Keys.ENTER)
    assert "latitude first" in tab.find("#draw-error").text
    tab.find("#point-text").clear()
    tab.find("#point-text").send_keys(f"{lat}, {lon}", Keys.ENTER)
    course.send_keys(" ", Keys.BACK_SPACE)
    course.send_keys(Keys.ENTER)
    tab.wait("document.activeElement.value === 'course'")  # the new card's first field
    assert checked(tab)["preview"]["phase"]["km_closed"] > 1
    tab.find("#add-closed-area").send_keys(Keys.ENTER)
    course.send_keys(" ", Keys.ESCAPE)
    assert not tab.find("#draw-bar").is_displayed()
    assert tab.js("return document.activeElement.id") == "add-closed-area"
    next(b for b in tab.find_all("#closures button") if b.text == "Remove closure").send_keys(Keys.ENTER)
    assert tab.js("return E.plan.doc.roads") is None


def test_faults_stand_beside_their_fields_and_lead_there(open_planner, client):
    plan = small_plan() | {"resources": {"crews": [{"id": "late", "at": "nowhere"}]}}
    tab = open_planner(client, plan)
    hours = field(tab, "window.hours")
    type_into(tab, hours, "0")
    faults = checked(tab)["faults"]
    assert [fault["path"] for fault in faults] == ["window.hours"]
    assert hours.get_attribute("aria-invalid") == "true"
    described = hours.get_attribute("aria-describedby").split()
    texts = [tab.find(f"#{name}").text for name in described]
    assert any("It is 0" in text for text in texts)
    assert tab.find("#faults-title").text == "Before this can run: 1 thing to mend"
    assert "1" in tab.find("#step-day .badge").text
    tab.wait("document.getElementById('status').textContent.includes('1 thing to mend')")
    type_into(tab, hours, "6")
    faults = checked(tab)["faults"]  # now the city is looked at
    assert [fault["path"] for fault in faults] == ["resources.crews[0].at"]
    assert hours.get_attribute("aria-invalid") is None
    tab.find("#run").click()
    assert "nowhere" in tab.js("return document.activeElement.textContent")
    tab.js("document.activeElement.click()")
    assert tab.find("#step-crews").get_attribute("aria-selected") == "true"
    assert tab.js("return document.activeElement === E.fields.get('resources.crews[0].at').control")
    assert client.get("/api/runs").json() == [] or all(one["name"] != "late" for one in client.get("/api/runs").json())


def test_crews_posts_crowds_and_rooms_reach_the_plan(open_planner, client):
    from selenium.webdriver.common.keys import Keys

    tab = open_planner(client, small_plan())
    course = tab.find("#map")
    tab.find("#step-people").click()
    whole = field(tab, "demand.changes.all")
    type_into(tab, whole, "40")
    assert tab.js("return E.plan.doc.demand.changes") == [{"id": "all calls", "kind": "factor", "factor": 1.4}]
    tab.find("#add-casualties").click()
    course.send_keys(" ")
    checked(tab)
    tab.find("#add-crowd").click()
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_LEFT):
        course.send_keys(" ")
        for _ in range(4):
            course.send_keys(key)
            time.sleep(0.3)
    course.send_keys(Keys.ENTER)
    tab.find("#step-crews").click()
    tab.find("#add-post").click()
    course.send_keys(" ")
    tab.find("#add-crew").click()
    assert tab.js("return E.plan.doc.resources.crews[0].at") == "post"
    tab.find("#add-aid").click()
    course.send_keys(" ")
    tab.find("#step-rooms").click()
    field(tab, "hospitals.bays_count").click()
    type_into(tab, field(tab, "hospitals.occupancy"), "90")
    tab.find("#step-compare").click()
    tab.find("#variant-with-extra-crews").click()
    assert checked(tab)["faults"] == []
    sent = tab.js("return E.plan.sent()")
    assert [one["kind"] for one in sent["demand"]["changes"]] == ["factor", "mass-casualty", "crowd"]
    assert len(sent["demand"]["changes"][2]["place"]["area"]) == 3
    assert sent["hospitals"] == {"bays_count": True, "occupancy": 0.9}
    crews = next(one for one in sent["variants"] if one["name"] == "with extra crews")
    assert crews["resources"]["crews"][0]["count"] == 2
    assert "crews" not in sent["resources"]
    units = {one["name"]: one["extra_units"] for one in tab.js("return E.checked.summary.variants")}
    assert units == {"usual practice": 0, "relocation": 0, "with extra crews": 2}
    before = tab.js("return E.plan.doc")
    tab.js("E.openPlan({ scenario: E.plan.sent() })")
    assert tab.js("return E.plan.doc") == before
    assert tab.find("#variant-with-extra-crews").is_selected()
    signs = [sign.text for sign in tab.find_all("#map .place") if sign.text not in "SH"]
    assert sorted(signs) == ["!", "+", "C", "P"]


def test_a_course_and_a_plan_come_from_files(open_planner, client, tmp_path):
    points = "".join(f'<trkpt lon="{lon}" lat="{lat}"/>' for lon, lat in street(CITY, 3, 1, 8))
    (tmp_path / "city run.gpx").write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")
    (tmp_path / "bad.gpx").write_text("<gpx>")
    tab = open_planner(client, small_plan())
    tab.find("#step-streets").click()
    tab.find("#course-file").send_keys(str(tmp_path / "bad.gpx"))
    tab.wait("!document.getElementById('alert').hidden")
    assert "bad.gpx: It is not GPX" in tab.find("#alert").text
    tab.find("#course-file").send_keys(str(tmp_path / "city run.gpx"))
    tab.wait("E.plan.get('roads.closures.closures[0].id') === 'city run'")
    assert checked(tab)["preview"]["phase"]["km_closed"] > 1
    plan = client.post("/api/scenario.yaml", json=tab.js("return E.plan.sent()")).text
    (tmp_path / "plan.yaml").write_text(plan, "utf-8")
    tab.js("E.openPlan({ scenario: arguments[0] })", small_plan() | {"name": "other"})
    tab.find("#open-file").send_keys(str(tmp_path / "plan.yaml"))
    tab.wait("E.plan.get('name') === 'Street run'")
    assert tab.js("return E.plan.get('roads.closures.closures[0].line').length") == 8
    complaints = tab.complaints()
    assert len(complaints) == 1  # the browser notes the refused file
    assert "422" in complaints[0]


def test_a_run_is_stopped_and_goes_on(open_planner, client):
    tab = open_planner(client, small_plan() | {"replications": 3000, "name": "long"})
    tab.find("#run").click()

    def press(text):
        tab.wait(
            f"[...document.querySelectorAll('#detail-actions button')].some((b) => b.textContent === '{text}')", 60
        )
        tab.js(
            f"[...document.querySelectorAll('#detail-actions button')].find((b) => b.textContent === '{text}').click()"
        )

    tab.wait("document.getElementById('progress-bar').value > 0", 120)
    assert "%" in tab.find("#progress-text").text
    press("Stop")
    tab.wait("document.getElementById('detail-state').textContent.startsWith('Stopped')", 30)
    press("Go on")
    tab.wait("!document.getElementById('progress').hidden", 30)
    press("Stop")
    tab.wait("document.getElementById('detail-state').textContent.startsWith('Stopped')", 60)
    press("Delete")
    assert tab.find("#ask").is_displayed()
    tab.find("#ask-yes").click()
    tab.wait("![...document.querySelectorAll('#runs b')].some((b) => b.textContent === 'long')")


def test_names_are_text_wherever_they_are_shown(open_planner, hostile_client):
    nasty = HOSTILE[0] + HOSTILE[3]
    line = street(CITY, 6, 2, 8)
    plan = small_plan() | {
        "name": nasty, "question": nasty,
        "roads": {"closures": {"closures": [{"id": nasty, "line": line, "crossings": [{"lon": line[3][0], "lat": line[3][1], "name": nasty}]}]}},
        "resources": {"posts": [{"id": "p", "name": nasty, "lon": line[0][0], "lat": line[0][1]}]},
    }  # fmt: skip
    tab = open_planner(hostile_client, plan)
    assert checked(tab)["faults"] == []
    assert HOSTILE[3] in tab.find("#city-title").text
    tab.find("#step-streets").click()
    assert nasty in tab.find("#closures summary").text
    for sign in tab.find_all("#map .place"):
        tab.js("arguments[0].dispatchEvent(new MouseEvent('mouseover', { bubbles: true }))", sign)
    assert tab.find_all("img[src='x']") == []
    tab.find("#run").click()
    tab.wait("!document.getElementById('answer').hidden", 240)
    assert tab.find("#detail-title").text == nasty


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_read(open_planner, client, theme):
    line = street(CITY, 6, 2, 8)
    plan = small_plan() | {
        "roads": {"closures": {"closures": [{"id": "run", "line": line, "crossings": [{"lon": line[3][0], "lat": line[3][1]}]}]}},
        "resources": {"crews": [{"id": "late", "at": "nowhere"}]},
    }  # fmt: skip
    tab = open_planner(client, plan)
    if tab.js("return E.theme()") != theme:
        tab.find("#theme").click()
    checked(tab)
    tab.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for step in ("day", "streets", "people", "crews", "rooms", "compare"):
        tab.find(f"#step-{step}").click()
        assert tab.js(UNNAMED) == [], step
        assert tab.js(FAINT) == [], step
        assert tab.js(SMALL) == [], step
    tab.find("#step-streets").click()
    tab.find("#add-course").click()
    assert tab.js(FAINT) == []
    tab.find("#draw-cancel").click()
    tab.find("#view-results").click()
    time.sleep(0.3)
    assert tab.js(UNNAMED) == []
    assert tab.js(FAINT) == []
    tab.js("localStorage.clear()")


@pytest.mark.parametrize("view", ["plan", "results"])
def test_a_narrow_window_is_wide_enough(open_planner, client, view):
    tab = open_planner(client, small_plan(), NARROW)
    tab.find(f"#view-{view}").click()
    time.sleep(0.3)
    for step in ("day", "streets", "people", "crews", "rooms", "compare") if view == "plan" else ():
        tab.js("document.getElementById(arguments[0]).click()", f"step-{step}")
        assert tab.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth") <= 0, step
    assert tab.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth") <= 0
