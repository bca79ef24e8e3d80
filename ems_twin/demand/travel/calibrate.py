"""Calibrate a city's travel times: fitted on the first weeks of some trips, scored on the weeks after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...city import City
from ...city.travel import Travel
from ...errors import InputError
from ...routing import Router
from .fit import Fit, Say, fit_travel
from .score import Scores, score
from .trips import Trips, period_of

FIT_SHARE = 2 / 3
"""Share of the weeks that is learnt from; the others, later, are scored."""
FEWEST_TRIPS = 300
"""With fewer trips to learn from, the city's defaults stand."""
FEWEST_WEEKS = 2
RESAMPLES = 100
"""Sets of weeks drawn for the intervals of what is learnt."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Calibration:
    """What was learnt, and how good it is on later trips."""

    city: City
    """As it was."""
    travel: Travel
    """What was learnt; the defaults if the trips were too few."""
    fit: Fit | None
    """None if the trips were too few."""
    scores: Scores | None
    """Of the weeks after those that were learnt from; None if nothing was learnt."""
    trips: Trips
    """All trips."""
    notes: tuple[str, ...]
    """What a reader should know."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        t = self.travel
        return {
            "city": self.city.name,
            "source": self.trips.source,
            "period": period_of(self.trips),
            "trips": len(self.trips),
            "clocks_show_s": self.trips.resolution_s,
            "pings": dict(self.trips.pings),
            "dropped": len(self.trips.dropped),
            "dropped_because": self.trips.reasons(),
            "learnt": self.fit is not None,
            "fitted": {
                "period": t.period, "trips": t.n_trips, "start_up_s": t.start_up_s, "sirens_factor": t.sirens_factor,
                "speed_by_class": dict(t.speed_by_class), "speed_by_hour": list(t.speed_by_hour),
                "spread": list(t.spread), "interval_90": {key: list(pair) for key, pair in t.interval_90.items()},
            },
            "scored": None if self.scores is None else {"period": period_of(self.scores.trips)} | self.scores.to_dict(),
            "notes": list(self.notes),
        }  # fmt: skip


def calibrate(
    trips: Trips,
    city: City,
    *,
    fit_share: float = FIT_SHARE,
    resamples: int = RESAMPLES,
    seed: int = 0,
    say: Say = lambda _text, _share: None,
) -> Calibration:
    """Learn a city's travel times from trips.

    Parameters
    ----------
    trips
        Of this city.
    city
        With its own speeds.
    fit_share
        Share of the weeks, from the first on, that is learnt from.
    resamples
        For the intervals of what is learnt; 0 for none.
    seed
        Of those, and of where within its minute a time stands that was cut off to minutes.
    say
        Told what is going on and the share done.

    Raises
    ------
    InputError
        The share leaves nothing to learn from or nothing to score.
    """
    if not 0 < fit_share < 1:
        raise InputError(f"is {fit_share}", field="fit_share", remedy="Give a share between 0 and 1, such as 0.67.")
    weeks = np.unique(trips.week)
    last = weeks[min(max(round(fit_share * len(weeks)), 1), len(weeks)) - 1]
    first_part = trips.week <= last
    n = int(first_part.sum())
    if n < FEWEST_TRIPS or first_part.all() or len(weeks[weeks <= last]) < FEWEST_WEEKS:
        note = (
            f"{n} trips in {int((weeks <= last).sum())} weeks to learn from, and {len(trips) - n} later ones to score: "
            f"at least {FEWEST_TRIPS} in {FEWEST_WEEKS} weeks and some later are needed. The city's own speeds stand, "
            "and the spread is that of Calgary (Budge, Ingolfsson and Zerom 2010)."
        )
        return Calibration(
            city=city, travel=Travel(), fit=None, scores=None, trips=trips, notes=(*_of_pings(trips), note)
        )
    fit = fit_travel(trips.take(first_part), city, resamples=resamples, seed=seed, say=say)
    say("scoring", 1.0)
    free = Router(city.roads, sirens_factor=city.sirens_factor, hierarchy=fit.router.hierarchy)
    scores = score(fit, trips.take(~first_part), city, free, seed=seed)
    return Calibration(city=city, travel=fit.travel, fit=fit, scores=scores, trips=trips, notes=_notes(fit, trips))


def _of_pings(trips: Trips) -> list[str]:
    """How trips came of pings, if they did."""
    n = trips.pings
    if not n:
        return []
    return [
        f"{n['read']:,} pings of {n['units']:,} units: {n['standing']:,} standing, {n['driving']:,} driving "
        f"({n['in_dropped_drives']:,} of them in {n['dropped_drives']:,} dropped drives, {n['off_the_road']:,} off the "
        f"road), {n['unusable']:,} unusable."
    ]


def _notes(fit: Fit, trips: Trips) -> tuple[str, ...]:
    notes = _of_pings(trips)
    if not fit.learnt_sirens:
        with_them = int(trips.sirens.sum())
        notes.append(
            f"{with_them} trips with sirens and {len(trips) - with_them} without: too few of one kind to learn the sirens "
            "factor from, so the city's stands."
        )
    elif not 1.0 <= (fit.travel.sirens_factor or 1.0) <= 1.8:
        notes.append(
            f"A sirens factor of {fit.travel.sirens_factor:.2f} is outside what timed pairs of drives have shown (1.1 to "
            "1.7): trips without sirens may be slow for other reasons than traffic."
        )
    if trips.resolution_s > 1:
        notes.append("The file's clocks show whole minutes; the fit allows for what they cut off (interval-censored).")
    return tuple(notes)
