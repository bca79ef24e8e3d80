"""The project's own files agree with each other and keep to what they promise."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import ems_twin

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text("Makefile"), flags=re.MULTILINE))


def test_the_version_is_said_once():
    version = PYPROJECT["project"]["version"]
    assert ems_twin.__version__ == version
    assert re.search(r"^version: (.+)$", text("CITATION.cff"), flags=re.MULTILINE).group(1) == version
    assert f"## {version} " in text("CHANGELOG.md")


def test_make_has_the_targets_that_are_promised():
    assert {"demo", "test", "lint", "bench", "clean"} <= make_targets()


def test_commands_of_the_readme_exist():
    readme = text("README.md")
    assert "make demo" in readme
    assert "make test" in readme
    assert set(re.findall(r"\bmake ([a-z]+)\b", readme_code(readme))) <= make_targets()


def readme_code(readme: str) -> str:
    blocks = re.findall(r"```[a-z]*\n(.*?)```", readme, flags=re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", readme, flags=re.DOTALL))
    return "\n".join([*blocks, *inline])


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", text("README.md")):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_licence_is_whole():
    licence = text("LICENSE")
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_ci_runs_what_the_readme_says():
    script = text(".ci/run")
    assert "make test" in script
    assert "make lint" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=True)


def test_the_image_does_not_run_as_root_and_copies_what_it_needs():
    dockerfile, ignored = text("Dockerfile"), text(".dockerignore")
    assert re.search(r"^USER (?!root)", dockerfile, flags=re.MULTILINE)
    assert "HEALTHCHECK" in dockerfile
    for name in ("ems_twin", "maps", "pyproject.toml", "README.md", "LICENSE"):
        assert f"!{name}\n" in ignored


@pytest.mark.parametrize("folder", sorted(path.name for path in (ROOT / "maps").glob("*") if path.is_dir()))
def test_every_city_names_its_sources(folder):
    source = text(f"maps/{folder}/SOURCE.md")
    assert "OpenStreetMap contributors" in source
    assert "ODbL" in source


def test_no_test_asks_the_network():
    """Tests run without a network: no address of another machine stands in them, except as text to look for."""
    call = re.compile(
        r"(urlopen|requests\.get|httpx\.get|graph_from_place|geocode)\w*\(\s*[\"'](?!http://(127|localhost))"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for match in call.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
