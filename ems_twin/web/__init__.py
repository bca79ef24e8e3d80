"""What every page that we serve has in common: who may ask, how much, and what a browser may do with the answer.

Nothing here imports a web framework, so that the small server of maps can use it, too; :func:`serve` does when called.
"""

from __future__ import annotations

from .assets import Assets as Assets
from .guard import Guard as Guard
from .hosts import is_own_name as is_own_name
from .hosts import is_same_origin as is_same_origin
from .policy import EMBEDDED as EMBEDDED
from .policy import NOTHING as NOTHING
from .policy import new_nonce as new_nonce
from .policy import page_policy as page_policy
from .server import AppServer as AppServer
from .server import serve as serve
