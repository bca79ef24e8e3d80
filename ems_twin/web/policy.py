"""Content security policies: what a browser may load and run of what we serve."""

from __future__ import annotations

import secrets

NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""For data: nothing in it is loaded or run, wherever it is shown."""
EMBEDDED = "frame-ancestors 'self'"
"""For a page that is one file and brings its own policy: ours may show it in a frame."""


def new_nonce() -> str:
    """A word that nobody guesses, for the scripts of one answer."""
    return secrets.token_urlsafe(18)


def page_policy(nonce: str) -> str:
    """Policy of a page whose scripts carry a nonce; all else comes from this server and nothing from elsewhere."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
