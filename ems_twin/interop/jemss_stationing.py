"""The station policy that a JEMSS model's move-up module is here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..routing import Router
from ..world import Objective, Stationing, StationPolicy
from .jemss_model import JemssModel, ZhangParameters
from .jemss_points import demand_points

DAY_S = 86_400.0
_LOW_PRIORITY = 3  # as a number of JEMSS
RUN_HERE = ("none", "comp_table", "multi_comp_table", "priority_list", "zhang_ip", "dmexclp")
"""Move-up modules that can be run here."""


def stationing_of(model: JemssModel, router: Router) -> Stationing:
    """Policy and tables for the model's move-up module.

    Parameters
    ----------
    model
        With a module of :data:`RUN_HERE`.
    router
        Travel times of the model's network.

    Raises
    ------
    InputError
        If the module lacks a file, or its tables do not serve the model's ambulances and stations.
    """
    move_up = model.move_up
    if move_up.module == "dmexclp":
        return _dmexclp(model, router)
    if move_up.priority_list is not None:
        return Stationing(policy=StationPolicy.PRIORITY_LIST, priority_list=move_up.priority_list.astype(np.int64))
    try:
        if move_up.comp_table is not None:
            stationing = _compliance(move_up.comp_table)
        elif move_up.multi_comp_table is not None:
            stationing = _compliance(np.concatenate(move_up.multi_comp_table))
        elif move_up.zhang is not None:
            stationing = _zhang(move_up.zhang)
        else:
            return Stationing()
        stationing.scratch_needed(len(model.ambulances.station), len(model.stations.x))
    except InputError as error:
        remedy = "Correct the tables of the file, or choose another move-up module."
        if move_up.zhang is not None:
            remedy = (
                "Let no slot's benefit be above the one before it, and give slots for all ambulances, or choose another "
                "move-up module: only such programs are solved here."
            )
        raise InputError(
            error.problem, file=model.config.module_file, field=f"move-up module {move_up.module}", remedy=remedy
        ) from error
    return stationing


def _compliance(wanted: NDArray[np.int32]) -> Stationing:
    return Stationing(policy=StationPolicy.COMP_TABLE, low_priority=_LOW_PRIORITY, comp_table=wanted.astype(np.int64))


def _zhang(given: ZhangParameters) -> Stationing:
    return Stationing(
        policy=StationPolicy.ZHANG,
        low_priority=_LOW_PRIORITY,
        slot_benefit=given.benefit,
        travel_cost_per_s=given.travel_time_cost / DAY_S,
        on_road_discount=given.on_road_discount,
        regret_limit_s=given.regret_threshold_days * DAY_S,
        expected_handover_s=given.expected_handover_days * DAY_S,
    )


def _dmexclp(model: JemssModel, router: Router) -> Stationing:
    move_up, stations = model.move_up, model.stations
    if model.demand is None or model.coverage is None:
        raise InputError(
            "DMEXCLP needs demand and demandCoverage", file=model.config.config_file, field="simFiles",
            remedy="Name both files there.",
        )  # fmt: skip
    points, demand, cover_s = demand_points(model), model.demand, model.coverage.cover_days * DAY_S
    modes = _demand_modes(model)
    used = [points[int(demand.mode_raster[mode])] for mode in modes]
    parts = list({id(part): part for part in used}.values())  # each raster once; points weigh only for its own modes
    node = np.concatenate([part.node for part in parts])
    node_km = np.concatenate([part.node_km for part in parts])
    weight = np.zeros((1, 3, len(node)))
    at = np.cumsum([0, *(len(part.node) for part in parts)])
    for mode in modes:
        raster = points[int(demand.mode_raster[mode])]
        i = next(k for k, part in enumerate(parts) if part is raster)
        row = int(demand.mode_priority[mode]) - 1
        weight[0, row, at[i] : at[i + 1]] = demand.mode_rate_per_day[mode] * raster.weight / raster.total
    is_late = np.zeros((len(router.metrics), 3, len(node), len(stations.x)), dtype=np.float32)
    for metric, off_road in enumerate(router.metrics["off_road_s_per_m"]):
        drive_s = router.matrix_s(stations.node, node, metric=metric).T
        total_s = drive_s + 1000.0 * off_road * (stations.node_km[None, :] + node_km[:, None])
        for p in range(3):
            is_late[metric, p] = total_s > cover_s[p]
    return Stationing(
        policy=StationPolicy.BEST_STATION,
        objective=Objective(
            penalty=is_late,
            weight=weight,
            priority=np.arange(1, 4),
            busy_share=move_up.busy_fraction if move_up.busy_fraction is not None else 0.3,
        ),
    )


def _demand_modes(model: JemssModel) -> NDArray[np.int32]:
    """Demand modes of the set in force; there must be one set for the whole run."""
    demand = model.demand
    assert demand is not None  # the caller has looked
    if len(demand.set_mode) > 1:
        raise InputError(
            f"has {len(demand.set_mode)} demand sets", file=model.config.sim_files["demand"], field="demandSets",
            remedy="DMEXCLP is run here with one set for all times.",
        )  # fmt: skip
    modes: NDArray[np.int32] = demand.set_mode[0]
    return modes
