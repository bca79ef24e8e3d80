"""``python -m ems_twin.cli``: the same as ``ems-twin``."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
