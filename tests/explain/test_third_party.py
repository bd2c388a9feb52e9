"""Captum and matplotlib are imported in one place each, so threads never see each other's half-finished import."""

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


def test_captum_and_matplotlib_are_imported_by_one_module_each_and_matplotlib_first():
    files = [file for folder in ("cnn", "pages") for file in (ROOT / folder).rglob("*.py")]
    explain = ROOT / "cnn" / "explain"
    assert [file for file in files if "captum" in imported(file)] == [explain / "third_party.py"]
    assert [file for file in files if "matplotlib" in imported(file)] == [explain / "plotting.py"]
    lines = (explain / "third_party.py").read_text("utf-8").splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    assert imports[0].startswith("import cnn.explain.plotting")
