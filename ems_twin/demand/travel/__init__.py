"""Travel times learnt from observed trips: reading and sieving them, the fit, its scores."""

from .calibrate import Calibration as Calibration
from .calibrate import calibrate as calibrate
from .pings import read_pings as read_pings
from .score import Scores as Scores
from .trips import Trips as Trips
from .trips import read_trips as read_trips
