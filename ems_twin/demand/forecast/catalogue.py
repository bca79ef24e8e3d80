"""Models by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from ...errors import InputError
from .blend import Blend
from .glm import CallRegression
from .hour_of_week import ConstantShares, HourOfWeek
from .medic import Medic
from .protocol import Forecaster
from .self_exciting import SelfExciting
from .split import Prior, VolumeDensity, area_prior
from .st_kde import SpaceTimeKernel
from .trees import BoostedTrees

_MODELS: dict[str, Callable[[Collection[date], Prior], Forecaster]] = {
    "medic": lambda _, __: Medic(),
    "hour_of_week": lambda _, __: HourOfWeek(),
    "hour_of_week_year": lambda _, __: HourOfWeek(weeks=52),
    "constant_shares": lambda _, __: ConstantShares(),
    "volume_density": VolumeDensity,
    "st_kde": lambda holidays, _: SpaceTimeKernel(holidays),
    "glm_poisson": lambda holidays, prior: CallRegression(holidays, prior=prior),
    "glm_nb": lambda holidays, prior: CallRegression(holidays, negative_binomial=True, prior=prior),
    "trees": lambda holidays, prior: BoostedTrees(holidays, prior=prior),
    "self_exciting": lambda holidays, prior: SelfExciting(VolumeDensity(holidays, prior)),
}
MODELS = (*_MODELS, "blend")
"""Names of the models."""
BLENDED = ("volume_density", "hour_of_week", "constant_shares", "glm_nb", "trees", "st_kde")
"""Members of the blend."""


def make_models(
    names: Sequence[str], *, holidays: Collection[date] = (), prior: Prior = area_prior
) -> dict[str, Forecaster]:
    """Fresh forecasters by name.

    Parameters
    ----------
    names
        Out of :data:`MODELS`.
    holidays
        Civil days that count as holidays.
    prior
        Toward which shares sparse cells are shrunk: their area's, or those of a
        :class:`~ems_twin.demand.forecast.kernels.PlaneKernel` or ``RoadKernel``.

    Raises
    ------
    InputError
        A name is unknown.
    """
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise InputError(f"'{unknown[0]}' is not a model", field="models", remedy=f"There are {', '.join(MODELS)}.")
    made: dict[str, Forecaster] = {}
    for name in names:
        if name == "blend":
            made[name] = Blend({member: _MODELS[member](holidays, prior) for member in BLENDED})
        else:
            made[name] = _MODELS[name](holidays, prior)
    return made
