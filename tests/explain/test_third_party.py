"""Captum and matplotlib are imported in one place, so that threads never see each other's half-finished import."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imported(file: Path) -> set[str]:
    """The packages that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_one_module_imports_captum_and_matplotlib():
    files = [file for folder in ("cnn", "pages") for file in (ROOT / folder).rglob("*.py")]
    importing = [file for file in files if imported(file) & {"captum", "matplotlib"}]
    assert importing == [ROOT / "cnn" / "explain" / "third_party.py"]
