"""How long it takes from here to there, now: order -> hierarchy -> labels -> Router (idea 3 of the design)."""

from .live import InForce as InForce
from .live import LiveRouter as LiveRouter
from .path import Path as Path
from .router import ORDINARY as ORDINARY
from .router import SIRENS as SIRENS
from .router import Router as Router
