"""A connection that is made again whenever it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ...errors import InputError
from .health import SourceHealth, SourceState
from .pace import Backoff


class TryAgainError(Exception):
    """The other side asks to wait; ``in_s`` says how long."""

    def __init__(self, reason: str, in_s: float = 0.0) -> None:
        super().__init__(reason)
        self.in_s = in_s


async def keep_connected(
    once: Callable[[], Awaitable[None]], health: SourceHealth, backoff: Backoff | None = None
) -> None:
    """Run a connection for ever: after an error again, after ever longer waits.

    ``once`` calls ``health.connected()`` when it is through; the waits begin anew then.

    Raises
    ------
    InputError
        What no waiting mends, such as a package that is missing.
    """
    waits = backoff or Backoff()
    while True:
        reason, at_least_s = "the connection ended", 0.0
        try:
            await once()
        except InputError:
            raise
        except Exception as raised:  # whatever a client library raises: the source is away
            error: BaseException = raised
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            reason = str(error) if isinstance(error, TryAgainError) else f"{type(error).__name__}: {brief(error)}"
            at_least_s = error.in_s if isinstance(error, TryAgainError) else 0.0
        if health.state is SourceState.connected:
            waits.reset()
        health.failed(reason)
        await asyncio.sleep(waits.next_s(at_least_s))


def brief(error: BaseException) -> str:
    """First line of an error, no longer than a log line; without control characters."""
    lines = str(error).splitlines()
    return "".join(c for c in (lines[0] if lines else "") if c.isprintable())[:200]
