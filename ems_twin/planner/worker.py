"""Work a run out, in a process of its own that gives way to everything else: ``python -m ems_twin.planner.worker DIR``.

It reads ``scenario.yaml`` of the folder and does what ``ems-twin whatif`` does with it. What is under way is told on the
standard output, a JSON object a line; days are kept in the folder, so that a run that was stopped goes on from there.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter, time
from typing import Any

from ..errors import InputError

SCENARIO = "scenario.yaml"
"""File of the scenario in a run's folder."""
_TELL_S = 0.2
_NICE = 10


def main(folder: Path) -> int:
    """Work a run out; returns the exit code: 0 done, 2 faults in the scenario."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    _tell(text="getting ready; the first time takes a minute or two", share=None)
    from .check import faults_by_path

    try:
        _work_out(folder)
    except InputError as error:
        _tell(faults=faults_by_path(error))
        return 2
    return 0


def _work_out(folder: Path) -> None:
    from ..scenario.whatif import answer, prepare, read_scenario
    from ..scenario.whatif.record import record_of, write_answer
    from ..views import write_whatif_page
    from .pictures import write_pictures

    begin = perf_counter()
    file = folder / SCENARIO
    prepared = prepare(read_scenario(file), file=file)
    last = 0.0

    def say(text: str, share: float) -> None:
        nonlocal last
        if share >= 1 or time() - last > _TELL_S:
            last = time()
            _tell(text=text, share=round(share, 4))

    found = answer(prepared, out=folder, say=say)
    _tell(text="writing the report", share=None)
    record = record_of(found, total_seconds=round(perf_counter() - begin, 1))
    write_answer(found, record, folder)
    write_pictures(found, folder)
    write_whatif_page(found, record, folder / "report.html")


def _tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
