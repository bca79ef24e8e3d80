"""What the README shows is what happens."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from ems_twin.cli import main

ROOT = Path(__file__).parents[2]


def blocks() -> list[tuple[str, str]]:
    """Language and text of each code block."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```([a-z]*)\n(.*?)```", readme, flags=re.DOTALL)


def printed(task) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        task()
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_python_prints_what_is_shown():
    shown, names = blocks(), {}
    examples = [i for i, (language, _) in enumerate(shown) if language == "python"]
    assert len(examples) == 2
    for i in examples:  # the second goes on from the first
        code = compile(shown[i][1], "README.md", "exec")
        assert printed(lambda code=code: exec(code, names)) == shown[i + 1][1].splitlines()


def test_the_run_prints_what_is_shown(monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    command, *expected = next(text for _, text in blocks() if text.startswith("$ ems-twin simulate")).splitlines()
    lines = printed(lambda: main(command.split()[2:]))
    assert [line for line in lines if line][: len(expected)] == expected


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CITATION.cff"])
def test_lines_are_not_too_long_to_read(name):
    in_table = re.compile(r"^\||^!\[")
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 130 and not in_table.match(line)] == []
