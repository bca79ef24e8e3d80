"""What is made of reports, as data: the order of statuses, and a rule for each way in which reports go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ..feeds.vocabulary import UnitStatus as Told

RANK = {
    told: rank
    for rank, told in enumerate(
        (
            Told.cancelled, Told.completed, Told.back_in_service, Told.relocating, Told.at_station, Told.on_break,
            Told.out_of_service, Told.off_duty, Told.notified, Told.acknowledged, Told.en_route, Told.staged,
            Told.on_scene, Told.at_patient, Told.left_scene, Told.at_hospital, Told.transfer,
        ),
        start=1,
    )
}  # fmt: skip
"""Of two reports about one unit at the same instant the higher counts. A unit that is free and sent on in one second is
on its way; one that is sent and off duty in the same second is taken to be on its way until the next report."""

BUSY = frozenset(
    {
        Told.notified, Told.acknowledged, Told.en_route, Told.staged, Told.on_scene, Told.at_patient, Told.left_scene,
        Told.at_hospital, Told.transfer,
    }
)  # fmt: skip
"""Statuses of a unit with a call."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One way in which reports are not as they should be."""

    name: str
    when: str
    then: str


RULES = (
    Rule(name="late", when="an event occurred before what is known of the same thing",
         then="It fills in the times of the call; the present stays as it is."),
    Rule(name="too_late", when="a report of a call or unit is older than keep_s",
         then="Refused and counted: the call may have been forgotten, and would come to life again."),
    Rule(name="early", when="a unit's report names a call that nobody has reported",
         then="The call is held without a place until its own report comes."),
    Rule(name="duplicate", when="an event comes again, in whatever message",
         then="Nothing changes: merging is idempotent."),
    Rule(name="future", when="an event occurred more than future_s after it arrived",
         then="Refused and counted."),
    Rule(name="contradiction", when="two reports say different things of one unit, call or hospital",
         then="For each field the one that occurred last; of two at once the higher rank, then the greater event_id."),
    Rule(name="unknown_unit", when="a unit is in no file of the fleet",
         then="Taken in with create_units, else refused."),
    Rule(name="unknown_hospital", when="a hospital is not in the city's file, nor in hospital_ids, by identifier or name",
         then="Refused: travel times to it are not known. Name it in hospital_ids or in hospitals.csv."),
    Rule(name="too_many", when="more units or calls are named than are held at most", then="Refused and counted."),
    Rule(name="off_road", when="a position is farther than road_m from every road",
         then="Refused and counted, and the unit stays where it was."),
    Rule(name="outside", when="a position is farther than area_m from every road", then="Refused and counted."),
    Rule(name="not_actual", when="a warning is an exercise, a test or a draft", then="Refused and counted."),
)  # fmt: skip
"""The rules, by which every refusal is named."""
