"""The twin's memory of its feeds: kept in step with the journal, the same again after every restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ..city import City
from ..feeds.events import Event
from ..feeds.journal import Journal
from ..feeds.vocabulary import Diversion
from .road_match import RoadMatch
from .settings import MemorySettings
from .taking import Effects, Intake, census_of_stays, moment, us
from .told import Table, Told

_BATCH = 5_000


class Memory:
    """What has been reported of a city's units, calls, hospitals, roads and warnings.

    Parameters
    ----------
    city
        Whose roads, stations and hospitals the reports are about.
    units
        Call signs of its fleet.
    settings
        Tolerances.
    """

    def __init__(self, city: City, *, units: Sequence[str] = (), settings: MemorySettings | None = None) -> None:
        self.table = Table()
        self.position = 0
        """Of the last event of the journal that is in it."""
        self._intake = Intake(city, settings or MemorySettings(), tuple(units), RoadMatch(city.roads))

    def take(self, event: Event) -> Effects:
        """Take one event in, or refuse it by a rule."""
        return self._intake.take(self.table, event)

    def catch_up(
        self,
        journal: Journal,
        *,
        known_by: datetime | None = None,
        told: Callable[[Effects], None] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> int:
        """Take in what the journal has beyond this memory's position; returns how many events that were.

        A memory that holds nothing yet begins with the journal's newest snapshot.

        Parameters
        ----------
        journal
            Open for reading at least.
        known_by
            Only what was known then.
        told
            Told what each event did.
        progress
            Told the share done.

        Raises
        ------
        InputError
            The snapshot is damaged, or a newer program wrote it.
        """
        if self.position == 0:
            kept = journal.applied(known_by=known_by)
            if kept.snapshot is not None:
                self.table, self.position = Table.from_bytes(kept.snapshot), kept.snapshot_position
        first, last, n = self.position, journal.position, 0
        while stored := journal.events(after=self.position, limit=_BATCH, known_by=known_by):
            for one in stored:
                effects = self.take(one.event)
                if told is not None:
                    told(effects)
            n += len(stored)
            self.position = stored[-1].position
            if progress is not None and last > first:
                progress(min((self.position - first) / (last - first), 1.0))
        return n

    def keep(self, journal: Journal) -> None:
        """Write a snapshot into the journal, from which a restart goes on.

        Raises
        ------
        JournalError
            Another process has come in between, or the journal is open for reading only.
        """
        known = journal.applied().position
        if self.position > known:
            journal.apply(self.position, self.table.to_bytes(), after=known)

    def present(self) -> dict[str, Any]:
        """The present as it was reported, plain values for JSON: every thing with the age of what is known of it.

        Ages are seconds before the newest time at which anything became known.
        """
        table = self.table
        return {
            "as_of": None if not table.clock_us else moment(table.clock_us).isoformat(),
            "position": self.position,
            "units": [self._unit(key, one) for key, one in sorted(table.units.items())],
            "calls": [self._call(key, one) for key, one in sorted(table.calls.items()) if not _is_closed(one)],
            "hospitals": [self._hospital(key, one) for key, one in sorted(table.hospitals.items())],
            "roads": [self._event(key, one) for key, one in sorted(table.roads.items()) if self._is_in_force(one)],
            "alerts": [self._event(key, one) for key, one in sorted(table.alerts.items()) if self._is_in_force(one)],
            "sources": {
                name: {"age_s": self._age_s(one.heard_us), "events": one.events, "refused": one.refused}
                for name, one in sorted(table.sources.items())
            },
            "refused": dict(sorted(table.refused.items())),
        }

    def _age_s(self, at_us: int) -> float:
        return round((self.table.clock_us - at_us) / 1e6, 3)

    def _unit(self, key: str, one: Told) -> dict[str, Any]:
        position = one.value("position")
        return {
            "id": key, "status": one.value("status"), "call": _served(one), "hospital": one.value("hospital"),
            "station": one.value("station"), "lon": None if position is None else position[0],
            "lat": None if position is None else position[1],
            "position_age_s": None if position is None else self._age_s(one.at_us("position")),
            "age_s": self._age_s(one.heard_us),
        }  # fmt: skip

    def _call(self, key: str, one: Told) -> dict[str, Any]:
        place = one.value("place")
        return {
            "id": key, "received_at": None if one.first_us is None else moment(one.first_us).isoformat(),
            "priority": one.value("priority"), "lon": None if place is None else place[0],
            "lat": None if place is None else place[1],
            "units": sorted(unit for unit, told in self.table.units.items() if _served(told) == key),
            "age_s": self._age_s(one.heard_us),
        }  # fmt: skip

    def _hospital(self, key: str, one: Told) -> dict[str, Any]:
        census = one.value("ed_census")
        return {
            "id": key, "ed_census": census_of_stays(one) if census is None else census,
            "ed_boarders": one.value("ed_boarders"), "ed_capacity": one.value("ed_capacity"),
            "diverting": one.value("diversion") == Diversion.closed.value, "offload_s": one.value("offload_s"),
            "age_s": self._age_s(one.heard_us),
        }  # fmt: skip

    def _event(self, key: str, one: Told) -> dict[str, Any]:
        value = one.value("event")
        told = {name: value.get(name) for name in ("phase", "impact", "factor", "hazard", "severity") if name in value}
        edges = {"edges": len(value["edges"])} if "edges" in value else {}
        return {"id": key} | told | edges | {"age_s": self._age_s(one.heard_us)}

    def _is_in_force(self, one: Told) -> bool:
        value, now = one.value("event"), self.table.clock_us
        if value["phase"] in ("completed", "cancelled"):
            return False
        begins, ends = value["from_us"], value["until_us"]
        return (begins is None or begins <= now) and (ends is None or ends > now)


def _served(unit: Told) -> str | None:
    """The call that a unit serves by its last report."""
    busy, idle = unit.said.get("busy"), unit.said.get("idle")
    if busy is None or (idle is not None and idle.key > busy.key):
        return None
    return None if busy.value is None else str(busy.value)


def _is_closed(call: Told) -> bool:
    """Whether a call was closed after it was opened last."""
    closed, opened = call.said.get("closed"), call.said.get("opened")
    return closed is not None and (opened is None or closed.key > opened.key)


def as_known(city: City, journal: Journal, at: datetime, **options: Any) -> Memory:
    """The memory as it was at a time: of what was known by then.

    Parameters
    ----------
    city, journal, at
        The city, its journal and the time, with its zone.
    options
        As :class:`Memory` takes them.
    """
    memory = Memory(city, **options)
    memory.catch_up(journal, known_by=at)
    memory.table.clock_us = max(memory.table.clock_us, us(at))
    return memory
