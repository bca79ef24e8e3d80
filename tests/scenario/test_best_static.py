"""The static placement that others have to beat."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.scenario.best_static import AIMS, best_static
from ems_twin.scenario.trial import TRAIN


@pytest.mark.parametrize("aim", AIMS)
def test_it_is_no_worse_on_its_training_weeks_than_what_is_there(aim, city, router, demand, trial):
    found = best_static(
        city, demand, start=trial.start, aim=aim, router=router, seed=5, week_s=3 * 86_400.0, evaluations=60
    )
    assert found.units.sum() == 6
    now, best = ([trial.figures(at, TRAIN + k) for k in range(5)] for at in (np.array([2, 2, 2]), found.units))
    key = "late_share" if aim == "late" else "mean_s"
    assert np.mean([getattr(one, key) for one in best]) <= np.mean([getattr(one, key) for one in now])
    again = best_static(
        city, demand, start=trial.start, aim=aim, router=router, seed=5, week_s=3 * 86_400.0, evaluations=60
    )
    assert again.to_dict() == found.to_dict()


def test_an_unknown_aim_is_refused(city, demand):
    with pytest.raises(InputError, match="there is no aim 'cheap'"):
        best_static(city, demand, start=datetime(2024, 5, 6, tzinfo=ZoneInfo(city.timezone)), aim="cheap")
