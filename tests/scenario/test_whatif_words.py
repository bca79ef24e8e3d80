"""The answer in words, from records made by hand."""

import pytest

from ems_twin.scenario.whatif.findings import verdict_of
from ems_twin.scenario.whatif.words import answer_of_case, answer_of_cases

LATE, MEAN, QUEUE = "late_share", "response_s", "travel_queue_s"
BASE = {LATE: 20.0, MEAN: 600.0, QUEUE: 400.0}


def spread(mean, half):
    return {"mean": mean, "low": mean - half, "high": mean + half}


def figures(values):
    return {key: spread(value, 0.05 * value) for key, value in values.items()}


def compared(variant, against, own, other, p):
    """A comparison of two variants' figures; ``p`` is the adjusted p-value of all of them, or by key."""
    found = {}
    for key in own:
        apart = own[key] - other[key]
        half = abs(apart) / 2 if apart else 1.0
        found[key] = {
            "difference": spread(apart, half), "relative": spread(apart / other[key], half / other[key]),
            "p_adjusted": p[key] if isinstance(p, dict) else p,
        }  # fmt: skip
    one = {"variant": variant, "against": against, "pairs": 30, "outcomes": found}
    return one | {"verdict": verdict_of(one)}


def part(name, kind, apart, p, *, variant="other", few=False):
    found = {"response_s": None, "late_share": None}
    if not few:
        found = {key: spread(apart, abs(apart) / 2) | {"p_adjusted": p} for key in found}
    return {"name": name, "kind": kind, "priority": None, "variants": {}, "against_baseline": {variant: found}}


def record(*others, parts=(), further=(), base=BASE, event=True, name=""):
    """A record of a baseline and others, each (name, figures, p, is it the event)."""
    variants = [{"name": "base", "event": event, "outcomes": figures(base)}]
    comparisons = []
    by_name = {"base": base}
    for other, values, p, is_event in others:
        by_name[other] = values
        variants.append({"name": other, "event": is_event, "outcomes": figures(values)})
        comparisons.append(compared(other, "base", values, base, p))
    comparisons += [compared(a, b, by_name[a], by_name[b], p) for a, b, p in further]
    case = {"name": name, "variants": variants, "comparisons": comparisons, "parts": list(parts)}
    return {"baseline": "base", "level": 0.95, "cases": [case]}


def words(made):
    return answer_of_case(made["cases"][0], made)


BETTER = {LATE: 5.0, MEAN: 450.0, QUEUE: 240.0}
WORSE = {LATE: 30.0, MEAN: 700.0, QUEUE: 500.0}


def test_a_better_variant_is_named_with_its_intervals():
    text = words(record(("other", BETTER, 0.001, True)))
    assert "Under “base” 20.0 % (95 % interval 19.0 to 21.0) of calls are late" in text
    assert (
        "“other” is better: beside “base”, the mean response is 2.5 minutes shorter (25 %; 95 % interval 12 to 38 %)"
        in text
    )
    assert "late calls fall from 20.0 % to 5.0 % (−75 %; 95 % interval −112 to −38 %)" in text
    assert "Waiting for a unit and its drive, the part that can be changed, gets 40 % shorter." in text
    assert "No variant is an ordinary day" in text


def test_the_best_of_several_has_the_fewest_late_calls_and_the_rest_is_told():
    middle = {LATE: 10.0, MEAN: 440.0, QUEUE: 300.0}
    text = words(record(("middle", middle, 0.01, True), ("other", BETTER, 0.001, True), ("bad", WORSE, 0.001, True)))
    assert "The best of the 3 others is “other”" in text
    assert "Better than “base” too: “middle” (the mean response is 2.7 minutes shorter" in text
    assert "“bad” is worse than “base”: more late calls (the mean response is 1.7 minutes longer" in text


def test_what_is_not_told_apart_is_never_called_better():
    text = words(record(("other", BETTER, 0.3, True), ("same", BASE, 1.0, True)))
    assert "None of the others was found to be better than “base”." in text
    assert "Not told apart from “base”: “other” and “same”." in text
    assert "is better" not in text


def test_late_calls_that_are_in_doubt_stay_so_beside_a_faster_mean():
    p = {LATE: 0.4, MEAN: 0.001, QUEUE: 0.001}
    text = words(record(("other", BETTER, p, True)))
    assert "minutes shorter" in text
    assert "late calls (5.0 %) are not told apart" in text


def test_a_difference_that_only_its_own_interval_shows_is_said_to_be_in_doubt():
    p = {LATE: 0.001, MEAN: 0.08, QUEUE: 0.001}
    text = words(record(("other", BETTER, p, True)))
    assert "the mean response is not told apart among so many comparisons (−25 %" in text


