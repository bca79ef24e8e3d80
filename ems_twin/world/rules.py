"""The switches of the law: one typed settings object, and the record that compiled code reads."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..faults import Faults, ModelError
from .settings_file import given_fields, read_settings_file

RULES = np.dtype(
    [
        ("expected_turnout_s", "f8"),
        ("reassign_gain_s", "f8"),
        ("spare_from_priority", "i8"),
        ("spare_guard_s", "f8"),
        ("queue_limit", "i8"),
        ("count_bays", "i8"),
        ("ambulances_first", "i8"),
        ("divert_above", "f8"),
        ("soonest_hospital", "i8"),
        ("continuity_s", "f8"),
        ("expected_stay_s", "f8"),
        ("soon_free", "i8"),
        ("expected_turnaround_s", "f8"),
        ("takeover_scene_s", "f8"),
        ("longest_wait_s", "f8"),
        ("expected_job_s", "f8"),
        ("overrun_grace_s", "f8"),
        ("overrun_to_priority", "i8"),
        ("break_to_priority", "i8"),
        ("uncertain_travel", "i8"),
    ],
    align=True,
)
"""The rules that are single numbers, as compiled code reads them: one row."""


class RulesError(ModelError):
    """Rules that make no sense: all their faults."""

    subject = "the set of rules"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Rules of the life cycle that differ from service to service."""

    sirens_to_priority: int = 2
    """Units drive to calls of this priority and more urgent ones with lights and sirens (New York's Fire Department
    sends units to severities 1 to 6 so; 7 and 8 at ordinary speed)."""
    transport_sirens_to_priority: int = 0
    """Patients of this priority and more urgent ones go to hospital with lights and sirens; 0 for nobody (JEMSS and
    common practice: most transports are not emergencies any more)."""
    expected_turnout_s: float = 60.0
    """Turnout that the dispatcher reckons with when comparing units (NFPA 1710's objective for EMS: 60 s). What a
    call really gets is drawn with the call."""
    preempt: tuple[tuple[int, int], ...] = ()
    """Pairs (from, to): a unit that mobilises for, or drives to, a call of priority ``from`` may be sent to a call of
    priority ``to`` instead; the call it leaves is dispatched anew. No chain of pairs may come back to where it began.
    By default nobody's unit is taken away (many services forbid it; JEMSS allows low and medium to high)."""
    reassign_gain_s: float | None = None
    """A unit that becomes free takes over the call of a unit under way if it will be there more than so many seconds
    sooner; None: never. (A minute or two keeps crews from being turned round for nothing.)"""

    spare_from_priority: int = 0
    """Calls of this priority and less urgent ones may get, instead of the closest unit, one whose departure costs the
    stationing's objective less; 0: all calls get the closest. Life-threatening calls should."""
    spare_target_s: float | None = None
    """... if that unit is there within so many seconds of the call (None: the city's target for its priority) ..."""
    spare_guard_s: float = 60.0
    """... and at most so many after the closest (without such a guard mean responses were a third longer:
    Jagtenberg, Bhulai and van der Mei 2017)."""

    queue_limit: int | None = None
    """Calls that may wait for a unit; one more is handed over to a neighbouring service (mutual aid). None: any
    number. With 0 the service is a loss system, as in Erlang's formula B."""

    count_bays: bool = False
    """Whether a patient needs a free treatment bay, and ambulances queue to offload when there is none. Off by default:
    offload times drawn from records contain that waiting already."""
    ambulances_first: bool = True
    """Whether patients by ambulance get the next bay before those who walked in; else who came first (triage puts most
    ambulance patients first)."""
    divert_above: float | None = None
    """Share of the bays in use or waited for from which an emergency room diverts ambulances; None: never."""
    soonest_hospital: bool = False
    """Whether patients go where they are expected in a bay soonest (drive and wait), not to the nearest door."""
    continuity_s: float = 0.0
    """How much longer a patient may be under way (or, where bays count, until he is in one) to be treated at the hospital
    that has his records."""
    expected_stay_s: float = 14_400.0
    """Stay in a bay that the dispatcher reckons with (4 h, England's long-standing target for emergency departments)."""

    soon_free: bool = False
    """Whether a call may wait for a unit that is still at a hospital, when that will be there sooner than all others."""
    expected_turnaround_s: float = 2400.0
    """Hospital arrival to back in service that the dispatcher reckons with for such a unit (England's standard allows
    15 min to hand over and 15 to clear; recent means are about 40 min)."""

    takeover_scene_s: float = 300.0
    """Time on scene that a second unit needs at least to take the patient over from the first (assumed)."""

    longest_wait_s: float = 3600.0
    """Time that a unit waits on scene for another; then a neighbouring service is asked to take the patient (assumed)."""

    expected_job_s: float = 3600.0
    """Length of a job that the dispatcher reckons with at the end of a shift (an hour is usual in cities)."""
    overrun_grace_s: float = 1800.0
    """How far past the end of its shift a unit may be expected to work when it is sent (assumed: half an hour)."""
    overrun_to_priority: int = 1
    """Calls of this priority and more urgent ones get any unit whose shift has not ended; 0 for none."""
    break_to_priority: int = 1
    """Calls of this priority and more urgent ones may interrupt a meal break (English ambulance trusts do so for
    category 1); 0 for none."""

    uncertain_travel: bool = False
    """Whether drives to calls and to hospital stray from their median, each by the luck that its call brings with it, as
    far as the city's ``travel.toml`` says (else as in Calgary: Budge, Ingolfsson and Zerom 2010). Whoever decides
    reckons with the median."""

    def __post_init__(self) -> None:
        faults = Faults(RulesError)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "preempt" and value is not None and not 0 <= value < np.inf:
                faults.add(f"is {value!r}", field=field.name, remedy="It must be a number, 0 or more.")
        if cycle := _cycle(self.preempt):
            faults.add(
                f"priorities {' -> '.join(map(str, cycle))} take units from each other in a circle",
                field="preempt",
                remedy="Leave out one of the pairs.",
            )
        faults.raise_if_any()

    def record(self) -> NDArray[np.void]:
        """The single numbers as a :data:`RULES` array of one row."""
        record = np.zeros(1, RULES)
        record["reassign_gain_s"] = np.inf if self.reassign_gain_s is None else self.reassign_gain_s
        record["queue_limit"] = np.iinfo(np.int64).max if self.queue_limit is None else self.queue_limit
        record["divert_above"] = np.inf if self.divert_above is None else self.divert_above
        for name in RULES.names or ():
            if name not in ("reassign_gain_s", "queue_limit", "divert_above"):
                record[name] = getattr(self, name)
        return record

    @classmethod
    def from_toml(cls, file: Path) -> Rules:
        """Rules from a TOML file whose keys are the fields; what it leaves out keeps its default.

        Raises
        ------
        InputError
            If the file cannot be read, or keys or values are not ours: a :class:`RulesError` with all of those.
        """
        return cls.of(read_settings_file(file, "set of rules"), file=file)

    @classmethod
    def of(cls, given: dict[str, Any], *, file: Path | None = None) -> Rules:
        """Rules from plain values by the names of the fields, as TOML and JSON hold them.

        Raises
        ------
        RulesError
            If keys or values are not ours: with all of those.
        """
        faults = Faults(RulesError)
        absent = {key for key, value in given.items() if value is None}  # JSON's word for "keeps its default"
        given = {key: value for key, value in given.items() if key not in absent}
        usable = given_fields(cls, given, _misfit, faults, file=file, kind="rule")
        if "preempt" in usable:
            usable["preempt"] = tuple(tuple(pair) for pair in usable["preempt"])
        rules = faults.attempt(lambda: cls(**usable), file=file)
        faults.raise_if_any()
        assert rules is not None  # else it had left a fault
        return rules

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Rules:
        """Rules as JSON holds them: pairs are lists there."""
        return cls(**facts | {"preempt": tuple(tuple(pair) for pair in facts["preempt"])})

    def may_take(self, n_priorities: int) -> NDArray[np.bool_]:
        """``preempt`` as a table by (from, to), shape (priorities + 1, priorities + 1)."""
        table = np.zeros((n_priorities + 1, n_priorities + 1), dtype=np.bool_)
        for pair in self.preempt:
            if not all(1 <= priority <= n_priorities for priority in pair):
                raise InputError(
                    f"the pair {pair} names a priority that does not exist", field="preempt",
                    remedy=f"Priorities are 1 to {n_priorities}.",
                )  # fmt: skip
            table[pair] = True
        return table


_WHOLE = (
    "spare_from_priority", "sirens_to_priority", "transport_sirens_to_priority", "queue_limit", "overrun_to_priority", "break_to_priority",
)  # fmt: skip


def _misfit(key: str, value: object, default: object) -> str | None:
    """What a value of the rule ``key`` must be if this one is not, with its final stop."""
    if key == "preempt":
        fits = isinstance(value, list) and all(_is_pair(pair) for pair in value)
        return None if fits else "Write pairs: [[3, 1], [2, 1]]."
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "It must be true or false."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "It must be a number, 0 or more."
    return "It must be a whole number." if key in _WHOLE and not isinstance(value, int) else None


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(priority) is int for priority in pair)


def _cycle(pairs: tuple[tuple[int, int], ...]) -> list[int] | None:
    """Some circle among directed pairs, its first member again at the end; None if there is none."""
    onward: dict[int, list[int]] = {}
    for source, target in pairs:
        onward.setdefault(source, []).append(target)

    def walk(node: int, trail: list[int]) -> list[int] | None:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        for after in onward.get(node, []):
            if found := walk(after, [*trail, node]):
                return found
        return None

    for start in onward:
        if found := walk(start, []):
            return found
    return None
