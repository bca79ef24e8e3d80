"""How a fleet is spread over stations when nobody says where the units are at home."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import CityError


def split_units(share: Mapping[str, float], fleet: int) -> dict[str, int]:
    """Spread a fleet over stations by their shares of the calls: at least one each, largest remainders first.

    Parameters
    ----------
    share
        Share of the calls by station id (each call counted at its nearest station); any positive scale.
    fleet
        Units in all, at least one a station.

    Returns
    -------
    dict
        Units by station id, in the order of ``share``; they add up to ``fleet``.

    Raises
    ------
    CityError
        There are more stations than units, or no calls.
    """
    total = sum(share.values())
    if fleet < len(share):
        raise CityError(
            f"{fleet} units cannot man {len(share)} stations", remedy="Give more units or take stations out."
        )
    if total <= 0:
        raise CityError("no station has any calls", remedy="Give shares above 0.")
    free = fleet - len(share)
    quota = {id_: free * part / total for id_, part in share.items()}
    units = {id_: 1 + int(part) for id_, part in quota.items()}
    by_remainder = sorted(share, key=lambda id_: (int(quota[id_]) - quota[id_], id_))
    for id_ in by_remainder[: fleet - sum(units.values())]:
        units[id_] += 1
    return units


def bays_from_beds(beds: int) -> int:
    """Treatment bays assumed for a hospital: 6 % of its beds, at least 20 (no public source gives them)."""
    return max(20, round(0.06 * beds))
