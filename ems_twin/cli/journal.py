"""The commands about journals: what one holds, what was known at a time, and its dead letters."""

from __future__ import annotations

import argparse
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .shared import progress_bar

if TYPE_CHECKING:
    from ..feeds.journal import Journal, Letter

_MOST = 1_000_000


def journal_show(arguments: argparse.Namespace) -> int:
    """Print what a journal holds; 2 if it is damaged."""
    from ..feeds import EVENTS
    from ..feeds.journal import open_journal

    if unknown := set(arguments.kind) - set(EVENTS):
        raise InputError(
            f"there is no kind of event '{sorted(unknown)[0]}'",
            field="--kind",
            remedy=f"There are {', '.join(EVENTS)}.",
        )
    with open_journal(arguments.journal, read_only=True, check=False) as journal:
        if arguments.known_at is not None:
            _known(journal, _moment(arguments.known_at), arguments)
            return 0
        with progress_bar("checking", quiet=arguments.json):
            broken = journal.check() if arguments.check else None
        found: dict[str, Any] = {
            "journal": journal.name,
            "events": journal.position,
            "applied": journal.applied().position,
            "sources": journal.tallies(),
            "dead_letters": journal.count_letters(),
        }
        if arguments.check:
            found["damage"] = broken
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found)
    return 2 if broken else 0


def journal_state(arguments: argparse.Namespace) -> None:
    """Print the present of a city as its feeds have reported it, now or as it was known at a time."""
    from ..city import load_city
    from ..feeds.journal import open_journal
    from ..live import Effects, Memory
    from ..world import own_fleet, read_fleet

    known_by = None if arguments.known_at is None else _moment(arguments.known_at)
    city = load_city(arguments.city)
    folder = own_fleet(city.directory)
    memory = Memory(city, units=() if folder is None else read_fleet(folder, city).names)
    refused: list[Effects] = []
    with (
        open_journal(arguments.journal, read_only=True, check=False) as journal,
        progress_bar("reading the journal", quiet=arguments.json) as say,
    ):
        memory.catch_up(
            journal, known_by=known_by, told=lambda one: refused.append(one) if one.refused else None,
            progress=lambda share: say(None, share),
        )  # fmt: skip
    found = memory.present()
    if arguments.refused:
        found["not_taken"] = [
            {"kind": one.kind, "subject": one.subject, "rule": one.refused, "reason": one.reason, "remedy": one.remedy}
            for one in refused
        ]
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    _tell_state(found)


_COLUMNS = {
    "units": ("id", "status", "call", "hospital", "station", "age_s"),
    "calls": ("id", "priority", "received_at", "units", "age_s"),
    "hospitals": ("id", "ed_census", "ed_boarders", "ed_capacity", "diverting", "age_s"),
    "roads": ("id", "phase", "impact", "edges", "age_s"),
    "alerts": ("id", "phase", "hazard", "severity", "age_s"),
    "not_taken": ("kind", "subject", "rule", "reason", "remedy"),
}


