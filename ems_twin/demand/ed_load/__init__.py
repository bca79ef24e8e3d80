"""Load of emergency rooms, hours ahead: stretchers in use and patients who wait, with intervals."""

from __future__ import annotations

from .backtest import EDBacktest as EDBacktest
from .backtest import backtest as backtest
from .baselines import Climatology as Climatology
from .baselines import Persistence as Persistence
from .blend import Blend as Blend
from .boosted import QUICK as QUICK
from .boosted import Boosted as Boosted
from .boosted import Trees as Trees
from .forecast import LEVELS as LEVELS
from .forecast import EDForecast as EDForecast
from .history import EDHistory as EDHistory
from .inbound import Inbound as Inbound
from .labels import Relabelling as Relabelling
from .labels import repair_labels as repair_labels
from .model import EDModel as EDModel
from .stretchers import stretchers_of as stretchers_of
