"""Read a whole JEMSS model: every file, what they must agree on, and the nearest node of every place.

All files are read before anything is refused, so that one error lists the faults of all of them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from .jemss_config import JemssConfig, find_config, read_config
from .jemss_demand import read_coverage, read_demand
from .jemss_faults import Faults
from .jemss_model import Arcs, Calls, Coverage, Demand, JemssModel, Nodes, Places, Travel
from .jemss_move_up import read_move_up
from .jemss_network import NearestNode, numbers_text, read_arcs, read_map, read_nodes, strong_part, without_nodes
from .jemss_places import read_ambulances, read_calls, read_hospitals, read_stations
from .jemss_rules import read_mobilisation, read_priorities, read_redispatch, read_stats, read_travel

P = TypeVar("P", Calls, Places)


def read_jemss(path: Path, *, largest_part: bool = False) -> JemssModel:
    """Read a JEMSS model.

    Parameters
    ----------
    path
        A ``sim_config.xml``, or the folder that holds one.
    largest_part
        If some nodes cannot be reached from all others: leave out everything beyond the largest part within which
        they can, and say in ``notes`` what is lost, instead of refusing the model.

    Returns
    -------
    JemssModel

    Raises
    ------
    JemssError
        With all faults that could be found, each with file, row, column and remedy.
    """
    config = read_config(find_config(Path(path)))
    faults = Faults()
    files = config.sim_files
    if "calls" not in files:
        faults.add(
            "the calls are to be generated, from streams of random numbers that only Julia has",
            file=config.config_file,
            field="simFiles/callGenConfig",
            remedy="Let JEMSS write the calls (mode 'calls' of its generator), and name their file as simFiles/calls.",
        )
    box = faults.attempt(partial(read_map, files["map"]))
    nodes = faults.attempt(partial(read_nodes, files["nodes"], box))
    arcs = faults.attempt(partial(read_arcs, files["arcs"], nodes, box))
    stations = faults.attempt(partial(read_stations, files["stations"], box))
    hospitals = faults.attempt(partial(read_hospitals, files["hospitals"], box))
    ambulances = faults.attempt(partial(read_ambulances, files["ambulances"], stations))
    calls = faults.attempt(partial(read_calls, files["calls"], box, hospitals)) if "calls" in files else None
    travel = faults.attempt(partial(read_travel, files["travel"]))
    priorities = faults.attempt(partial(read_priorities, files["priorities"]))
    redispatch = faults.attempt(partial(read_redispatch, files.get("redispatch")))
    mobilisation = faults.attempt(partial(read_mobilisation, files.get("mobilisationDelay")))
    stats = faults.attempt(partial(read_stats, files["statsControl"])) if "statsControl" in files else None
    demand, coverage, notes = _demand(config, faults)
    move_up = None
    if ambulances is not None and stations is not None:
        move_up = faults.attempt(partial(read_move_up, config, ambulances, stations))
    if travel is not None:
        _check_travel(travel, arcs, calls, config, faults)
        _check_module(config, travel, demand, faults)
    if nodes is not None and arcs is not None:
        nodes, arcs, lost = _connected(nodes, arcs, config, faults, largest_part)
        notes += lost
    faults.raise_if_any()
    if (
        box is None
        or nodes is None
        or arcs is None
        or stations is None
        or hospitals is None
        or ambulances is None
        or calls is None
        or travel is None
        or priorities is None
        or redispatch is None
        or mobilisation is None
        or move_up is None
    ):
        raise AssertionError("a part that could not be read left no fault")
    nearest = NearestNode(box, nodes)
    return JemssModel(
        config=config,
        map=box,
        nodes=nodes,
        arcs=arcs,
        ambulances=ambulances,
        stations=_placed(stations, nearest),
        hospitals=_placed(hospitals, nearest),
        calls=_placed(calls, nearest),
        travel=travel,
        priorities=priorities,
        redispatch=redispatch,
        mobilisation=mobilisation,
        demand=demand,
        coverage=coverage,
        stats=stats,
        move_up=move_up,
        notes=notes,
    )


def _placed(places: P, nearest: NearestNode) -> P:
    node, node_km = nearest(places.x, places.y)
    return replace(places, node=node, node_km=node_km)


def _demand(config: JemssConfig, faults: Faults) -> tuple[Demand | None, Coverage | None, tuple[str, ...]]:
    """Demand, its coverage, and the model's notes so far; two move-up modules cannot do without."""
    files, needed = config.sim_files, config.module in ("dmexclp", "ddsm")
    demand, coverage, notes = None, None, config.notes
    if "demand" in files:
        read = faults.attempt(partial(read_demand, files["demand"], need_rasters=needed))
        if read is not None:
            demand, notes = read[0], notes + read[1]
    if "demandCoverage" in files:
        coverage = faults.attempt(partial(read_coverage, files["demandCoverage"]))
    for key in ("demand", "demandCoverage"):
        if needed and key not in files:
            faults.add(
                f"move-up module {config.module} needs it, and it is not named",
                file=config.config_file,
                field=f"simFiles/{key}",
                remedy="Name the file, or choose another module.",
            )
    return demand, coverage, notes


