"""Other simulators' formats: read theirs, run it by our law, write theirs."""

from __future__ import annotations

from .jemss_model import JemssModel as JemssModel
from .jemss_model import read_jemss as read_jemss
from .jemss_run import JemssRun as JemssRun
from .jemss_run import run_jemss as run_jemss
from .jemss_write import write_calls as write_calls
