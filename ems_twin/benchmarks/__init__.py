"""What the twin costs, measured beside its peers on the same machine, the same streets and the same questions."""

from .run import PARTS as PARTS
from .run import run_bench as run_bench
from .table import print_bench as print_bench
