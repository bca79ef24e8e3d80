"""The door: who may ask, how much, and what a browser is told."""

import asyncio
import socket

import httpx
import pytest

from ems_twin.errors import InputError
from ems_twin.web import AppServer, Assets, Guard, is_own_name, is_same_origin, page_policy


async def echo(scope, receive, send):
    """Answers with the length of what it was sent."""
    if scope["type"] != "http":
        return
    message = await receive()
    body = str(len(message["body"])).encode() if scope["method"] == "POST" else b"here"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def server():
    with AppServer(Guard(echo, largest=1000)) as running, httpx.Client(base_url=running.url) as client:
        for _ in range(100):
            try:
                client.get("/")
                break
            except httpx.TransportError:
                continue
        yield client


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost:80@evil.example"])
def test_only_names_of_this_computer_are_answered(server, host):
    assert server.get("/", headers={"Host": host}).status_code in (400, 421)
    assert not is_own_name(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST"])
def test_names_of_this_computer_are(server, host):
    assert server.get("/", headers={"Host": host}).text == "here"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_pages_may_not_change_anything(server, headers):
    assert server.post("/", content=b"x", headers=headers).status_code == 403


def test_our_own_page_and_programs_may(server):
    origin = str(server.base_url).rstrip("/")
    assert server.post("/", content=b"xyz", headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"}).text == "3"
    assert server.post("/", content=b"xyz").text == "3"
    assert is_same_origin("127.0.0.1:80", None, "same-origin")


def test_what_is_too_large_is_refused_whether_it_says_so_or_not(server):
    assert server.post("/", content=b"x" * 1001).status_code == 413
    assert server.post("/", content=iter([b"x" * 600, b"x" * 600])).status_code == 413
    assert server.post("/", content=iter([b"x" * 500, b"x" * 500])).text == "1000"


def test_every_answer_holds_the_browser_back(server):
    for answer in (server.get("/"), server.get("/", headers={"Host": "evil.example"})):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "server" not in answer.headers


def test_websockets_are_not_spoken():
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(echo)({"type": "websocket", "headers": []}, None, send))
    assert sent == []


def test_scripts_of_a_page_need_its_nonce():
    policy = dict(part.split(" ", 1) for part in page_policy("abc").split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'nonce-abc'"
    assert "unsafe" not in page_policy("abc")
    assert "http" not in page_policy("abc")


def test_assets_are_named_by_what_is_in_them():
    assets = Assets()
    assets.add("a.js", "one")
    first = assets.address("a.js")
    assets.add("a.js", "two")
    assert assets.address("a.js") != first
    assert assets.get("b.js") is None
    assert "immutable" in assets.cache_control("a.js", assets.address("a.js").partition("?")[2])
    assert assets.cache_control("a.js", "other") == "no-cache"


def test_a_port_that_is_taken_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="cannot be used"):
            AppServer(echo, taken.getsockname()[1])
