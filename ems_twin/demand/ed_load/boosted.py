"""Boosted regression trees on lags, climatology, calendar and the other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..one_thread import one_thread
from .baselines import Climatology
from .features import features
from .history import Measure
from .model import EDModel
from .rolling import LONGEST_H, Rolling

_SPANS_H = ((1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 30), (31, 48), (49, LONGEST_H))
"""Horizons (first, last) that share one forest: wider where neighbouring hours are more alike."""
_WARM_UP_H = 14 * 24  # before that there are no lags of a week and no climatology to speak of
_MOST_CATEGORIES = 255  # scikit-learn's bins
_CHUNK_PAIRS = 2000  # pairs of origin and horizon at a time: about 12 MB of features for 21 rooms


@dataclass(frozen=True, kw_only=True)
class Trees:
    """Size of a forest, and what it learns from."""

    n: int = 300
    """Trees."""
    leaves: int = 63
    """Leaves of each tree."""
    in_leaf: int = 50
    """Rooms' hours in a leaf at least."""
    step: float = 0.06
    features: float = 0.3
    """Share of the features that a split sees."""
    spans_h: tuple[tuple[int, int], ...] = _SPANS_H
    """Horizons (first, last) that share one forest, from 1 to 72 without holes."""
    every_h: int = 1
    """Hours from one origin to the next where a forest serves several horizons."""


QUICK = Trees(n=150, step=0.12, spans_h=((1, 1), (2, 2), (3, 8), (9, 30), (31, LONGEST_H)), every_h=2)
"""Forests grown in about a quarter of the time, for a forecast that somebody waits for.

Each second hour is enough where a forest serves many horizons: neighbouring hours say nearly the same. In the first
quarter of 2024 of Montreal's rooms (fitted before it, mean of both losses) forests of all hours with this many trees had a mean
absolute error of 5.53 / 7.70 points 1 and 2 h ahead, and these had 12.06 / 17.39 / 19.60 at 6 / 24 / 72 h; forests of 300 trees
and the default spans, each second hour, had 5.55 / 7.69 / 12.05 / 17.40 / 19.61.
"""


class Boosted(EDModel):
    """Gradient-boosted trees (scikit-learn's histogram method) for the change from the last value.

    One forest serves all rooms and a span of horizons. Each origin of the training rows is used once per forest, with
    a horizon drawn from the span. Every feature, climatology included, is as it was known at the origin.

    Parameters
    ----------
    measure
        As in :class:`EDModel`.
    loss
        ``"absolute_error"`` fits the median, ``"squared_error"`` the mean.
    trees
        Size of each forest.
    seed
        Of the horizons drawn and of the features that a split sees.
    """

    name: ClassVar[str] = "boosted trees"
    least_h: ClassVar[int] = 84 * 24

    def __init__(
        self,
        measure: Measure = "occupancy",
        *,
        loss: Literal["absolute_error", "squared_error"] = "absolute_error",
        trees: Trees = Trees(),
        seed: int = 0,
    ) -> None:
        super().__init__(measure)
        self.loss = loss
        self.trees = trees
        self.seed = seed
        self._forests: dict[tuple[int, int], Any] = {}

    def simpler(self) -> EDModel:
        """Climatology."""
        return Climatology(self.measure)

    def train(self, rolling: Rolling, stop: int, knots_h: NDArray[np.intp]) -> None:
        """Grow the forests of the spans in which the horizons lie."""
        self._forests = {}
        for first, last in self.trees.spans_h:
            if ((knots_h >= first) & (knots_h <= last)).any():
                self._tell(f"growing trees for {first} to {last} h ahead")
                self._forests[first, last] = self._grow(rolling, stop, (first, last))

    def _grow(self, rolling: Rolling, stop: int, span: tuple[int, int]) -> Any:
        from sklearn.ensemble import HistGradientBoostingRegressor

        random = np.random.default_rng([self.seed, *span])
        every = 1 if span[0] == span[1] else self.trees.every_h
        origin = np.arange(_WARM_UP_H, stop - span[1], every, dtype=np.intp)
        ahead = random.integers(span[0], span[1] + 1, len(origin))
        seen, names = features(rolling, self._index, origin, ahead)
        last = rolling.last[self._index]
        change = getattr(rolling.history, self.measure)[origin + ahead] - last[origin]
        known = ~np.isnan(change)
        forest = HistGradientBoostingRegressor(
            loss=self.loss, max_iter=self.trees.n, learning_rate=self.trees.step, max_leaf_nodes=self.trees.leaves,
            min_samples_leaf=self.trees.in_leaf, max_features=self.trees.features, early_stopping=False,
            categorical_features=[names.index("room")] if len(rolling.history.rooms) <= _MOST_CATEGORIES else None,
            random_state=self.seed,
        )  # fmt: skip
        return forest.fit(seen[known], change[known])

    def medians(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Last value and the change that the trees expect, shape (origins, horizons, rooms).

        Raises
        ------
        InputError
            No forest was grown for a horizon, since ``fit`` was asked for others only.
        """
        for ahead in horizons_h:
            if not any(first <= ahead <= last for first, last in self._forests):
                raise InputError(
                    f"{ahead} h was not fitted", field="horizons_h", remedy="Fit the model with such horizons as well."
                )
        rooms = len(self.history.rooms)
        found = np.full((len(origin), len(horizons_h), rooms), np.nan)
        with one_thread():  # a few rows a tree: waiting for other threads costs more than it saves
            for (first, last), forest in self._forests.items():
                column = np.flatnonzero((horizons_h >= first) & (horizons_h <= last))
                pairs = np.stack(np.meshgrid(np.arange(len(origin)), column, indexing="ij"), axis=-1).reshape(-1, 2)
                for begin in range(0, len(pairs), _CHUNK_PAIRS):
                    i, j = pairs[begin : begin + _CHUNK_PAIRS].T
                    seen, _ = features(self.rolling, self._index, origin[i], horizons_h[j])
                    change = forest.predict(seen.reshape(-1, seen.shape[-1])).reshape(len(i), rooms)
                    found[i, j] = self.rolling.last[self._index, origin[i]] + change
        return np.maximum(found, 0)
