"""Replications side by side in threads, with the same answer whatever their number."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from ..simulation.threads import cores

T = TypeVar("T")


def replicate(
    one: Callable[[int], T],
    n: int,
    *,
    threads: int | None = None,
    enough: Callable[[list[T]], bool] | None = None,
) -> list[T]:
    """Answers of replications 0, 1, ... in this order.

    Parameters
    ----------
    one
        Answer of replication k, a pure function of k that may run in several threads at once. The compiled driver lets
        the interpreter go while it works, so threads do work side by side.
    n
        Most replications.
    threads
        Threads; by default one for each core.
    enough
        Whether to stop, asked after each replication with the answers up to it. What other threads have done beyond it
        by then is thrown away, or the answer would depend on their number.
    """
    threads = threads or cores()
    answers: list[T] = []
    pool = ThreadPoolExecutor(threads)
    try:
        running: deque[Future[T]] = deque()
        begun = 0
        while len(answers) < n:
            while begun < n and len(running) < 2 * threads:
                running.append(pool.submit(one, begun))
                begun += 1
            answers.append(running.popleft().result())
            if enough is not None and enough(answers):
                break
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return answers
