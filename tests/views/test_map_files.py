"""The files that are written: whole, of modest size, and with nothing in them that loads anything."""

import html.parser
import json
import re

import pytest
from made_up_run import HOSTILE, made_up_run, small_city

from ems_twin.errors import InputError
from ems_twin.views import write_city_map, write_run_map

LOADING = {"src", "href", "srcset", "data", "poster", "action", "formaction", "background", "ping", "manifest"}
LOCAL = re.compile(r"^(data:|#)")


class Page(html.parser.HTMLParser):
    """Attributes that load something, scripts by type, and style texts."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.scripts, self.styles, self.blocks, self._open = [], [], [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.addresses += [value for name, value in attrs if name in LOADING]
        self.styles.append(attributes.get("style") or "")
        self._open = None
        if tag == "script":
            self.scripts.append(attributes)
            self._open = attributes
        elif tag == "style":
            self._open = attributes

    def handle_endtag(self, tag):
        self._open = None

    def handle_data(self, text):
        if self._open is None:
            return
        if self.lasttag == "style":
            self.styles.append(text)
        elif "json" in self._open.get("type", ""):
            self.blocks[self._open["id"]] = json.loads(text)


@pytest.fixture(scope="module")
def pages(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    hostile = small_city(hostile=True)
    return {
        "run": write_run_map(run, folder / "run.html"),
        "city": write_city_map(run.city, folder / "city.html", router=run.router),
        "bare city": write_city_map(run.city, folder / "bare.html", theme="light"),
        "hostile run": write_run_map(made_up_run(hostile, n_calls=20), folder / "hostile.html"),
        "hostile city": write_city_map(hostile, folder / "hostile_city.html"),
    }


@pytest.fixture(params=["run", "city", "bare city", "hostile run", "hostile city"])
def text(pages, request):
    return pages[request.param].read_text(encoding="utf-8")


def test_nothing_remote_is_named_anywhere_that_loads(text):
    page = Page(text)
    assert [address for address in page.addresses if not LOCAL.match(address)] == []
    urls = re.findall(r"url\(\s*['\"]?([^'\")]+)", "\n".join(page.styles))
    assert urls
    assert [url for url in urls if not LOCAL.match(url)] == []
    assert not any("@import" in style for style in page.styles)


def test_only_scripts_with_the_nonce_may_run_and_nothing_may_be_fetched(text):
    nonces = {script.get("nonce") for script in Page(text).scripts}
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert len(nonces) == 1
    assert f"script-src 'nonce-{nonces.pop()}';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert text.index("Content-Security-Policy") < text.index("<script")


def test_a_reader_may_zoom_and_the_language_is_said(text):
    assert "user-scalable=no" not in text
    assert '<html lang="en" data-theme=' in text


def test_each_file_has_a_nonce_of_its_own(run, tmp_path):
    nonces = {
        re.search(r"nonce-([^']+)'", write_city_map(run.city, tmp_path / name).read_text(encoding="utf-8"))[1]
        for name in ("a.html", "b.html")
    }
    assert len(nonces) == 2


def test_hostile_names_stand_nowhere_as_they_are(pages):
    for name in ("hostile run", "hostile city"):
        text = pages[name].read_text(encoding="utf-8")
        for payload in HOSTILE[:4]:
            assert payload not in re.sub(r'<script nonce="[^"]+" type="application/json".*?</script>', "", text)
        assert {place["name"] for place in Page(text).blocks["ems-data"]["stations"]} == set(HOSTILE[:3])


def test_theme_and_notes_are_in_the_page(pages):
    assert 'data-theme="light"' in pages["bare city"].read_text(encoding="utf-8")
    run_text = pages["run"].read_text(encoding="utf-8")
    assert 'data-theme="dark"' in run_text
    data = Page(run_text).blocks["ems-data"]
    assert data["attribution"] == "Invented city"
    assert data["timezone"] == "America/New_York"
    assert data["epoch_ms"] == 1_710_216_000_000
    assert len(data["replay"]["units"]) == 12
    assert "BSD-2-Clause" in run_text or "Leaflet 1.9.4" in run_text


def test_a_small_run_is_a_small_file(pages):
    assert pages["run"].stat().st_size < 600_000
    assert pages["bare city"].stat().st_size < 350_000


def test_targets_are_told_by_priority():
    from ems_twin.views.city_map import _targets

    assert _targets((480.0,)) == "P1+: 8 min"
    assert _targets((480.0, 480.0, 600.0, 900.0, 900.0)) == "P1–2: 8 min, P3: 10 min, P4+: 15 min"


def test_a_run_without_calls_is_drawn(tmp_path):
    run = made_up_run(n_calls=1)
    run.calls, run.trace, run.call_of_response = run.calls[:0], run.trace[:0], run.call_of_response[:0]
    data = Page(write_run_map(run, tmp_path / "quiet.html").read_text(encoding="utf-8")).blocks["ems-data"]
    assert data["coverage"]["covered"][0] == 1000 or data["coverage"]["covered"][0] > 0
    assert data["response"]["cells"] == []


def test_what_cannot_be_drawn_is_said(run, tmp_path):
    with pytest.raises(InputError, match="dark or light"):
        write_run_map(run, tmp_path / "x.html", theme="pink")
    with pytest.raises(InputError, match="dark or light"):
        write_city_map(run.city, tmp_path / "x.html", theme="pink")
    silent = made_up_run(n_calls=3)
    silent.trace = silent.trace[:0]
    with pytest.raises(InputError, match="keep_trace"):
        write_run_map(silent, tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_nothing(run, tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(InputError, match="cannot be written"):
        write_city_map(run.city, tmp_path / "taken" / "map.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(InputError, match=r"folder\.html"):
        write_city_map(run.city, tmp_path / "folder.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.html", "taken"]


def test_a_day_of_manhattan_stays_small(tmp_path):
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ems_twin.city import load_city
    from ems_twin.demand import generate_calls, load_demand
    from ems_twin.simulation import simulate

    city = load_city("manhattan")
    start = datetime(2024, 3, 12, tzinfo=ZoneInfo(city.timezone))
    calls = generate_calls(load_demand(city), city, start=start, duration_s=86_400.0, seed=1)
    path = write_run_map(simulate(city, calls, start=start, duration_s=86_400.0, seed=1), tmp_path / "day.html")
    assert 500_000 < path.stat().st_size < 3_000_000
    data = Page(path.read_text(encoding="utf-8")).blocks["ems-data"]
    assert len(data["replay"]["units"]) == sum(station.units for station in city.stations)
    assert len(data["replay"]["calls"]["id"]) == len(calls)
