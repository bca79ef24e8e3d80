"""XML whose producers disagree about namespaces, letters' case and depth: found by local names."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..fields import local


def named(element: Element) -> str:
    """Local name in small letters."""
    return local(element.tag).lower() if isinstance(element.tag, str) else ""


def every(element: Element | None, *names: str) -> Iterator[Element]:
    """Elements below with one of the names (in small letters), in the order of the document."""
    if element is not None:
        for inner in element.iter():
            if inner is not element and named(inner) in names:
                yield inner


def first(element: Element | None, *names: str) -> Element | None:
    """The first of them."""
    return next(every(element, *names), None)


def children(element: Element | None, *names: str) -> list[Element]:
    """Those directly below."""
    return [] if element is None else [inner for inner in element if named(inner) in names]


def child(element: Element | None, *names: str) -> Element | None:
    """The first of those."""
    return next(iter(children(element, *names)), None)


def text(element: Element | None) -> str | None:
    """Text without spaces around it; None if there is none."""
    told = None if element is None else (element.text or "").strip()
    return told or None
