"""Text that reaches Folium is escaped here first.

Folium writes tooltips and icons into JavaScript template literals, where a back-tick or ``${...}`` acts even after
:func:`html.escape`. Ten characters have to go, not five.
"""

from __future__ import annotations

import json
from typing import Any

_TEN = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "`": "&#96;",
        "$": "&#36;",
        "\\": "&#92;",
        "{": "&#123;",
        "}": "&#125;",
    }
)


def escape_ten(text: object) -> str:
    """Text as HTML that is inert in an element, an attribute, a JavaScript template literal and a Jinja template."""
    return str(text).translate(_TEN)


def json_block(data: Any) -> str:
    r"""JSON that may stand in a ``<script type="application/json">`` element.

    Every ``<`` becomes ``\u003c``, so neither ``</script`` nor ``<!--`` can end or bend the element.

    Raises
    ------
    ValueError
        For a number that JSON does not have (NaN, infinity).
    """
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