def _check_travel(travel: Travel, arcs: Arcs | None, calls: Calls | None, config: JemssConfig, faults: Faults) -> None:
    n_modes = len(travel.off_road_km_per_day)
    if arcs is not None and n_modes != len(arcs.time_days):
        faults.add(
            f"has {n_modes} travel modes and the arcs have times for {len(arcs.time_days)}",
            file=config.sim_files["travel"],
            field="travelModeIndex",
            remedy="Give as many modes as the arcs have.",
        )
    if calls is not None and travel.start_days[0] > calls.start_days:
        faults.add(
            f"the first travel set starts at {travel.start_days[0]:g}, after the simulation ({calls.start_days:g})",
            file=config.sim_files["travel"],
            row=1,
            field="startTime",
            remedy="Let it start with the simulation, or before.",
        )


def _check_module(config: JemssConfig, travel: Travel, demand: Demand | None, faults: Faults) -> None:
    if config.module == "zhang_ip" and len(travel.set_mode) != 1:
        faults.add(
            f"move-up module zhang_ip works with one travel set, not with {len(travel.set_mode)}",
            file=config.sim_files["travel"],
            field="travelSetIndex",
            remedy="Keep one travel set, or choose another module.",
        )
    if config.module == "ddsm" and demand is not None:
        by_priority = demand.mode_raster[demand.set_mode]
        if (by_priority != by_priority[:, :1]).any():
            faults.add(
                "move-up module ddsm needs the same demand raster for all priorities of a set",
                file=config.sim_files["demand"],
                field="rasterIndex",
                remedy="Give the modes of a set one raster, or choose another module.",
            )


def _connected(
    nodes: Nodes, arcs: Arcs, config: JemssConfig, faults: Faults, take_largest: bool
) -> tuple[Nodes, Arcs, tuple[str, ...]]:
    """Network within which every node can be reached from every other, and what was lost for it."""
    kept = strong_part(nodes, arcs)
    if kept.all():
        return nodes, arcs, ()
    n_lost = int((~kept).sum())
    lost = f"{n_lost} of {len(kept)} nodes ({numbers_text(nodes.number[~kept])})"
    if take_largest and (nodes.off_road_access & kept).any():
        part_nodes, part_arcs = without_nodes(nodes, arcs, kept)
        n_arcs = len(arcs.tail) - len(part_arcs.tail)
        return part_nodes, part_arcs, (f"left out {lost} and {n_arcs} directed arcs that no trip could use",)
    faults.add(
        f"{lost} cannot be reached from all others, or cannot reach them; the largest connected part has {kept.sum()}",
        file=config.sim_files["arcs"],
        field="toNode",
        remedy="Add the missing arcs, or read the model with its largest part only, which leaves these nodes out.",
    )
    return nodes, arcs, ()
