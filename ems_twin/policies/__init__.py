"""Who goes where: the decisions that the law leaves open, one file each."""

from ..world.own_policies import OwnPolicy as OwnPolicy
from ..world.own_policies import register_policy as register_policy
from .compiled_policy import CompiledPolicy as CompiledPolicy
from .compiled_policy import compiled_policy as compiled_policy
from .dispatch import choose_unit as choose_unit
from .hospital import choose_hospital as choose_hospital
from .interface import DispatchPolicy as DispatchPolicy
from .interface import HospitalPolicy as HospitalPolicy
from .interface import RelocationPolicy as RelocationPolicy
from .interface import StationPolicy as StationPolicy
from .interface import View as View
from .relocation import review as review
from .stationing import choose_station as choose_station
