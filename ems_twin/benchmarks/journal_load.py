"""A sender of signed messages over HTTP connections that stay open, lean enough not to be what is measured."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..feeds.sources import sign
from .journal_server import SECRET, SOURCE

UNITS = 80
EPOCH_S = 1_772_366_400
"""When the invented positions begin."""


def position(i: int) -> bytes:
    """The ``i``-th invented message: a unit's position, as a tracker sends it."""
    return json.dumps(
        {"_type": "location", "tid": f"M{i % UNITS}", "tst": EPOCH_S + i // UNITS, "lon": -73.9 - (i % 997) * 1e-5,
         "lat": 40.7 + (i % 991) * 1e-5, "vel": i % 80, "cog": i % 360}
    ).encode()  # fmt: skip


class Connection:
    """One open connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes) -> int:
        """Status of the answer.

        Raises
        ------
        OSError, EOFError
            The server is gone; the next call connects again.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = "".join(f"{name}: {value}\r\n" for name, value in sign(SECRET.encode(), body).items())
        try:
            writer.write(
                f"POST /{SOURCE} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{head}"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            answer = await reader.readuntil(b"\r\n\r\n")
            length = answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
        except (OSError, EOFError, ValueError):
            self.close()
            raise EOFError("the server is gone") from None
        return int(answer[9:12])

    def close(self) -> None:
        """End it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(journal: Path, port: int, *, apply: bool) -> subprocess.Popen[bytes]:
    """Start the process that is loaded."""
    command = [sys.executable, "-m", "ems_twin.benchmarks.journal_server", str(journal), str(port)]
    here = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])}
    return subprocess.Popen([*command, *(["--apply"] if apply else [])], env=os.environ | here)


@contextmanager
def running(journal: Path, *, apply: bool) -> Iterator[int]:
    """Run it, listening, and end it in peace; gives its port."""
    port = free_port()
    process = start(journal, port, apply=apply)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes], most_s: float = 30.0) -> None:
    """Wait until it listens."""
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"the process ended with {process.returncode}")
        time.sleep(0.01)
    raise RuntimeError(f"the process does not listen after {most_s:.0f} s")
