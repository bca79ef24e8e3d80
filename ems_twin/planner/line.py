"""The line of runs: one at a time is worked out, in a process of its own; others wait their turn."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import IO, Any

from .runs import RunRecord, Runs

_LOG = "log.txt"
_BEHIND = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
_STOP_S = 5.0


class Line:
    """Works runs out, one after the other.

    Parameters
    ----------
    runs
        Where they lie.
    """

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self._waiting: deque[str] = deque()
        self._turn = Condition()
        self._process: subprocess.Popen[str] | None = None
        self._current: str | None = None
        self._stopped: set[str] = set()
        self._closed = False
        self._thread = Thread(target=self._work, name="planner-runs", daemon=True)
        self._thread.start()

    def put(self, run: str) -> None:
        """Let a run wait its turn; one that was stopped goes on from the days that it has kept."""
        record = self.runs.get(run)
        if record is None or not (record.is_over or record.state == "waiting"):
            return
        self.runs.keep(replace(record, state="waiting", text="", share=None, left_s=None, faults=[]))
        with self._turn:
            self._stopped.discard(run)
            if run not in self._waiting:
                self._waiting.append(run)
            self._turn.notify()

    def stop(self, run: str) -> None:
        """Stop a run, under way or waiting; what it has kept stays."""
        with self._turn:
            if run in self._waiting:
                self._waiting.remove(run)
                waiting = True
            else:
                waiting = False
                if run == self._current:
                    self._stopped.add(run)
                    if self._process is not None:
                        self._process.terminate()
        record = self.runs.get(run)
        if waiting and record is not None:
            self.runs.keep(replace(record, state="stopped", text=""))

    def close(self) -> None:
        """Stop everything."""
        with self._turn:
            self._closed = True
            self._waiting.clear()
            if self._process is not None:
                self._stopped.add(self._current or "")
                self._process.terminate()
            self._turn.notify()
        self._thread.join(_STOP_S)

    def _work(self) -> None:
        while True:
            with self._turn:
                while not self._waiting and not self._closed:
                    self._turn.wait()
                if self._closed:
                    return
                run = self._current = self._waiting.popleft()
            record = self.runs.get(run)
            if record is not None:
                self._work_out(record)
            with self._turn:
                self._current = self._process = None

    def _work_out(self, record: RunRecord) -> None:
        begin = monotonic()
        folder = self.runs.folder_of(record.id)
        record = replace(record, state="running", text="starting", share=None)
        self.runs.keep(record)
        clock = _Clock()
        faults: list[dict[str, Any]] = []
        try:
            with (folder / _LOG).open("w", encoding="utf-8") as log, _started(folder, log) as process:
                with self._turn:
                    self._process = process
                    if record.id in self._stopped or self._closed:
                        process.terminate()
                assert process.stdout is not None
                for text in process.stdout:
                    told = _parsed(text)
                    faults = told.get("faults", faults)
                    if "text" in told:
                        record = replace(record, text=told["text"], share=told["share"], left_s=clock.left_s(**told))
                        self.runs.keep(record, on_disk=False)
                code = process.wait()
        except OSError as error:
            self.runs.keep(replace(record, state="failed", text=f"The run cannot be started ({error.strerror})."))
            return
        record = replace(record, share=None, left_s=None, text="")
        with self._turn:
            stopped = record.id in self._stopped
            self._stopped.discard(record.id)
        if stopped:
            self.runs.keep(replace(record, state="stopped"))
        elif code == 0:
            self.runs.keep(replace(record, state="done", seconds=round(monotonic() - begin, 1)))
        else:
            text = "The scenario has faults." if faults else f"The run ended unexpectedly; {folder / _LOG} says why."
            self.runs.keep(replace(record, state="failed", text=text, faults=faults))


def _started(folder: Path, log: IO[str]) -> subprocess.Popen[str]:
    """The process that works out the run in a folder: in a group of its own, so that Ctrl-C reaches us alone."""
    return subprocess.Popen(
        [sys.executable, "-m", "ems_twin.planner.worker", str(folder.resolve())], stdout=subprocess.PIPE, stderr=log,
        stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
        start_new_session=True, creationflags=_BEHIND,
    )  # fmt: skip


class _Clock:
    """How long what is under way will still take, from how fast it went so far."""

    def __init__(self) -> None:
        self._text: str | None = None
        self._begin = (0.0, 0.0)

    def left_s(self, text: str, share: float | None, **_: Any) -> float | None:
        """Seconds; None while nobody can say."""
        now = monotonic()
        if text != self._text:
            self._text, self._begin = text, (now, share or 0.0)
            return None
        done = (share or 0.0) - self._begin[1]
        return None if share is None or done <= 0.02 else round((now - self._begin[0]) / done * (1 - share), 1)


def _parsed(text: str) -> dict[str, Any]:
    """What a line tells; nothing if it is none of ours."""
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
