"""What if: questions that are answered by many runs, such as where units should be based."""

from .compare import ComparisonError as ComparisonError
from .compare import compare_policies as compare_policies
from .comparison import Comparison as Comparison
from .contender import Contender as Contender
from .contender import contender_of as contender_of
from .contest import Contest as Contest
from .contest import compare_fleets as compare_fleets
from .contest_record import contest_record as contest_record
from .contest_record import write_contest as write_contest
from .cover_bound import CoverBound as CoverBound
from .cover_bound import cover_bound as cover_bound
from .curve import Curve as Curve
from .figures import OUTCOMES as OUTCOMES
from .local_search import Search as Search
from .local_search import local_search as local_search
from .stationing import MODELS as MODELS
from .stationing import optimise_stations as optimise_stations
from .study import StationingStudy as StationingStudy
from .trial import Trial as Trial
