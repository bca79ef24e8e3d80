"""Which fields of a standard are used and for what, and which fields of a message therefore are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

MOST_DROPPED = 500
"""Paths of unused fields that are told of one message."""


@dataclass(frozen=True)
class Use:
    """A field that is read or written."""

    path: str
    """Such as ``resourcesStatus.state[].datetime``; ``*`` is any one name, ``@name`` an XML attribute, a last ``**``
    everything below, and a first ``**`` any place. Case and ``_`` do not count, nor whether one part stands in a list."""
    becomes: str
    """Field of the events, in words where it is not one."""


@dataclass
class _Branch:
    below: dict[str, _Branch] = field(default_factory=dict)
    is_used: bool = False
    takes_all: bool = False


class Uses:
    """The used fields of a codec, for telling the unused ones of a message."""

    def __init__(self, uses: Iterable[Use]) -> None:
        self._root = _Branch()
        self._anywhere: set[str] = set()
        for use in uses:
            if use.path.startswith("**."):
                self._anywhere.add(_plain(use.path[3:]))
                continue
            at = self._root
            for part in use.path.replace("[]", "").lstrip(".").split("."):
                if part == "**":
                    at.takes_all = True
                    break
                at = at.below.setdefault(part if part == "*" else _plain(part), _Branch())
            else:
                at.is_used = True

    def dropped(self, document: Any) -> tuple[str, ...]:
        """Paths of a document that are not used, each once, sorted; of an unused part only its top."""
        found: set[str] = set()
        waiting: list[tuple[Any, _Branch, str]] = [(document, self._root, "")]
        while waiting and len(found) < MOST_DROPPED:
            value, branch, path = waiting.pop()
            if isinstance(value, list):
                waiting.extend((inner, branch, f"{path}[]") for inner in value if isinstance(inner, dict | list))
                continue
            for name, inner in _parts(value):
                here = f"{path}.{_shown(name)}" if path else _shown(name)
                next_branch = branch.below.get(_plain(name)) or branch.below.get("*")
                if next_branch is None:
                    if _plain(name) in self._anywhere:
                        continue
                    if self._anywhere and self._has_used(inner):
                        waiting.append((inner, _Branch(), here))
                    else:
                        found.add(here)
                elif not next_branch.takes_all and next_branch.below and isinstance(inner, dict | list | Element):
                    waiting.append((inner, next_branch, here))
                elif not (next_branch.is_used or next_branch.takes_all):
                    found.add(here)
        return tuple(sorted(found))

    def kept(self, document: Any, mask: Callable[[str], str]) -> Any:
        """A copy of a document, or of an element, that holds the used fields and nothing else; texts go through ``mask``."""
        return self._kept(document, self._root, mask)

    def _kept(self, value: Any, branch: _Branch, mask: Callable[[str], str]) -> Any:
        if isinstance(value, list):
            return [self._kept(inner, branch, mask) for inner in value]
        if not isinstance(value, dict | Element):
            if not (branch.is_used or branch.takes_all):
                return None
            return mask(value) if isinstance(value, str) else value
        if isinstance(value, Element):
            return self._kept_element(value, branch, mask)
        found = {}
        for name, inner in value.items():
            below = self._below(branch, name, inner)
            if below is not None:
                found[name] = self._kept(inner, below, mask)
        return found

    def _kept_element(self, element: Element, branch: _Branch, mask: Callable[[str], str]) -> Element:
        copy = Element(element.tag)
        if branch.is_used or branch.takes_all:
            copy.text = mask(element.text or "")
        for name, value in element.attrib.items():
            if self._below(branch, f"@{local(name)}", value) is not None:
                copy.set(name, mask(value))
        for inner in element:
            below = self._below(branch, local(inner.tag), inner) if isinstance(inner.tag, str) else None
            if below is not None:
                copy.append(self._kept_element(inner, below, mask))
        return copy

    def _below(self, branch: _Branch, name: str, inner: Any) -> _Branch | None:
        """How a part is used; None if it is not."""
        if branch.takes_all:
            return branch
        below = branch.below.get(_plain(name)) or branch.below.get("*")
        if below is not None:
            return below
        if _plain(name) in self._anywhere:
            return _Branch(takes_all=True)
        return _Branch() if self._anywhere and self._has_used(inner) else None

    def _has_used(self, value: Any) -> bool:
        """Whether a field that is used wherever it stands is somewhere below."""
        waiting = [value]
        while waiting:
            here = waiting.pop()
            if isinstance(here, list):
                waiting.extend(here)
            else:
                for name, inner in _parts(here):
                    if _plain(name) in self._anywhere:
                        return True
                    waiting.append(inner)
        return False


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, Element):
        for name in value.attrib:
            yield f"@{local(name)}", value.attrib[name]
        for inner in value:
            if isinstance(inner.tag, str):
                yield local(inner.tag), inner if len(inner) or inner.attrib else inner.text


@lru_cache(maxsize=20_000)
def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


@lru_cache(maxsize=20_000)
def _shown(name: str) -> str:
    """A field's name as it may be told: one that is no ordinary name could be anything, a telephone number say."""
    return name if re.fullmatch(r"[@$:]?@?[A-Za-z][\w:.\-]{0,63}", name) and not re.search(r"\d{5}", name) else "?"


def local(tag: str) -> str:
    """Name of an XML element or attribute without its namespace."""
    return tag.rpartition("}")[2]
