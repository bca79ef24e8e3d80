"""A drawn call: one row with everything that is random about it.

The simulation draws nothing. Whatever chance decides about a call (where, how urgent, how long on scene, whether
it is transported, which quantile of travel time its drive meets) sits in its row, so two policies meet the same
night and the difference between them is theirs alone.

This file imports only NumPy, because the world's schema builds on it.
"""

import numpy as np

CALL_DRAW = np.dtype(
    [
        ("t_received", np.float64),
        ("lon", np.float64),
        ("lat", np.float64),
        ("node", np.int32),
        ("priority", np.uint8),
        ("transport", np.uint8),
        ("dispatch_delay_s", np.float64),
        ("turnout_s", np.float64),
        ("scene_s", np.float64),
        ("offload_s", np.float64),
        ("clear_s", np.float64),
        ("u_travel", np.float64),
    ],
    align=True,
)
"""Row of a drawn call.

``t_received`` seconds since the epoch of the run; ``lon``, ``lat`` degrees (EPSG:4326); ``node`` row number of the
road node where the unit arrives; ``priority`` 1 (most urgent) to 3; ``transport`` 1 when the patient is taken to a
hospital, else 0; ``dispatch_delay_s`` received to unit notified when a unit is free at once; ``turnout_s`` notified to
wheels moving; ``scene_s`` on scene to leaving it; ``offload_s`` hospital arrival to transfer of care; ``clear_s``
transfer of care to available; ``u_travel`` uniform in the open interval (0, 1), the luck of the drive.
"""