def _tell_state(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(f"As of {found['as_of'] or 'no report yet'}; {found['position']:,} events", highlight=False)
    for layer, columns in _COLUMNS.items():
        rows = found.get(layer, [])
        if not rows:
            continue
        table = Table(*columns, title=f"{layer.replace('_', ' ')} ({len(rows)})", title_justify="left")
        for row in rows:
            table.add_row(*(Text("" if row.get(name) is None else _shown(row[name])) for name in columns))
        console.print(table)
    for name, source in found["sources"].items():
        console.print(
            f"{name}: {source['events']:,} events, {source['refused']:,} not taken, last heard {source['age_s']:,.0f} s before",
            highlight=False, markup=False,
        )  # fmt: skip
    for rule, count in found["refused"].items():
        console.print(f"not taken by the rule {rule}: {count:,}", highlight=False)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def letters_list(arguments: argparse.Namespace) -> None:
    """Print dead letters."""
    from ..feeds.journal import open_journal

    with open_journal(arguments.journal, read_only=True, check=False) as journal:
        letters = _letters(journal, arguments, limit=arguments.limit, every=arguments.all or bool(arguments.numbers))
        open_ones = sum(journal.count_letters().values())
    if arguments.json:
        print(json.dumps([letter.to_dict() for letter in letters], ensure_ascii=False))
        return
    for letter in letters:
        times = f", came {letter.seen} times" if letter.seen > 1 else ""
        lost = "" if letter.payload is not None else ", cannot be replayed"
        print(
            f"{letter.number}  {letter.last_at:%Y-%m-%dT%H:%M:%SZ}  {letter.source} {letter.message_id} "
            f"({letter.codec}): {letter.status.value}{times}{lost}"
        )
        for reason in letter.reasons:
            print(f"    {reason}")
    print(f"{len(letters):,} shown, {open_ones:,} open")


def letters_replay(arguments: argparse.Namespace) -> None:
    """Read dead letters again, and print what became of them."""
    from ..feeds.journal import open_journal
    from ..feeds.sources import feed_of, read_sources, replay_letters

    feeds = {}
    if arguments.config is not None:
        feeds = {one.name: feed_of(one) for one in read_sources(arguments.config, os.environ)}
    with open_journal(arguments.journal, check=False) as journal:
        letters = _letters(journal, arguments, limit=_MOST)[::-1]
        with progress_bar("reading again", quiet=arguments.json) as say:
            done = replay_letters(journal, letters, feeds, progress=lambda share: say(None, share))
    rows = [
        {"number": letter.number, "replayed": receipt is not None}
        | ({} if receipt is None else {"events": receipt.events, "still_refused": len(receipt.refused)})
        for letter, receipt in done
    ]
    if arguments.json:
        print(json.dumps(rows))
        return
    events = sum(row.get("events", 0) for row in rows)
    still = sum(bool(row.get("still_refused")) for row in rows)
    kept = sum(not row["replayed"] for row in rows)
    print(
        f"{len(rows) - kept:,} read again, {events:,} events taken; {still:,} still refused, {kept:,} hold no message"
    )


def letters_drop(arguments: argparse.Namespace) -> None:
    """Drop dead letters."""
    from ..feeds.journal import open_journal

    if not arguments.numbers and arguments.source is None and not arguments.all_open:
        raise InputError("this would drop every open letter", field="NUMBER", remedy="Name numbers, or add --all-open.")
    with open_journal(arguments.journal, check=False) as journal:
        dropped = journal.drop_letters([one.number for one in _letters(journal, arguments, limit=_MOST)])
    print(json.dumps({"dropped": dropped}) if arguments.json else f"{dropped:,} dropped")


def _letters(journal: Journal, arguments: argparse.Namespace, *, limit: int, every: bool = False) -> list[Letter]:
    """The letters that are asked for; numbers that are not there, or not open, are told."""
    from ..feeds.journal import LetterStatus

    found = journal.letters(
        source=arguments.source, status=None if every else LetterStatus.open, numbers=arguments.numbers, limit=limit
    )
    if missing := set(arguments.numbers) - {letter.number for letter in found}:
        raise InputError(
            f"there is no {'' if every else 'open '}letter {min(missing)}", file=journal.name, field="NUMBER",
            remedy="See 'ems-twin feeds dead-letters list'.",
        )  # fmt: skip
    return found


def _known(journal: Journal, at: datetime, arguments: argparse.Namespace) -> None:
    for stored in journal.as_known(at, kinds=arguments.kind):
        event = stored.event
        if arguments.json:
            print(event.to_json().decode())
        else:
            print(
                f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  known {event.known_at:%H:%M:%SZ}  {event.word} {event.subject}"
            )


def _tell(found: dict[str, Any]) -> None:
    print(f"{found['journal']}: {found['events']:,} events, applied up to {found['applied']:,}")
    for source, counts in found["sources"].items():
        words = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
        print(f"  {source}: {words}; open dead letters {found['dead_letters'].get(source, 0):,}")
    if "damage" in found:
        print(f"damaged: {found['damage']}" if found["damage"] else "no damage found")


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"'{text}' is not a time", field="--known-at", remedy="Give one like 2026-03-01T12:00+01:00."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
