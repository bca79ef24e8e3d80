"""Maps are served to this computer only."""

import http.client
from urllib.parse import urlsplit

import pytest

from ems_twin.errors import InputError
from ems_twin.views import MapServer


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "map.html").write_text("<p>map</p>", encoding="utf-8")
    return tmp_path


def get(server, path=None, host=None):
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        connection.request("GET", path or address.path, headers={"Host": host or address.netloc})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["map.html", ""])
def test_a_file_or_the_folder_with_it_is_served(folder, name):
    with MapServer(folder / name) as server:
        status, body, headers = get(server)
    assert (status, body) == (200, "<p>map</p>")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert server.url.startswith("http://127.0.0.1:")
    assert server.url.endswith("/map.html")


def test_other_names_folders_and_what_lies_outside_are_refused(folder):
    (folder.parent / "secret.txt").write_text("secret")
    (folder / "sub").mkdir()
    with MapServer(folder) as server:
        assert get(server, host="evil.example")[0] == 421
        assert get(server, "/sub/")[0] == 404
        assert get(server, "/../secret.txt")[0] == 404
        assert get(server, "/%2e%2e/secret.txt")[0] == 404


def test_listening_on_all_addresses_still_answers_only_to_this_computers_names(folder):
    with MapServer(folder, host="0.0.0.0") as server:
        assert get(server)[0] == 200
        assert get(server, host="localhost:8000")[0] == 200  # a published port has another number
        assert get(server, host="twin.example")[0] == 421


def test_what_cannot_be_served_is_said(folder):
    with pytest.raises(InputError, match="no such map"):
        MapServer(folder / "other.html")
    (folder / "second.html").write_text("")
    with pytest.raises(InputError, match="2 HTML files"):
        MapServer(folder)
    (folder / "index.html").write_text("index")
    with MapServer(folder) as server:
        assert get(server)[1] == "index"
        port = urlsplit(server.url).port
        with pytest.raises(InputError, match=f"port {port} of 127.0.0.1 cannot be used"):
            MapServer(folder, port)
