"""Draw what sets calls apart from the case mix of their priority."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..city import SPECIALITIES, City
from ..errors import InputError
from .model import Demand
from .streams import Stream

U = Callable[[Stream], NDArray[np.float64]]
"""Numbers of a stream, uniform in (0, 1), one a call."""


def draw_case_mix(calls: NDArray[np.void], demand: Demand, u: U, skill_names: tuple[str, ...]) -> None:
    """Set the fields of :data:`~ems_twin.demand.CALL_DRAW` that are 0 for an ordinary call.

    ``priority``, ``transport`` and ``scene_s`` are set already. A patient who refuses is not taken to hospital, and
    his time on scene has the luck of the call under the law of those who refuse.
    """
    for priority, mix in enumerate(demand.case_mix, start=1):
        rows = calls["priority"] == priority
        if mix.cancelled is not None:
            struck = rows & (u(Stream.CANCELLED) < mix.cancelled.share)
            calls["cancel_s"][struck] = mix.cancelled.after.quantile_s(u(Stream.CANCEL_TIME)[struck])
        if mix.refused > 0:
            struck = rows & (u(Stream.REFUSED) < mix.refused)
            law = mix.refused_scene or demand.scene_no_transport[priority - 1]
            calls["refused"][struck], calls["transport"][struck] = 1, 0
            calls["scene_s"][struck] = law.quantile_s(u(Stream.SCENE)[struck])
        if mix.worsens is not None:
            struck = rows & (u(Stream.WORSENS) < mix.worsens.share)
            calls["worsens_s"][struck] = mix.worsens.after.quantile_s(u(Stream.WORSEN_TIME)[struck])
            calls["worse_priority"][struck] = mix.worse_priority
        for field, stream, shares in (
            ("n_units", Stream.UNITS, mix.units),
            ("needs", Stream.SKILLS, {bits_of(names, skill_names): p for names, p in mix.skills.items()}),
            (
                "speciality",
                Stream.SPECIALITY,
                {bits_of(names, SPECIALITIES): p for names, p in mix.specialities.items()},
            ),
        ):
            if shares:
                calls[field][rows] = _pick(shares, u(stream)[rows])


def check_case_mix(demand: Demand, city: City, skill_names: tuple[str, ...]) -> None:
    """Raise an :class:`InputError` if calls may need a skill or a speciality that nobody has."""
    offered = [set(hospital.specialities) for hospital in city.hospitals]
    for priority, mix in enumerate(demand.case_mix, start=1):
        for names in mix.skills:
            for name in names.split("+"):
                if name not in skill_names:
                    raise InputError(
                        f"calls of priority {priority} need the skill '{name}', which nobody has", field="skills",
                        remedy=f"Give it to a unit, or leave it out of the demand; there are {', '.join(skill_names)}.",
                    )  # fmt: skip
        for names in mix.specialities:
            if not any(set(names.split("+")) <= can for can in offered):
                raise InputError(
                    f"calls of priority {priority} need {names}, which no hospital offers", field="specialities",
                    remedy="Name it in the column 'specialities' of hospitals.csv.",
                )  # fmt: skip


def bits_of(names: str, known: tuple[str, ...]) -> int:
    """Bits of names joined by ``+``, the first of ``known`` being bit 0."""
    return sum(1 << known.index(name) for name in dict.fromkeys(names.split("+")))


def _pick(shares: Mapping[int, float], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """Key of the share into which each number falls; 0 for numbers beyond the last."""
    keys = np.array([*shares, 0], dtype=np.int64)
    return keys[np.searchsorted(np.cumsum(list(shares.values())), u, side="right")]
