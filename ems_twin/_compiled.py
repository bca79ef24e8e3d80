"""One decorator for every compiled function, and the one place that decides where compiled code is kept.

numba keys a cached function by its own file only: a caller in ``simulation/kernel.py`` keeps the old body of a
callee in ``simulation/lifecycle.py`` after that file is edited. So the cache directory is named by a hash of all
files that hold kernels, and any edit starts a fresh one.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba import types

_PACKAGE = Path(__file__).parent
_STALE_AFTER_S = 7 * 86_400.0
_LONGEST_LINE = 200


def user_cache_root() -> Path:
    """Folder of this user for what is kept between runs and can be made again at any time."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "ems_twin"


def _kernel_files() -> list[Path]:
    """Files whose text can end up inside compiled code: those with kernels, and the schema and numbers they freeze."""
    found = [path for path in _PACKAGE.glob("*/*.py") if b"kernel\ndef " in path.read_bytes()]
    frozen = [
        *(_PACKAGE / "world").glob("*.py"),
        _PACKAGE / "demand" / "calls.py",
        _PACKAGE / "simulation" / "numbers.py",
        _PACKAGE / "_reference.py",
    ]
    return sorted({*found, *frozen, Path(__file__)})


def _cache_dir() -> Path:
    digest = sha256()
    for path in _kernel_files():
        digest.update(path.name.encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    name = f"ems_twin-{digest.hexdigest()[:16]}"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    wanted = Path(chosen) if chosen else user_cache_root() / "compiled"
    for root in (wanted, Path(tempfile.gettempdir()) / "ems_twin-compiled"):
        folder = root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.utime(folder)  # marks it as in use, so that a sibling's clean-up spares it
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            _drop_stale_siblings(folder)
            return folder
    return Path(tempfile.mkdtemp(prefix="ems_twin-compiled-"))


def _drop_stale_siblings(folder: Path) -> None:
    """Remove caches of other versions that nobody has started for a week."""
    for sibling in folder.parent.glob("ems_twin-*"):
        try:
            if sibling != folder and time.time() - sibling.stat().st_mtime > _STALE_AFTER_S:
                shutil.rmtree(sibling, ignore_errors=True)
        except OSError:  # somebody else removed it first
            continue


_CACHE_DIR = str(_cache_dir())


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` on first use and keep the result on disk; it runs without the GIL.

    Serial on purpose: a cached parallel kernel used from several processes is an open numba defect (#4807).
    Everything a kernel needs comes in as an argument: a module variable would be frozen into the cache.
    """
    return _compile(function)


def lean_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """As :func:`kernel`, for functions that only kernels call and that make no arrays: no reference counting, no door.

    Taking an array out of a tuple counts a reference up and down again, which in the law's small functions costs more
    than what they do: the compiled driver is 2.6 times as fast without. A function that makes an array all the same
    does not compile. Python cannot call it: the door through which it would takes as long to compile as the function.
    """
    return _without_door(function)


def leaf_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """As :func:`lean_kernel`, for small functions that are called often: they become part of whoever calls them."""
    return _without_door(function, forceinline=True)


def _without_door(function: Callable[..., Any], **options: bool) -> Callable[..., Any]:
    compiled: Any = _compile(function, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)

    def refuse(*_: object, **__: object) -> None:
        raise TypeError(f"only kernels can call '{function.__name__}'; Python needs a kernel around it")

    compiled._insert = lambda *_, **__: None  # numba would jump to the door that is not there
    compiled._compile_for_args = refuse
    door_less: Callable[..., Any] = compiled
    return door_less


def address_of(function: Callable[..., Any], arguments: tuple[Any, ...], result: Any) -> tuple[int, Any]:
    """Compile a function that is not ours as a lean kernel; returns where its code is and what keeps it there.

    By the address kernels can call it that were compiled before it was written. It is not kept on disk: numba would not
    see edits in what it calls, and finds no file behind what is typed in by hand.

    Parameters
    ----------
    function
        The function.
    arguments
        Types that it takes.
    result
        Type that it must answer; a narrower integer is widened.

    Raises
    ------
    TypeError
        If it does not compile, or answers another type: with the reason.
    """
    options = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    try:
        probe: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
        probe._insert = lambda *_, **__: None
        probe.compile(arguments)
        given = probe.overloads[arguments].signature.return_type
        if given == result:
            compiled = probe
        elif isinstance(given, types.Integer) and not isinstance(given, types.Boolean) and result == types.int64:
            compiled = numba.njit(nogil=True, error_model="numpy", **options)(function)
            compiled._insert = lambda *_, **__: None
            compiled.compile(result(*arguments))
        else:
            raise TypeError(f"it answers {given}, not {result}")
    except numba.NumbaError as error:
        raise TypeError(_essence(str(error))) from error
    code = compiled.overloads[arguments]
    return int(code.library.get_pointer_to_function(code.fndesc.llvm_func_name)), compiled


def _essence(text: str) -> str:
    """What numba says first, without the types of world and ground, which fill pages, and the line it is about."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((line for line in lines if not line.startswith(("Failed in", "["))), "it does not compile")
    places = [line.rstrip(":") for line in lines if line.startswith('File "')]
    said = said.partition(" of type Reference(")[0][:_LONGEST_LINE].rstrip(":")
    return f"{said} ({places[-1]})" if places else said


def _compile(function: Callable[..., Any], **options: bool) -> Callable[..., Any]:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _CACHE_DIR  # read at decoration; put back so that other packages are left alone
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = before
    find = compiled.get_call_template  # type: ignore[attr-defined]
    compiled.get_call_template = lambda args, kws: find(tuple(map(_plain, args)), kws)  # type: ignore[attr-defined]
    return compiled


def _plain(kind: Any) -> Any:
    """Type under which a kernel is called by another: constants and narrow integers are 64-bit integers.

    numba would compile a function anew for every constant and every width of integer it is called with: the law took a
    third longer to compile.
    """
    kind = types.unliteral(kind)
    return types.int64 if isinstance(kind, types.Integer) else kind
