"""One file that holds a whole page: Leaflet, our scripts, our styles and the data, with nothing to fetch.

Folium renders the map; what is inlined here is put in by plain text insertion afterwards, so that neither our
scripts nor the data ever pass through a template engine. A content security policy in the page lets only the
scripts with this file's nonce run and lets nothing be loaded from anywhere.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import folium

from ..errors import InputError
from .escape import escape_ten, json_block

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'"
)
_ZOOM_LOCK = re.compile(r'<meta name="viewport" content="width=device-width,[^"]*"\s*/>', re.S)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.M)
_CSS_IMAGE = re.compile(r"url\(images/([\w.-]+)\)")


def static_text(name: str) -> str:
    """One of our own scripts, styles or page fragments, from ``views/static``."""
    return (files("ems_twin.views") / "static" / name).read_text(encoding="utf-8")


@cache
def leaflet() -> tuple[str, str]:
    """Leaflet's script and style sheet as shipped by django-js-lib-leaflet, licence comment kept.

    The style sheet's images become data addresses; the pointer to the source map goes.
    """
    folder = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    script = (folder / "leaflet.js").read_text(encoding="utf-8")
    style = (folder / "leaflet.css").read_text(encoding="utf-8")

    def as_data(match: re.Match[str]) -> str:
        image = base64.b64encode((folder / "images" / match[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    return _SOURCE_MAP.sub("", script), _CSS_IMAGE.sub(as_data, style)


def render_page(
    twin_map: folium.Map,
    *,
    title: str,
    theme: str,
    body: str,
    styles: Sequence[str],
    scripts: Sequence[str],
    data: Mapping[str, Any],
) -> str:
    """HTML text of the whole page.

    Parameters
    ----------
    twin_map
        A Folium map without assets of its own (:func:`~ems_twin.views.base.new_map`).
    title
        Title of the window, plain text.
    theme
        ``dark`` or ``light``: how the page opens for someone who has not chosen yet.
    body
        Our page fragment, trusted HTML without any data in it.
    styles, scripts
        Texts to inline after Leaflet's, in this order.
    data
        What the scripts read, by element id.
    """
    html = str(twin_map.get_root().render())
    leaflet_script, leaflet_style = leaflet()
    head = [
        f"<title>{escape_ten(title)}</title>",
        '<link rel="icon" href="data:,">',
        *(f"<style>{text}</style>" for text in (leaflet_style, *styles)),
        *(f"<script>{_closed(text)}</script>" for text in (leaflet_script, *scripts)),
    ]
    blocks = [f'<script type="application/json" id="{key}">{json_block(value)}</script>' for key, value in data.items()]
    html = _ZOOM_LOCK.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', html, count=1)
    html = html.replace("<html>", f'<html lang="en" data-theme="{theme}">', 1)
    html = _insert(html, "</head>", "\n".join(head))
    html = _insert(html, "</body>", "\n".join([body, *blocks]))
    nonce = secrets.token_urlsafe(18)
    html = html.replace("<script", f'<script nonce="{nonce}"')
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(nonce=nonce)}">'
    return html.replace("<head>", f"<head>\n{policy}", 1)


def _closed(script: str) -> str:
    """A script that cannot end or reopen its own element, and that the nonce pass leaves alone."""
    return script.replace("</script", "<\\/script").replace("<script", "<\\script")


def _insert(html: str, before: str, text: str) -> str:
    at = html.index(before)
    return f"{html[:at]}{text}\n{html[at:]}"


def write_atomically(text: str, path: str | Path) -> Path:
    """Write a text file through a temporary one beside it, so that a reader never sees half of it.

    Raises
    ------
    InputError
        When the file cannot be written there.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(
            f"the map cannot be written ({error.strerror or error})",
            file=path,
            remedy="Name a file in a folder that you may write to.",
        ) from error
    return path
