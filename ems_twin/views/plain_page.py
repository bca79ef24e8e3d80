"""A page of tables and drawings without scripts, in the light or the dark of the reader's device."""

from __future__ import annotations

from .escape import escape_ten

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark; --ink: #10171d; --soft: #46545f; --rule: #cbd4dc; --ground: #fff; --blue: #0072b2; --orange: #d55e00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf1; --soft: #aab6c0; --rule: #3a4650; --ground: #12181d; --blue: #56b4e9; --orange: #f0883e; }
}
* { box-sizing: border-box; }
body { max-width: 1100px; margin: 24px auto; padding: 0 16px; color: var(--ink); background: var(--ground); font: 15px/1.45 system-ui, sans-serif; }
h1 { line-height: 1.2; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
thead th { white-space: normal; min-width: 5em; vertical-align: bottom; } th:first-child, td:first-child { text-align: left; } .note { color: var(--soft); font-size: 13px; }
@media (max-width: 520px) { tbody th { white-space: normal; } }
figure { margin: 0; } figcaption { font-size: 13px; } svg { display: block; max-width: 100%; height: auto; }
"""


def plain_page(title: str, body: str, *, style: str = "") -> str:
    """HTML of a page.

    Parameters
    ----------
    title
        Plain text, the heading as well.
    body
        HTML below the heading, escaped already.
    style
        More rules; colours are ``var(--ink)``, ``--soft``, ``--rule``, ``--ground``, ``--blue`` and ``--orange``.
    """
    name = escape_ten(title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>'
        f'<link rel="icon" href="data:,"><style>{_STYLE}{style}</style></head><body><h1>{name}</h1>{body}</body></html>\n'
    )
