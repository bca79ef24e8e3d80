"""``sim_config.xml``: which files a JEMSS simulation reads, and which decisions it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from ..errors import InputError
from .jemss_cells import CellError, parse_cell

MOVE_UP_MODULES = ("none", "priority_list", "dmexclp")
"""Move-up modules that can be run here."""
_OTHER_MODULES = ("comp_table", "multi_comp_table", "zhang_ip", "ddsm", "temp0", "temp1", "temp2")
_LARGEST_BYTES = 1_000_000
_QUEUEING = "addCallToQueueSortPriorityThenTime!"
_DISPATCH = "findNearestDispatchableAmb!"


@dataclass(frozen=True, kw_only=True)
class JemssConfig:
    """What a configuration says."""

    file: Path
    """The configuration itself."""
    files: dict[str, Path]
    """Input files by their name in ``simFiles``."""
    move_up: str = "none"
    """Move-up module."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Parameters of the module: file names are relative to the input folder."""
    input_folder: Path
    """Where input files lie."""


def read_config(path: Path) -> JemssConfig:
    """Read a configuration, or the one that lies in a folder.

    Raises
    ------
    InputError
        If it is not there, is not such a configuration, or asks for what cannot be run.
    """
    file = path / "sim_config.xml" if path.is_dir() else path
    root = _parse(file)
    if root.tag != "simConfig":
        raise InputError(f"is a '{root.tag}', not a 'simConfig'", file=file, remedy="Name a JEMSS sim_config.xml.")
    folder = (file.parent / _text(root, "inputPath", file).replace("$configFileDir", ".")).resolve()
    section = root.find("simFiles")
    if section is None:
        raise InputError("has no 'simFiles'", file=file, remedy="Name the input files there.")
    files = {child.tag: folder / (child.text or "").strip() for child in section}
    if "callGenConfig" in files or "calls" not in files:
        raise InputError(
            "does not name a file of calls", file=file, field="simFiles/calls",
            remedy="Let JEMSS generate the calls once and name that file: Julia's random numbers cannot be had elsewhere.",
        )  # fmt: skip
    missing = [
        name
        for name in ("ambulances", "hospitals", "stations", "nodes", "arcs", "travel", "map", "priorities")
        if name not in files
    ]
    if missing:
        raise InputError(f"names no file for {', '.join(missing)}", file=file, field="simFiles", remedy="Add them.")
    if _flag(root, "resim", file):
        raise InputError(
            "asks to replay the decisions of an events file", file=file, field="resim", remedy="Set it to false."
        )
    decision = root.find("decision")
    module, parameters = "none", {}
    if decision is not None:
        _only(decision, "callQueueing", _QUEUEING, file)
        _only(decision, "dispatch", _DISPATCH, file)
        move_up = decision.find("moveUp")
        if move_up is not None:
            module = (move_up.findtext("module") or "none").strip()
            parameters = {leaf.tag: (leaf.text or "").strip() for part in move_up for leaf in part}
    if module not in MOVE_UP_MODULES:
        known = "is not run here" if module in _OTHER_MODULES else "is not a module of JEMSS"
        raise InputError(
            f"the move-up module '{module}' {known}", file=file, field="decision/moveUp/module",
            remedy=f"Use {', '.join(MOVE_UP_MODULES)}.",
        )  # fmt: skip
    return JemssConfig(file=file, files=files, move_up=module, parameters=parameters, input_folder=folder)


def _parse(file: Path) -> ElementTree.Element:
    try:
        size = file.stat().st_size
        text = file.read_text("utf-8-sig") if size <= _LARGEST_BYTES else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "there is no JEMSS configuration that can be read", file=file,
            remedy="Give a sim_config.xml, or the folder that holds one.",
        ) from error  # fmt: skip
    if size > _LARGEST_BYTES:
        raise InputError(
            f"is {size:,} bytes long", file=file, remedy=f"A configuration has at most {_LARGEST_BYTES:,}."
        )
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise InputError("declares a document type", file=file, remedy="Remove it: entities are never resolved.")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InputError(f"is not well-formed XML ({error})", file=file, remedy="Mend it at that place.") from error


def _text(root: ElementTree.Element, name: str, file: Path) -> str:
    text = (root.findtext(name) or "").strip()
    if not text:
        raise InputError(f"has no '{name}'", file=file, remedy="Name the folder there, relative to this file.")
    return text


def _flag(root: ElementTree.Element, name: str, file: Path) -> bool:
    try:
        value = parse_cell((root.findtext(name) or "false").strip())
    except CellError as error:
        raise InputError(str(error), file=file, field=name) from error
    return value is True


def _only(decision: ElementTree.Element, name: str, known: str, file: Path) -> None:
    rule = (decision.findtext(name) or known).strip()
    if rule != known:
        raise InputError(f"the rule '{rule}' is not known", file=file, field=f"decision/{name}", remedy=f"Use {known}.")
