"""What has been reported: of every unit, call, hospital, road and warning the newest word on each field.

This table is the twin's whole memory of its feeds. Merging a report into it is a maximum for each field, so the order in which
reports come, and how often, makes no difference to what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from ..errors import InputError

FORMAT = 1
"""Version of the snapshot's form."""


class Said(NamedTuple):
    """One field's value, and the report that it comes from."""

    value: Any
    """As JSON holds it."""
    at_us: int
    """When it was so, microseconds since 1970."""
    rank: int
    """Decides between reports of the same instant."""
    event_id: str
    source: str

    @property
    def key(self) -> tuple[int, int, str]:
        """Order of reports."""
        return self.at_us, self.rank, self.event_id


@dataclass(slots=True)
class Told:
    """All that was reported of one thing."""

    heard_us: int = 0
    """When anything about it came last."""
    first_us: int | None = None
    """The earliest time at which it is said to have begun: calls."""
    said: dict[str, Said] = field(default_factory=dict)
    """By field."""
    steps: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of a call: by unit, when it reached each step last; of a hospital: stays by state."""

    def say(self, name: str, said: Said) -> bool:
        """Take a report in if it is newer than what is known; returns whether it is."""
        known = self.said.get(name)
        if known is not None and known.key >= said.key:
            return False
        self.said[name] = said
        return True

    def value(self, name: str) -> Any:
        """Value of a field, None if nothing was said."""
        known = self.said.get(name)
        return None if known is None else known.value

    def at_us(self, name: str) -> int:
        """When a field was said to be so; -1 before anything was."""
        known = self.said.get(name)
        return -1 if known is None else known.at_us

    def step(self, who: str, name: str, at_us: int) -> bool:
        """Note when a step was reached; returns whether that is news."""
        steps = self.steps.setdefault(who, {})
        if steps.get(name, -1) >= at_us:
            return False
        steps[name] = at_us
        return True


@dataclass(slots=True)
class SourceTold:
    """What was heard of one source."""

    heard_us: int = 0
    newest_us: int = 0
    seen: set[str] = field(default_factory=set)
    """Statuses that it has reported, of whatever unit."""
    events: int = 0
    refused: int = 0


LAYERS = ("units", "calls", "hospitals", "roads", "alerts")
"""Tables of :class:`Told` by identifier."""


@dataclass(slots=True)
class Table:
    """The memory."""

    clock_us: int = 0
    """The newest time at which anything became known."""
    swept_h: int = 0
    """Hour since 1970 up to which what is old was removed."""
    units: dict[str, Told] = field(default_factory=dict)
    calls: dict[str, Told] = field(default_factory=dict)
    hospitals: dict[str, Told] = field(default_factory=dict)
    roads: dict[str, Told] = field(default_factory=dict)
    alerts: dict[str, Told] = field(default_factory=dict)
    sources: dict[str, SourceTold] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    """Events that were not taken, by reason."""

    def to_bytes(self, *, counts: bool = True) -> bytes:
        """The table as JSON with sorted keys; without ``counts`` only what does not depend on order and repetition."""
        found: dict[str, Any] = {"format": FORMAT, "clock_us": self.clock_us, "swept_h": self.swept_h}
        for layer in LAYERS:
            found[layer] = {
                key: {"heard_us": one.heard_us, "first_us": one.first_us, "said": one.said, "steps": one.steps}
                for key, one in getattr(self, layer).items()
            }
        found["sources"] = {
            name: {"heard_us": one.heard_us, "newest_us": one.newest_us, "seen": sorted(one.seen)}
            | ({"events": one.events, "refused": one.refused} if counts else {})
            for name, one in self.sources.items()
        }
        if counts:
            found["refused"] = self.refused
        return orjson.dumps(found, option=orjson.OPT_SORT_KEYS, default=list)

    @classmethod
    def from_bytes(cls, text: bytes) -> Table:
        """The table that :meth:`to_bytes` wrote.

        Raises
        ------
        InputError
            It is none, or a newer program wrote it.
        """
        try:
            found = orjson.loads(text)
            if found["format"] != FORMAT:
                raise InputError(
                    f"the snapshot has form {found['format']}, this program reads {FORMAT}", field="snapshot",
                    remedy="Use the program that wrote it, or have the mirror read the journal from its beginning.",
                )  # fmt: skip
            table = cls(clock_us=found["clock_us"], swept_h=found["swept_h"], refused=found["refused"])
            for layer in LAYERS:
                getattr(table, layer).update(
                    (
                        key,
                        Told(
                            heard_us=one["heard_us"], first_us=one["first_us"], steps=one["steps"],
                            said={name: Said(*said) for name, said in one["said"].items()},
                        ),
                    )
                    for key, one in found[layer].items()
                )  # fmt: skip
            for name, one in found["sources"].items():
                table.sources[name] = SourceTold(**one | {"seen": set(one["seen"])})
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                "the snapshot is damaged",
                field="snapshot",
                remedy="Have the mirror read the journal from its beginning.",
            ) from error
        return table
