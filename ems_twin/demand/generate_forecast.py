"""Draw the calls of a stretch of time from a forecast, as far off its mean as the forecast says it may be.

The count of a cell in an hour is Poisson with the rate ``mean · G`` (the gamma-mixed Poisson of Greenwood & Yule 1920,
Journal of the Royal Statistical Society 83:255-279). The level G is a product of independent gamma levels of mean 1: of
the week, of the day, of its third and of the hour, since busy hours come together. Their variances are such that the
counts of a cell over an hour, 8 hours, a day and a week stray from their means as far as the forecast says they do; with
one of them above 0 and the others not, the law of a count is the forecast's negative-binomial itself. Cells have levels of
their own: the forecast says nothing of how they go together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ..city.city import City
from ..city.nearest import nearest_nodes
from ..errors import InputError
from .attributes import pick_nodes_in
from .forecast.hours import HOUR_S
from .forecast.result import SPANS_H, DemandForecast
from .generate import with_luck
from .mixing import check_case_mix
from .model import Demand
from .streams import Stream, generator, uniforms
from .volume import street_length_m

_NO_DISPERSION = 1e-9  # below it a level is taken for 1
_STREAMS = (Stream.CELL_LEVEL, Stream.CELL_LEVEL_8H, Stream.CELL_LEVEL_DAY, Stream.CELL_LEVEL_WEEK)


@dataclass(frozen=True, eq=False, kw_only=True)
class ForecastPlaces:
    """Where on the roads the calls of each of c cells fall: by metres of street, else on the node nearest to its middle."""

    node_cell: NDArray[np.int32]
    """Row of each road node's cell, length n; c for none."""
    node_weight: NDArray[np.float64]
    """Metres of street at each node, length n, > 0."""
    only_node: NDArray[np.int64]
    """Node of each cell that holds none, length c; -1 for cells with nodes, -2 where nobody knows."""

    @classmethod
    def of(cls, forecast: DemandForecast, city: City, node_cell: NDArray[np.integer] | None = None) -> ForecastPlaces:
        """Places of a forecast's cells on a city's roads; ``node_cell`` as in :meth:`DemandForecast.node_weight`."""
        roads, cells = city.roads, forecast.cells
        cell = np.asarray(cells.locate(roads.lon, roads.lat) if node_cell is None else node_cell, np.int64)
        if cell.shape != (roads.n_nodes,) or (len(cell) and cell.max() >= len(cells)):
            raise InputError(f"is not a cell's row for each of {roads.n_nodes} nodes", field="node_cell")
        row = np.where(cell < 0, len(cells), cell)
        only = np.where(np.bincount(row, minlength=len(cells) + 1)[:-1] > 0, -1, -2)
        orphan = np.flatnonzero((only == -2) & np.isfinite(cells.lon))
        if len(orphan):
            only[orphan] = nearest_nodes(roads, cells.lon[orphan], cells.lat[orphan])[0]
        return cls(node_cell=row.astype(np.int32), node_weight=np.maximum(street_length_m(roads), 1e-6), only_node=only)

    def pick(self, cell: NDArray[np.integer], u: NDArray[np.float64]) -> NDArray[np.int32]:
        """Node of each call, given its cell and a number in (0, 1), all of length k."""
        only = self.only_node[cell]
        node = only.astype(np.int32)
        inside = only == -1
        node[inside] = pick_nodes_in(self.node_cell, self.node_weight, cell[inside], u[inside])
        return node


def generate_from_forecast(
    forecast: DemandForecast,
    demand: Demand,
    city: City,
    *,
    seed: int,
    replication: int = 0,
    skill_names: tuple[str, ...] = ("transport",),
    places: ForecastPlaces | None = None,
) -> NDArray[np.void]:
    """Draw the calls of the hours of a forecast.

    When and where come from the forecast, all else from the demand's laws. Call k keeps its luck, and each cell's hour
    its level, when the forecast's means, the dispersion or the number of hours change: two forecasts that differ
    little give calls that differ little, and two policies meet the same calls.

    Parameters
    ----------
    forecast
        Of t consecutive hours. The run begins with the first of them: ``forecast.start_s[0]``.
    demand
        Laws of what a forecast does not say.
    city
        City on whose roads the calls fall.
    seed, replication
        Whole numbers >= 0; the same pair gives the same calls.
    skill_names
        What the bits of ``needs`` mean, bit 0 first.
    places
        From :meth:`ForecastPlaces.of`, to save the search when many replications are drawn.

    Returns
    -------
    CALL_DRAW[k]
        Sorted by ``t_received``, seconds since the begin of the forecast.

    Raises
    ------
    InputError
        The forecast is not one of consecutive hours, a cell with calls has neither a road node nor a known middle, or
        calls need a skill or a speciality that nobody has.
    """
    check_case_mix(demand, city, skill_names)
    places = places or ForecastPlaces.of(forecast, city)
    lost = np.flatnonzero((places.only_node == -2) & (forecast.mean.sum(1) > 0))
    if len(lost):
        raise InputError(
            f"cell '{forecast.cells.names[lost[0]]}' has calls but neither a road node nor a known middle",
            field="forecast",
            remedy="Give node_cell to ForecastPlaces.of.",
        )
    t_received, cell = forecast_arrivals(forecast, seed=seed, replication=replication)

    def u(stream: Stream) -> NDArray[np.float64]:
        return uniforms(seed, replication, stream, len(t_received))

    return with_luck(t_received, places.pick(cell, u(Stream.NODE)), demand, city, u, skill_names)


