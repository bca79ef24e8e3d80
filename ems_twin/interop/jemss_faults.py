"""The error that a JEMSS model's faults are raised in, all of them at once."""

from __future__ import annotations

from .. import faults
from ..faults import ModelError


class JemssError(ModelError):
    """A JEMSS model cannot be read as it stands."""

    subject = "the JEMSS model"


class Faults(faults.Faults):
    """Collects what is wrong with a JEMSS model; what it raises is a :class:`JemssError`."""

    def __init__(self) -> None:
        super().__init__(JemssError)
