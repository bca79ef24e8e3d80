"""Put settings and tables together into a demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .model import Demand
from .rooms import EmergencyRooms
from .settings import Settings


def build(
    settings: Settings,
    *,
    hour_of_week: NDArray[np.float64],
    zones: tuple[str, ...],
    zone_weight: NDArray[np.float64],
    node_zone: NDArray[np.int32],
    node_weight: NDArray[np.float64],
    emergency_rooms: EmergencyRooms,
) -> Demand:
    """Make the demand; zone weights become shares."""
    return Demand(
        hour_of_week=hour_of_week,
        zone_names=zones,
        zone_share=zone_weight / zone_weight.sum(),
        node_zone=node_zone,
        node_weight=node_weight,
        priority_share=settings.priority_share,
        transport_share=settings.transport_share,
        **settings.delays,
        case_mix=settings.case_mix,
        emergency_rooms=emergency_rooms,
        title=settings.title,
        source=settings.source,
        notes=settings.notes,
    )
