"""Who is where, now: a handful of record arrays, and what they stand on. No behaviour."""

from .fleet import Fleet as Fleet
from .fleet import fleet_homes as fleet_homes
from .fleet import fleet_of as fleet_of
from .ground import N_PRIORITIES as N_PRIORITIES
from .ground import Ground as Ground
from .ground import make_ground as make_ground
from .incidents import incident_rows as incident_rows
from .rules import Rules as Rules
from .schema import AGENDA as AGENDA
from .schema import CALL as CALL
from .schema import HOSPITAL as HOSPITAL
from .schema import STATION as STATION
from .schema import TRACE as TRACE
from .schema import UNIT as UNIT
from .schema import WALK_IN as WALK_IN
from .schema import CallStatus as CallStatus
from .schema import EventKind as EventKind
from .schema import UnitStatus as UnitStatus
from .speeds import Purpose as Purpose
from .speeds import SpeedPlan as SpeedPlan
from .stationing import Stationing as Stationing
from .stationing import StationPolicy as StationPolicy
from .world import World as World
from .world import check_calls as check_calls
from .world import new_world as new_world
