"""Two policies of one's own: one for numba, one in Python.

Try them with::

    ems-twin simulate --city manhattan --policy experiments/policies/own_policy.py:fresh-crews
    ems-twin simulate --city coquimbo --driver mesa --policy experiments/policies/own_policy.py:shared-load

The guide is in ems_twin/policies/interface.py.
"""

from __future__ import annotations

import numpy as np

from ems_twin.policies import OwnPolicy, View, compiled_policy, register_policy
from ems_twin.policies.motion import arrival, is_available, may_start


@register_policy("fresh-crews")
def fresh_crews(within_s: float = 60.0) -> OwnPolicy:
    """Of the units that are on scene at most ``within_s`` after the closest, the one that has had the fewest calls."""

    @compiled_policy
    def fresh_crew(world, ground, c):  # type: ignore[no-untyped-def]
        soonest_s = np.inf
        for u in range(len(world.units)):
            if is_available(world, u) and may_start(world, ground, u, c):
                soonest_s = min(soonest_s, arrival(world, ground, u, c))
        best = -1
        for u in range(len(world.units)):
            if not is_available(world, u) or not may_start(world, ground, u, c):
                continue
            if arrival(world, ground, u, c) > soonest_s + within_s:
                continue
            if best < 0 or world.units[u].n_calls < world.units[best].n_calls:
                best = u
        return best

    return OwnPolicy(dispatch=fresh_crew)


def shared_load(view: View, call: int) -> int:
    """The hospital with the shortest drive, five minutes added for each ambulance there and under way to it."""
    rooms = view.hospitals
    return int(np.argmin(view.to_hospital_s(call) + 300.0 * (rooms["offloading"] + rooms["inbound"])))


register_policy("shared-load", OwnPolicy(hospital=shared_load))
