"""A JEMSS model of four nodes on a square kilometre, written file by file so that a test can spoil one of them."""

from __future__ import annotations

from pathlib import Path

# Nodes of a square; node 4 has no off-road access. One degree is 100 km, so the sides are 1 km.
FILES: dict[str, str] = {
    "map.csv": "map,,,\nxMin,xMax,yMin,yMax,xScale,yScale,\n0,0.02,0,0.02,100,100\n",
    "nodes.csv": (
        "nodes,4,,,\nindex,x,y,offRoadAccess,name\n"
        "1.0,0.0,0.0,1.0,a\n2.0,0.01,0.0,1.0,b\n3.0,0.01,0.01,true,c\n4.0,0.0,0.01,0,d\n"
    ),
    "arcs.csv": (
        "miscData,,\r\narcForm,numModes\r\nundirected,2\n,\r\n"
        "arcs,,,,\nindex,fromNode,toNode,distance,mode_1,mode_2\n"
        "1,2,1,1.5,0.002,0.003\n2,2,3,1.0,0.001,0.0015\n3,4,3,1.0,0.001,0.0015\n4,1,4,1.0,0.001,0.0015\n"
    ),
    "stations.csv": (
        'stations,,\nindex,x,y,capacity,attributes\n1,0.001,0.0,2,{}\n2,0.001,0.0101,3,"{""name"": ""North, old""}"\n'
    ),
    "hospitals.csv": "hospitals,,,note with no meaning\nindex,x,y\n1,0.0099,0.0099\n",
    "ambulances.csv": "ambulances,,\nindex,stationIndex,class\n1,1,1\n2,2,2.0\n",
    "calls.csv": (
        "miscData,\nstartTime\n0.25\n,\ncalls,,,,,,,,,\n"
        "index,priority,x,y,arrivalTime,dispatchDelay,onSceneDuration,transport,hospitalIndex,handoverDuration\n"
        "1,3,0.002,0.001,0.30,0.001,0.01,0,-1,0.5\n"
        "2,1,0.009,0.001,0.31,0.002,0.02,1,1,0.03\n"
        "3,2,0.001,0.009,0.40,0.000,0.03,1,-1,0.04\n,,,\n"
    ),
    "priorities.csv": (
        "priorities,,,\npriority,name,targetResponseDuration,responseTravelPriority\n"
        "1,highPriority,0.005,highPriority\n2,medPriority,0.008,highPriority\n3,lowPriority,0.01,lowPriority\n"
    ),
    "travel.csv": (
        "travelModes,,\ntravelModeIndex,offRoadSpeed,\n1,1200,\n2,600,\n,,\n"
        "travelSets,,\ntravelSetIndex,priority,travelModeIndex\n"
        "1,highPriority,1\n1,medPriority,1\n1,lowPriority,2\n2,highPriority,2\n2,medPriority,2\n2,lowPriority,2\n,,\n"
        "travelSetsTiming,,\nstartTime,travelSetIndex,\n0,1,\n0.35,2,\n1.5,1,\n"
    ),
}

DEMAND = {
    "demand.csv": (
        "demandRasters,,,\nrasterIndex,rasterFilename,,\n1,raster.xyz,,\n,,,\n"
        "demandModes,,,\nmodeIndex,rasterIndex,priority,arrivalRate\n"
        "1,1,highPriority,8\n2,1,medPriority,4\n3,1,lowPriority,2.5\n,,,\n"
        "demandSets,,,\nsetIndex,modeIndices,,\n1,[1; 2; 3],,\n,,,\ndemandSetsTiming,,,\nstartTime,setIndex,,\n0,1,,\n"
    ),
    "raster.xyz": "0.005 0.015 3\n0.015 0.015 0\n0.005 0.005 1\n0.015 0.005 2\n",
    "demand_coverage.csv": (
        "coverTimes,,\ndemandPriority,coverTime,note\n"
        "highPriority,0.005,8 min\nmedPriority,12/60/24,12 min\nlowPriority,0.01,\n,,\n"
        "demandRasterCellNumPoints,,\nrows,cols,\n2,1,\n"
    ),
}
DEMAND_KEYS = {"demand": "demand.csv", "demandCoverage": "demand_coverage.csv"}

KEYS = {
    "ambulances": "ambulances.csv",
    "arcs": "arcs.csv",
    "calls": "calls.csv",
    "hospitals": "hospitals.csv",
    "map": "map.csv",
    "nodes": "nodes.csv",
    "priorities": "priorities.csv",
    "stations": "stations.csv",
    "travel": "travel.csv",
}


def config_text(
    keys: dict[str, str] | None = None, *, move_up: str = "<module>none</module>", more: str = "", decision: str = ""
) -> str:
    """A sim_config.xml; ``keys`` are the children of simFiles."""
    sim_files = "".join(f"<{key}>{name}</{key}>\n" for key, name in (KEYS if keys is None else keys).items())
    rules = decision or (
        "<callQueueing>addCallToQueueSortPriorityThenTime!</callQueueing>"
        f"<dispatch>findNearestDispatchableAmb!</dispatch><moveUp>{move_up}</moveUp>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a comment -->\n<simConfig>\n'
        "<inputPath>input</inputPath>\n<outputPath>output</outputPath>\n"
        f"<simFiles>\n{sim_files}</simFiles>\n<decision>{rules}</decision>\n{more}</simConfig>\n"
    )


def write_model(
    folder: Path,
    files: dict[str, str] | None = None,
    keys: dict[str, str] | None = None,
    *,
    move_up: str = "<module>none</module>",
) -> Path:
    """Write the model with some files replaced or added, and further files named; returns the folder."""
    inputs = folder / "input"
    inputs.mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **(files or {})}.items():
        (inputs / name).write_bytes(text.encode("utf-8"))
    (folder / "sim_config.xml").write_text(config_text({**KEYS, **(keys or {})}, move_up=move_up), encoding="utf-8")
    return folder


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """One file with a piece of text replaced, which it must have exactly once."""
    text = {**FILES, **DEMAND}[name]
    assert text.count(old) == 1, (name, old)
    return {name: text.replace(old, new)}
