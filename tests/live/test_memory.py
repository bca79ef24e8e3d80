"""The twin's memory of its feeds: the order and repetition of reports make no difference, and nothing wrong gets in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.feeds import (
    CallEvent,
    Decoded,
    HospitalEvent,
    RoadEvent,
    UnitPositionEvent,
    UnitStatusEvent,
    WeatherAlertEvent,
)
from ems_twin.feeds.journal import Message, open_journal
from ems_twin.live import RULES, Memory, MemorySettings
from ems_twin.live.memory import as_known
from ems_twin.live.told import Table

CITY = grid_city(8, 8, spacing_m=300.0, stations=((1, 1), (6, 6)), hospitals=((3, 3), (6, 2)), units_per_station=2)
ROADS = CITY.roads
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLEET = ("M1", "M2")
HOSPITALS = tuple(hospital.id for hospital in CITY.hospitals)


def head(at_s=0.0, late_s=1.0, source="cad"):
    at = T0 + timedelta(seconds=at_s)
    return {
        "source": source,
        "message_id": f"{source}-{at_s}",
        "occurred_at": at,
        "known_at": at + timedelta(seconds=late_s),
    }


def status(unit, word, at_s, call=None, **more):
    return UnitStatusEvent.make(unit_id=unit, status=word, call_id=call, **head(at_s) | more)


def position(unit, node, at_s, *, east=0.0, **more):
    lon, lat = float(ROADS.lon[node]) + east, float(ROADS.lat[node])
    return UnitPositionEvent.make(unit_id=unit, lon=lon, lat=lat, **head(at_s) | more)


def call(call_id, action, at_s, node=None, **more):
    place = {} if node is None else {"lon": float(ROADS.lon[node]), "lat": float(ROADS.lat[node])}
    return CallEvent.make(call_id=call_id, action=action, **place | head(at_s) | more)


def memory(*events, **options):
    made = Memory(CITY, units=FLEET, settings=MemorySettings(**options))
    effects = [made.take(event) for event in events]
    return made, effects


def unit_of(made, name):
    return next(unit for unit in made.present()["units"] if unit["id"] == name)


STORY = (
    call("c1", "received", 0, 20, priority=1),
    status("M1", "notified", 60, "c1"), status("M1", "en_route", 100, "c1"), position("M1", 18, 150),
    status("M1", "on_scene", 300, "c1"), call("c2", "received", 320, 40, priority=2),
    status("M2", "en_route", 400, "c2"), status("M1", "left_scene", 900, "c1", hospital_id=HOSPITALS[0]),
    status("M1", "at_hospital", 1200, "c1", hospital_id=HOSPITALS[0]),
    HospitalEvent.make(hospital_id=HOSPITALS[0], ed_census=12, ed_capacity=20, diversion="closed", **head(1210)),
    status("M1", "back_in_service", 1800, "c1"), call("c1", "closed", 1810), status("M2", "cancelled", 1900, "c2"),
    call("c2", "cancelled", 1901),
    RoadEvent.make(road_event_id="r1", phase="active", impact="closed",
                   lines=(((float(ROADS.lon[0]), float(ROADS.lat[0])), (float(ROADS.lon[7]), float(ROADS.lat[7]))),),
                   **head(2000)),
    WeatherAlertEvent.make(alert_id="a1", phase="active", status="actual", hazard="Heat", **head(2100)),
)  # fmt: skip


def test_the_present_follows_the_reports():
    made, effects = memory(*STORY[:7])
    assert all(one.refused is None for one in effects)
    assert unit_of(made, "M1") | {"age_s": 0} == {
        "id": "M1", "status": "on_scene", "call": "c1", "hospital": None, "station": None, "age_s": 0,
        "lon": float(ROADS.lon[18]), "lat": float(ROADS.lat[18]), "position_age_s": 251.0,
    }  # fmt: skip
    assert [(c["id"], c["priority"], c["units"]) for c in made.present()["calls"]] == [
        ("c1", 1, ["M1"]),
        ("c2", 2, ["M2"]),
    ]
    made, _ = memory(*STORY)
    found = made.present()
    assert found["calls"] == []
    assert [unit["call"] for unit in found["units"]] == [None, None]
    assert found["hospitals"][0] | {"age_s": 0} == {
        "id": HOSPITALS[0], "ed_census": 12, "ed_boarders": None, "ed_capacity": 20, "diverting": True, "offload_s": None,
        "age_s": 0,
    }  # fmt: skip
    assert found["roads"][0]["edges"] > 0
    assert found["alerts"][0]["hazard"] == "Heat"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(len(STORY))), st.lists(st.sampled_from(range(len(STORY))), max_size=8))
def test_order_and_repetition_make_no_difference(order, again):
    straight, _ = memory(*STORY)
    mixed, _ = memory(*(STORY[i] for i in [*order, *again]))
    assert mixed.table.to_bytes(counts=False) == straight.table.to_bytes(counts=False)


def test_of_two_reports_the_later_counts_whichever_comes_first():
    late, early = status("M1", "on_scene", 300, "c1"), status("M1", "en_route", 100, "c1")
    for events in ((late, early), (early, late)):
        made, _ = memory(*events)
        assert unit_of(made, "M1")["status"] == "on_scene"
    assert [effect.changed for effect in memory(late, early)[1]] == [True, False]
    assert memory(late, early)[1][1].history  # the time of an earlier step is filled in


def test_a_call_that_only_a_unit_names_is_held_until_its_own_report():
    made, _ = memory(status("M1", "en_route", 100, "c9"))
    assert made.present()["calls"][0]["lon"] is None
    made.take(call("c9", "received", 50, 20))
    assert made.present()["calls"][0]["lon"] == pytest.approx(float(ROADS.lon[20]))


@pytest.mark.parametrize(("event", "rule", "options"), [
    (status("M1", "en_route", 1000).model_copy(update={"known_at": T0}), "future", {}),
    (position("M1", 0, 0, east=-0.02), "off_road", {}),
    (position("M1", 0, 0, east=2.0), "outside", {}),
    (HospitalEvent.make(hospital_id="elsewhere", ed_census=1, **head()), "unknown_hospital", {}),
    (status("X9", "en_route", 0, "c1"), "unknown_unit", {"create_units": False}),
    (status("X9", "en_route", 0, "c1"), "too_many", {"most_units": 0}),
    (call("c1", "received", 0, 20), "too_many", {"most_calls": 0}),
    (WeatherAlertEvent.make(alert_id="a", phase="active", status="exercise", **head()), "not_actual", {}),
])  # fmt: skip
def test_what_cannot_be_believed_is_refused_by_a_rule_counted_and_leaves_nothing(event, rule, options):
    made, (effect,) = memory(event, **options)
    assert effect.refused == rule
    assert effect.reason
    assert effect.remedy
    found = made.present()
    assert found["refused"] == {rule: 1}
    assert not [found[layer] for layer in ("units", "calls", "hospitals", "alerts") if found[layer]]
    assert rule in {one.name for one in RULES}


def test_reports_of_yesterday_bring_no_call_back():
    made, (_, effect) = memory(call("c2", "received", 90_000, 20), call("c1", "received", 10, 20))
    assert effect.refused == "too_late"
    assert [one["id"] for one in made.present()["calls"]] == ["c2"]


def test_what_nobody_speaks_of_for_a_day_is_forgotten():
    made, _ = memory(call("c1", "received", 0, 20), call("c2", "received", 200_000, 20))
    assert set(made.table.calls) == {"c2"}


def written(journal, events):
    journal.append(
        [
            Message(
                source=one.source, message_id=one.message_id, received_at=one.known_at, digest=one.event_id.encode()[:16],
                decoded=Decoded(codec="ems-twin", message_id=one.message_id, events=(one,)),
            )
            for one in events
        ]
    )  # fmt: skip


def test_a_restart_has_the_same_memory_from_a_snapshot_and_what_came_since(tmp_path):
    straight, _ = memory(*STORY)
    with open_journal(tmp_path / "j.sqlite") as journal:
        written(journal, STORY[:9])
        first = Memory(CITY, units=FLEET)
        assert first.catch_up(journal) == 9
        first.keep(journal)
        written(journal, STORY[9:])
    with open_journal(tmp_path / "j.sqlite") as journal:
        again = Memory(CITY, units=FLEET)
        assert again.catch_up(journal) == len(STORY) - 9
        assert again.table.to_bytes() == straight.table.to_bytes()
        anew = Memory(CITY, units=FLEET)
        anew.position = -1  # from the beginning, without the snapshot
        anew.catch_up(journal)
        assert anew.table.to_bytes() == again.table.to_bytes()


def test_the_past_is_shown_as_it_was_known(tmp_path):
    with open_journal(tmp_path / "j.sqlite") as journal:
        written(journal, STORY)
        ages = [as_known(CITY, journal, T0 + timedelta(seconds=s), units=FLEET).present() for s in (200, 1000, 1850)]
    assert [next(u["status"] for u in now["units"] if u["id"] == "M1") for now in ages] == [
        "en_route", "left_scene", "back_in_service",
    ]  # fmt: skip
    assert [len(now["calls"]) for now in ages] == [1, 2, 1]
    assert all(a["position"] < b["position"] for a, b in pairwise(ages))


def test_a_damaged_snapshot_is_refused_in_words():
    for text in (b"", b"[]", b'{"format": 99}', STORY[0].to_json()):
        with pytest.raises(InputError, match="snapshot"):
            Table.from_bytes(text)
