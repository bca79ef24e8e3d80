"""The linear assignment problem: every row gets a column of its own, at the least total cost.

Rows enter one after the other, each by a shortest augmenting path under reduced costs (Kuhn 1955; Edmonds and Karp
1972; Jonker and Volgenant 1987): O(n² m) for n rows and m >= n columns. Everything lies in a flat array that the caller
brings, since no array may be made here.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel


@lean_kernel
def assign(flat, at, n, m):  # type: ignore[no-untyped-def]
    """Assign rows to columns; returns the total cost, infinite if a row must go without.

    Of assignments that cost the same, the one is taken that comes of trying rows and columns in their order.

    Parameters
    ----------
    flat : float64 array
        From ``at`` on the costs, row by row, in any unit; infinite where a row may not have a column. Behind them must
        be room for as many numbers more as :func:`~ems_twin.world.stationing.assignment_numbers` says in all; the first
        ``n`` of these, from ``at + n * m`` on, are the columns of the rows afterwards, -1 for none.
    at : int
        Where the costs begin.
    n, m : int
        Rows and columns.
    """
    column_of = at + n * m
    row_price = column_of + n
    row_of = row_price + n  # row that has a column, -1 if it is free
    column_price = row_of + m
    distance = column_price + m  # of a column from the row that enters, under reduced costs
    before = distance + m  # row by which that way enters the column
    closed = before + m  # 1 when the distance is final
    for i in range(n):
        flat[column_of + i] = -1.0
        flat[row_price + i] = 0.0
    for j in range(m):
        flat[row_of + j] = -1.0
        flat[column_price + j] = 0.0
    for entering in range(n):
        for j in range(m):
            flat[distance + j] = np.inf
            flat[closed + j] = 0.0
        i, end, length = entering, -1, 0.0
        while end < 0:
            nearest, nearest_distance = -1, np.inf
            for j in range(m):
                if flat[closed + j] == 0.0:
                    reduced = flat[at + i * m + j] - flat[row_price + i] - flat[column_price + j]
                    if length + reduced < flat[distance + j]:
                        flat[distance + j] = length + reduced
                        flat[before + j] = i
                    if flat[distance + j] < nearest_distance:
                        nearest, nearest_distance = j, flat[distance + j]
            if nearest < 0:
                return np.inf
            length = nearest_distance
            if flat[row_of + nearest] < 0.0:
                end = nearest
            else:
                flat[closed + nearest] = 1.0
                i = int(flat[row_of + nearest])
        # prices under which the way costs nothing and no other cell less than nothing
        flat[row_price + entering] += length
        for j in range(m):
            if flat[closed + j] == 1.0:
                flat[row_price + int(flat[row_of + j])] += length - flat[distance + j]
                flat[column_price + j] -= length - flat[distance + j]
        # each row on the way hands its column on to the row before it
        j = end
        while True:
            i = int(flat[before + j])
            handed_on = int(flat[column_of + i])
            flat[row_of + j], flat[column_of + i] = i, j
            if i == entering:
                break
            j = handed_on
    total = 0.0
    for i in range(n):
        total += flat[at + i * m + int(flat[column_of + i])]
    return total
