"""Boosted trees as plain arrays, so that a file can hold them without code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError

_FIELDS = ("value", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "is_leaf")


@dataclass(frozen=True, kw_only=True, eq=False)
class GrownTrees:
    """What scikit-learn's histogram boosting with Poisson loss has grown: ``exp(base + Σ values of the leaves)``.

    All trees lie behind each other, one entry a node; children are counted from a tree's own first node.
    """

    base: float
    first: NDArray[np.int64]
    """First node of each tree."""
    value: NDArray[np.float64]
    feature_idx: NDArray[np.int64]
    num_threshold: NDArray[np.float64]
    """A row whose feature is not above it goes to the left."""
    missing_go_to_left: NDArray[np.uint8]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    is_leaf: NDArray[np.uint8]

    @classmethod
    def of(cls, forest: Any) -> Self:
        """Read them from a fitted ``HistGradientBoostingRegressor`` without categorical features.

        Raises
        ------
        InputError
            The library keeps its trees in another way than the one that is known here.
        """
        try:
            nodes = [trees[0].nodes for trees in forest._predictors]
            count = np.array([len(tree) for tree in nodes], dtype=np.int64)
            joined = np.concatenate(nodes)
            return cls(
                base=float(np.ravel(forest._baseline_prediction)[0]),
                first=np.cumsum(count) - count,
                **{name: np.ascontiguousarray(joined[name]) for name in _FIELDS},
            )
        except (AttributeError, IndexError, KeyError, ValueError) as error:
            raise InputError(
                f"this version of scikit-learn keeps its trees otherwise ({error})", field="model",
                remedy="Fit a model without trees, such as volume_density.",
            ) from error  # fmt: skip

    def predict(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Ratio of each row, length k.

        Parameters
        ----------
        rows
            Features, of shape (k, features).
        """
        total = np.full(len(rows), self.base)
        columns = np.ascontiguousarray(rows.T, dtype=np.float64)
        for root in self.first.tolist():
            waiting = [(root, np.arange(len(rows)))]
            while waiting:
                node, here = waiting.pop()
                if self.is_leaf[node]:
                    total[here] += self.value[node]
                    continue
                value = columns[self.feature_idx[node], here]
                to_left = value <= self.num_threshold[node]
                if self.missing_go_to_left[node]:
                    to_left |= np.isnan(value)
                waiting += [
                    (root + int(self.left[node]), here[to_left]),
                    (root + int(self.right[node]), here[~to_left]),
                ]
        return np.asarray(np.exp(total), np.float64)
