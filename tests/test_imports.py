import ast
import importlib
import inspect
import re
import typing
from pathlib import Path

import pytest
import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
LIGHT = (
    *("specs", "model.layers", "model.code", "data.listing", "data.images", "data.cache", "data.dataset"),
    *("store.database", "store.history", "store.runs", "system.locks", "system.log", "engine.launch", "training.speed"),
    *("figures.charts", "figures.network_drawing", "figures.probe_drawing", "cli.commands"),
)


def imported(path: Path) -> set[str]:
    """The first words of all that a file imports anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", sorted((ROOT / "cnn").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_in_cnn_needs_streamlit_or_the_pages(path):
    assert not imported(path) & {"streamlit", "pages", "dashboard"}


@pytest.mark.parametrize(
    "path",
    [ROOT / "dashboard.py", *sorted((ROOT / "pages").rglob("*.py"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_page_imports_torch(path):
    assert not imported(path) & {"torch", "torchvision"}


@pytest.mark.parametrize(
    "path",
    [ROOT / "dashboard.py", *(path for path in sorted((ROOT / "pages").rglob("*.py")) if path.parent.name != "shared")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_what_pages_share_knows_how_a_session_is_kept(path):
    assert "session_state" not in path.read_text(encoding="utf-8")


TORCH = {"network", "state_dict", "named_children", "get_submodule", "detach", "numpy"}  # attributes


def handled(path: Path) -> list[str]:
    """Where a page takes a network out of its model, or imports a function that gives one or a tensor."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [f"line {n.lineno}: .{n.attr}" for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in TORCH]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("cnn."):
            module = importlib.import_module(node.module)
            for name in (alias.name for alias in node.names):
                function = getattr(module, name, None)
                if inspect.isfunction(function) and gives_torch(function):
                    found.append(f"line {node.lineno}: {name}")
    return found


def gives_torch(function) -> bool:
    given = typing.get_type_hints(function).get("return")
    kinds = (given, *typing.get_args(given))
    return any(inspect.isclass(kind) and issubclass(kind, nn.Module | torch.Tensor) for kind in kinds)


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_handles_a_network_or_a_tensor(path):
    assert handled(path) == []


def test_a_network_or_a_tensor_in_a_page_would_be_noticed(tmp_path):
    page = tmp_path / "page.py"
    page.write_text("from cnn.model.build import build\nfrom cnn.explain.cut import split\nlook(model.network)\n")
    assert handled(page) == ["line 3: .network", "line 1: build", "line 2: split"]


PLATFORM = re.compile(
    r"sys\.platform|os\.name\b|\bplatform\.|/proc\b|/sys/|\bfcntl\b|\bmsvcrt\b|\bctypes\b|\bwinreg\b"
    r"|\bcreationflags\b|\bstart_new_session\b|\bCREATE_NO_WINDOW\b"
)


@pytest.mark.parametrize(
    "path",
    [path for top in ("cnn", "pages") for path in sorted((ROOT / top).rglob("*.py")) if path.parent.name != "system"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_cnn_system_names_platforms(path):
    assert PLATFORM.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("heavy", ["torch", "streamlit"])
def test_describing_reading_listing_and_drawing_load_neither_torch_nor_streamlit(run_python, heavy):
    modules = ", ".join(f"cnn.{name}" for name in LIGHT)
    done = run_python("-c", f"import sys, {modules}; print([n for n in sys.modules if n.split('.')[0] == {heavy!r}])")
    assert (done.stdout, done.stderr) == ("[]\n", "")
