"""A user's own policies: which decisions they take, and the names under which they are found.

What a function for a decision looks like is said in :mod:`ems_twin.policies.interface`. Here is only what a choice of
policy needs to know of them: that they exist.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, overload

from ..errors import InputError

DISPATCH, HOSPITAL, STATION, RELOCATION = range(4)
HOOKS = ("dispatch", "hospital", "station", "relocation")
"""Decisions that a policy may take, in the order of :attr:`Ground.own <ems_twin.world.Ground>`."""
ENTRY_POINTS = "ems_twin.policies"
"""Group of entry points under which a package offers policies."""


@dataclass(frozen=True, kw_only=True)
class OwnPolicy:
    """Functions for some of the decisions; the built-in policies and the rules take the others.

    Each is a function in Python, which runs under the Mesa driver only, or one for numba
    (:func:`~ems_twin.policies.compiled_policy`), which runs under both.
    """

    dispatch: Any = None
    """Which unit is sent: a :class:`~ems_twin.policies.DispatchPolicy`."""
    hospital: Any = None
    """Where the patient is taken: a :class:`~ems_twin.policies.HospitalPolicy`. Not asked where the call itself names a
    hospital."""
    station: Any = None
    """Where a unit goes that is back in service: a :class:`~ems_twin.policies.StationPolicy`."""
    relocation: Any = None
    """Where units should stand instead that wait: a :class:`~ems_twin.policies.RelocationPolicy`. Asked after each dispatch
    and each time a unit has become free without a call."""
    base: str = "home"
    """Built-in policy that sends units to stations where this one does not."""
    name: str = ""
    """Shown to people; by default under what it was registered, or the functions' names."""

    def __post_init__(self) -> None:
        from .policy_choice import POLICY_NAMES

        if self.base not in POLICY_NAMES:
            raise InputError(f"is '{self.base}'", field="base", remedy=f"There are {', '.join(POLICY_NAMES)}.")
        for hook, function in zip(HOOKS, self.hooks, strict=True):
            if function is not None and not callable(function):
                raise InputError(f"is {function!r}, which cannot be called", field=hook, remedy="Give a function.")

    @property
    def hooks(self) -> tuple[Any, ...]:
        """The functions in the order of :data:`HOOKS`, None where there is none."""
        return tuple(getattr(self, hook) for hook in HOOKS)

    @property
    def title(self) -> str:
        """The name, or the names of the functions."""
        given = (getattr(hook, "__name__", type(hook).__name__) for hook in self.hooks if hook is not None)
        return self.name or ", ".join(dict.fromkeys(given)) or self.base


Maker = Callable[..., OwnPolicy]
"""Makes a policy from its parameters."""
_REGISTERED: dict[str, OwnPolicy | Maker] = {}
_KEPT: dict[int, Any] = {}  # compiled policies by the address of their code, which must not go away


def keep(address: int, policy: Any) -> None:
    """Remember whose code is at an address."""
    _KEPT[address] = policy


def keeper_of(address: int) -> Any:
    """The compiled policy whose code is at an address; None for 0."""
    return _KEPT.get(address)


@overload
def register_policy(name: str, policy: OwnPolicy) -> OwnPolicy: ...
@overload
def register_policy(name: str) -> Callable[[Maker], Maker]: ...
def register_policy(name: str, policy: OwnPolicy | None = None) -> Any:
    """Make a policy known by a name, in place of what had it before.

    ``register_policy("my-name", OwnPolicy(...))``; or, for one with parameters, as the decorator
    ``@register_policy("my-name")`` of a function that answers an :class:`OwnPolicy`.

    Raises
    ------
    InputError
        If a built-in policy has that name, or it is not one word.
    """
    from .policy_choice import POLICY_NAMES

    if name in POLICY_NAMES:
        raise InputError(f"'{name}' is a built-in policy", field="policy", remedy="Take another name.")
    if not name or set(name) & set(" ,@:=+/\\") or name.endswith(".toml"):
        raise InputError(f"'{name}' is no name for a policy", field="policy", remedy="Use letters, digits and hyphens.")

    def register(made: OwnPolicy | Maker) -> OwnPolicy | Maker:
        _REGISTERED[name] = made
        return made

    return register if policy is None else register(policy)


