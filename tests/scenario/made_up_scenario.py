"""A small scenario on Coquimbo: a fair with extra calls and a closed street, three variants, two cases if asked."""

from pathlib import Path

from ems_twin.scenario.whatif import answer, prepare, scenario_from

FAIR = {"lon": -71.335, "lat": -29.96, "radius_m": 900}
AREA = [[-71.337, -29.962], [-71.333, -29.962], [-71.333, -29.958], [-71.337, -29.958]]


def given(**changes):
    """Plain values of the scenario, with other fields in place of its own."""
    return {
        "name": "Fair in Coquimbo",
        "question": "Will it hold?",
        "city": "coquimbo",
        "window": {"start": "2024-09-18T00:00", "hours": 12, "count_from": "2024-09-18T03:00"},
        "demand": {"changes": [
            {"id": "the fair", "kind": "surge", "description": "60 % more calls", "city_share": 0.6, "place": FAIR},
        ]},
        "roads": {"closures": {"closures": [{"id": "fair ground", "area": AREA}]}},
        "variants": [
            {"name": "as usual"},
            {"name": "ordinary day", "event": False},
            {"name": "moved", "policy": {"move": "best-move", "knows": {"of": "event"}}},
            {"name": "fewer", "resources": {"units": 5}},
        ],
        "comparisons": [{"variant": "moved", "against": "ordinary day"}],
        "replications": 4,
    } | changes  # fmt: skip


def answered(out: Path | None = None, **changes):
    """What the scenario finds."""
    return answer(prepare(scenario_from(given(**changes))), out=out)
