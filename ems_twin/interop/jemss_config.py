"""Read a JEMSS ``sim_config.xml``: which files make the model, and which rules it asks for.

The file is read as data: no document type, no entities, no Julia. Of Julia's ``$name`` only ``$configFileDir`` is
known, the folder of the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

from .jemss_cells import parse_bool, parse_events, parse_number, parse_priorities
from .jemss_faults import Faults, JemssError
from .jemss_grammar import CellError, short
from .jemss_tables import read_text

LARGEST_BYTES = 1_000_000
"""Size of a configuration; JEMSS's own have two thousand."""

NEEDED = ("ambulances", "arcs", "hospitals", "map", "nodes", "priorities", "stations", "travel")
OPTIONAL = ("calls", "callGenConfig", "demand", "demandCoverage", "mobilisationDelay", "redispatch", "statsControl")
OUTPUTS = (
    "events",
    "ambulances",
    "calls",
    "hospitals",
    "ambulancesStats",
    "callsStats",
    "hospitalsStats",
    "stationsStats",
    "statsDict",
)
MODULES = ("none", "comp_table", "multi_comp_table", "priority_list", "zhang_ip", "dmexclp", "ddsm")
"""Move-up modules that can be read. JEMSS's temp0, temp1 and temp2 are its author's experiments."""

CALL_QUEUEING = "addCallToQueueSortPriorityThenTime!"
DISPATCH = "findNearestDispatchableAmb!"
# Where a module's file is named, below decision/moveUp.
_MODULE_FILE = {
    "comp_table": "compTable/filename",
    "multi_comp_table": "multiCompTable/filename",
    "priority_list": "priorityList/filename",
    "zhang_ip": "zhangIp/paramsFilename",
}

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True)
class DdsmParameters:
    """Parameters of the move-up module ``ddsm``; the defaults are JEMSS's."""

    cover_fraction_t1: float = 0.5
    """Fraction of demand to be covered within the first cover time."""
    travel_time_cost: float = 50.0
    """Covered demand that a day of travel is worth."""
    slack_weight: float = 1e9
    """Price of uncovered demand."""
    priorities: tuple[int, int] = (1, 3)
    """Priorities whose cover times are the two of the model."""


@dataclass(frozen=True)
class JemssConfig:
    """What ``sim_config.xml`` says."""

    config_file: Path
    input_dir: Path
    output_dir: Path | None
    """Folder of JEMSS's own output, if the configuration names one."""
    sim_files: dict[str, Path]
    """Input files by JEMSS's key; only those that are named."""
    output_files: dict[str, Path]
    """Output files by JEMSS's key."""
    write_output: bool
    events_filter: tuple[str, ...] | None
    """Names of the events to be written; None for all."""
    resim: bool
    """JEMSS should replay the decisions of an earlier events file."""
    module: str
    """Move-up module, one of :data:`MODULES`."""
    module_file: Path | None
    """Table file of a module that has one."""
    busy_fraction: float | None
    """Busy fraction of ``dmexclp``."""
    ddsm: DdsmParameters | None
    """Parameters of ``ddsm``."""
    notes: tuple[str, ...]
    """What the configuration names and nobody reads."""


def find_config(path: Path) -> Path:
    """Configuration that a path means: the file itself, or ``sim_config.xml`` in the folder."""
    faults = Faults()
    if path.is_file():
        return path
    if path.is_dir() and (path / "sim_config.xml").is_file():
        return path / "sim_config.xml"
    problem = "holds no sim_config.xml" if path.is_dir() else "there is no such file or folder"
    faults.add(problem, file=path, remedy="Give a JEMSS sim_config.xml, or the folder that holds it.")
    faults.raise_if_any()
    return path


def read_config(path: Path) -> JemssConfig:
    """Read a configuration; files that it names are not opened.

    Raises
    ------
    JemssError
        With all its faults, by element.
    """
    return _Reader(path, _root(path)).config()


