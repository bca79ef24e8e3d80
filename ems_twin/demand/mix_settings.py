"""Read the case mix of a priority from its ``[[priority]]`` table; every entry is optional.

``cancelled = { share, median_s, sigma, longest_s }``, ``worsens`` the same with ``to`` (a priority), ``refused`` the
same with or without the law, ``units = { 2 = share, 3 = share }``, ``skills = { als = share, "als+lift" = share }``,
``specialities = { stroke = share }``, ``known = { share }`` of patients whom some hospital knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import InputError
from .case_mix import ORDINARY, CaseMix, Chance
from .entries import LAW_KEYS, Entries

MIX_KEYS = ("cancelled", "refused", "worsens", "units", "skills", "specialities", "known")
"""Entries of a ``[[priority]]`` table that this file reads."""


def read_case_mix(file: Entries, table: dict[str, Any], prefix: str, *, priority: int) -> CaseMix:
    """Case mix of the calls of ``priority`` (1 to 3); what the table leaves out is ordinary.

    Faults are noted in ``file``.
    """
    mix = ORDINARY
    for key in MIX_KEYS:
        if key not in table:
            continue
        entry, n_faults = file.table(table, key, prefix), file.n_faults
        if not isinstance(table[key], dict):
            continue
        try:
            part = _part(file, key, entry, table, prefix)
            if file.n_faults == n_faults:
                more = replace(mix, **part)
                more.check_priority(priority)
                mix = more
        except InputError as error:
            file.fault(prefix + _place(key, error.field or ""), error.problem, error.remedy)
    return mix


def _part(file: Entries, key: str, entry: dict[str, Any], table: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Fields of the case mix that one entry gives."""
    inner = f"{prefix}{key}."
    if key in ("units", "skills", "specialities"):
        shares = {name: file.number(entry, name, inner, most=1.0) for name in entry}
        return {key: _by_number(file, shares, f"{prefix}{key}") if key == "units" else shares}
    share = file.number(entry, "share", inner, most=1.0)
    if key == "known":
        file.known(entry, ("share",), inner)
        return {"known": share}
    if key == "refused" and not any(name in entry for name in LAW_KEYS):
        file.known(entry, ("share", *LAW_KEYS), inner)
        return {"refused": share}
    n_faults = file.n_faults
    law = file.law(table, key, prefix, ("share", "to") if key == "worsens" else ("share",))
    if key == "refused":
        return {"refused": share, "refused_scene": law}
    to = _priority(file, entry, f"{inner}to") if key == "worsens" else 0
    if file.n_faults > n_faults:
        return {}  # the law is a stand-in
    chance = Chance(share=share, after=law)
    return {"worsens": chance, "worse_priority": to} if key == "worsens" else {"cancelled": chance}


def _by_number(file: Entries, shares: dict[str, float], field: str) -> dict[int, float]:
    for text in shares:
        if not text.isdecimal():
            file.fault(field, f"'{text}' is not a number of units", "Write units = { 2 = share, 3 = share }.")
    return {int(text): share for text, share in shares.items() if text.isdecimal()}


def _priority(file: Entries, entry: dict[str, Any], field: str) -> int:
    value = entry.get("to")
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    file.fault(
        field,
        "is missing" if value is None else f"{value!r} is not a priority",
        "Give a priority, 1 (most urgent) or 2.",
    )
    return 0


def _place(key: str, field: str) -> str:
    """Where in the table a fault of the case mix lies."""
    if field == "worse_priority":
        return "worsens.to"
    return field if field.startswith(key) else f"{key}.{field}"
