"""Which rows a poll asks for: those that changed since the last one, and a while before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson


@dataclass(frozen=True, kw_only=True)
class PollBookmark:
    """Where polling goes on after a restart."""

    url: str = ""
    """That the two marks belong to."""
    etag: str | None = None
    modified: str | None = None
    newest: str | None = None
    """The greatest time of change of a row, as the rows write it."""

    def to_text(self) -> str:
        """As the journal keeps it."""
        return orjson.dumps(
            {"url": self.url, "etag": self.etag, "modified": self.modified, "newest": self.newest}
        ).decode()

    @classmethod
    def from_text(cls, text: str | None) -> PollBookmark:
        """What :meth:`to_text` wrote; the beginning if it is none."""
        return cls() if text is None else cls(**orjson.loads(text))


def filled_in(params: Mapping[str, str], *, since: str, offset: int) -> dict[str, str]:
    """The parameters of a query with ``{since}`` and ``{offset}`` in their places."""
    return {name: value.replace("{since}", since).replace("{offset}", str(offset)) for name, value in params.items()}


def since(newest: str | None, overlap_s: float, *, first: datetime) -> str:
    """From when on rows are asked for, written as the rows write it: without a zone if they have none."""
    at = moment(newest) if newest is not None else None
    if at is None:
        return first.replace(tzinfo=None).isoformat(timespec="milliseconds")
    text = (at - timedelta(seconds=overlap_s)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z") if newest is not None and newest.endswith("Z") else text


def moment(text: Any) -> datetime | None:
    """A time that a row writes; None if it is none."""
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def newest_of(rows: list[Any], field: str, before: str | None) -> str | None:
    """The latest time of change of the rows, or ``before`` if none is later."""
    best, best_at = before, moment(before)
    for row in rows:
        text = row.get(field) if isinstance(row, dict) else None
        at = moment(text)
        if at is None or (best_at is not None and (at.tzinfo is None) != (best_at.tzinfo is None)):
            continue
        if best_at is None or at > best_at:
            best, best_at = text, at
    return best
