"""Messages out of files at any speed: for demonstrations, tests and looking at a day again."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from ...errors import InputError
from ..decoded import Reading
from ..journal import DatabaseUnavailableError, Receipt
from .health import SourceState
from .ingest import Ingest
from .pace import Backoff
from .settings import ReplaySettings

AHEAD = 1000
"""Messages that may wait to be written when no time has to pass between them."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A message as a file holds it."""

    payload: bytes
    received_at: datetime | None = None
    """None: when it happened, by what it tells."""
    message_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class ReplaySource:
    """Plays a recording.

    A line of a file is a message, or an object with ``received_at``, ``payload`` (JSON) or ``text``, and perhaps
    ``headers`` and ``message_id``. Order is kept; a message that is earlier than the one before comes right after it.

    Parameters
    ----------
    settings
        What to play, and how fast.
    folder
        That the path is relative to.
    """

    def __init__(self, settings: ReplaySettings, folder: Path = Path()) -> None:
        self.settings = settings
        self.path = folder / settings.path
        self.now: datetime | None = None
        """Time of the recording; None before the first message that has one."""
        self.played = 0
        """Messages that have been handed in."""
        self._speed = settings.speed
        self._going = asyncio.Event()
        self._going.set()
        self._changed = asyncio.Event()

    @property
    def speed(self) -> float | None:
        """Times faster than it was; None for as fast as can be. May be changed while it plays."""
        return self._speed

    @speed.setter
    def speed(self, value: float | None) -> None:
        if value is not None and not value > 0:
            raise InputError(f"{value} is no speed", field="speed", remedy="Give a number above 0; pause() halts.")
        self._speed = value
        self._changed.set()

    def pause(self) -> None:
        """Halt the time of the recording."""
        self._going.clear()
        self._changed.set()

    def resume(self) -> None:
        """Let it go on."""
        self._going.set()
        self._changed.set()

    def seek(self, to: datetime) -> None:
        """Go to a later time: what lies between is handed in at once, so nothing is missing from the picture.

        Raises
        ------
        InputError
            It is past.
        """
        if self.now is not None and to < self.now:
            raise InputError(
                f"{to.isoformat()} has been played", field="to", remedy="Begin anew with an empty journal to go back."
            )
        self.now = to
        self._changed.set()

    async def run(self, ingest: Ingest) -> None:
        """Play to the end; returns when everything is safe."""
        name = self.settings.name
        health = ingest.health[name]
        feed = ingest.feeds[name]
        health.connected()
        waiting: deque[tuple[bytes, dict[str, Any], asyncio.Future[Receipt]]] = deque()
        for message in recorded(self.path):
            at = message.received_at
            if at is None:
                reading = Reading(
                    received_at=self.now or ingest.clock(), source=name, headers=message.headers, area=feed.area,
                    timezone=feed.timezone,
                )  # fmt: skip
                decoded = feed.decode(message.payload, reading)
                at = min((e.occurred_at for e in decoded.events if not e.time_uncertain), default=self.now)
            if at is not None:
                await self._until(at)
            await self._going.wait()
            more = {
                "message_id": message.message_id, "headers": message.headers,
                "received_at": self.now or ingest.clock(),
            }  # fmt: skip
            waiting.append((message.payload, more, await ingest.submit(name, message.payload, **more)))
            self.played += 1
            if len(waiting) >= AHEAD:
                await self._settle(ingest, waiting)
        await self._settle(ingest, waiting)
        health.state = SourceState.ended

    async def _settle(
        self, ingest: Ingest, waiting: deque[tuple[bytes, dict[str, Any], asyncio.Future[Receipt]]]
    ) -> None:
        """Wait until all is safe; what could not be written is handed in again."""
        name = self.settings.name
        pause = Backoff()
        while waiting:
            payload, more, receipt = waiting[0]
            try:
                await receipt
            except DatabaseUnavailableError as error:
                ingest.health[name].failed(str(error))
                await asyncio.sleep(pause.next_s())
                waiting[0] = (payload, more, await ingest.submit(name, payload, **more))
            else:
                waiting.popleft()
        ingest.health[name].connected()

    async def _until(self, at: datetime) -> None:
        """Let the time of the recording pass until then."""
        loop = asyncio.get_running_loop()
        if self.now is None:
            self.now = at
        while self.now < at:
            await self._going.wait()
            if self._speed is None:
                self.now = at
                return
            self._changed.clear()
            begin, then, speed = loop.time(), self.now, self._speed
            try:
                async with asyncio.timeout(min((at - then).total_seconds() / speed, 3600.0)):
                    await self._changed.wait()
            except TimeoutError:
                pass
            passed = then + timedelta(seconds=(loop.time() - begin) * speed)
            self.now = max(self.now, min(at, passed))  # a seek may have gone further


def recorded(path: Path) -> Iterator[Recorded]:
    """Messages of a folder's files by their names, or of a file's lines.

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        if path.is_dir():
            for file in sorted((one for one in path.iterdir() if one.is_file()), key=_natural):
                if not file.name.startswith("."):
                    yield Recorded(payload=file.read_bytes())
            return
        with path.open("rb") as lines:
            for line in lines:
                if line.strip():
                    yield _of_line(line.strip())
    except OSError as error:
        raise InputError("cannot be read", file=path, remedy="Check the name, and its rights.") from error


def _of_line(line: bytes) -> Recorded:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Recorded(payload=line)  # its codec says what is wrong with it
    if not (isinstance(record, dict) and "received_at" in record and ("payload" in record or "text" in record)):
        return Recorded(payload=line)
    try:
        at = datetime.fromisoformat(record["received_at"])
    except (TypeError, ValueError):
        return Recorded(payload=line)
    text = record.get("text")
    headers = record.get("headers")
    identifier = record.get("message_id")
    return Recorded(
        payload=text.encode() if isinstance(text, str) else orjson.dumps(record.get("payload")),
        received_at=at.replace(tzinfo=at.tzinfo or UTC),
        message_id=identifier if isinstance(identifier, str) and identifier else None,
        headers={str(k): str(v) for k, v in headers.items()} if isinstance(headers, dict) else {},
    )


def _natural(file: Path) -> list[tuple[int, str]]:
    """``2.json`` before ``10.json``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", file.name)]
