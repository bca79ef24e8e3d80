"""The command line answers at once: nothing heavy is imported before a command needs it."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

HEAVY = {
    "numba",
    "osmnx",
    "mesa",
    "folium",
    "geopandas",
    "pandas",
    "scipy",
    "pyarrow",
    "networkx",
    "shapely",
    "fastapi",
    "uvicorn",
}

SCRIPT = """
import contextlib, io, json, sys
out = io.StringIO()
code = None
with contextlib.redirect_stdout(out):
    try:
        from ems_twin.cli import main
        sys.argv = ["ems-twin", *json.loads(sys.argv[1])]
        code = main()
    except SystemExit as stop:
        code = stop.code
print(json.dumps({"code": code, "modules": sorted({name.split(".")[0] for name in sys.modules}), "text": out.getvalue()}))
"""


def started(*arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(arguments)], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["simulate", "--help"],
        ["calls", "import", "--help"],
        ["station", "optimise", "--help"],
        ["bench", "--help"],
        ["planner", "--help"],
    ],
)
def test_help_imports_nothing_heavy(arguments):
    answer = started(*arguments)
    assert answer["code"] in (0, None)
    assert answer["text"]
    assert set(answer["modules"]) & HEAVY == set()


def test_importing_the_package_imports_nothing_heavy():
    code = "import ems_twin, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) & HEAVY == set()


def test_the_console_script_points_to_something():
    root = Path(__file__).parents[2]
    target = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["ems-twin"]
    module, _, function = target.partition(":")
    assert callable(getattr(import_module(module), function))


def readme_commands() -> list[tuple[tuple[str, ...], frozenset[str]]]:
    """Every ``ems-twin COMMAND --option`` in the README's code: the words of the command and its options."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```[a-z]*\n(.*?)```", readme, flags=re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", readme, flags=re.DOTALL))
    lines = [line.split("#")[0] for part in (*blocks, *inline) for line in part.replace("\\\n", " ").splitlines()]
    found: dict[tuple[str, ...], set[str]] = {}
    for line in lines:
        for words, rest in re.findall(r"\bems-twin((?: [a-z]+(?:-[a-z]+)*)+)([^|\n]*)", line):
            pairs = ("city", "calls", "feeds", "forecast", "station", "travel")
            command = words.split()[: 2 if words.split()[0] in pairs else 1]
            found.setdefault(tuple(command), set()).update(re.findall(r"--[a-z-]+", rest))
    return [(command, frozenset(options)) for command, options in sorted(found.items())]


def test_the_readme_shows_commands():
    assert {command[0] for command, _ in readme_commands()} >= {"demo", "city", "simulate", "map", "bench"}


@pytest.mark.parametrize(("command", "options"), readme_commands(), ids=lambda part: " ".join(part))
def test_commands_and_options_of_the_readme_exist(command, options):
    answer = started(*command, "--help")
    assert answer["code"] in (0, None)
    assert options <= set(re.findall(r"--[a-z-]+", answer["text"]))
