"""A user's own policy for numba: compiled apart, and called by its address from kernels that do not know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import typeof, types

from .._compiled import address_of
from .._reference import Reference
from ..errors import InputError
from ..world.ground import Ground
from ..world.own_policies import HOOKS, RELOCATION, keep
from ..world.world import World


class CompiledPolicy:
    """What :func:`compiled_policy` makes of a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        """The function in Python."""
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__
        self._compiled: dict[Any, tuple[int, Any]] = {}

    def address(self, hook: int, ground: Ground) -> int:
        """Where the code is that takes decisions of a kind on such a ground.

        Parameters
        ----------
        hook
            Place of the decision in :data:`~ems_twin.world.own_policies.HOOKS`.
        ground
            A ground with the types of arrays that it will be called with.

        Raises
        ------
        InputError
            If the function does not compile or answers no row: with numba's reason.
        """
        taken: tuple[Any, ...] = (Reference(WORLD), Reference(typeof(ground)))
        result = types.none
        if hook != RELOCATION:
            taken, result = (*taken, types.int64), types.int64
        if taken not in self._compiled:
            try:
                self._compiled[taken] = address_of(self.function, taken, result)
            except TypeError as error:
                raise InputError(
                    f"policy '{self.__name__}' cannot decide {HOOKS[hook]}: {error}",
                    remedy=_REMEDY[hook == RELOCATION],
                ) from error
            keep(self._compiled[taken][0], self)
        return self._compiled[taken][0]

    def __reduce__(self) -> str:
        return self.__qualname__  # by name, as functions are: code does not travel

    def __call__(self, *_: Any) -> Any:
        """Refuse: only kernels can call it."""
        raise TypeError(f"'{self.__name__}' is compiled; the law calls it, Python cannot")


_REMEDY = (
    "Write a function (world, ground, row) that returns a row number and makes no arrays.",
    "Write a function (world, ground) that writes into world.units[u].move_to, returns nothing and makes no arrays.",
)

WORLD = typeof(World(**{name: np.zeros(0, dtype) for name, dtype in World.dtypes().items()}))
"""Type of all worlds."""


def compiled_policy(function: Callable[..., Any]) -> CompiledPolicy:
    """Make of a function a policy for numba; it is compiled when a run begins that uses it.

    The function takes ``(world, ground, row)`` and returns a row, for dispatch, hospital and station; for relocation it
    takes ``(world, ground)`` and writes into ``world.units[u].move_to``. World and ground are those that the law has
    (:class:`~ems_twin.world.World`, :class:`~ems_twin.world.Ground`), by reference. It may call kernels such as
    :func:`~ems_twin.policies.motion.arrival`, and must make no arrays: it runs without reference counting. Numbers that it
    takes from outside are frozen when it is compiled.
    """
    return CompiledPolicy(function)
