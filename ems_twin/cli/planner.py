"""The command that serves the planner's page."""

from __future__ import annotations

import argparse


def planner(arguments: argparse.Namespace) -> None:
    """Serve the planner's page until Ctrl-C; with ``--json`` its address is told as JSON."""
    from ..planner import serve_planner

    serve_planner(
        arguments.city, port=arguments.port, folder=arguments.folder, open_browser=not arguments.no_open,
        as_json=arguments.json,
    )  # fmt: skip