def own_policy_names() -> tuple[str, ...]:
    """Names of the policies that users have registered and packages offer."""
    return tuple(sorted({*_REGISTERED, *(entry.name for entry in _entry_points())}))


def own_policy(name: str, parameters: Mapping[str, Any] | None = None) -> OwnPolicy:
    """A user's own policy by its name.

    Parameters
    ----------
    name
        Under which it was registered in Python, or a package offers it; or ``FILE.py:NAME``, where running the file
        registers it.
    parameters
        What its maker takes.

    Raises
    ------
    InputError
        If there is none of that name, it cannot be loaded, or does not take these parameters.
    """
    file, _, inside = name.rpartition(":")
    if file.endswith(".py"):
        _run(Path(file))
        name = inside
    made: Any = _REGISTERED.get(name)
    if made is None:
        made = _offered(name)
    policy = made if isinstance(made, OwnPolicy) else _made(name, made, dict(parameters or {}))
    if isinstance(made, OwnPolicy) and parameters:
        raise _misfit(name, f"takes no parameters, and {_listed(parameters)} is given", "Leave it out.")
    return policy if policy.name else replace(policy, name=name)


def _made(name: str, maker: Any, parameters: dict[str, Any]) -> OwnPolicy:
    try:
        known = inspect.signature(maker)
        known.bind(**parameters)
    except TypeError as error:
        takes = ", ".join(known.parameters) or "none" if "known" in locals() else "unknown ones"
        raise _misfit(name, f"does not take these parameters: {error}", f"It takes {takes}.") from error
    try:
        policy = maker(**parameters)
    except InputError:
        raise
    except Exception as error:
        raise _misfit(name, f"cannot be made: {type(error).__name__}: {error}", "Mend the policy.") from error
    if not isinstance(policy, OwnPolicy):
        raise _misfit(name, f"makes {policy!r}, which is no OwnPolicy", "Return OwnPolicy(...).")
    return policy


def _offered(name: str) -> OwnPolicy | Maker:
    from .policy_choice import POLICY_NAMES

    for entry in _entry_points():
        if entry.name == name:
            try:
                return entry.load()
            except Exception as error:
                raise _misfit(
                    name, f"cannot be loaded from '{entry.value}': {error}", "Mend or remove the package."
                ) from error
    there = (*POLICY_NAMES, *own_policy_names())
    near = get_close_matches(name, there, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise InputError(f"is '{name}'", field="policy", remedy=f"{hint}There are {', '.join(there)}.")


def _entry_points() -> Any:
    from importlib.metadata import entry_points

    return entry_points(group=ENTRY_POINTS)


def _run(file: Path) -> None:
    """Run a Python file once, so that it registers its policies."""
    import sys
    from importlib.util import module_from_spec, spec_from_file_location

    title = f"ems_twin_own_policies_{file.stem}"
    if getattr(sys.modules.get(title), "__file__", None) == str(file.resolve()):
        return
    if not file.is_file():
        raise InputError("there is no such file", file=file, remedy="Check the file's name.")
    spec = spec_from_file_location(title, file.resolve())
    if spec is None or spec.loader is None:
        raise InputError("cannot be read as Python", file=file, remedy="Check the file.")
    module = module_from_spec(spec)
    sys.modules[title] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[title]
        raise InputError(
            f"its policies cannot be loaded: {type(error).__name__}: {error}", file=file, remedy="Mend the file."
        ) from error


def _misfit(name: str, problem: str, remedy: str) -> InputError:
    return InputError(f"policy '{name}' {problem}", field="policy", remedy=remedy)


def _listed(parameters: Mapping[str, Any]) -> str:
    return ", ".join(parameters)
