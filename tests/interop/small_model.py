"""A JEMSS model of four nodes, written as JEMSS writes it, for tests to change."""

from __future__ import annotations

from pathlib import Path

CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<simConfig>
  <inputPath>input</inputPath>
  <outputPath>output</outputPath>
  <simFiles>{files}</simFiles>
  <resim>false</resim>
  <decision>
    <callQueueing>addCallToQueueSortPriorityThenTime!</callQueueing>
    <dispatch>findNearestDispatchableAmb!</dispatch>
    <moveUp>{move_up}</moveUp>
  </decision>
</simConfig>
"""
# one degree is 100 km; four nodes 1 km apart in a row; 1 km takes 1/1440 day, a minute
FILES = {
    "map": "map,,\r\nxMin,xMax,yMin,yMax,xScale,yScale,\r\n0,1,0,1,100,100,\n",
    "nodes": "nodes,,,\r\nindex,x,y,\r\n" + "".join(f"{i + 1}.0,{0.10 + i / 100},0.1,\n" for i in range(4)),
    "arcs": "miscData,\narcForm,numModes\nundirected,1\n,\narcs,,,\nindex,fromNode,toNode,distance,mode_1\n"
    "1,1,2,1,1/1440\n2,2,3,1,1/1440\n3,3,4,1,0.00069444444444444\n",
    "travel": "travelModes,\ntravelModeIndex,offRoadSpeed\n1,1440\n,\ntravelSets,,\ntravelSetIndex,priority,travelModeIndex\n"
    "1,highPriority,1\n1,medPriority,1\n1,lowPriority,1\n,,\ntravelSetsTiming,\nstartTime,travelSetIndex\n0,1\n",
    "priorities": "priorities,,\npriority,name,targetResponseTime\n1,highPriority,0.01\n2,medPriority,0.01\n3,lowPriority,0.02\n",
    "stations": 'stations,,\nindex,x,y,capacity,attributes\n1,0.10,0.1,5,"{""a"": [1, 2]}"\n2,0.13,0.1,5,{}\n',
    "hospitals": "hospitals,,\nindex,x,y\n1,0.13,0.1\n",
    "ambulances": "ambulances,,\nindex,stationIndex,class\n1,1,1\n2,2,2\n",
    "calls": "miscData,\nstartTime\n0.0\n,\ncalls,,,\n"
    "index,priority,x,y,arrivalTime,dispatchDelay,onSceneDuration,transfer,hospitalIndex,transferDuration\n"
    "1,1,0.11,0.1,0.1,1/1440,10/1440,1,-1,5/1440\n2,3,0.12,0.1,0.2,1/1440,10/1440,0,-1,5/1440\n",
}


def write_model(
    folder: Path, *, move_up: str = "<module>none</module>", extra: dict[str, str] | None = None, **changed: str | None
) -> Path:
    """Write the model with some files changed (None: left out) or added; returns its folder."""
    files = {name: text for name, text in (FILES | (extra or {}) | changed).items() if text is not None}
    (folder / "input").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / "input" / f"{name}.csv").write_text(text, "utf-8", newline="")
    listed = "".join(f"<{name}>{name}.csv</{name}>" for name in files if name != "list")
    (folder / "sim_config.xml").write_text(CONFIG.format(files=listed, move_up=move_up), "utf-8")
    return folder
