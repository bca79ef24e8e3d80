"""Travel times that change while they are asked for: new ones are made in the background and put in force in one step.

A :class:`~ems_twin.routing.Router` never changes. The holder has one in force; whoever asks takes a reference to it once
and gets all answers of one question, or of a whole evening, from the same roads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from .router import Router

Change = Callable[[Router], Router]
"""Makes the router to come from the one that the holder began with: ``lambda base: base.with_closures([7])``."""


@dataclass(frozen=True, eq=False)
class InForce:
    """One complete set of travel times, and which it is."""

    epoch: int
    """0 for the first, counted up with each that comes into force."""
    router: Router
    """The travel times."""
    tag: Any
    """What whoever asked for them calls them."""


class LiveRouter:
    """Holds the router that is in force; :meth:`change` replaces it in the background.

    Changes are made one after the other in a thread of their own, which runs as long as there is something to do. Of
    several that are asked for while one is being made only the last is: a change says what the roads are to be like,
    not what is to be added. A change that fails leaves the old times in force; its error is kept in :attr:`failure`,
    told to ``on_failure``, and raised by :meth:`wait`.

    Parameters
    ----------
    base
        In force at first, and what changes start from.
    on_swap
        Told each new set as soon as it is in force, in the background thread.
    on_failure
        Told the error of a change that fails, in the background thread.
    """

    def __init__(
        self,
        base: Router,
        *,
        on_swap: Callable[[InForce], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
    ) -> None:
        self.base = base
        self._in_force = InForce(0, base, None)
        self._on_swap, self._on_failure = on_swap, on_failure
        self._lock = threading.Condition()
        self._wanted: tuple[Change, Any] | None = None
        self._worker: threading.Thread | None = None
        self._failure: Exception | None = None
        self._skipped = 0

    @property
    def in_force(self) -> InForce:
        """The set that is in force now. Take it once for all that must fit together; no lock is held."""
        return self._in_force

    @property
    def router(self) -> Router:
        """The router that is in force now."""
        return self._in_force.router

    @property
    def failure(self) -> Exception | None:
        """Error of the last change, None if it came into force."""
        return self._failure

    @property
    def skipped(self) -> int:
        """Changes that were asked for and overtaken by a later one before they were made."""
        return self._skipped

    def change(self, change: Change, *, tag: Any = None) -> None:
        """Ask for other travel times; returns at once. ``tag`` is found again in :attr:`in_force`."""
        with self._lock:
            self._skipped += self._wanted is not None
            self._wanted = (change, tag)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="ems-twin-roads", daemon=True)
                self._worker.start()

    def reset(self) -> None:
        """Ask for the base again: every closure is lifted."""
        self.change(lambda base: base)

    def wait(self, timeout_s: float | None = None) -> InForce:
        """Wait until everything asked for is in force, and return it.

        Raises
        ------
        TimeoutError
            It takes longer.
        Exception
            What the last change failed with.
        """
        until = None if timeout_s is None else monotonic() + timeout_s
        with self._lock:
            while self._worker is not None:
                left = None if until is None else until - monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError(f"the new travel times are not ready after {timeout_s} s")
                self._lock.wait(left)
            if self._failure is not None:
                raise self._failure
            return self._in_force

    def _work(self) -> None:
        try:
            self._make_changes()
        finally:  # also when a listener raises: the next change starts another thread
            with self._lock:
                if self._worker is threading.current_thread():
                    self._worker = None
                    self._lock.notify_all()

    def _make_changes(self) -> None:
        while True:
            with self._lock:
                if self._wanted is None:
                    self._worker = None
                    self._lock.notify_all()
                    return
                change, tag = self._wanted
                self._wanted = None
            try:
                router = change(self.base)
                # one reference is replaced: readers see all of it or nothing
                self._in_force = InForce(self._in_force.epoch + 1, router, tag)
                self._failure = None
            except Exception as error:  # kept and told: a thread has nobody to raise it to
                self._failure = error
                if self._on_failure is not None:
                    self._on_failure(error)
                continue
            if self._on_swap is not None:
                self._on_swap(self._in_force)
