"""The page itself: our fragment, our scripts and Leaflet, each as a file of this server."""

from __future__ import annotations

from importlib.resources import files

from ..views.escape import escape_ten
from ..views.page import leaflet, static_text
from ..web import Assets

_STYLES = ("theme.css", "map.css")
_SCRIPTS = ("core.js", "theme.js", "table.js", "basemap.js")
_OWN_STYLES = ("planner.css",)
_OWN_SCRIPTS = (
    "plan.js", "form.js", "faults.js", "map.js", "draw.js", "cards.js", "parts.js", "streets.js", "people.js", "crews.js", "things.js", "variants.js", "preview.js", "runs.js",
    "results.js", "planner.js",
)  # fmt: skip
STYLES = ("leaflet.css", *_STYLES, *_OWN_STYLES)
SCRIPTS = ("leaflet.js", *_SCRIPTS, *_OWN_SCRIPTS)


def assets_of() -> Assets:
    """Scripts and styles of the page: our own, and Leaflet's as its package ships them."""
    assets = Assets()
    script, style = leaflet()
    assets.add("leaflet.js", script)
    assets.add("leaflet.css", style)
    for name in (*_STYLES, *_SCRIPTS):
        assets.add(name, static_text(name))
    for name in (*_OWN_STYLES, *_OWN_SCRIPTS):
        assets.add(name, _own_text(name))
    return assets


def page_html(title: str, nonce: str, assets: Assets) -> str:
    """HTML of the page of a city; only scripts with the nonce run in it."""
    head = [
        f"<title>Planner: {escape_ten(title)}</title>",
        '<link rel="icon" href="data:,">',
        *(f'<link rel="stylesheet" href="{assets.address(name)}">' for name in STYLES),
        f'<script nonce="{nonce}" src="{assets.address("core.js")}"></script>',
        f'<script nonce="{nonce}" src="{assets.address("theme.js")}"></script>',
        *(
            f'<script nonce="{nonce}" src="{assets.address(name)}" defer></script>'
            for name in SCRIPTS
            if name not in ("core.js", "theme.js")
        ),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        + "\n".join(head)
        + f"\n</head>\n<body>\n{_own_text('planner.html')}</body></html>\n"
    )


def _own_text(name: str) -> str:
    return (files("ems_twin.planner") / "static" / name).read_text(encoding="utf-8")
