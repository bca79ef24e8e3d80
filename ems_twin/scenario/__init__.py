"""What if: questions that are answered by many runs, such as where units should be based."""

from .cover_bound import CoverBound as CoverBound
from .cover_bound import cover_bound as cover_bound
from .local_search import Search as Search
from .local_search import local_search as local_search
from .stationing import MODELS as MODELS
from .stationing import optimise_stations as optimise_stations
from .study import StationingStudy as StationingStudy
from .trial import Trial as Trial
