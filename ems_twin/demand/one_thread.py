"""Work in small pieces, for which the threads of numerical libraries cost more than they save."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Have NumPy's and scikit-learn's libraries use one thread until the context ends.

    Their threads wait for each other in a busy loop after each matrix of some hundred rows. A fit of the blend to 200
    cells takes 7 s of one processor so, and took 30 s of two, or over a minute where others used them as well.
    """
    return _controller("sklearn.ensemble" in sys.modules).limit(limits=1)


@cache
def _controller(_trees_loaded: bool) -> ThreadpoolController:
    """Threads of the libraries that are loaded; looking for them anew takes longer than a forecast."""
    return ThreadpoolController()
