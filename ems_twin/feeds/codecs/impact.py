"""What the words of road standards do to driving, and the shares of the usual speed that are assumed."""

from __future__ import annotations

from dataclasses import dataclass

from ..vocabulary import Impact


@dataclass(frozen=True, kw_only=True)
class SpeedShares:
    """Shares of the usual speed that are left at works; assumptions until measured speeds replace them."""

    one_way_in_turns: float = 0.4
    """Alternating one-way traffic, flagging or a temporary signal."""
    lanes_closed: float = 0.6
    """Some lanes are closed, and nobody says how many."""
    lanes_shifted: float = 0.85
    least: float = 0.3
    """However few of the lanes are open."""


SHARES = SpeedShares()

WZDX: dict[str, tuple[Impact, float | None]] = {
    "all-lanes-closed": (Impact.closed, None),
    "some-lanes-closed": (Impact.slowed, SHARES.lanes_closed),
    "some-lanes-closed-merge-left": (Impact.slowed, SHARES.lanes_closed),
    "some-lanes-closed-merge-right": (Impact.slowed, SHARES.lanes_closed),
    "some-lanes-closed-split": (Impact.slowed, SHARES.lanes_closed),
    "alternating-one-way": (Impact.slowed, SHARES.one_way_in_turns),
    "flagging": (Impact.slowed, SHARES.one_way_in_turns),
    "temporary-traffic-signal": (Impact.slowed, SHARES.one_way_in_turns),
    "all-lanes-open-shift-left": (Impact.none, None),
    "all-lanes-open-shift-right": (Impact.none, None),
    "all-lanes-open": (Impact.none, None),
    "unknown": (Impact.unknown, None),
}  # fmt: skip
"""By ``vehicle_impact`` of WZDx and CWZ."""

DATEX: dict[str, tuple[Impact, float | None]] = {
    "roadclosed": (Impact.closed, None),
    "carriagewayclosures": (Impact.closed, None),
    "bridgeswinginoperation": (Impact.closed, None),
    "closedpermanentlyforthewinter": (Impact.closed, None),
    "intermittentshorttermclosures": (Impact.slowed, SHARES.one_way_in_turns),
    "singlealternatelinetraffic": (Impact.slowed, SHARES.one_way_in_turns),
    "laneclosures": (Impact.slowed, SHARES.lanes_closed),
    "contraflow": (Impact.slowed, SHARES.lanes_closed),
    "narrowlanes": (Impact.slowed, SHARES.lanes_shifted),
    "lanesdeviated": (Impact.slowed, SHARES.lanes_shifted),
    "newroadworkslayout": (Impact.slowed, SHARES.lanes_shifted),
}  # fmt: skip
"""By ``roadOrCarriagewayOrLaneManagementType`` of DATEX II, in small letters."""


def by_lanes(lanes_open: int, lanes_total: int) -> float:
    """Share of the speed with some of the lanes open."""
    return max(SHARES.least, lanes_open / lanes_total)
