"""The documents about other systems say the same as the files they are about."""

import re
import subprocess
from pathlib import Path

import pytest

from tests import wheels

ROOT = Path(__file__).resolve().parent.parent


def test_the_table_of_packages_has_the_versions_of_the_requirements():
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", (ROOT / "docs" / "systems.md").read_text("utf-8"), re.MULTILINE)
    pins = wheels.pins()
    assert "torch" in pins and list(pins.items()) == rows[: len(pins)]


def test_the_workflow_tests_the_versions_of_python_that_were_looked_up():
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    versions = re.search(r"python: \[(.*)\]", text)[1]
    assert tuple(re.findall(r'"([\d.]+)"', versions)) == wheels.PYTHONS


@pytest.fixture
def answer(monkeypatch):
    """What pip answers for each version of Python: standard output, standard error."""
    answers: dict[str, tuple[str, str]] = {}

    def run(command, **_):
        return subprocess.CompletedProcess(command, 0, *answers[command[command.index("--python-version") + 1]])

    monkeypatch.setattr(wheels.subprocess, "run", run)
    return answers


def test_a_cell_names_the_versions_of_python_with_a_wheel(answer):
    answer |= dict.fromkeys(wheels.PYTHONS, ("Available versions: 2.2, 2.1.1, 2.1\n", ""))
    assert wheels.cell("torch", "2.1", "Windows x64") == "all" and wheels.cell("torch", "2", "macOS arm64") == "none"
    answer["3.14"] = "", "ERROR: No matching distribution found for torch"
    assert wheels.cell("torch", "2.1", "Windows x64") == "3.11, 3.12, 3.13"
    answer["3.11"] = "", "ERROR: no network"
    with pytest.raises(RuntimeError, match="no network"):
        wheels.cell("torch", "2.1", "Windows x64")


def test_compiled_packages_that_others_need_are_found():
    assert {"llvmlite", "pyarrow"} <= wheels.needed(["numba", "streamlit"]).keys()
    assert "numpy" not in wheels.needed(["numpy", "numba"])