def forecast_arrivals(
    forecast: DemandForecast, *, seed: int, replication: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """When calls come and in which cell: the part of :func:`generate_from_forecast` that the forecast decides.

    Given the levels, the calls of the whole area are a Poisson process of the summed rate, made by inverting the
    cumulative rate at a unit-rate process (Çinlar 1975), and each falls in a cell by the cell's share of that hour's
    rate; so the counts by cell are independent Poisson (Kingman, Poisson Processes, section 5.1).

    Returns
    -------
    float64[k], int64[k]
        Times, ascending, seconds since the begin of the forecast; rows of cells.
    """
    hours = len(forecast.hour)
    if hours == 0 or np.any(np.diff(forecast.hour) != 1):
        raise InputError("is not of consecutive hours", field="forecast", remedy="Do not sum it over longer periods.")
    rate = forecast.mean * levels(forecast, seed=seed, replication=replication)
    cumulative = np.concatenate(([0.0], np.cumsum(rate.sum(0))))
    total = float(cumulative[-1])
    stream = generator(seed, replication, Stream.ARRIVAL)
    points = np.zeros(0)
    while len(points) == 0 or points[-1] < total:
        gaps = np.concatenate((points[-1:], stream.standard_exponential(int(total + 6 * np.sqrt(total)) + 16)))
        points = np.concatenate((points[:-1], np.cumsum(gaps)))
    points = points[: np.searchsorted(points, total)]
    # side='right' steps over hours without calls, where the cumulative rate cannot be inverted.
    hour = np.searchsorted(cumulative, points, side="right") - 1
    t_received = HOUR_S * (hour + (points - cumulative[hour]) / (cumulative[hour + 1] - cumulative[hour]))
    t_received = np.minimum(t_received, np.nextafter(hours * HOUR_S, 0.0))
    return t_received, _pick_cells(rate, hour, uniforms(seed, replication, Stream.ZONE, len(points)))


def levels(forecast: DemandForecast, *, seed: int, replication: int = 0) -> NDArray[np.float64]:
    """Factors of mean 1 on the means of a forecast, of shape (c, t): products of gamma levels of nested periods.

    They invert the gamma law at numbers of their own streams, period after period, so that they grow apart smoothly as
    the dispersion does.
    """
    c, t = forecast.mean.shape
    level = np.ones((c, t))
    for span, stream, variance in zip(SPANS_H, _STREAMS, level_variances(forecast), strict=True):
        wide = variance > _NO_DISPERSION
        if not wide.any():
            continue
        first, row = _periods(forecast, span)
        u = uniforms(seed, replication, stream, c * len(first)).reshape(len(first), c).T
        drawn = np.ones(variance.shape)
        drawn[wide] = variance[wide] * special.gammaincinv(1 / variance[wide], u[wide])
        level *= drawn[:, row]
    return level


def level_variances(forecast: DemandForecast) -> list[NDArray[np.float64]]:
    """Variance of the level of each cell's hours, thirds of a day, days and weeks, each of shape (c, periods).

    Let R be the expected product of the levels of two hours that first meet in a period of a length, M the calls
    expected in that period and m those in the periods of the next smaller length within it. The mean of its squared
    rate is ``Q = Σ q + R (M² - Σ m²)``, q being that of the smaller ones, and the forecast says that it is
    ``M² (1 + α)``: so R follows from the hour upwards. It is kept between 1 and the smallest R within. The level of a
    period has the variance ``R / R' - 1``, R' being that of the next longer period.
    """
    hourly = 1.0 + np.broadcast_to(forecast.dispersion, forecast.mean.shape)
    squared, products, rows = forecast.mean**2 * hourly, [hourly], [np.zeros(0, np.intp)]
    expected, begins = forecast.mean, np.arange(len(forecast.hour))
    for span, spread in zip(SPANS_H[1:], forecast.by_span[1:], strict=True):
        first, _ = _periods(forecast, span)
        at = np.searchsorted(begins, first)
        whole = np.add.reduceat(expected, at, axis=1)
        within, apart = np.add.reduceat(squared, at, axis=1), whole**2 - np.add.reduceat(expected**2, at, axis=1)
        wanted = whole**2 * (1.0 + spread.dispersion(whole)) - within
        product = np.divide(wanted, apart, out=np.ones_like(whole), where=apart > 1e-9 * whole**2)
        product = np.clip(product, 1.0, np.minimum.reduceat(products[-1], at, axis=1))
        rows.append(np.repeat(np.arange(len(first)), np.diff(np.append(at, len(begins)))))
        products.append(product)
        squared, expected, begins = within + product * apart, whole, first
    products.append(np.ones((len(forecast.mean), 1)))
    rows.append(np.zeros(len(begins), np.int64))
    return [
        small / large[:, row] - 1.0 for small, large, row in zip(products[:-1], products[1:], rows[1:], strict=True)
    ]


def _periods(forecast: DemandForecast, span_h: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First hour of each civil period of a length, as a row of the forecast, and the period of each hour."""
    block = forecast.clock.block(forecast.hour, span_h)
    new = np.diff(block, prepend=block[0] - 1) != 0
    return np.flatnonzero(new), np.cumsum(new) - 1


def _pick_cells(rate: NDArray[np.float64], hour: NDArray[np.intp], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cell of each call by its share of the hour's rate: one search in the cumulative shares of all hours in a row."""
    c, t = rate.shape
    cumulative = np.cumsum(rate, axis=0)
    total = np.where(cumulative[-1] > 0, cumulative[-1], 1.0)
    ladder = (cumulative / total + np.arange(t)).T.ravel()  # hour h climbs from h to h + 1
    cell = np.searchsorted(ladder, hour + u, side="right") - hour * c
    last = c - 1 - np.argmax(rate[::-1] > 0, axis=0)  # the sum may fall short of 1 by rounding
    picked: NDArray[np.int64] = np.minimum(cell, last[hour]).astype(np.int64)
    return picked
