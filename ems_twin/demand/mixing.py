"""Draw what sets calls apart from the case mix of their priority."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from ..city import SPECIALITIES, City
from ..errors import InputError
from .case_mix import bits_of
from .model import Demand
from .streams import Stream

U = Callable[[Stream], NDArray[np.float64]]
"""Numbers of a stream, uniform in (0, 1), one a call."""


def draw_case_mix(
    calls: NDArray[np.void],
    demand: Demand,
    city: City,
    u: U,
    skill_names: tuple[str, ...],
    *,
    known: Collection[str] = (),
) -> None:
    """Set the fields of :data:`~ems_twin.demand.CALL_DRAW` that are 0 for an ordinary call.

    ``priority``, ``transport`` and ``scene_s`` are set already. A patient who refuses is not taken to hospital, and
    his time on scene has the luck of the call under the law of those who refuse. Fields that are ``known`` are left.
    """
    for priority, mix in enumerate(demand.case_mix, start=1):
        rows = calls["priority"] == priority
        if mix.cancelled is not None and "cancel_s" not in known:
            struck = rows & (u(Stream.CANCELLED) < mix.cancelled.share)
            calls["cancel_s"][struck] = mix.cancelled.after.quantile_s(u(Stream.CANCEL_TIME)[struck])
        if mix.refused > 0 and "refused" not in known:
            refuse(calls, demand, u, rows & (u(Stream.REFUSED) < mix.refused))
        if mix.worsens is not None and "worsens_s" not in known:
            struck = rows & (u(Stream.WORSENS) < mix.worsens.share)
            calls["worsens_s"][struck] = mix.worsens.after.quantile_s(u(Stream.WORSEN_TIME)[struck])
            calls["worse_priority"][struck] = mix.worse_priority
        skills = {} if "needs" in known else {bits_of(names, skill_names): p for names, p in mix.skills.items()}
        for field, stream, shares in (
            ("n_units", Stream.UNITS, mix.units),
            ("needs", Stream.SKILLS, skills),
            (
                "speciality",
                Stream.SPECIALITY,
                {bits_of(names, SPECIALITIES): p for names, p in mix.specialities.items()},
            ),
        ):
            if shares and field not in known:
                calls[field][rows] = _pick(shares, u(stream)[rows])
        if mix.known > 0 and "known_at" not in known:
            bays = np.array([max(hospital.bays, 1) for hospital in city.hospitals])
            shares = dict(enumerate((mix.known * bays / bays.sum()).tolist(), start=1))
            calls["known_at"][rows] = _pick(shares, u(Stream.KNOWN_AT)[rows])


def refuse(calls: NDArray[np.void], demand: Demand, u: U, struck: NDArray[np.bool_]) -> None:
    """Set the calls at which a unit finds nobody to treat, or nobody who will be treated."""
    calls["refused"][struck], calls["transport"][struck] = 1, 0
    for priority, mix in enumerate(demand.case_mix, start=1):
        rows = struck & (calls["priority"] == priority)
        if rows.any():
            law = mix.refused_scene or demand.scene_no_transport[priority - 1]
            calls["scene_s"][rows] = law.quantile_s(u(Stream.SCENE)[rows])


def check_case_mix(demand: Demand, city: City, skill_names: tuple[str, ...], *, known: Collection[str] = ()) -> None:
    """Raise an :class:`InputError` if calls may need a skill or a speciality that nobody has.

    Fields that are ``known`` are not drawn, and need no check.
    """
    offered = [set(hospital.specialities) for hospital in city.hospitals]
    for priority, mix in enumerate(demand.case_mix, start=1):
        for names in () if "needs" in known else mix.skills:
            for name in names.split("+"):
                if name not in skill_names:
                    raise InputError(
                        f"calls of priority {priority} need the skill '{name}', which nobody has", field="skills",
                        remedy=f"Give it to a unit, or leave it out of the demand; there are {', '.join(skill_names)}.",
                    )  # fmt: skip
        for names in () if "speciality" in known else mix.specialities:
            if not any(set(names.split("+")) <= can for can in offered):
                raise InputError(
                    f"calls of priority {priority} need {names}, which no hospital offers", field="specialities",
                    remedy="Name it in the column 'specialities' of hospitals.csv.",
                )  # fmt: skip


def _pick(shares: Mapping[int, float], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """Key of the share into which each number falls; 0 for numbers beyond the last."""
    keys = np.array([*shares, 0], dtype=np.int64)
    return keys[np.searchsorted(np.cumsum(list(shares.values())), u, side="right")]
