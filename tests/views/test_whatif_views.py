"""Small parts of a what-if report: what was asked in words, tables, and the terminal."""

import io
import re

import pytest
from rich.console import Console

from ems_twin.scenario.whatif import scenario_from
from ems_twin.views.whatif_asked import asked_html, section_words
from ems_twin.views.whatif_table import print_whatif
from ems_twin.views.whatif_tables import cases_table, parts_table, suggestions_html

WINDOW = {"start": "2024-09-18T00:00", "hours": 12}


def words_of(**variant):
    made = scenario_from({"name": "x", "window": WINDOW, "variants": [{"name": "a", **variant}]}).variants[0]
    return section_words(made, made.model_fields_set)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"demand": {"factor": 1.2}}, "ordinary calls times 1.2"),
        ({"demand": {"changes": [{"id": "f", "kind": "factor", "factor": 1.4}]}}, "f: calls in the whole city times 1.4"),
        (
            {"demand": {"changes": [{"id": "c", "kind": "crowd", "people": 50000, "event": "marathon",
                                     "place": {"lon": 1.0, "lat": 2.0}}]}},
            "c: 50,000 people within 250 m of longitude 1.00000, latitude 2.00000 (rates of a marathon)",
        ),
        (
            {"demand": {"changes": [{"id": "m", "kind": "mass-casualty", "lon": 1.0, "lat": 2.0, "patients": 40,
                                     "at": "2024-09-18T03:00"}]}},
            "m: 40 patients within 20 minutes from 2024-09-18 03:00, longitude 1.00000, latitude 2.00000",
        ),
        ({"roads": {"closures": None}}, "no closures"),
        ({"roads": {"closures": "way/closed.toml"}}, "closures of closed.toml"),
        ({"resources": {"placement": "event"}}, "units are based where a search finds best for this very day"),
        (
            {"resources": {"crews": [{"id": "x", "count": 2, "at": "s1", "mutual_aid": True, "shifts": [
                {"start": "2024-09-18T01:00", "end": "2024-09-18T05:00"}]}]}},
            "2 extra ambulances 'x' at s1, from 2024-09-18 01:00 to 2024-09-18 05:00, from a neighbouring service",
        ),
        ({"resources": {"withdrawn": [{"count": 2, "start": "2024-09-18T01:00", "end": "2024-09-18T05:00"}]}},
         "2 units out of service from 2024-09-18 01:00 to 2024-09-18 05:00"),
        ({"hospitals": {"choice": "soonest"}}, "patients go where a bay is expected soonest, drive and wait"),
        ({"hospitals": {"surge_beds": {"h": 4}}}, "4 extra treatment bays at h"),
        ({"policy": {"move": "best-move"}}, "units are moved by the policy best-move"),
        ({"policy": {"knows": {"of": "event", "found": 0.5, "late_min": 30}}},
         "relocation is told of the day's extra calls, badly: 50 % of them, 30 minutes late"),
        ({"policy": {"rollout": {"futures": 20}}},
         "every 5 minutes 10 moves are tried in up to 20 sampled futures of 60 minutes before one is made"),
    ],
)  # fmt: skip
def test_what_a_section_gives_is_said(given, said):
    assert said in words_of(**given)


def test_what_is_not_given_is_not_said():
    assert words_of(description="nothing else") == []


def test_the_baseline_and_the_ordinary_day_are_named():
    made = scenario_from(
        {"name": "x", "window": WINDOW, "variants": [{"name": "a"}, {"name": "b", "event": False}], "baseline": "b"}
    )
    record = {"start": "2024-09-18T00:00", "count_from": "2024-09-18T06:00", "count_to": "2024-09-18T12:00", "hours": 12,
              "title": "Town"}  # fmt: skip
    html = asked_html(made, record)
    assert "<dt>b (baseline)</dt><dd><ul><li>the ordinary day" in html
    assert "from 2024-09-18 00:00, 12 hours; calls received from 2024-09-18 06:00 to 2024-09-18 12:00 count" in html


