"""The planner's page: draw an event on the map, say what it brings, run it, compare, take the report away.

It runs on this computer and for this computer only. What it simulates lies in a folder of its own and is worked out in
processes of their own; nothing here knows of a live twin.
"""

from __future__ import annotations

from .serving import serve_planner as serve_planner
