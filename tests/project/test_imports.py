"""The plan of the house, held: which room may import which, and which packages stand behind it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ems_twin"

# Each room may import those before it; rooms in one set stand side by side.
FLOORS = [
    {"errors", "_compiled", "_reference"},
    {"faults"},
    {"city"},
    {"routing"},
    {"demand"},
    {"world"},
    {"policies"},
    {"simulation"},
    {"scenario", "batch", "feeds", "interop", "web"},
    {"views"},
    {"live", "planner", "benchmarks"},
    {"cli"},
]
FLOOR = {room: i for i, floor in enumerate(FLOORS) for room in floor}

# Rooms that only some of those above may import.
IMPORTERS = {
    "views": {"scenario", "live", "planner", "cli"},
    "web": {"views", "live", "planner", "cli"},
    "planner": {"cli"},
    "benchmarks": {"cli"},
    "cli": set(),
}

FILES_OF = re.compile(r"""\bfiles\(["'](\w+)["']\)""")  # a package of which only the files are read
DISTRIBUTION_OF = {
    "js_lib_leaflet": "django-js-lib-leaflet",
    "nats": "nats-py",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}  # where the import's name is not the distribution's


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Full names of what a file imports, wherever in the file, with the line."""
    here = ["ems_twin", *path.relative_to(PACKAGE).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level] if node.level else []
            module = ".".join([*base, *((node.module or "").split(".") if node.module else [])])
            if module == "ems_twin":
                for alias in node.names:
                    yield f"ems_twin.{alias.name}", node.lineno
            else:
                yield module, node.lineno


def own_imports() -> list[tuple[Path, int, str, str]]:
    found = []
    for path in modules():
        for name, line in imported(path):
            parts = name.split(".")
            if parts[0] == "ems_twin" and len(parts) > 1:
                found.append((path, line, room_of(path), parts[1]))
    return found


def test_every_room_is_on_the_plan():
    rooms = {room_of(path) for path in modules()} - {"__init__"}
    assert rooms <= set(FLOOR)


def test_imports_point_one_way():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {room} imports {other}"
        for path, line, room, other in own_imports()
        if room not in ("__init__", other) and other in FLOOR and FLOOR[other] >= FLOOR[room]
    ]
    assert wrong == []


@pytest.mark.parametrize("room", sorted(IMPORTERS))
def test_only_some_may_import(room):
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path, line, importer, other in own_imports()
        if other == room and importer not in (room, "__init__") and importer not in IMPORTERS[room]
    ]
    assert wrong == []


def test_files_only_take_public_names_from_other_files():
    wrong = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level and not (node.module or "").startswith("_"):
                wrong += [
                    f"{path.relative_to(ROOT)}:{node.lineno} {alias.name}"
                    for alias in node.names
                    if alias.name.startswith("_") and alias.name not in ("_compiled", "__version__")
                ]
    assert wrong == []


def test_what_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project["dependencies"] + [
        line for extra in ("pbf", "feeds", "postgres", "bench") for line in project["optional-dependencies"][extra]
    ]
    declared = {requirement_name(line) for line in requirements}
    used = {name.split(".")[0] for path in modules() for name, _ in imported(path)}
    used |= {name for path in modules() for name in FILES_OF.findall(path.read_text(encoding="utf-8"))}
    outside = {DISTRIBUTION_OF.get(name, name) for name in used - sys.stdlib_module_names - {"ems_twin"}}
    assert outside - declared == set()
    assert declared - outside - {"tzdata", "ems-twin"} == set()  # nothing is asked for in vain


def requirement_name(line: str) -> str:
    name = line.split(";")[0]
    for mark in "<>=!~[ ":
        name = name.split(mark)[0]
    return name.strip()
