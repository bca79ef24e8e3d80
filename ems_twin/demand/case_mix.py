"""What may set a call apart: called off, refused, getting worse, needing more than one unit or a special one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..city import SPECIALITIES
from ..errors import InputError
from .delay import Delay

MOST_UNITS = 20
"""Units that one call may ask for; a larger incident is a scenario of its own."""


@dataclass(frozen=True, kw_only=True)
class Chance:
    """Something that happens to a share of the calls, some time after they were received.

    Raises
    ------
    InputError
        The share is not in [0, 1], or the time may be 0.
    """

    share: float
    after: Delay

    def __post_init__(self) -> None:
        _check_share("share", self.share)
        if self.after.median_s == 0:
            raise InputError("is 0", field="median_s", remedy="Give the median time until it happens, above 0 s.")


@dataclass(frozen=True, kw_only=True)
class CaseMix:
    """Shares of the calls of one priority that are out of the ordinary; by default none is.

    The attributes are independent of each other, and each is drawn from a stream of its own.

    Raises
    ------
    InputError
        A share is not in [0, 1], shares that exclude each other sum to more than 1, or a name or number is unknown.
    """

    cancelled: Chance | None = None
    """Called off so long after it was received, unless a unit is there first."""
    refused: float = 0.0
    """Share with nobody to treat, or a patient who will not be treated: of those whom a unit reaches."""
    refused_scene: Delay | None = None
    """Time on scene of those; None: as of other patients who are not taken to hospital."""
    worsens: Chance | None = None
    """Gets worse so long after it was received, unless a unit is there first."""
    worse_priority: int = 0
    """Its priority then."""
    units: Mapping[int, float] = field(default_factory=dict)
    """Share of calls that ask for so many units (2 or more)."""
    skills: Mapping[str, float] = field(default_factory=dict)
    """Share of calls whose unit must have these skills; several in one call are joined by ``+``."""
    specialities: Mapping[str, float] = field(default_factory=dict)
    """Share of patients whose hospital must offer these (:data:`ems_twin.city.SPECIALITIES`), joined by ``+``."""
    known: float = 0.0
    """Share of patients whom some hospital knows and has the records of: any, as likely as it has treatment bays."""

    def __post_init__(self) -> None:
        _check_share("refused", self.refused)
        _check_share("known", self.known)
        for name in ("units", "skills", "specialities"):
            shares = getattr(self, name)
            for key, share in shares.items():
                _check_share(f"{name}.{key}", share)
            if sum(shares.values()) > 1 + 1e-9:
                raise InputError(
                    f"the shares sum to {sum(shares.values()):.6g}", field=name,
                    remedy="They exclude each other: they may sum to 1 at most.",
                )  # fmt: skip
        for n in self.units:
            if not 2 <= n <= MOST_UNITS:
                raise InputError(f"{n} units", field="units", remedy=f"Give numbers from 2 to {MOST_UNITS}.")
        for names in self.specialities:
            for name in names.split("+"):
                if name not in SPECIALITIES:
                    raise InputError(
                        f"'{name}' is no speciality",
                        field="specialities",
                        remedy=f"Known are {', '.join(SPECIALITIES)}.",
                    )
        if (self.worsens is None) != (self.worse_priority == 0):
            raise InputError("goes with worsens", field="worse_priority", remedy="Give both or neither.")

    def check_priority(self, priority: int) -> None:
        """Raise an :class:`InputError` unless a call of ``priority`` (1 to 3) that worsens becomes more urgent."""
        if self.worsens is not None and not 1 <= self.worse_priority < priority:
            raise InputError(
                f"priority {self.worse_priority} is not more urgent than {priority}", field="worse_priority",
                remedy="Give a smaller number." if priority > 1 else "The most urgent calls cannot get worse.",
            )  # fmt: skip


def bits_of(names: str, known: tuple[str, ...]) -> int:
    """Bits of names joined by ``+``, the first of ``known`` being bit 0."""
    return sum(1 << known.index(name) for name in dict.fromkeys(names.split("+")))


def _check_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise InputError(f"{share} is not a share", field=name, remedy="Give a number from 0 to 1.")


ORDINARY = CaseMix()
"""Nothing out of the ordinary."""
