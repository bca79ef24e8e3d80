"""The command line: it reads arguments, calls the rooms and prints. Heavy imports wait until a command needs them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from ..errors import InputError
from ..faults import fault_rows
from .arguments import parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 2 bad input."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.command(arguments) or 0)
    except InputError as error:
        if getattr(arguments, "json", False):
            print(json.dumps({"error": str(error), "faults": fault_rows(error)}, ensure_ascii=False))
        print(f"ems-twin: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ems-twin: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, head(1) say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
