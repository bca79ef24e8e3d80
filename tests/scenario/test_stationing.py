"""Where should units be based? A model proposes, the simulation judges."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.scenario import MODELS, optimise_stations
from ems_twin.scenario.stationing_files import write_stationing
from ems_twin.views import print_stationing, write_stationing_map
from ems_twin.world import Rules, read_fleet

QUICK = {"replications": 5, "evaluations": 40, "seed": 2}


@pytest.fixture(scope="module")
def studies(city, demand, router):
    return {
        model: optimise_stations(city, demand, model=model, router=router, units=3 if model == "mclp" else 6, **QUICK)
        for model in MODELS
    }


@pytest.mark.parametrize("model", MODELS)
def test_every_model_places_every_unit(studies, model):
    study = studies[model]
    assert study.proposed.units.sum() == study.now.units.sum() == (3 if model == "mclp" else 6)
    assert 0 < study.busy_share < 1
    assert study.mean_s.difference.n == 5
    assert json.loads(json.dumps(study.to_dict()))["model"] == model
    assert study.proposed.gap < 0.1


def test_each_model_is_best_by_its_own_measure(studies):
    six = [study for model, study in studies.items() if model != "mclp"]
    one = six[0]
    covers = [one.cover(study.proposed) for study in six]
    drives = [one.drive_s(study.proposed) for study in six]
    assert one.cover(studies["mexclp"].proposed) >= max(covers) - 1e-6
    assert one.drive_s(studies["p-median"].proposed) <= min(drives) + 1e-3
    assert one.cover(one.proposed) >= one.cover(one.now)


def test_units_go_east_where_the_calls_are(studies):
    for model in ("mexclp", "p-median", "local-search"):
        assert studies[model].proposed.units[2] > studies[model].now.units[2]
        assert studies[model].mean_s.difference.mean < 0
        assert studies[model].mean_s.difference.excludes_zero()


def test_search_is_no_worse_than_where_it_began(studies):
    search = studies["local-search"].search
    assert search.evaluations <= 40
    assert studies["local-search"].proposed.units.tolist() == search.units.tolist()
    assert search.start.sum() == search.units.sum()


def test_posts_are_offered_and_written(city, demand, router, tmp_path):
    study = optimise_stations(city, demand, model="p-median", posts=4, router=router, **QUICK)
    assert len(study.city.stations) == 7
    assert study.proposed.units[3:].sum() > 0
    assert study.now.units[3:].sum() == 0
    written = write_stationing(study, tmp_path)
    assert {path.name for path in written} == {"units.csv", "stations.csv", "stationing.json", "city"}
    from ems_twin.city import load_city

    town = load_city(tmp_path / "city")
    plan = read_fleet(tmp_path, town)
    ids = [station.id for station in town.stations]
    homes = dict(zip(ids, np.bincount(plan.homes, minlength=len(ids)).tolist(), strict=True))
    assert homes == {station.id: station.units for station in town.stations}
    asked = {s.id: int(n) for s, n in zip(study.city.stations, study.proposed.units, strict=True) if n}
    assert {key: n for key, n in homes.items() if n} == asked


def test_blocks_of_hours_and_capacity_are_kept(city, demand, router):
    night = optimise_stations(city, demand, hours="night", capacity=3, target_s=700.0, router=router, **QUICK)
    assert night.proposed.units.max() <= 3
    assert night.hours == "night"
    assert len(set(night.cover_s)) >= 1
    assert max(night.cover_s) < 700.0


def test_rules_without_a_bound_are_studied_all_the_same(city, demand, router):
    study = optimise_stations(city, demand, rules=Rules(soon_free=True), router=router, **QUICK)
    assert study.bound is None
    assert study.bound_gap is None
    assert study.to_dict()["cover_bound"] is None


def test_it_is_told_and_drawn(studies, tmp_path, capsys):
    study = studies["p-median"]
    print_stationing(study)
    out = " ".join(capsys.readouterr().out.split())
    assert "least expected drive (p-median)" in out
    assert "In the simulation the proposal is better" in out
    page = write_stationing_map(study, tmp_path / "map.html").read_text("utf-8")
    data = json.loads(page.split('id="ems-data">')[1].split("</script>")[0])
    assert [row["units"] for row in data["stations"]] == study.proposed.units.tolist()
    assert [row["now"] for row in data["stations"]] == study.now.units.tolist()
    assert [one["layer"] for one in data["shadings"]] == ["after", "before"]
    assert all(len(one["drive"]) == len(study.points.node) for one in data["shadings"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": "best"}, "there is no model 'best'"),
        ({"hours": "noon"}, "there are no hours 'noon'"),
        ({"target_s": 0.0}, "field 'target': a target of 0 s"),
        ({"target_s": 30.0}, "leaves priority 1 no time to drive"),
        ({"units": 0}, "a fleet of 0 units"),
        ({"model": "mclp"}, "6 units are more than the 3 places"),
        ({"capacity": 1}, "6 units do not fit into 3 places"),
        ({"capacity": 0}, "places for 0 units"),
        ({"posts": -1}, "-1 posts"),
        ({"replications": 1}, "field 'replications'"),
    ],
)
def test_what_cannot_be_asked_is_refused(city, demand, router, changed, message):
    with pytest.raises(InputError, match=message):
        optimise_stations(city, demand, router=router, **QUICK | changed)


def test_cities_without_calls_or_ways_are_refused(city, demand, router):
    with pytest.raises(InputError, match="nobody ever calls"):
        optimise_stations(city, replace(demand, hour_of_week=np.zeros(168)), router=router, **QUICK)
    edge_s = router.edge_s.copy()
    roads = city.roads
    edge_s[roads.first_out[city.stations[1].node] : roads.first_out[city.stations[1].node + 1]] = np.inf
    with pytest.raises(InputError, match=f"no demand can be reached from '{city.stations[1].name}'"):
        optimise_stations(city, demand, router=router.with_edge_times(edge_s), **QUICK)
