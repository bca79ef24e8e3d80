"""MQTT, NATS and websockets against real servers: through restarts of either side nothing is lost and nothing counts twice."""

import asyncio
import json

import pytest
from made_up_codec import feed, said
from serving import free_port, mosquitto, nats_server, until

from ems_twin.feeds.journal import DatabaseUnavailableError, open_journal
from ems_twin.feeds.sources import Ingest
from ems_twin.feeds.sources.jetstream import NatsSource
from ems_twin.feeds.sources.mqtt import MqttSource
from ems_twin.feeds.sources.settings import MqttSettings, NatsSettings, WebsocketSettings
from ems_twin.feeds.sources.websocket import WebsocketSource


@pytest.fixture
def journal(tmp_path):
    with open_journal(tmp_path / "j.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "server"
    made.mkdir()
    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Try again soon."""
    monkeypatch.setattr("ems_twin.feeds.sources.pace.Backoff.next_s", lambda self, at_least_s=0.0: 0.1)


@pytest.fixture
def fails_once(journal, monkeypatch):
    """The first write fails, as on a full disk."""
    append, fail = journal.append, [True]

    def fails(messages):
        if fail.pop() if fail else False:
            raise DatabaseUnavailableError("database or disk is full")
        return append(messages)

    monkeypatch.setattr(journal, "append", fails)


async def listen(source, journal, of, **more):
    """What ``of(ingest)`` answers while the source runs."""
    async with Ingest(journal, [feed(**more)]) as ingest:
        task = asyncio.create_task(source.run(ingest))
        try:
            return await of(ingest)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def units(journal):
    return sorted(one.event.message_id for one in journal.events())


# -- MQTT --------------------------------------------------------------------------------------------------------------


def mqtt(port):
    settings = MqttSettings(kind="mqtt", name="avl", codec="made_up", url=f"mqtt://127.0.0.1:{port}", topics=["avl/#"])
    return MqttSource(settings, {})


async def publish(port, *messages, retain=False):
    aiomqtt = pytest.importorskip("aiomqtt")
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for message in messages:
            unit = json.loads(message)["unit"] if message else "a"
            await client.publish(f"avl/{unit}", message, qos=1, retain=retain)


def test_mqtt_keeps_what_comes_while_we_are_away(journal, folder):
    pytest.importorskip("aiomqtt")
    port = free_port()

    async def main():
        async def first(ingest):
            await until(lambda: ingest.health["avl"].state == "connected")
            await publish(port, said("a", 1))
            await until(lambda: journal.position == 1)

        await listen(mqtt(port), journal, first)
        await publish(port, said("a", 2), said("a", 3))
        await listen(mqtt(port), journal, lambda _: until(lambda: journal.position == 3))

    with mosquitto(folder, port):
        asyncio.run(main())
    assert units(journal) == ["a-1", "a-2", "a-3"]


def test_mqtt_tells_the_last_retained_positions_once(journal, folder):
    pytest.importorskip("aiomqtt")
    port = free_port()

    async def main():
        await publish(port, *(said(unit, 7) for unit in "abc"), retain=True)
        await publish(port, b"", retain=True)  # clears that of a

        async def of(ingest):
            await until(lambda: ingest.health["avl"].received >= 2)

        for _ in range(2):
            await listen(mqtt(port), journal, of)

    with mosquitto(folder, port):
        asyncio.run(main())
    assert units(journal) == ["b-7", "c-7"]


def test_mqtt_sends_again_what_could_not_be_written(journal, folder, fails_once):
    pytest.importorskip("aiomqtt")
    port = free_port()

    async def main():
        async def of(ingest):
            await until(lambda: ingest.health["avl"].state == "connected")
            await publish(port, said("a", 1))
            await until(lambda: journal.position == 1)
            return ingest.health["avl"]

        return await listen(mqtt(port), journal, of)

    with mosquitto(folder, port):
        assert asyncio.run(main()).reconnects >= 1
    assert units(journal) == ["a-1"]


def test_mqtt_comes_back_after_the_broker_was_away(journal, folder):
    pytest.importorskip("aiomqtt")
    port = free_port()

    async def main():
        async with Ingest(journal, [feed()]) as ingest:
            task = asyncio.create_task(mqtt(port).run(ingest))
            health = ingest.health["avl"]
            for s in (1, 2):
                with mosquitto(folder, port):
                    await until(lambda: health.state == "connected")
                    await publish(port, said("a", s))
                    await until(lambda s=s: journal.position == s)
                await until(lambda: health.state == "waiting")
            task.cancel()
            return health

    health = asyncio.run(main())
    assert health.last_error
    assert units(journal) == ["a-1", "a-2"]


# -- NATS --------------------------------------------------------------------------------------------------------------


def nats_source(port):
    return NatsSource(
        NatsSettings(
            kind="nats", name="avl", codec="made_up", url=f"nats://127.0.0.1:{port}", stream="EMS", subjects=["avl.>"]
        ),
        {},
    )  # fmt: skip


async def to_stream(port, *messages, identifiers=()):
    nats = pytest.importorskip("nats")
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    stream = client.jetstream()
    await stream.add_stream(name="EMS", subjects=["avl.>"])
    for i, message in enumerate(messages):
        headers = {"Nats-Msg-Id": identifiers[i]} if identifiers else None
        await stream.publish("avl.unit", message, headers=headers)
    await client.close()


def test_nats_goes_on_where_it_was_and_keeps_what_came_meanwhile(journal, folder):
    pytest.importorskip("nats")
    port = free_port()

    async def main():
        await to_stream(port, said("a", 1), said("a", 2))
        await listen(nats_source(port), journal, lambda _: until(lambda: journal.position == 2))
        await to_stream(port, said("a", 3))

        async def of(ingest):
            await until(lambda: journal.position == 3)
            return ingest.health["avl"].received

        return await listen(nats_source(port), journal, of)

    with nats_server(folder, port):
        assert asyncio.run(main()) <= 3  # at least once: an acknowledgement may have been under way
    assert units(journal) == ["a-1", "a-2", "a-3"]


def test_nats_names_a_message(journal, folder):
    pytest.importorskip("nats")
    port = free_port()

    async def main():
        await to_stream(port, json.dumps([{"unit": "a", "s": 1}]).encode(), identifiers=["from-cad-1"])
        await listen(nats_source(port), journal, lambda _: until(lambda: journal.position == 1))

    with nats_server(folder, port):
        asyncio.run(main())
    assert units(journal) == ["from-cad-1"]


def test_nats_sends_again_what_could_not_be_written(journal, folder, fails_once, monkeypatch):
    pytest.importorskip("nats")
    monkeypatch.setattr("ems_twin.feeds.sources.jetstream.AGAIN_S", 0.1)
    port = free_port()

    async def main():
        await to_stream(port, said("a", 1))
        await listen(nats_source(port), journal, lambda _: until(lambda: journal.position == 1))

    with nats_server(folder, port):
        asyncio.run(main())
    assert units(journal) == ["a-1"]


def test_nats_comes_back_after_the_server_was_away(journal, folder):
    pytest.importorskip("nats")
    port = free_port()

    async def main():
        async with Ingest(journal, [feed()]) as ingest:
            task = asyncio.create_task(nats_source(port).run(ingest))
            for s in (1, 2):
                with nats_server(folder, port):
                    await to_stream(port, said("a", s))
                    await until(lambda s=s: journal.position == s)
                await until(lambda: ingest.health["avl"].state == "waiting")
            task.cancel()

    asyncio.run(main())
    assert units(journal) == ["a-1", "a-2"]


# -- websockets --------------------------------------------------------------------------------------------------------


def test_a_websocket_goes_on_after_the_last_message(journal):
    server = pytest.importorskip("websockets.asyncio.server")
    asked, messages = [], [said("a", i) for i in range(1, 6)]

    async def handler(connection):
        subscription = json.loads(await connection.recv())
        asked.append((connection.request.path, subscription["after"], connection.request.headers.get("authorization")))
        names = [json.loads(message)["id"] for message in messages]
        begin = names.index(subscription["after"]) + 1 if subscription["after"] else 0
        for message in messages[begin : begin + 2]:  # breaks off after two
            await connection.send(message.decode())

    async def main():
        async with server.serve(handler, "127.0.0.1", 0) as serving:
            port = serving.sockets[0].getsockname()[1]
            settings = WebsocketSettings(
                kind="websocket", name="avl", codec="made_up", url=f"ws://127.0.0.1:{port}/feed?after={{last_id}}",
                subscribe='{"after": "{last_id}"}', token_env="TOKEN",
            )  # fmt: skip
            source = WebsocketSource(settings, {"TOKEN": "abc"})
            await listen(source, journal, lambda _: until(lambda: journal.position == 5), resumes_by_id=True)

    asyncio.run(main())
    assert asked[:3] == [
        ("/feed?after=", "", "Bearer abc"),
        ("/feed?after=a-2", "a-2", "Bearer abc"),
        ("/feed?after=a-4", "a-4", "Bearer abc"),
    ]
    assert journal.tallies()["avl"] == {"new": 5, "events": 5}


def test_a_websocket_goes_back_to_what_could_not_be_written(journal, fails_once):
    server = pytest.importorskip("websockets.asyncio.server")

    async def handler(connection):
        last = connection.request.path.partition("=")[2]
        for i in range(int(last.partition("-")[2] or 0) + 1, 6):
            await connection.send(said("a", i))
        await connection.wait_closed()

    async def main():
        async with server.serve(handler, "127.0.0.1", 0) as serving:
            port = serving.sockets[0].getsockname()[1]
            settings = WebsocketSettings(
                kind="websocket", name="avl", codec="made_up", url=f"ws://127.0.0.1:{port}/?after={{last_id}}"
            )
            source = WebsocketSource(settings, {})
            await listen(source, journal, lambda _: until(lambda: journal.position == 5), resumes_by_id=True)

    asyncio.run(main())
    assert units(journal) == [f"a-{i}" for i in range(1, 6)]
