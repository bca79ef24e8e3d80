"""Which rows of a file do not become calls, and why: nothing is dropped without a word."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .formats.records import Records

EXCHANGED = "lon and lat look exchanged"
NOT_IN_CITY = "its zone is not one of the city's"
_TORN = "its cells do not fit the header"
_LOOKS_LIKE_A_TIME = r"^[-0-9/:.,+ TZUCAPMtzucapm]{1,40}$"


class Sieve:
    """Keeps the first reason for which each record was dropped.

    Parameters
    ----------
    records
        The records, k of them.
    torn
        Data row and fault of each line that is no record.
    """

    def __init__(self, records: Records, torn: list[tuple[int, str]]) -> None:
        self._records, self._torn = records, torn
        self._reasons: list[str] = []
        self._reason = np.full(len(records), -1, dtype=np.int32)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Whether each record is still in, length k."""
        return self._reason < 0

    def drop(self, which: NDArray[np.bool_], reason: str) -> int:
        """Drop records; returns how many were still in."""
        if reason not in self._reasons:
            self._reasons.append(reason)
        which = which & self.kept
        self._reason[which] = self._reasons.index(reason)
        return int(which.sum())

    def counts(self) -> dict[str, int]:
        """Rows dropped by reason, the commonest first."""
        n = np.bincount(self._reason[self._reason >= 0], minlength=len(self._reasons)).tolist()
        counts = {reason: count for reason, count in zip(self._reasons, n, strict=True) if count}
        counts |= {_TORN: len(self._torn)} if self._torn else {}
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def remedy(self) -> str:
        """What to do when every row was dropped."""
        most = next(iter(self.counts()), "")
        if most in (EXCHANGED, "its position is not in degrees"):
            return "Exchange them with --swap, or name the columns as in --column lon=LAT --column lat=LON."
        if most == NOT_IN_CITY:
            return "Name the city of the calls with --city, or leave it out to keep the zones alone."
        return "Name the right columns, as in --column time=CallTime, or another --format."

    def table(self) -> Any:
        """Arrow table of the rows dropped: row, reason, and of the cells the time, the position and the zone.

        A time is kept only if it looks like one: whatever else stands in its column may be about a person.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        out = np.flatnonzero(~self.kept)
        at = pa.array(out)

        def cells(field: str) -> Any:
            if not self._records.has(field):
                return pa.nulls(len(out), pa.string())
            return pc.cast(self._records.columns[field].take(at), pa.string())

        stamps = cells("time")
        columns: dict[str, Any] = {
            "row": pa.array(self._records.row[out]),
            "reason": pa.array([self._reasons[code] for code in self._reason[out]], pa.string()),
            "time": pc.if_else(pc.match_substring_regex(stamps, _LOOKS_LIKE_A_TIME), stamps, None),
            **{
                name: pa.array(values[out], mask=np.isnan(values[out]))
                for name, values in zip(("lon", "lat"), self._records.positions(), strict=True)
            },
            "zone": cells("zone"),
        }
        table = pa.table(columns)
        if self._torn:
            lines = {"row": [row for row, _ in self._torn], "reason": [f"{_TORN}: it {why}" for _, why in self._torn]}
            table = pa.concat_tables([table, pa.table(lines)], promote_options="default")
        return table.sort_by("row")
