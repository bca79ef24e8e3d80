"""Suggestions: a planted hole is found, a closure that matters is told from one that does not, a fleet's bound holds."""

import numpy as np
import pytest
from suggest_town import answered, line, lonlat, scenario, surge, town

from ems_twin.demand import node_weights
from ems_twin.errors import InputError
from ems_twin.scenario.whatif.store import Store
from ems_twin.scenario.whatif.suggest import Ask, suggest
from ems_twin.scenario.whatif.suggest.arms import FRESH, MEAN, TRAINING, Arm, Days
from ems_twin.scenario.whatif.suggest.extra_crews import Duty, Sites, _told
from ems_twin.scenario.whatif.suggest.fleet import upper_bound
from ems_twin.scenario.whatif.suggest.revise import with_crews, with_fleet

CROWD = {"factor": 0.5, "changes": [surge(10, 17, calls=30)]}
WALL = {
    "accept_cut_off": True,
    "closures": {"closures": [
        {"id": "corner", "edges": [0]},
        {"id": "wall", "line": line([(0, 12), (19, 12)]), "crossings": [{"street": "Street 3"}, {"street": "Street 16"}]},
    ]},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("suggest")
    town(folder, units=3)
    return folder


@pytest.fixture(scope="module")
def crowd(folder):
    return answered(folder, demand=CROWD)


@pytest.fixture(scope="module")
def closed(folder):
    return answered(folder, demand=CROWD, roads=WALL)


def by_title(found, start):
    return next(one for one in found if one["title"].startswith(start))


def test_a_planted_hole_is_found_and_its_gain_told_apart(crowd):
    (found,) = suggest(crowd, Ask(questions=("crews",), crews=2, shift_h=6, budget=200))
    lon, lat = lonlat(10, 17)
    first = found["places"][0]
    away_m = np.hypot((first["lon"] - lon) * 78_846.8, (first["lat"] - lat) * 111_131.8)
    assert away_m < 1500, "three units stand 4.5 km to the west"
    gain = found["facts"]["together"]["response_s"]
    assert gain["high"] < 0
    assert found["facts"]["suggested"]
    assert found["text"].startswith("Put 2 extra crews at: ")
    assert [row[0] for row in found["table"]["rows"]] == ["1", "2", "all"]
    assert all(len(row) == len(found["table"]["columns"]) for row in found["table"]["rows"])


def test_what_is_suggested_can_be_written_into_the_scenario(folder, crowd):
    (found,) = suggest(crowd, Ask(questions=("crews",), crews=1, budget=120))
    resources = found["facts"]["resources"]
    ready = scenario(folder, demand=CROWD, resources=resources).ready[0]
    assert ready.crews.names == ("extra crew 1 1",)
    ((_, begin_s, end_s),) = ready.crews.shifts
    assert (begin_s, end_s) == (8 * 3600.0, 16 * 3600.0)


def test_a_gain_that_is_not_told_apart_is_no_suggestion(crowd):
    sites = Sites(crowd.prepared.ready[0].city, node_weights(crowd.prepared.demand))
    duties = [Duty(site=len(sites.stations) - 1, from_s=8 * 3600.0, to_s=14 * 3600.0)]
    found = np.random.default_rng(2).normal(600.0, 60.0, (2, 20, 2))
    told = _told(crowd.prepared, sites, duties, found, 20).to_dict()
    assert told["text"].startswith(
        "No suggestion: one extra crew would gain nothing that can be told apart from chance."
    )
    assert told["places"] == []
    found[1] = found[0]
    assert (
        "the mean response would be exactly the same, and exactly as many calls would be late"
        in _told(crowd.prepared, sites, duties, found, 20).text
    )


def test_where_nobody_calls_nothing_is_said(folder):
    quiet = answered(folder, demand={"factor": 0.1})
    (found,) = suggest(quiet, Ask(questions=("crews",), crews=1, budget=120))
    assert found["text"].startswith("Nothing can be said: on some of the simulated days no call counts.")
    assert found["table"]["rows"] == []


def test_a_closure_that_matters_comes_first_and_one_that_touches_nothing_has_no_effect(closed):
    found = suggest(closed, Ask(questions=("closures",), budget=200))
    ranked = by_title(found, "Which closures")["facts"]["effects"]
    assert [one["label"] for one in ranked] == ["wall", "corner"]
    assert ranked[0]["response_s"]["high"] < 0
    for key in ("response_s", "late_share"):
        assert (ranked[1][key]["mean"], ranked[1][key]["low"], ranked[1][key]["high"]) == (0, 0, 0)
    shut = {one["label"]: one["response_s"]["mean"] for one in by_title(found, "What each crossing")["facts"]["effects"]
            if one["change"] == "shut"}  # fmt: skip
    assert set(shut) == {"Street 3 (wall)", "Street 16 (wall)"}
    assert all(mean > 0 for mean in shut.values())
    more = by_title(found, "Where one more crossing")
    assert more["facts"]["effects"][0]["response_s"]["high"] < 0
    assert more["facts"]["effects"][0]["label"] in {f"Street {row} (wall)" for row in range(7, 14)}, (
        "where the crowd is"
    )
    assert len(more["places"]) >= 1


def test_without_closures_nothing_is_said_of_them(crowd):
    assert suggest(crowd, Ask(questions=("closures",))) == []


def test_the_smallest_fleet_keeps_its_target_with_confidence(folder, crowd):
    ask = Ask(questions=("fleet",), target_mean_min=14, budget=400)
    (found,) = suggest(crowd, ask)
    units = found["facts"]["units"]
    assert units is not None, found["text"]
    sizes = {one["units"]: one for one in found["facts"]["sizes"]}
    assert sizes[units]["upper_bound"] <= 0
    prepared, ready = crowd.prepared, crowd.prepared.ready[0]
    days = Days(prepared, Store(None))
    fleet, at = with_fleet(prepared, ready, units, None)
    later = days.figures([Arm(prepared=prepared, ready=fleet, placement=at)], FRESH + 1000, 100)[0, :, MEAN]
    assert later.mean() < 14 * 60, "on days that nobody has seen"
    smaller = [one for one in sizes.values() if one["units"] < units]
    assert all(not one["kept"] for one in smaller)


def test_a_target_out_of_reach_and_the_ordinary_day(folder, crowd):
    (found,) = suggest(crowd, Ask(questions=("fleet",), target_mean_min=1, most_units=10, budget=120))
    assert found["text"].startswith("Not reachable up to 10 units")
    assert found["facts"]["units"] is None
    usual = answered(folder, demand={"factor": 3.0})
    (found,) = suggest(usual, Ask(questions=("fleet",), budget=200))
    assert found["facts"]["units"] == usual.prepared.ready[0].crews.n_units, (
        "the ordinary day itself: as many, no fewer"
    )


def test_it_is_the_same_whatever_the_threads_and_after_an_interruption(crowd, tmp_path):
    ask = Ask(crews=1, budget=120, target_late=60)
    told = []
    found = suggest(crowd, ask, out=tmp_path, threads=1, say=lambda text, share: told.append((text, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len({text for text, _ in told}) == 4
    kept = sorted((tmp_path / "days").glob("figures-*.npz"))
    for path in kept[::2]:
        path.unlink()
    before = {path: path.stat().st_mtime_ns for path in kept[1::2]}
    assert suggest(crowd, ask, out=tmp_path, threads=2) == found
    assert {path: path.stat().st_mtime_ns for path in before} == before, "days that were kept are not simulated again"
    assert sorted((tmp_path / "days").glob("figures-*.npz")) == kept


def test_days_that_are_kept_are_read_back(crowd, tmp_path):
    prepared, ready = crowd.prepared, crowd.prepared.ready[0]
    arm = Arm(prepared=prepared, ready=ready)
    days = [Days(prepared, Store(tmp_path)) for _ in range(2)]
    first, again = (one.figures([arm], FRESH, 3) for one in days)
    assert (first == again).all()
    assert [one.reused for one in days] == [0, 3]
    assert [one.used for one in days] == [3, 3]
    days[0].figures([arm, arm], FRESH, 4)
    assert days[0].used == 4, "a day costs once"
    days[0].figures([arm], TRAINING, 1)
    days[0].store.clear()
    assert list((tmp_path / "days").iterdir()) == []


def test_an_idle_post_changes_nothing(crowd):
    prepared, ready = crowd.prepared, crowd.prepared.ready[0]
    from ems_twin.scenario.whatif.spec import Post

    lon, lat = lonlat(19, 19)
    posted = with_crews(prepared, ready, [Post(id="idle", lon=lon, lat=lat)], [])
    arms = [Arm(prepared=prepared, ready=one) for one in (ready, posted)]
    plain, other = Days(prepared, Store(None)).figures(arms, FRESH, 3)
    assert (plain == other).all()
    assert arms[0].key != arms[1].key


def test_a_one_sided_bound():
    values = np.random.default_rng(1).normal(size=(4000, 10))
    above = np.mean([upper_bound(row, 0.95) < 0 for row in values])
    assert above == pytest.approx(0.05, abs=0.012)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"variant": "other"}, "there is no variant 'other'"),
        ({"case": "big"}, "the scenario has no cases|there is no case 'big'"),
    ],
)
def test_what_the_scenario_does_not_have_is_refused(crowd, given, message):
    with pytest.raises(InputError, match=message):
        suggest(crowd, Ask(**given))


def test_all_faults_of_a_request_are_told():
    with pytest.raises(InputError) as caught:
        Ask(crews=0, budget=3, target_late=10, target_mean_min=5, questions=("weather",))
    text = str(caught.value)
    for part in ("crews", "budget", "two targets", "'weather'"):
        assert part in text


def test_a_variant_with_rollout_is_refused(folder):
    found = answered(folder, variants=[{"name": "as it is"}])
    ready = found.prepared.ready[0]
    from dataclasses import replace

    from ems_twin.scenario.whatif.spec import PolicySection, Rollout

    rolled = replace(ready, sections=ready.sections.model_copy(update={"policy": PolicySection(rollout=Rollout())}))
    with pytest.raises(InputError, match="without rollout"):
        suggest(replace(found, prepared=replace(found.prepared, ready=(rolled,))))
