"""The commands about the world's messages: which fields of which standards are used, and what a file of them says."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .shared import progress_bar

if TYPE_CHECKING:
    from ..feeds import Decoded, Event

_MARGIN_DEG = 0.1
"""Around the streets of a city: hospitals and units lie a little outside too."""
_HEAD = {"event", "event_id", "source", "message_id", "occurred_at", "reported_at", "known_at", "time_uncertain"}
_SHOWN = 20


def feeds_fields(arguments: argparse.Namespace) -> None:
    """Print which fields of each standard become what, and what is left outside on purpose."""
    from ..feeds import CODECS
    from ..feeds.registry import codec

    chosen = list(CODECS.values()) if arguments.codec == "all" else [codec(arguments.codec)]
    tables: list[dict[str, Any]] = [
        {
            "codec": each.name,
            "title": each.title,
            "writes": sorted(kind.__name__ for kind in each.carries),
            "used": [{"field": use.path, "becomes": use.becomes} for use in each.uses],
            "dropped": list(each.drops),
        }
        for each in chosen
    ]
    if arguments.json:
        print(json.dumps(tables, ensure_ascii=False))
        return
    for table in tables:
        writes = ", ".join(table["writes"]) or "only read"
        print(f"{table['codec']}: {table['title']} (written: {writes})")
        width = max(len(row["field"]) for row in table["used"])
        for row in table["used"]:
            print(f"  {row['field']:<{min(width, 70)}}  {row['becomes']}")
        if table["dropped"]:
            print(f"  never kept: {', '.join(table['dropped'])}")
        print()


def feeds_read(arguments: argparse.Namespace) -> int:
    """Print the events, refusals and unused fields of files; 2 if one of them could not be read at all."""
    from datetime import UTC, datetime

    from ..feeds import Reading, decode_with

    area, timezone = arguments.area, arguments.timezone
    if arguments.city is not None:
        from ..city import load_city

        city = load_city(arguments.city)
        timezone = timezone or city.timezone
        lon, lat, margin = city.roads.lon, city.roads.lat, _MARGIN_DEG
        area = area or (lon.min() - margin, lat.min() - margin, lon.max() + margin, lat.max() + margin)
    reading = Reading(
        received_at=datetime.now(UTC),
        source=arguments.source,
        area=None if area is None else tuple(map(float, area)),  # type: ignore[arg-type]
        timezone=timezone,
    )
    read: list[tuple[Path, Decoded]] = []
    with progress_bar("reading", quiet=arguments.json) as say:
        for number, file in enumerate(arguments.files):
            read.append((file, decode_with(_bytes(file), reading, codec_name=arguments.codec)))
            say(file.name, (number + 1) / len(arguments.files))
    if arguments.to is not None:
        _convert(read, arguments.to, arguments.out)
    elif arguments.json:
        print(json.dumps([{"file": str(file)} | decoded.to_dict() for file, decoded in read], ensure_ascii=False))
    else:
        for file, decoded in read:
            _tell(file, decoded)
    return 2 if any(decoded.refused and not decoded.events for _, decoded in read) else 0


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file, remedy="Check the path.") from None


def _convert(read: list[tuple[Path, Decoded]], name: str, out: Path | None) -> None:
    """Write all events in a standard, into a file or on the standard output."""
    import sys

    from ..feeds import encode

    payload = encode(name, [event for _, decoded in read for event in decoded.events])
    if out is None:
        sys.stdout.buffer.write(payload + b"\n")
        return
    try:
        out.write_bytes(payload)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", file=out, remedy="Check the path.") from None


def _tell(file: Path, decoded: Decoded) -> None:
    print(
        f"{file}: {decoded.codec}, {len(decoded.events):,} events, {len(decoded.refused):,} refused, "
        f"{len(decoded.dropped_fields):,} fields not used"
    )
    for event in decoded.events[:_SHOWN]:
        print(f"  {_line(event)}")
    if len(decoded.events) > _SHOWN:
        print(f"  and {len(decoded.events) - _SHOWN:,} more events: --json prints all")
    for refusal in decoded.refused[:_SHOWN]:
        print(f"  refused: {refusal}")
    if len(decoded.refused) > _SHOWN:
        print(f"  and {len(decoded.refused) - _SHOWN:,} more refusals: --json prints all")
    if decoded.dropped_fields:
        print(f"  not used: {', '.join(decoded.dropped_fields)}")


def _line(event: Event) -> str:
    """An event on one line."""
    fields: dict[str, Any] = event.model_dump(mode="json", exclude=_HEAD, exclude_none=True, exclude_defaults=True)
    parts = []
    for name, value in fields.items():
        text = f"{len(value)} of them" if isinstance(value, list | dict) and len(str(value)) > 60 else str(value)
        parts.append(f"{name}={text}")
    doubt = " (time uncertain)" if event.time_uncertain else ""
    return f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}{doubt} {event.word}: {', '.join(parts)}"
