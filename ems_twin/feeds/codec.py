"""What a codec is: a standard's name, which fields it uses, how it recognises, reads and writes messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ..errors import InputError
from .events import Event
from .fields import Use, Uses
from .intake import Intake

Read = Callable[[Any, Intake], None]
Write = Callable[[Sequence[Event]], bytes]


@dataclass(frozen=True, kw_only=True)
class Codec:
    """A standard, read and perhaps written.

    ``read`` is given what the message holds (parsed JSON, the root element of XML, or text) and an
    :class:`~ems_twin.feeds.intake.Intake`, and never raises for what a sender did.
    """

    name: str
    """On the command line."""
    title: str
    """For people."""
    form: Literal["json", "xml", "text"]
    uses: tuple[Use, ...]
    """Fields that are read."""
    recognises: Callable[[Any], bool]
    """Whether a message could be of the standard."""
    read: Read
    write: Write | None = None
    """None where the twin does not speak the standard."""
    carries: tuple[type[Event], ...] = ()
    """Events that ``write`` takes."""
    shells: tuple[str, ...] = ("",)
    """Paths of the envelopes in which the fields may stand."""
    outline: Callable[[Any], Any] | None = None
    """What the paths of ``uses`` begin in, where it is not the message itself."""
    drops: tuple[str, ...] = field(default=())
    """What the standard carries that the twin leaves out on purpose, in words."""

    @cached_property
    def used(self) -> Uses:
        """The used fields, for telling the unused ones of a message."""
        return Uses(Use(f"{shell}{use.path}", use.becomes) for shell in self.shells for use in self.uses)

    def encode(self, events: Sequence[Event]) -> bytes:
        """Write events.

        Raises
        ------
        InputError
            The standard is only read, there are no events, or it has no words for one of them.
        """
        if self.write is None:
            raise InputError(f"{self.title} is only read", field="codec", remedy="Choose another codec.")
        if not events:
            raise InputError("there are no events to write", field="events", remedy="Give one or more.")
        for event in events:
            if not isinstance(event, self.carries):
                names = ", ".join(kind.__name__ for kind in self.carries)
                raise InputError(
                    f"{self.title} has no words for a {type(event).__name__}",
                    field="events",
                    remedy=f"Give only {names}; see carries of the codec.",
                )
        return self.write(events)
