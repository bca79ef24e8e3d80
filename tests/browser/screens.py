"""Windows in which pages are looked at, pixels, and what holds of every page in them."""

DESKTOP = (1400, 900)
NARROW = (390, 844)


def assert_alone(tab, file):
    """The page is the one file, credits its map, runs no text of others and is no wider than the window."""
    asked, failed = tab.requests()
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert failed == []
    assert "© OpenStreetMap contributors" in tab.find(".leaflet-control-attribution").text
    assert tab.driver.execute_script("return window.hacked === undefined")
    wide = tab.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
