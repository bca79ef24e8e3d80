"""Webhooks over a real server: what is answered, what is checked, and that nothing counts before it is safe."""

import asyncio
import json
import time

import pytest
from made_up_codec import feed, said
from serving import asgi

from ems_twin.feeds.journal import DatabaseUnavailableError, open_journal
from ems_twin.feeds.sources import Ingest, Webhooks, sign
from ems_twin.feeds.sources.settings import WebhookSettings

httpx = pytest.importorskip("httpx")

SECRET = b"a secret of thirty-two characters"
JSON = {"content-type": "application/json"}


@pytest.fixture
def journal(tmp_path):
    with open_journal(tmp_path / "j.sqlite") as opened:
        yield opened


def settings(**more):
    return WebhookSettings(kind="webhook", name="avl", codec="made_up", **{"secret_env": "SECRET"} | more)


def serve(journal, of, *, mount=lambda app: app, feed_more=None, **more):
    """What ``of(client)`` answers while the webhook is served."""

    async def main():
        async with Ingest(journal, [feed(**feed_more or {})]) as ingest:
            app = Webhooks(ingest, [settings(**more)], {"SECRET": SECRET.decode()})
            async with asgi(mount(app)) as url, httpx.AsyncClient(base_url=url) as client:
                return await of(client, ingest)

    return asyncio.run(main())


def signed(body, at=None, secret=SECRET, **headers):
    return JSON | sign(secret, body, at) | headers


def post(body, headers, path="/avl"):
    async def of(client, _):
        return await client.post(path, content=body, headers=headers)

    return of


def test_a_signed_message_is_safe_when_it_is_answered(journal):
    async def of(client, _):
        body = said("a", 1)
        answer = await client.post("/avl", content=body, headers=signed(body))
        return answer, journal.position

    answer, position = serve(journal, of)
    assert answer.status_code == 202
    assert answer.json() == {
        "message_id": "a-1", "outcome": "new", "events": 1, "repeated_events": 0, "refused": []
    }  # fmt: skip
    assert position == 1
    assert answer.headers["cache-control"] == "no-store"


BODY = said("a", 1)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        (lambda now: JSON, "not signed"),
        (lambda now: JSON | {"x-ems-signature": "sha256=00"}, "not signed"),
        (lambda now: signed(BODY, now, secret=b"another"), "signature is wrong"),
        (lambda now: signed(BODY + b" ", now), "signature is wrong"),
        (lambda now: signed(BODY, now) | {"x-ems-timestamp": str(int(now) + 1)}, "signature is wrong"),
        (lambda now: signed(BODY, now - 400), "too long ago"),
        (lambda now: signed(BODY, now + 400), "ahead of time"),
    ],
)
def test_what_is_not_signed_now_by_the_source_is_turned_away(journal, headers, problem):
    signing = headers(time.time())  # made now: the suite may have been running for longer than a signature holds

    async def of(client, ingest):
        return await client.post("/avl", content=BODY, headers=signing), dict(ingest.health["avl"].turned_away)

    answer, turned_away = serve(journal, of)
    assert answer.status_code == 401
    assert problem in answer.json()["error"]
    assert journal.position == 0
    assert turned_away == {"401": 1}


def test_a_message_that_is_sent_again_changes_nothing(journal):
    async def of(client, _):
        headers = signed(BODY)
        return [(await client.post("/avl", content=BODY, headers=headers)).json()["outcome"] for _ in range(3)]

    assert serve(journal, of) == ["new", "repeat", "repeat"]
    assert journal.position == 1


def test_headers_that_nobody_signed_cannot_make_a_message_new(journal):
    async def of(client, _):
        headers = signed(BODY)
        return [
            (await client.post("/avl", content=BODY, headers=headers | {"ce-id": str(i), "nats-msg-id": str(i)})).json()
            for i in range(3)
        ]

    assert [answer["outcome"] for answer in serve(journal, of)] == ["new", "repeat", "repeat"]


