"""Names under which this computer may be asked, and whether a request comes from our own page."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
OWN_NAMES = frozenset({LOOPBACK, "localhost"})
"""Host names that mean this computer."""


def host_of(header: str) -> str | None:
    """Host name of a ``Host`` header, lower case, without its port; None where it is no host."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


def is_own_name(header: str, names: Collection[str] = OWN_NAMES) -> bool:
    """Whether a ``Host`` header names this computer: a page elsewhere whose name was bent to it does not."""
    return host_of(header) in names


def is_same_origin(host: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a request that changes something may come from our own page.

    Parameters
    ----------
    host
        Its ``Host`` header.
    origin
        Its ``Origin`` header, which browsers send with every request that is no GET or HEAD.
    fetch_site
        Its ``Sec-Fetch-Site`` header. Programs send neither of the two: they cannot be misled by a page.
    """
    if origin is not None:
        return origin == f"http://{host}"
    return fetch_site in (None, "same-origin")
