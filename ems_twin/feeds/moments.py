"""Times as feeds write them, made instants: with a zone as they are, without one by rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ..demand.clock import instant, is_repeated, is_skipped

_ISO = re.compile(
    r"\s*(\d{4}-\d\d-\d\d|\d{8})(?:[Tt ](\d\d)(?::?(\d\d)(?::?(\d\d|60)([.,]\d+)?)?)?)?\s*(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?"
    r"(?:\[[\w/+-]+\])?\s*",
    re.ASCII,
)
_FIRST, _LAST = 0.0, 6_974_294_400.0  # 1970 and 2191: outside, no civil time is known


class Heard(NamedTuple):
    """A time that was read."""

    at: datetime
    """In UTC."""
    is_uncertain: bool
    """Whether a rule chose it: no zone was given, or the clocks showed it never or twice."""


def read_moment(value: Any, zone: ZoneInfo | None, *, not_before: datetime | None = None) -> Heard | None:
    """Instant that a text of ISO 8601 means; None if it is none.

    Parameters
    ----------
    value
        What stands in the message.
    zone
        Civil time of a text without a zone; None takes it for UTC and marks it as uncertain.
    not_before
        Of an hour that the clocks showed twice the second pass is taken where the first lies before this.
    """
    if isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, str) and len(value) <= 64:
        text = value
    else:
        return None
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    day, hour, minute, second, fraction, offset = found.groups()
    leap = second == "60"
    clock = f"{hour or '00'}:{minute or '00'}:{'59' if leap else second or '00'}"
    micros = (fraction or ".")[1:7].ljust(6, "0")
    end_of_day = clock == "24:00:00"
    try:
        shown = datetime.fromisoformat(f"{day}T{'00:00:00' if end_of_day else clock}.{micros}")
        shown += timedelta(days=end_of_day, seconds=leap)
        if offset is not None:
            if offset in ("Z", "z", "UTC"):
                return _bounded(shown.replace(tzinfo=UTC), is_uncertain=hour is None)
            at = datetime.fromisoformat(f"{shown.isoformat()}{offset}")
            return _bounded(at, is_uncertain=hour is None)
        if zone is None:
            return _bounded(shown.replace(tzinfo=UTC), is_uncertain=True)
        twice = is_repeated(shown, zone)
        at = instant(shown, zone)
        if twice and not_before is not None and at < not_before:
            at = shown.replace(tzinfo=zone, fold=1)
        return _bounded(at, is_uncertain=hour is None or twice or is_skipped(shown, zone))
    except (ValueError, OverflowError, OSError):
        return None


def read_epoch(value: Any) -> Heard | None:
    """Instant of a number of seconds since 1970, or of milliseconds where they could be no seconds; None if it is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if value >= 1e11 else float(value)
    if not _FIRST < seconds < _LAST:
        return None
    return Heard(datetime.fromtimestamp(seconds, UTC), False)


def _bounded(at: datetime, *, is_uncertain: bool) -> Heard | None:
    return Heard(at.astimezone(UTC), is_uncertain) if _FIRST <= at.timestamp() < _LAST else None
