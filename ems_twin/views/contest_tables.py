"""Tables of a comparison's page: results in short and in full, contenders, and the exact inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from .contest_charts import change_text, difference_text
from .escape import escape_ten
from .summary_table import clock


def html_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "words") -> str:
    """A table whose first column heads its rows, of ``words`` or ``figures``; cells are escaped here."""
    top = "".join(f'<th scope="col">{escape_ten(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape_ten(first)}</th>{"".join(f"<td>{escape_ten(text)}</td>" for text in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape_ten(caption)}"><table class="{kind}">'
        f"<caption>{escape_ten(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def short_table(record: dict[str, Any], fleet: dict[str, Any], numbers: dict[str, int]) -> str:
    """A row for each contender and point of the curve: late calls, response, moves, and the finding in words."""
    rows = []
    for row in fleet["results"]:
        found = row["outcomes"]
        number = numbers.get(row["contender"])
        rows.append(
            [
                f"{number}. {row['contender']}" if number else row["contender"],
                row["verdict"] or "point of the curve",
                f"{found['late_share']['mean']:.2f} %",
                change_text(found["late_share"].get("relative")),
                clock(found["response_s"]["mean"]),
                difference_text(found["response_s"].get("difference"), 1),
                f"{found['urgent_late_share']['mean']:.2f} %" if "urgent_late_share" in found else "-",
                f"{found['moves_per_unit_day']['mean']:.1f}",
                f"{found['km_per_unit_day']['mean']:.0f}" if "km_per_unit_day" in found else "-",
            ]
        )
    return html_table(
        f"{fleet['units']} units",
        (
            "Contender", f"Beside {record['baseline']}", "Late calls", "Change of their number", "Mean response",
            "Seconds of difference", "Late, priority 1", "Moves / unit / day", "km / unit / day",
        ),
        rows,
        kind="figures",
    )  # fmt: skip


def full_table(record: dict[str, Any], fleet: dict[str, Any]) -> str:
    """Every outcome of every contender, and its difference from the baseline with its interval."""
    rows = []
    for outcome in record["outcomes"]:
        unit = f", {outcome['unit']}" if outcome["unit"] else ""
        for row in fleet["results"]:
            if row["curve"] is not None:
                continue
            found = row["outcomes"][outcome["key"]]
            p = found.get("p_adjusted")
            digits = outcome["digits"]
            rows.append(
                [
                    f"{outcome['title']}{unit}",
                    row["contender"],
                    f"{found['mean']:.{digits}f} ({found['low']:.{digits}f} to {found['high']:.{digits}f})",
                    difference_text(found.get("difference"), digits),
                    change_text(found.get("relative")) if "difference" in found else "-",
                    "-" if p is None else "below 0.001" if p < 0.001 else f"{p:.3f}",
                ]
            )
    return html_table(
        f"Every outcome, {fleet['units']} units",
        ("Outcome", "Contender", "Mean", "Difference", "Relative change", "P, adjusted"),
        rows,
        kind="figures",
    )


def contenders_table(record: dict[str, Any]) -> str:
    """What each contender is."""
    rows = []
    for one in record["contenders"]:
        base = "as the city has them"
        if one["fleet"] is not None:
            base = f"fleet of {one['fleet']['units']} units from files"
        elif one["placement"] is not None:
            base = "placement given: " + ", ".join(str(n) for n in one["placement"])
        searched = [found for found in record["searched"] if found["contender"] == one["name"]]
        if searched:
            base = "; ".join(
                f"{found['units']} units searched for (aim: {found['aim']}; began at {found['started_from']}; "
                f"{found['search']['evaluations']} runs)"
                for found in searched
            )
        policy = ", ".join(f"{key} {value}" for key, value in one["policy"].items() if value is not None)
        rows.append(
            [one["name"], policy, base, "the comparison's" if one["rules"] is None else json.dumps(one["rules"])]
        )
    return html_table("Contenders", ("Name", "Policy and its parameters", "Units", "Rules"), rows)


def inputs_table(record: dict[str, Any]) -> str:
    """Exactly what was simulated, so that it can be run again."""
    last = record["first_replication"] + max(fleet["replications"] for fleet in record["fleets"]) - 1
    rules = record.get("rules")
    changes = record.get("roads_from") or {}
    roads = "; ".join(f"{what}: {file}" for what, file in changes.items() if file) or "without closures and traffic"
    rows = [
        ["City", f"{record['title']} ({record['city']}, content {record['content_hash']})"],
        ["Demand", str(record.get("demand", "given"))],
        ["Factor on the number of calls", f"{record['volume_factor']:g}"],
        ["First day", record["start"]],
        ["Days a replication", f"{record['days']:g}, of which the first {record['warm_up_h']:g} h do not count"],
        ["Seed and replications", f"{record['seed']}; {record['first_replication']} to {last}"],
        *[[f"Replications, {fleet['units']} units", f"{fleet['replications']}: {fleet['why_stopped']}"]
          for fleet in record["fleets"]],
        ["Treatment bays", "counted, with patients who walk in" if record["bays"] else "not counted"],
        ["Roads", roads],
        ["Rules", "current practice" if rules is None else json.dumps(rules)],
        ["Targets by priority", ", ".join(clock(target) for target in record["target_s"])],
        ["Clock of the response", record["clock"]],
        ["Survival", f"of cardiac arrest after {record['survival_model']} and others; no statement about lives saved"],
        ["Versions", ", ".join(f"{name} {number}" for name, number in record["versions"].items())],
    ]  # fmt: skip
    return html_table("Exact inputs", ("Input", "Value"), rows)