def record():
    def figure(mean):
        return {"mean": mean, "low": mean - 1, "high": mean + 1}

    apart = {"mean": -20.0, "low": -30.0, "high": -10.0, "p_adjusted": 0.01}
    longer = apart | {"mean": 20.0, "low": 10.0, "high": 30.0}
    found = {
        "response_s": {"difference": apart, "relative": {"mean": -0.1, "low": -0.15, "high": -0.05}, "p_adjusted": 0.01}
    }
    outcomes = {"response_s": figure(300.0), "late_share": figure(12.0)}
    part = {"kind": "priority", "name": "priority 1", "priority": 1, "variants": {
        "[b]usual": {"calls": 20.0, "response_s": figure(300.0), "late_share": figure(10.0)},
        "new": {"calls": 20.0, "response_s": figure(280.0), "late_share": None},
        "other": {"calls": 20.0, "response_s": figure(320.0), "late_share": None},
    }, "against_baseline": {"new": {"response_s": apart, "late_share": None}, "other": {"response_s": longer, "late_share": None}}}  # fmt: skip
    case = {
        "name": "", "variants": [{"name": "[b]usual", "outcomes": outcomes, "replications": 9},
                                 {"name": "new", "outcomes": outcomes, "replications": 9},
                                 {"name": "other", "outcomes": outcomes, "replications": 9}],
        "comparisons": [{"variant": "new", "against": "[b]usual", "verdict": "faster on average; late calls not told apart",
                         "outcomes": found}], "parts": [part],
    }  # fmt: skip
    return {
        "name": "A [red]fair", "baseline": "[b]usual", "cases": [case], "count_from": "2024-09-18T06:00",
        "count_to": "2024-09-18T12:00", "clock": "ring to scene", "level": 0.95, "family_wise_alpha": 0.05,
        "answer": "It [i]holds.",
    }  # fmt: skip


def test_the_terminal_shows_names_as_they_are_written():
    out = io.StringIO()
    table = {"columns": ["Place", "Gain"], "rows": [["[b]Dock", 1.25]]}
    suggestions = [{"title": "[i]Two crews", "text": "At the dock.", "table": table}]
    print_whatif(record() | {"suggestions": suggestions}, Console(file=out, width=120))
    text = " ".join(out.getvalue().split())
    assert "A [red]fair" in text
    assert re.search(r"\[b\]usual 5:00 - - 12\.0 % - baseline", text)
    assert re.search(r"new 5:00 -10 ±5 % .* faster", text)
    assert "findings are beside [b]usual" in text
    assert "It [i]holds. [i]Two crews. At the dock." in text
    assert "[b]Dock 1.25" in text


def test_parts_say_better_and_worse_and_what_is_not_known():
    made = record()
    html = parts_table(made, made["cases"][0], ("priority",), "response_s", str)
    assert "<td>4:40\n\N{MINUS SIGN}20 ± 10 s\nbetter</td>" in html
    assert "<td>5:20\n+20 ± 10 s\nworse</td>" in html
    late = parts_table(made, made["cases"][0], ("priority",), "late_share", str)
    assert late.count("too few calls") == 2


def test_cases_are_compared_in_one_table():
    made = record()
    made["cases"] = [made["cases"][0] | {"name": name} for name in ("few", "many")]
    html = cases_table(made)
    assert html.count('<th scope="row">') == 6
    assert "many: new" in html


def test_suggestions_have_a_section_only_where_there_are_some():
    assert suggestions_html({}) == suggestions_html({"suggestions": []}) == ""
    one = {
        "title": "Two crews",
        "text": "At <dock>.",
        "table": {"columns": ["Place", "Gain"], "rows": [["Dock", 1.25]]},
    }
    html = suggestions_html({"suggestions": [one, {"title": "None", "text": "Nothing."}]})
    assert "<h3>Two crews</h3><p>At &lt;dock&gt;.</p>" in html
    assert "<td>1.25</td>" in html