@pytest.mark.parametrize(
    ("ordinary", "p", "said"),
    [
        ({LATE: 4.0, MEAN: 420.0, QUEUE: 220.0}, 0.001, "Under “base” it does not hold as on an ordinary day: 20.0 %"),
        ({LATE: 30.0, MEAN: 700.0, QUEUE: 500.0}, 0.001, "Under “base” it holds: 20.0 %"),
        ({LATE: 19.0, MEAN: 590.0, QUEUE: 390.0}, 0.5, "Under “base” the day was not told apart from an ordinary one"),
    ],
)
def test_whether_it_holds_is_measured_by_the_ordinary_day(ordinary, p, said):
    assert words(record(("usual", ordinary, p, False))).startswith(said)


@pytest.mark.parametrize(
    ("p", "values", "said"),
    [
        (0.001, {LATE: 4.0, MEAN: 420.0, QUEUE: 220.0}, "the day is still worse than an ordinary one: beside “usual”"),
        (0.5, {LATE: 4.9, MEAN: 449.0, QUEUE: 239.0}, "the day is not told apart from an ordinary one: beside “usual”"),
        (0.001, {LATE: 9.0, MEAN: 500.0, QUEUE: 290.0}, "the day goes better than an ordinary one: beside “usual”"),
    ],
)
def test_the_best_variant_is_measured_by_the_ordinary_day_too(p, values, said):
    made = record(("usual", values, 0.001, False), ("other", BETTER, 0.001, True), further=[("other", "usual", p)])
    assert said in words(made)


def test_the_price_of_the_best_is_said():
    base = BASE | {"transport_min": 6.0, "offload_min": 45.0, "moves_per_unit_day": 0.5, "km_per_unit_day": 60.0}
    best = BETTER | {"transport_min": 9.4, "offload_min": 24.0, "moves_per_unit_day": 3.0, "km_per_unit_day": 82.0}
    text = words(record(("other", best, 0.001, True), base=base))
    assert (
        "The price of “other”: the drive to hospital gets 3.4 minutes longer (the offload there 21.0 minutes shorter), each "
        "unit is moved 3.0 times a day and a unit drives 22 km a day more."
    ) in text
    assert "price" not in words(record(("other", BETTER, 0.001, True)))


def test_who_gets_worse_is_said():
    slow = [
        part("priority 3", "priority", 120.0, 0.001),
        part("10035", "zone", 60.0, 0.01),
        part("10036", "zone", -60.0, 0.01),
    ]
    text = words(record(("other", BETTER, 0.001, True), parts=slow))
    assert (
        "Not everybody gains with “other”: priority 3 (2.0 minutes longer) and area 10035 (1.0 minutes longer)." in text
    )
    assert "10036" not in text


def test_of_many_that_get_worse_the_number_is_given():
    slow = [part(f"z{i}", "zone", 60.0, 0.001) for i in range(6)]
    text = words(record(("other", BETTER, 0.001, True), parts=slow))
    assert "area z2 (1.0 minutes longer) and 3 more." in text


def test_that_nobody_gets_worse_is_said_with_what_is_in_doubt():
    parts = [
        part("priority 1", "priority", -60.0, 0.01),
        part("z1", "zone", 5.0, 0.8),
        part("z2", "zone", 0.0, 1.0, few=True),
    ]
    text = words(record(("other", BETTER, 0.001, True), parts=parts))
    assert "With “other” nobody was found to wait longer" in text
    assert "(in 1 of these 2 the mean is longer, but not told apart)" in text
    few = words(record(("other", BETTER, 0.001, True), parts=[part("z2", "zone", 0.0, 1.0, few=True)]))
    assert "There are too few calls to say who gains and who loses." in few


def test_where_none_is_better_whoever_makes_somebody_worse_is_named():
    slow = [part("priority 3", "priority", 120.0, 0.001, variant="second")]
    text = words(record(("first", BASE, 1.0, True), ("second", BASE, 1.0, True), parts=slow))
    assert "Not everybody gains with “second”: priority 3 (2.0 minutes longer)." in text
    assert "nobody" not in text


def test_more_late_calls_of_the_most_urgent_are_never_passed_over():
    urgent = {"urgent_late_share": 10.0}
    made = record(("other", BETTER | {"urgent_late_share": 14.0}, 0.001, True), base=BASE | urgent)
    assert "With “other” more calls of the most urgent are late." in words(made)


def test_calls_that_nobody_reached_are_not_hidden_by_the_mean():
    lost = {"unserved_share": 8.0}
    text = words(record(("other", BASE | lost, 1.0, True), base=BASE | lost))
    assert "(of the calls that any reached; 8.0 % no unit had reached by the end)" in text
    assert "had reached" not in words(record(("other", BASE, 1.0, True)))


def test_without_calls_nothing_is_said():
    empty = {QUEUE: 1.0}
    assert words(record(("other", empty, 1.0, True), base=empty)).startswith("Nothing can be said")


def test_several_cases_are_told_one_after_the_other():
    made, second = record(("other", BETTER, 0.001, True), name="few"), record(("other", BASE, 1.0, True), name="many")
    made["cases"] += second["cases"]
    for case in made["cases"]:
        case["answer"] = answer_of_case(case, made)
    text = answer_of_cases(made)
    assert text.startswith("In the case “few”: Under “base” 20.0 %")
    assert "In the case “many”: 20.0 % of calls are late under “base”; no other variant was found to be better." in text
