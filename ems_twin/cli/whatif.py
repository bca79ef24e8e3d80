"""The command that rehearses a day: a scenario from a file, simulated in pairs, answered with a report."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .shared import progress_bar, size_of

if TYPE_CHECKING:
    from ..scenario.whatif import Answer, Prepared, Scenario
    from ..scenario.whatif.suggest import Ask

_SUGGESTING = {
    "case": "case", "crews": "crews", "shift_h": "shift", "target_late": "target_late", "target_mean_min": "target_mean",
    "most_units": "most_units", "budget": "budget",
}  # fmt: skip
"""Option behind each field of a request for suggestions."""


def whatif(arguments: argparse.Namespace) -> int | None:
    """Simulate a scenario, print the answer and write the report; returns 130 where it was interrupted."""
    from ..scenario.whatif import json_schema, prepare, read_scenario

    if arguments.schema:
        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return None
    if arguments.file is None:
        raise InputError("no scenario was named", remedy="Name its file, or ask for --schema.")
    from ..simulation import check_writable

    begin = perf_counter()
    out: Path = arguments.out or Path(arguments.file.stem)
    scenario = read_scenario(arguments.file)
    ask = _asked(arguments, scenario)
    facts: dict[str, Any] = {"file": file_facts(arguments.file), "command": command_of(arguments, out)}
    with progress_bar(f"reading {arguments.file.name}", quiet=arguments.json) as say:
        prepared = prepare(scenario, file=arguments.file)
        check_writable(out)
        try:
            with _second_interrupt_ends(lambda: _say_kept(prepared, out)):
                found = _simulated(prepared, out, arguments, say)
                if ask is not None:
                    from ..scenario.whatif.suggest import suggest

                    facts["suggestions"] = suggest(found, ask, out=out, threads=arguments.threads, say=say)
        except KeyboardInterrupt:
            return _say_kept(prepared, out)
        say("writing the report", 1.0)
        record, written = write_all(found, out, **facts, total_seconds=round(perf_counter() - begin, 1))
    _tell(record, written, out, arguments)
    return None


def _asked(arguments: argparse.Namespace, scenario: Scenario) -> Ask | None:
    """What suggestions are asked for, looked over before anything is simulated."""
    given = {
        field: value
        for field, option in _SUGGESTING.items()
        if (value := getattr(arguments, option)) is not None
    }  # fmt: skip
    if arguments.suggest is None:
        for field in given:
            raise InputError(f"--{_SUGGESTING[field].replace('_', '-')} goes with --suggest", remedy="Add --suggest.")
        return None
    from ..scenario.whatif.suggest import Ask

    ask = Ask(variant=arguments.suggest or None, **given)
    ask.check(tuple(one.name for one in scenario.variants), tuple(one.name for one in scenario.cases) or ("",))
    return ask


def _simulated(prepared: Prepared, out: Path, arguments: argparse.Namespace, say: Any) -> Answer:
    from ..scenario.whatif import answer
    from ..scenario.whatif.store import Store

    if arguments.fresh:
        Store(out).clear()
    return answer(prepared, out=out, threads=arguments.threads, say=say)


@contextmanager
def _second_interrupt_ends(tell: Callable[[], int]) -> Iterator[None]:
    """After one Ctrl-C the days under way are finished, which takes a while with rollout; a second one leaves them."""

    def first(_number: int, _frame: Any) -> None:
        signal.signal(signal.SIGINT, second)
        print("ems-twin: stopping; the days under way are finished first. Ctrl-C again leaves them.", file=sys.stderr)
        raise KeyboardInterrupt

    def second(_number: int, _frame: Any) -> None:
        os._exit(tell())  # threads that simulate would keep an ordinary end waiting

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def write_all(found: Answer, out: Path, **facts: Any) -> tuple[dict[str, Any], list[Path]]:
    """Write figures and report of an answer; returns its record and the files, the report last."""
    from ..scenario.whatif.record import record_of, write_answer
    from ..views import write_whatif_page

    record = record_of(found, **facts)
    return record, [*write_answer(found, record, out), write_whatif_page(found, record, out / "report.html")]


def file_facts(file: Path) -> dict[str, str]:
    """A scenario's file as it was run."""
    text = file.read_bytes()
    return {"name": file.name, "sha256": sha256(text).hexdigest(), "text": text.decode("utf-8")}


def command_of(arguments: argparse.Namespace, out: Path) -> str:
    """The command that gives the same figures again."""
    import shlex

    words = ["ems-twin", "whatif", arguments.file.name, "--out", out.name]
    if arguments.suggest is not None:
        words += ["--suggest", *filter(None, [arguments.suggest])]
        for option in _SUGGESTING.values():
            value = getattr(arguments, option)
            if value is not None:
                words += [f"--{option.replace('_', '-')}", f"{value:g}" if isinstance(value, float) else str(value)]
    return shlex.join(words)


def _say_kept(prepared: Prepared, out: Path) -> int:
    """Say what is kept, and that the same command goes on."""
    from ..scenario.whatif.store import Store, key_of

    store = Store(out)
    kept = sum(store.count(key_of(prepared, one), one.replications) for one in prepared.ready)
    total = sum(one.replications for one in prepared.ready)
    print(
        f"ems-twin: interrupted; {kept} of {total} days are kept in {store.folder}. The same command goes on from there.",
        file=sys.stderr,
    )
    return 130


def _tell(record: dict[str, Any], written: list[Path], out: Path, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(record | {"report": size_of(written[-1])}, ensure_ascii=False))
        return
    from ..views import print_whatif

    for note in record["notes"]:
        print(f"note: {note}", file=sys.stderr)
    print_whatif(record)
    print(f"In {out}: {', '.join(path.name for path in written)}")
    print(f"Open {written[-1]} in a browser, no network needed")
    if sys.stdout.isatty() and not arguments.no_open:
        webbrowser.open(written[-1].resolve().as_uri())
