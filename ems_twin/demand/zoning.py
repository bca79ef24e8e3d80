"""Which zone every road node lies in, kept beside the bundle and tied to its nodes."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.roads import RoadNetwork
from ..errors import CityError

_REMEDY = (
    "Make it again for these roads (the scripts in experiments/demand do it for the cities that ship), "
    "or remove the demand folder to go on with default rates."
)


def nodes_hash(roads: RoadNetwork) -> str:
    """First 16 hex digits of the SHA-256 over the nodes' positions: zones do not care about speeds or names."""
    digest = sha256()
    for array in (roads.lon, roads.lat):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def write_node_zone(path: Path, roads: RoadNetwork, zones: tuple[str, ...], node_zone: NDArray[np.integer]) -> None:
    """Write the zone of every node.

    Parameters
    ----------
    path
        ``node_zone.npz`` of the bundle's demand folder.
    roads
        Road network of n nodes.
    zones
        Names of the zones.
    node_zone
        Row in ``zones`` of each node's zone, length n.
    """
    np.savez_compressed(
        path,
        zones=np.array(zones, dtype=np.str_),
        node_zone=np.asarray(node_zone, dtype=np.int16),
        nodes_hash=np.array(nodes_hash(roads)),
    )


def read_node_zone(path: Path, roads: RoadNetwork, zones: tuple[str, ...]) -> NDArray[np.int32]:
    """Read the zone of every node as rows of ``zones``, length n.

    Raises
    ------
    CityError
        The file is missing or damaged, was made for other roads, or knows a zone that ``zones`` does not.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            names, local, made_for = stored["zones"], stored["node_zone"], str(stored["nodes_hash"])
    except FileNotFoundError:
        raise CityError("is missing", file=path, remedy=_REMEDY) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise CityError("cannot be read as the zones of road nodes", file=path, remedy=_REMEDY) from None
    if made_for != nodes_hash(roads) or local.shape != (roads.n_nodes,):
        raise CityError(
            f"was made for other roads (nodes {made_for}, this city has {nodes_hash(roads)})",
            file=path,
            remedy=_REMEDY,
        )
    rows = {name: row for row, name in enumerate(zones)}
    for name in names.tolist():
        if name not in rows:
            raise CityError(
                f"zone '{name}' is not in zones.csv",
                file=path,
                remedy="Add its row to zones.csv (a weight of 0 is allowed).",
            )
    if local.size and not 0 <= local.min() <= local.max() < len(names):
        raise CityError("names a zone that it does not list", file=path, remedy=_REMEDY)
    row_of = np.array([rows[name] for name in names.tolist()], dtype=np.int32)
    node_zone: NDArray[np.int32] = row_of[local]
    return node_zone
