"""Scripts and styles of a page, kept in memory and named by what is in them, so that browsers may keep them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

_TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One of them."""

    body: bytes
    media_type: str
    digest: str


class Assets:
    """Texts by name, served below a path.

    Parameters
    ----------
    path
        Path of the folder that they seem to lie in, such as ``/assets``.
    """

    def __init__(self, path: str = "/assets") -> None:
        self.path = path
        self._kept: dict[str, Asset] = {}

    def add(self, name: str, text: str) -> None:
        """Keep a text; its ending says what it is."""
        body = text.encode()
        media_type = _TYPES[name.rpartition(".")[2]]
        self._kept[name] = Asset(body, f"{media_type}; charset=utf-8", sha256(body).hexdigest()[:16])

    def address(self, name: str) -> str:
        """Where a text is found: another address once there is something else in it."""
        return f"{self.path}/{name}?{self._kept[name].digest}"

    def get(self, name: str) -> Asset | None:
        """A text, None if there is none of that name."""
        return self._kept.get(name)

    def cache_control(self, name: str, query: str) -> str:
        """What to tell caches: what is asked for by its digest never changes."""
        asset = self._kept[name]
        return "public, max-age=31536000, immutable" if query == asset.digest else "no-cache"