def _root(path: Path) -> ElementTree.Element:
    faults = Faults()
    remedy = "Give a sim_config.xml as JEMSS writes it."
    text = "" if _too_large(path) else read_text(path)
    if not text:
        faults.add(f"is empty or has more than {LARGEST_BYTES:,} bytes", file=path, remedy=remedy)
    elif re.search(r"<!\s*(doctype|entity)", text, re.IGNORECASE):
        faults.add("declares a document type or an entity", file=path, remedy="Remove the <!DOCTYPE or <!ENTITY.")
    faults.raise_if_any()
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        faults.add(f"is not XML ({error})", file=path, remedy=remedy)
        raise JemssError(list(faults.found)) from None
    if root.tag != "simConfig":
        faults.add(f"has the root '{short(root.tag)}' instead of 'simConfig'", file=path, remedy=remedy)
        faults.raise_if_any()
    return root


def _too_large(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > LARGEST_BYTES


class _Reader:
    def __init__(self, path: Path, root: ElementTree.Element) -> None:
        self._path = path
        self._root = root
        self._faults = Faults()
        self._notes: list[str] = []

    def config(self) -> JemssConfig:
        folder = self._path.parent
        input_dir = folder / (self._path_text("inputPath") or ".")
        output = self._path_text("outputPath")
        output_dir = folder / output if output else None
        sim_files = self._sim_files(input_dir)
        module = self._module()
        at = _MODULE_FILE.get(module)
        config = JemssConfig(
            config_file=self._path,
            input_dir=input_dir,
            output_dir=output_dir,
            sim_files=sim_files,
            output_files=self._output_files(output_dir or folder),
            write_output=self._value("writeOutput", parse_bool, True),
            events_filter=self._value("eventsFileFilter", parse_events, None),
            resim=self._value("resim", parse_bool, False),
            module=module,
            module_file=input_dir / self._needed_path(f"decision/moveUp/{at}") if at else None,
            busy_fraction=self._busy_fraction() if module == "dmexclp" else None,
            ddsm=self._ddsm() if module == "ddsm" else None,
            notes=tuple(self._notes),
        )
        self._faults.raise_if_any()
        return config

    def _fault(self, problem: str, element: str, remedy: str) -> None:
        self._faults.add(problem, file=self._path, field=element, remedy=remedy)

    def _text(self, element: str) -> str | None:
        found = self._root.find(element)
        return None if found is None else "".join(found.itertext()).strip()

    def _path_text(self, element: str) -> str:
        return self._interpolated(self._text(element) or "", element)

    def _interpolated(self, text: str, element: str) -> str:
        """Path with ``$configFileDir`` filled in; models from Windows part folders with backslashes."""
        folder = self._path.parent.resolve().as_posix()
        filled = re.sub(r"\$(configFileDir\b|\(configFileDir\))", lambda _: folder, text.replace("\\", "/"))
        unknown = re.search(r"\$\(?\w*\)?", filled)
        if unknown:
            self._fault(
                f"'{short(unknown.group())}' in '{short(text)}' is not known here",
                element,
                "Write the path out, or begin it with $configFileDir.",
            )
        return filled.replace("\0", "")

    def _needed_path(self, element: str) -> str:
        text = self._path_text(element)
        if not text:
            self._fault("the file is not named", element, "Name the file.")
        return text

    def _value(self, element: str, read: Callable[[str], T], default: D) -> T | D:
        text = self._text(element)
        if not text:
            return default
        try:
            return read(text)
        except CellError as error:
            self._fault(str(error), element, "Correct it.")
            return default

    def _children(self, element: str) -> dict[str, str]:
        found = self._root.find(element)
        children: dict[str, str] = {}
        for child in () if found is None else found:
            if child.tag in children:
                self._fault("is named twice", f"{element}/{child.tag}", "Keep one of them.")
            children[child.tag] = "".join(child.itertext()).strip()
        return children

    def _sim_files(self, input_dir: Path) -> dict[str, Path]:
        named = self._children("simFiles")
        files = {}
        for key, text in named.items():
            if key == "rNetTravels":
                self._notes.append("JEMSS's cache of shortest paths (rNetTravels) is left unread")
            elif key not in (*NEEDED, *OPTIONAL):
                self._notes.append(f"simFiles/{short(key)} is not a file of a JEMSS model; it is left unread")
            elif text:
                files[key] = input_dir / self._interpolated(text, f"simFiles/{key}")
        for key in NEEDED:
            if key not in files:
                self._fault("the file is not named", f"simFiles/{key}", "Name the file.")
        if ("calls" in files) == ("callGenConfig" in files):
            both = "both calls and callGenConfig are" if "calls" in files else "neither calls nor callGenConfig is"
            self._fault(f"{both} named", "simFiles/calls", "Name exactly one of them.")
        return files

    def _output_files(self, folder: Path) -> dict[str, Path]:
        files = {}
        for key, text in self._children("outputFiles").items():
            if key in OUTPUTS and text:
                files[key] = folder / self._interpolated(text, f"outputFiles/{key}")
            elif key not in OUTPUTS:
                self._notes.append(f"outputFiles/{short(key)} is not a file that JEMSS writes")
        return files

    def _module(self) -> str:
        for element, only in (("callQueueing", CALL_QUEUEING), ("dispatch", DISPATCH)):
            text = self._text(f"decision/{element}")
            if text != only:
                problem = "the rule is missing" if not text else f"'{short(text)}' is not a rule of JEMSS"
                self._fault(problem, f"decision/{element}", f"Write {only}, the only one there is.")
        module = self._text("decision/moveUp/module") or ""
        if module in MODULES:
            return module
        known = f"Choose one of {', '.join(MODULES)}."
        if re.fullmatch("temp[0-2]", module):
            self._fault(
                f"'{module}' is an experiment of JEMSS's author and not supported", "decision/moveUp/module", known
            )
        else:
            self._fault(f"'{short(module)}' is not a move-up module", "decision/moveUp/module", known)
        return "none"

    def _busy_fraction(self) -> float:
        element = "decision/moveUp/dmexclp/busyFraction"
        if not self._text(element):
            self._fault("the busy fraction is missing", element, "Give a number between 0 and 1.")
        value = self._value(element, parse_number, 0.0)
        if not 0 <= value <= 1:
            self._fault(f"{value:g} is not between 0 and 1", element, "Give a number between 0 and 1.")
        return value

    def _ddsm(self) -> DdsmParameters:
        at, default = "decision/moveUp/ddsm", DdsmParameters()
        fraction = self._value(f"{at}/coverFractionTargetT1", parse_number, default.cover_fraction_t1)
        cost = self._value(f"{at}/travelTimeCost", parse_number, default.travel_time_cost)
        weight = self._value(f"{at}/slackWeight", parse_number, default.slack_weight)
        priorities = self._value(f"{at}/coverTimeDemandPriorities", parse_priorities, default.priorities)
        if not 0 <= fraction <= 1:
            self._fault(f"{fraction:g} is not between 0 and 1", f"{at}/coverFractionTargetT1", "Give a fraction.")
        for value, name in ((cost, "travelTimeCost"), (weight, "slackWeight")):
            if value < 0:
                self._fault(f"{value:g} is negative", f"{at}/{name}", "Give 0 or more.")
        if len(priorities) != 2:
            self._fault("does not name two priorities", f"{at}/coverTimeDemandPriorities", "Name two.")
            priorities = default.priorities
        if self._text(f"{at}/options"):
            self._notes.append("ddsm/options are settings of Julia's solvers; they are left unread")
        return DdsmParameters(fraction, cost, weight, (priorities[0], priorities[1]))