@pytest.mark.parametrize(
    ("body", "more", "status", "problem"),
    [
        (b"no json", {}, 400, "nothing of the message"),
        (said("a", 1, lon=999), {}, 400, "nothing of the message"),
        (said("defect", 1), {}, 400, "nothing of the message"),
        (BODY, {"content-type": "image/png"}, 415, "content type"),
        (BODY, {"content-encoding": "br"}, 415, "content encoding"),
        (b"x" * 300, {}, 413, "longer than 200 bytes"),
    ],
)
def test_what_cannot_be_taken_is_said(journal, body, more, status, problem):
    answer = serve(journal, post(body, signed(body) | more), max_bytes=200)
    assert answer.status_code == status
    assert problem in answer.json()["error"]
    assert answer.json()["remedy"]
    assert journal.position == 0
    assert len(journal.letters()) == (status == 400)  # read, and kept with its reason


def test_a_long_body_without_a_length_is_cut_off(journal):
    async def stream():
        for _ in range(10):
            yield b"x" * 100

    async def of(client, _):
        return await client.post("/avl", content=stream(), headers=signed(b""))

    assert serve(journal, of, max_bytes=200).status_code == 413


def test_other_content_under_the_same_identifier_is_a_conflict(journal):
    async def of(client, _):
        answers = []
        for lon in (1, 2):
            body = said("a", 1, lon=lon)
            answers.append(await client.post("/avl", content=body, headers=signed(body)))
        return answers

    first, second = serve(journal, of)
    assert (first.status_code, second.status_code) == (202, 409)


def test_only_post_to_a_source_is_understood(journal):
    async def of(client, _):
        return await client.get("/avl"), await client.post("/other", content=BODY, headers=signed(BODY))

    get, other = serve(journal, of)
    assert (get.status_code, get.headers["allow"]) == (405, "POST")
    assert other.status_code == 404


def test_a_source_that_is_too_fast_is_told_when_to_come_back(journal):
    async def of(client, _):
        answers = []
        for i in range(4):
            body = said("a", i)
            answers.append(await client.post("/avl", content=body, headers=signed(body)))
        return answers

    answers = serve(journal, of, feed_more={"rate_per_s": 2})
    assert [answer.status_code for answer in answers] == [202, 202, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_journal_that_cannot_write_is_said_and_the_message_may_come_again(journal, monkeypatch):
    append, broken = journal.append, [True]

    def fails(messages):
        if broken[0]:
            raise DatabaseUnavailableError("database or disk is full")
        return append(messages)

    monkeypatch.setattr(journal, "append", fails)

    async def of(client, _):
        first = await client.post("/avl", content=BODY, headers=signed(BODY))
        broken[0] = False
        return first, await client.post("/avl", content=BODY, headers=signed(BODY))

    first, second = serve(journal, of)
    assert (first.status_code, first.headers["retry-after"]) == (503, "5")
    assert "disk" not in first.text  # what is wrong with us is not for senders
    assert second.json()["outcome"] == "new"


def test_without_a_secret_nothing_is_signed_only_if_that_is_said(journal):
    assert serve(journal, post(BODY, JSON), secret_env=None, unsigned=True).status_code == 202
    with pytest.raises(ValueError, match="unsigned = true"):
        settings(secret_env=None)


def test_it_may_be_mounted_in_another_application(journal):
    fastapi = pytest.importorskip("fastapi")

    def mount(app):
        outer = fastapi.FastAPI()
        outer.mount("/feeds", app)
        return outer

    assert serve(journal, post(BODY, signed(BODY), path="/feeds/avl"), mount=mount).status_code == 202


def test_a_body_that_trickles_in_is_given_up(journal, monkeypatch):
    monkeypatch.setattr("ems_twin.feeds.sources.webhook.BODY_TIMEOUT_S", 0.2)

    async def of(client, _):
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"POST /avl HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
        answer = await reader.read()
        writer.close()
        return answer

    assert serve(journal, of).startswith(b"HTTP/1.1 408 ")


def test_many_at_once_are_all_taken(journal):
    async def of(client, _):
        async def one(i):
            body = json.dumps({"id": f"m{i}", "unit": f"u{i}", "s": i}).encode()
            return (await client.post("/avl", content=body, headers=signed(body))).status_code

        return await asyncio.gather(*[one(i) for i in range(200)])

    assert serve(journal, of) == [202] * 200
    assert journal.position == 200
