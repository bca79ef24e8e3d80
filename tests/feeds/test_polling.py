"""Polling a real server: what has not changed is not sent, pages and overlaps are taken in once, errors are waited out."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from made_up_codec import feed
from made_up_messages import NOON
from serving import asgi, until

from ems_twin.feeds.journal import open_journal
from ems_twin.feeds.sources import Ingest
from ems_twin.feeds.sources.polling import PollSource, retry_after_s
from ems_twin.feeds.sources.settings import PollSettings
from ems_twin.feeds.sources.window import PollBookmark, newest_of, since

httpx = pytest.importorskip("httpx")


class Server:
    """An open-data server; ``rows`` are those that there are."""

    def __init__(self, rows=()):
        self.rows = list(rows)
        self.asked = []
        self.answers = []  # (status, headers) that come first
        self.body = None

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        query = dict(httpx.QueryParams(scope["query_string"].decode()))
        self.asked.append((query, headers))
        status, extra = self.answers.pop(0) if self.answers else (200, {})
        rows = [row for row in self.rows if row.get(":updated_at", "") > query.get("since", "")]
        if "limit" in query:
            rows = rows[int(query["offset"]) :][: int(query["limit"])]
        body = self.body if self.body is not None else json.dumps(rows).encode()
        etag = f'"{hash(body)}"'
        if status == 200 and headers.get("if-none-match") == etag:
            status = 304
        head = {"content-type": "application/json", "etag": etag, **extra}
        await send({"type": "http.response.start", "status": status,
                    "headers": [(k.encode(), v.encode()) for k, v in head.items()]})  # fmt: skip
        await send({"type": "http.response.body", "body": b"" if status == 304 else body})


def row(i, **more):
    return {"id": f"m{i}", "unit": f"u{i}", "s": i, ":updated_at": f"2026-03-01T12:{i:02}:00.000Z"} | more


def settings(url, **more):
    return PollSettings(kind="poll", name="avl", codec="made_up", url=url, **more)


def polls(tmp_path, server, of, **more):
    """Serve, and let ``of(poll, journal)`` ask with ``await poll()``."""

    async def main():
        with open_journal(tmp_path / "j.sqlite") as journal:
            async with Ingest(journal, [feed()], clock=lambda: NOON) as ingest, asgi(server) as url:
                source = PollSource(settings(f"{url}/rows", **more), {"TOKEN": "abc"})
                async with httpx.AsyncClient(headers=source._headers) as client:
                    return await of(lambda: source.poll(client, ingest), journal)

    return asyncio.run(main())


def test_each_row_of_a_list_is_a_message(tmp_path):
    async def of(poll, journal):
        await poll()
        return journal.tallies()["avl"], journal.letters()

    tally, letters = polls(tmp_path, Server([row(1), row(2, lon=999), row(3)]), of)
    assert (tally["new"], tally["events"], tally["refused"]) == (3, 2, 1)
    assert [letter.reasons[0].reason for letter in letters] == ["is no longitude"]


def test_what_has_not_changed_is_not_sent_also_after_a_restart(tmp_path):
    server = Server([row(1)])

    async def of(poll, journal):
        await poll()
        await poll()
        return journal.tallies()["avl"]

    assert polls(tmp_path, server, of)["new"] == 1
    assert "if-none-match" in server.asked[1][1]
    server.asked.clear()

    async def main():  # another port is another URL, so the same server asks under its own
        with open_journal(tmp_path / "j.sqlite") as journal:
            async with Ingest(journal, [feed()], clock=lambda: NOON) as ingest, asgi(server) as url:
                mark = PollBookmark.from_text(journal.bookmark("avl"))
                journal.set_bookmark("avl", PollBookmark(url=f"{url}/rows", etag=mark.etag).to_text())
                source = PollSource(settings(f"{url}/rows"), {})
                async with httpx.AsyncClient() as client:
                    await source.poll(client, ingest)
                return journal.tallies()["avl"]

    assert asyncio.run(main()) == {"new": 1, "events": 1}
    assert "if-none-match" in server.asked[0][1]


def test_only_what_changed_lately_is_asked_for_with_an_overlap(tmp_path):
    server = Server([row(i) for i in range(1, 6)])

    async def of(poll, journal):
        await poll()
        server.rows += [row(3, id="late", unit="late"), row(6)]  # one comes to sight late
        await poll()
        return journal.tallies()["avl"], [one.event.subject for one in journal.events()]

    tally, units = polls(
        tmp_path, server, of, params={"since": "{since}"}, overlap_s=180, first_s=86_400
    )  # fmt: skip
    assert server.asked[0][0]["since"] == "2026-02-28T12:00:00.000"
    assert server.asked[1][0]["since"] == "2026-03-01T12:02:00.000Z"
    assert units == ["u1", "u2", "u3", "u4", "u5", "late", "u6"]
    assert tally["new"] == 7
    assert "repeat" not in tally  # rows of the overlap that have been seen are not even read again


def test_page_after_page_is_asked_for(tmp_path):
    server = Server([row(i) for i in range(7)])

    async def of(poll, journal):
        await poll()
        return journal.position, PollBookmark.from_text(journal.bookmark("avl")).newest

    params = {"since": "{since}", "offset": "{offset}", "limit": "3"}
    assert polls(tmp_path, server, of, params=params, page_rows=3) == (7, "2026-03-01T12:06:00.000Z")
    assert [query["offset"] for query, _ in server.asked] == ["0", "3", "6"]


def test_a_token_goes_into_its_header(tmp_path):
    server = Server()

    async def of(poll, journal):
        await poll()

    polls(tmp_path, server, of, token_env="TOKEN", token_header="X-App-Token")
    polls(tmp_path, server, of, token_env="TOKEN")
    assert server.asked[0][1]["x-app-token"] == "abc"
    assert server.asked[1][1]["authorization"] == "Bearer abc"


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        ({"answers": [(429, {"retry-after": "7"})]}, "answered 429"),
        ({"answers": [(500, {})]}, "answered 500"),
        ({"answers": [(403, {})]}, "check the URL and the token"),
        ({"answers": [(302, {"location": "http://169.254.169.254/"})]}, "answered 302"),
        ({"body": b"[" + b" " * 2000 + b"]"}, "longer than 1,000 bytes"),
    ],
)
def test_an_answer_of_no_use_is_an_error_that_says_why(tmp_path, server, problem):
    made = Server([row(1)])
    vars(made).update(server)

    async def of(poll, journal):
        with pytest.raises(Exception, match=problem) as caught:
            await poll()
        return caught.value.in_s

    assert polls(tmp_path, made, of, max_bytes=1000) == (7 if "429" in problem else 0)


def test_the_source_waits_and_goes_on_by_itself(tmp_path, monkeypatch):
    server = Server([row(1)])
    server.answers = [(503, {"retry-after": "0"}), (500, {})]

    async def main():
        with open_journal(tmp_path / "j.sqlite") as journal:
            async with Ingest(journal, [feed()]) as ingest, asgi(server) as url:
                source = PollSource(settings(url, every_s=0.05), {})
                task = asyncio.create_task(source.run(ingest))
                await until(lambda: journal.position == 1)
                server.rows.append(row(2))
                await until(lambda: journal.position == 2)
                task.cancel()
                return ingest.health["avl"]

    health = asyncio.run(main())
    assert (health.state, health.reconnects, health.last_error) == ("connected", 2, None)


def test_what_is_no_list_is_one_message(tmp_path):
    server = Server()
    server.body = json.dumps({"id": "x", "unit": "a", "s": 1}).encode()

    async def of(poll, journal):
        await poll()
        return journal.position

    assert polls(tmp_path, server, of) == 1


def test_retry_after_is_read_in_both_forms():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert retry_after_s("120", now) == 120
    assert retry_after_s(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert retry_after_s("999999", now) == 3600
    assert [retry_after_s(value, now) for value in (None, "soon", "-5")] == [0, 0, 0]


def test_times_of_change_keep_the_rows_own_form():
    first = NOON - timedelta(days=1)
    assert since(None, 60, first=first) == "2026-02-28T12:00:00.000"
    assert since("2026-03-01T12:00:00.000", 60, first=first) == "2026-03-01T11:59:00.000"
    assert since("2026-03-01T12:00:00Z", 60, first=first) == "2026-03-01T11:59:00.000Z"
    rows = [{"at": "2026-03-01T12:00:00Z"}, {"at": "2026-03-01T13:00:00+02:00"}, {"at": "nonsense"}, 5, {}]
    assert newest_of(rows, "at", None) == "2026-03-01T12:00:00Z"
    assert newest_of(rows, "at", "2026-03-02T12:00:00Z") == "2026-03-02T12:00:00Z"
