"""Records of one file by field, still in the file's words, and readers of whole columns of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Records:
    """Records of k rows.

    Parameters
    ----------
    columns
        Arrow arrays by field of :data:`~.layout.FIELDS`, only those that the file has.
    row
        Data row of each record in the file, from 1, length k.
    """

    def __init__(self, columns: dict[str, Any], row: NDArray[np.int64]) -> None:
        self.columns = columns
        self.row = row

    def __len__(self) -> int:
        return len(self.row)

    def has(self, field: str) -> bool:
        """Whether the file has a column for the field."""
        return field in self.columns

    def texts(self, field: str) -> tuple[NDArray[np.int32], list[str]]:
        """Cells without spaces around them as rows of the distinct ones, sorted; -1 for an empty cell.

        A number read as 19525.0, as programs write whole numbers beside gaps, is 19525.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if field not in self.columns:
            return np.full(len(self), -1, dtype=np.int32), []
        coded = _combined(pc.dictionary_encode(self.columns[field]))
        words = coded.dictionary.cast(pa.string())
        words = pc.replace_substring_regex(pc.utf8_trim_whitespace(words), r"^(\d+)\.0$", r"\1")
        words = pc.if_else(pc.equal(words, ""), None, words)
        distinct = sorted(set(words.to_pylist()) - {None})
        place = pc.fill_null(pc.index_in(words, pa.array(distinct, pa.string())), -1).to_numpy(zero_copy_only=False)
        code = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
        return np.append(place, -1).astype(np.int32)[code], distinct

    def numbers(self, field: str) -> NDArray[np.float64]:
        """Cells as numbers; NaN where a cell is none."""
        import pandas as pd
        import pyarrow as pa

        if field not in self.columns:
            return np.full(len(self), np.nan)
        column = _combined(self.columns[field])
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            return _finite(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        code, words = self.texts(field)
        values = np.asarray(pd.to_numeric(pd.Series(words, dtype=object), errors="coerce"), dtype=np.float64)
        return np.append(_finite(values), np.nan)[code]

    def is_in(self, field: str, words: Collection[str]) -> NDArray[np.bool_]:
        """Whether each cell is one of ``words``, given in small letters."""
        code, distinct = self.texts(field)
        return np.array([*(word.lower() in words for word in distinct), False])[code]

    def positions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude in degrees, from their columns or from a point; NaN where there is none.

        A point reads ``POINT (lon lat)``, as in well-known text, or ``(lat, lon)``, as older portals write it.
        """
        if self.has("lon") and self.has("lat"):
            return self.numbers("lon"), self.numbers("lat")
        import pyarrow as pa
        import pyarrow.compute as pc

        code, words = self.texts("point")
        number = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
        points = pa.array(words, pa.string())
        sides = np.full((2, len(words) + 1), np.nan)
        for pattern, (east, north) in (
            (rf"^POINT ?\((?P<a>{number}) (?P<b>{number})\)$", ("a", "b")),
            (rf"\((?P<a>{number}), ?(?P<b>{number})\)$", ("b", "a")),
        ):
            found = pc.extract_regex(points, pattern)
            for side, name in zip(sides, (east, north), strict=True):
                values = pc.struct_field(found, name).cast(pa.float64()).to_numpy(zero_copy_only=False)
                side[:-1] = np.where(np.isnan(side[:-1]), values.astype(np.float64), side[:-1])
        return sides[0][code], sides[1][code]


def _finite(values: NDArray[Any]) -> NDArray[np.float64]:
    """A copy in which whatever is no number is NaN."""
    return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


def _combined(column: Any) -> Any:
    """One array of a column in pieces."""
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column
