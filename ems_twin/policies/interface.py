"""The interface for your own policies: what a decision's function is given, and what it answers.

A policy takes one or more of four decisions; the built-in ones take the others.

===========  ==============================================  ===============================  =====================
decision     in Python                                       for numba                        answer
===========  ==============================================  ===============================  =====================
dispatch     ``f(view, call)`` -> unit or None               ``f(world, ground, c)`` -> u     -1 or None: it waits
hospital     ``f(view, call)`` -> hospital                   ``f(world, ground, c)`` -> h
station      ``f(view, unit)`` -> station or None            ``f(world, ground, u)`` -> s     -1 or None: its home
relocation   ``f(view)`` -> {unit: station}                  ``f(world, ground)``             writes ``move_to``
===========  ==============================================  ===============================  =====================

All are rows: of ``view.units``, ``view.calls``, ``view.hospitals`` and ``view.stations``, in the order of the fleet, the calls
and the city's files.

**In Python** a function is given a :class:`View`: what a control room knows now, read-only. It runs under the Mesa driver
(``driver="mesa"``, ``--driver mesa``), some ten thousand calls a second.

**For numba** a function is decorated with :func:`~ems_twin.policies.compiled_policy` and is given the world and the ground
themselves. It runs under both drivers and in rollouts, at nearly the speed of the built-in ones. It sees all of a call's
luck, such as how long it will take on scene, that a control room does not know: a fair policy does not look. It keeps
nothing between calls, and does not change the world but for ``move_to``.

Both are put together, named and run so::

    register_policy("fresh-crews", OwnPolicy(dispatch=fresh_crew))
    simulate(city, calls, start=start, duration_s=day_s, policies="fresh-crews")

``ems-twin simulate --policy FILE.py:NAME`` runs a policy that a file registers. A package offers one by an entry point in
the group ``ems_twin.policies`` that leads to an :class:`~ems_twin.world.OwnPolicy`, or to a function that makes one. In a
policy's TOML file ``policy = "NAME"`` names it and the table ``[own]`` holds the parameters of the function that makes it.

Answers are checked before the law acts on them: a row that does not exist, a unit that is busy, off duty, without the
skill or at the end of its shift, a place without a way there, or a function that fails stop the run with a
:class:`~ems_twin.simulation.AnswerError` that names the policy, the time, the call or unit, and the answer. A hospital that
diverts, is closed or lacks the speciality may be chosen: the policy may know why. A station is asked for when a unit is
back in service after a call, at no other time; the answer is not heeded while calls wait, or when the shift is nearly over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class View(Protocol):
    """What a control room knows, read-only, as of the decision that is being taken."""

    @property
    def now(self) -> float:
        """Seconds since the epoch of the run."""

    @property
    def units(self) -> NDArray[np.void]:
        """All units (:data:`~ems_twin.world.UNIT`)."""

    @property
    def calls(self) -> NDArray[np.void]:
        """Responses to the calls received so far (:data:`~ems_twin.world.CALL`), without what is not known yet."""

    @property
    def hospitals(self) -> NDArray[np.void]:
        """All hospitals (:data:`~ems_twin.world.HOSPITAL`), without who will walk in."""

    @property
    def stations(self) -> NDArray[np.void]:
        """All stations (:data:`~ems_twin.world.STATION`)."""

    def arrival_s(self, call: int) -> NDArray[np.float64]:
        """Seconds until each unit would be on scene; infinite for those that may not be sent, shape (units,)."""

    def to_hospital_s(self, call: int) -> NDArray[np.float64]:
        """Seconds that the drive from the scene to each hospital takes, shape (hospitals,)."""

    def to_station_s(self, unit: int) -> NDArray[np.float64]:
        """Seconds in which an available unit, or one just freed, would be at each station, shape (stations,)."""


class DispatchPolicy(Protocol):
    """Which unit is sent. Asked when a call is taken, and again when it has lost its unit."""

    def __call__(self, view: View, call: int) -> int | None:
        """Row of the unit to send, None or -1 to let the call wait."""


class HospitalPolicy(Protocol):
    """Where a patient is taken. Asked when the unit leaves the scene with one."""

    def __call__(self, view: View, call: int) -> int:
        """Row of the hospital."""


class StationPolicy(Protocol):
    """Where a unit goes. Asked when it is back in service after a call, at no other time."""

    def __call__(self, view: View, unit: int) -> int | None:
        """Row of the station, its home from then on; None or -1 for the one it has."""


class RelocationPolicy(Protocol):
    """Where available units should stand instead. Asked after each dispatch, and when a unit is free without a call."""

    def __call__(self, view: View) -> Mapping[int, int] | Any:
        """Station by unit, for those that are to be moved."""
