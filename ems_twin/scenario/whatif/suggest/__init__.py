"""What a scenario's planner could change: where extra crews help, which closures hurt, how few units keep a target."""

from .ask import QUESTIONS as QUESTIONS
from .ask import Ask as Ask
from .suggest import suggest as suggest
