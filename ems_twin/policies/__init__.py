"""Who goes where: the decisions that the law leaves open, one file each."""

from .dispatch import choose_unit as choose_unit
from .hospital import choose_hospital as choose_hospital
from .relocation import review as review
from .stationing import choose_station as choose_station
