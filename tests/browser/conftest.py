"""Real pages in a headless Chromium; skipped where there is none."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "views"))
sys.path.insert(0, str(Path(__file__).parents[1] / "scenario"))
sys.path.insert(0, str(Path(__file__).parent))

from browser_tab import Tab
from made_up_run import made_up_run, small_city
from screens import DESKTOP, NARROW

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMEDRIVER = shutil.which("chromedriver")


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    if CHROMIUM is None or CHROMEDRIVER is None:
        pytest.skip("chromium and chromedriver are not both installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("headless=new", "disable-gpu", "disable-background-networking", "no-first-run", "hide-scrollbars"):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    browser.set_script_timeout(20)
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def run():
    return made_up_run()


def proposal(city, router=None):
    from ems_twin.demand import defaults_for
    from ems_twin.scenario import optimise_stations

    return optimise_stations(city, defaults_for(city), router=router, units=5, replications=2)


@pytest.fixture(scope="session")
def files(run, tmp_path_factory):
    from ems_twin.city.closures import place_closures, plan_from
    from ems_twin.routing.closure_check import check_closures
    from ems_twin.views import write_city_map, write_closure_map, write_run_map, write_stationing_map

    folder = tmp_path_factory.mktemp("pages")
    hostile = small_city(hostile=True)
    roads = run.city.roads
    ends = [(float(roads.lon[v]), float(roads.lat[v])) for v in (roads.tail[0], roads.head[0])]
    gate = {"lon": ends[0][0], "lat": ends[0][1], "name": "<b>Gate</b>"}
    course = {"id": "course", "line": ends, "crossings": [gate]}
    closed = place_closures(plan_from({"name": "Run <i>", "closures": [course]}), run.city)
    return {
        "closures": write_closure_map(closed, check_closures(closed, run.router), run.router, folder / "closures.html"),
        "run": write_run_map(run, folder / "run.html", autoplay=False),
        "moving": write_run_map(run, folder / "moving.html"),
        "city": write_city_map(run.city, folder / "city.html", router=run.router),
        "hostile": write_run_map(made_up_run(hostile), folder / "hostile.html", autoplay=False),
        "hostile city": write_city_map(hostile, folder / "hostile_city.html"),
        "stationing": write_stationing_map(proposal(run.city, run.router), folder / "stationing.html"),
        "hostile stationing": write_stationing_map(proposal(hostile), folder / "hostile_stationing.html"),
    }


@pytest.fixture
def open_page(driver, files):
    """Open one of the files in a window of some size; the console must have stayed silent when the test ends."""
    tabs = []

    def opened(name, size=DESKTOP, *, fragment="", reduced_motion=False, keep_choice=False):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == NARROW}
        driver.get("about:blank")
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-reduced-motion", "value": "reduce" if reduced_motion else "no-preference"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        driver.get_log("browser"), driver.get_log("performance")
        driver.get(files[name].as_uri() + fragment)
        if not keep_choice and driver.execute_script("return localStorage.getItem('ems-twin-theme')"):
            driver.execute_script("localStorage.clear()")
            driver.refresh()
        tabs.append(Tab(driver))
        return tabs[-1]

    yield opened
    for tab in tabs[-1:]:
        assert tab.complaints() == []
