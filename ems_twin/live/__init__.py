"""The running twin: so far its memory of what the feeds have reported."""

from __future__ import annotations

from .memory import Memory as Memory
from .rules import RULES as RULES
from .settings import MemorySettings as MemorySettings
from .taking import Effects as Effects
