"""What if: scenarios that are written in a file, simulated in pairs, and answered with intervals."""

from .engine import Answer as Answer
from .engine import answer as answer
from .prepare import Prepared as Prepared
from .prepare import prepare as prepare
from .read import ScenarioError as ScenarioError
from .read import read_scenario as read_scenario
from .read import scenario_from as scenario_from
from .spec import Scenario as Scenario
from .spec import json_schema as json_schema
