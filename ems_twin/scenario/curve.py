"""A sweep of a limit on moves: what further moves bring, from few that are worth much to many that are worth little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import InputError
from ..faults import Faults
from .contender import Contender

PARAMETERS = ("least_gain", "most_moves", "rest_s", "longest_drive_s")
"""Limits that can be swept (:class:`~ems_twin.world.Moves`)."""
_GAINS_S = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 0.5)  # from next to no moves to as many as pay at all
_COVERAGE_A_SECOND = 0.005  # share of demand that is held to be worth as much as a second: the defaults' ratio
_NO_QUOTA = 999


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What is swept."""

    parameter: str = "least_gain"
    """One of :data:`PARAMETERS`."""
    values: tuple[float, ...] = ()
    """In which order the points are told; empty: eight gains, in the unit of each contender's objective, without a quota
    of moves."""

    @classmethod
    def read(cls, text: str) -> Curve:
        """A curve as written on the command line: ``least_gain=1,2,4``, or nothing for the default.

        Raises
        ------
        InputError
            It is not a parameter with numbers.
        """
        if not text:
            return cls()
        parameter, _, numbers = text.partition("=")
        try:
            values = tuple(float(number) for number in numbers.split(","))
        except ValueError:
            values = ()
        if parameter not in PARAMETERS or not values:
            raise InputError(
                f"'{text}' is not a limit with values", field="curve",
                remedy=f"Write {PARAMETERS[0]}=1,2,4 or the like, with {', '.join(PARAMETERS)}.",
            )  # fmt: skip
        return cls(parameter=parameter, values=values)


def curve_points(faults: Faults, contenders: Sequence[Contender], curve: Curve) -> list[tuple[Contender, float]]:
    """Contenders that are points of a curve, and their values: for each that moves units which wait, one a value."""
    moving = [one for one in contenders if one.policy.policy == "best-move"]
    if not moving:
        faults.add("no policy has limits on moves", field="curve", remedy="Add best-move to the policies.")
    points = []
    for one in moving:
        scale = 1.0 if one.policy.objective == "response" else _COVERAGE_A_SECOND
        values = curve.values or tuple(gain * scale for gain in _GAINS_S)
        for value in values:
            change = {curve.parameter: int(value) if curve.parameter == "most_moves" else value}
            if not curve.values:
                change["most_moves"] = _NO_QUOTA
            policy = faults.attempt(lambda one=one, change=change: replace(one.policy, **change))  # type: ignore[misc]
            if policy is not None:
                name = f"{one.name}, {curve.parameter} {value:g}"
                points.append((replace(one, name=name, policy=policy), value))
    return points
