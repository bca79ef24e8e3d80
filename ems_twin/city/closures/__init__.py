"""Closures and works: read from a file, checked, and put on a city's streets."""

from .barrier import PlacedCrossing as PlacedCrossing
from .read import ClosuresError as ClosuresError
from .read import plan_from as plan_from
from .read import read_closures as read_closures
from .read import read_course as read_course
from .resolve import PlacedClosure as PlacedClosure
from .resolve import PlacedPlan as PlacedPlan
from .resolve import place_closures as place_closures
from .spec import Closure as Closure
from .spec import ClosurePlan as ClosurePlan
from .spec import Crossing as Crossing
