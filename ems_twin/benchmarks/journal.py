"""How many messages a second are read and safe, how long a sender waits, and whether kill -9 loses or doubles any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from ..feeds.extras import needs
from ..feeds.journal import open_journal
from .journal_kill import kill
from .journal_load import Connection, position, running

RATE_PER_S = 2000
"""Messages a second that are asked for."""
FULL_S, QUICK_S = 60.0, 5.0
FULL_KILLS, QUICK_KILLS = 100, 5
CONNECTIONS = 20
TARGET_P99_S = 0.05
_ASIDE_S = 2.0
"""At the beginning, not counted: connections are made, code is warm."""


def bench_journal(*, quick: bool, progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure throughput, and kill.

    Returns
    -------
    dict
        ``load``: what :func:`load` returns; ``kills``: what :func:`~ems_twin.benchmarks.journal_kill.kill` returns;
        ``targets``, of a full run only.

    Raises
    ------
    InputError
        The server for HTTP is not installed.
    """
    needs("uvicorn", "bench", "loading the journal over HTTP")
    with TemporaryDirectory() as folder:
        progress("taking in messages")
        loaded = load(Path(folder) / "load.sqlite", QUICK_S if quick else FULL_S)
        killed = kill(Path(folder) / "kill.sqlite", QUICK_KILLS if quick else FULL_KILLS, progress=progress)
    targets = []
    if not quick:
        per_s, p99_s = loaded["per_s"], loaded["p99_s"]
        bad = killed["lost"] + killed["twice"] + killed["outbox_lost"] + killed["outbox_twice"]
        targets = [
            {"what": "messages a second", "measured": per_s, "target": f"at least {RATE_PER_S:,} but for 1 %",
             "met": per_s >= 0.99 * RATE_PER_S},
            {"what": "99 % of waits, ms", "measured": p99_s * 1000, "target": f"at most {TARGET_P99_S * 1000:g}",
             "met": p99_s <= TARGET_P99_S},
            {"what": f"lost or doubled by {killed['kills']} kills", "measured": bad, "target": "none, and the same state",
             "met": bad == 0 and killed["same_state"]},
        ]  # fmt: skip
    return {"load": loaded, "kills": killed, "targets": targets}


def load(journal: Path, seconds: float, rate_per_s: float = RATE_PER_S) -> dict[str, Any]:
    """Send at a steady rate whether answers come or not, over HTTP, signed; a wait begins when a message is due.

    Returns
    -------
    dict
        ``seconds``, ``asked_per_s``, ``sent``, ``acknowledged``, ``journalled`` (counted in the journal afterwards),
        ``per_s`` (acknowledged a second), ``p50_s``, ``p99_s``, ``most_s``.
    """

    async def send(port: int) -> tuple[list[float], int, float]:
        loop = asyncio.get_running_loop()
        count = int((seconds + _ASIDE_S) * rate_per_s)
        begin = loop.time() + 0.1
        due = iter(range(count))
        waits: list[float] = []
        taken = 0

        async def work() -> None:
            nonlocal taken
            connection = Connection(port)
            for i in due:
                at = begin + i / rate_per_s
                if (early := at - loop.time()) > 0:
                    await asyncio.sleep(early)
                status = await connection.post(position(i))
                taken += status == 202  # not in one line: others count while this one waits
                if i >= _ASIDE_S * rate_per_s:
                    waits.append(loop.time() - at)
            connection.close()

        await asyncio.gather(*[work() for _ in range(CONNECTIONS)])
        return waits, taken, loop.time() - begin

    with running(journal, apply=False) as port:
        waits, taken, took_s = asyncio.run(send(port))
    with open_journal(journal, read_only=True) as written:
        journalled = written.position
    hundredths = quantiles(waits, n=100, method="inclusive")
    return {
        "seconds": seconds,
        "sent": int((seconds + _ASIDE_S) * rate_per_s),
        "asked_per_s": rate_per_s,
        "acknowledged": taken,
        "journalled": journalled,
        "per_s": taken / took_s,
        "p50_s": hundredths[49],
        "p99_s": hundredths[98],
        "most_s": max(waits),
    }
