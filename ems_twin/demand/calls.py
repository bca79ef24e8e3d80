"""A drawn call, and a drawn patient who walks in: one row with everything that is random about it.

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
        ("u_transport", np.float64),
        ("stay_s", np.float64),
        ("needs", np.int32),
        ("n_units", np.uint8),
        ("speciality", np.int32),
        ("known_at", np.int32),
        ("refused", np.uint8),
        ("cancel_s", np.float64),
        ("worsens_s", np.float64),
        ("worse_priority", np.uint8),
    ],
    align=True,
)
"""Row of a drawn call.

``t_received`` seconds since the epoch of the run; ``lon``, ``lat`` degrees (EPSG:4326); ``node`` row number of the
road node where the unit arrives; ``priority`` 1 (most urgent) to 3; ``transport`` 1 when the patient is taken to a
hospital, else 0; ``dispatch_delay_s`` received to unit notified when a unit is free at once; ``turnout_s`` notified to
wheels moving; ``scene_s`` on scene to leaving it; ``offload_s`` hospital arrival to transfer of care; ``clear_s``
transfer of care to available; ``u_travel`` and ``u_transport`` uniform in the open interval (0, 1), the luck of the drives
to the scene and to hospital, 0 for the median.

For all that follows 0 means that there is nothing of the kind: ``stay_s`` in a treatment bay after transfer of care,
boarding included; ``needs`` bits of skills that the unit must have; ``n_units`` units that are sent (0 and 1 are one);
``speciality`` bits of what the hospital must be able to treat; ``known_at`` row, counted from 1, of the hospital that has
the patient's records; ``refused`` 1 when there is nobody to treat or the patient
will not be treated; ``cancel_s`` received to called off, unless a unit is there first; ``worsens_s`` received to the
condition getting worse, unless a unit is there first, and ``worse_priority`` what its priority is then.
"""

WALK_IN_DRAW = np.dtype([("hospital", np.int32), ("t_arrival", np.float64), ("stay_s", np.float64)], align=True)
"""Row of a drawn patient who comes to an emergency room by himself.

``hospital`` row of the city's hospital; ``t_arrival`` at the door, seconds since the epoch of the run; ``stay_s`` in a
treatment bay, boarding included.
"""
