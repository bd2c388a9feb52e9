"""The rules of the architecture: what may import what, and where certain names may occur."""

import ast
import importlib
import inspect
import re
import typing
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
# cnn from top to bottom: each part imports only from those before it.
ORDER = (
    *("errors", "percent", "size", "duration", "fields", "specs", "system", "data", "model", "training", "explain"),
    *("store", "engine", "figures", "lessons", "report", "cli"),
)
# The folders of pages/shared, likewise.
SHARED_ORDER = ("dataset", "runs", "report", "inside", "training", "results", "compare", "cleaning", "lessons")
# What describes a network, a folder or a run, or draws one, for pages that must be there at once.
LIGHT = (
    *("specs", "model.layers", "model.code", "data.listing", "data.images", "data.cache", "data.dataset"),
    *("store.database", "store.history", "store.runs", "system.locks", "system.log", "engine.launch", "training.speed"),
    *("figures.charts", "figures.network_drawing", "figures.probe_drawing", "figures.rate_drawing", "cli.commands"),
)
# What differs between Windows, macOS and Linux.
PLATFORM = re.compile(
    r"sys\.platform|os\.name\b|\bplatform\.|/proc\b|/sys/|\bfcntl\b|\bmsvcrt\b|\bctypes\b|\bwinreg\b"
    r"|\bcreationflags\b|\bstart_new_session\b|\bCREATE_NO_WINDOW\b"
)
# Attributes of networks and tensors.
TORCH = {"network", "state_dict", "named_children", "get_submodule", "detach", "numpy"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def every_file(*folders: str):
    """A test for each Python file of the folders."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return pytest.mark.parametrize("path", paths, ids=name_of)


@cache
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(source(path))


@cache
def imported(path: Path) -> set[str]:
    """All that a file imports anywhere in it: full names of modules, and of what is taken from them."""
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively."
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imports_from(path: Path, *packages: str) -> list[str]:
    return [name for name in imported(path) if any(f"{name}.".startswith(f"{package}.") for package in packages)]


def test_every_package_of_cnn_is_in_the_import_order():
    parts = {path.stem for path in (ROOT / "cnn").iterdir() if not path.name.startswith(("_", "."))}
    assert parts == set(ORDER)


@every_file("cnn")
def test_imports_in_cnn_only_go_down(path):
    part = path.relative_to(ROOT / "cnn").parts[0].removesuffix(".py")
    if not part.startswith("__"):
        assert not imports_from(path, *(f"cnn.{below}" for below in ORDER[ORDER.index(part) + 1 :]))


@every_file("cnn")
def test_nothing_in_cnn_needs_streamlit_or_the_pages(path):
    assert not imports_from(path, "streamlit", "pages", "dashboard")


@every_file("pages")
def test_no_page_imports_torch(path):
    assert not imports_from(path, "torch", "torchvision")


@every_file("pages")
def test_no_page_is_imported_by_another_page_or_by_pages_shared(path):
    pages = [f"pages.{page.stem}" for page in (ROOT / "pages").glob("*.py") if page.stem != "__init__"]
    assert not imports_from(path, *pages)


@every_file("pages/components")
def test_components_import_neither_cnn_nor_other_parts_of_the_pages(path):
    assert not imports_from(path, "cnn", "pages.shared", "pages.server")


@every_file("pages/shared")
def test_imports_in_pages_shared_only_go_down(path):
    """Its own modules are for all; of its folders, each imports only from those above it."""
    folder = path.parent.name
    below = SHARED_ORDER if folder == "shared" else SHARED_ORDER[SHARED_ORDER.index(folder) + 1 :]
    assert not imports_from(path, *(f"pages.shared.{other}" for other in below))


@every_file("pages")
def test_only_pages_shared_names_the_session_state(path):
    if path.parent.name != "shared":
        assert "session_state" not in source(path)


@every_file("cnn", "pages")
def test_only_cnn_system_names_platforms(path):
    if path.parent.name != "system":
        assert PLATFORM.findall(source(path)) == []


def hashes_in_texts(tree: ast.Module) -> list[int]:
    """The lines of f-strings in which Python's `hash` stands: it differs from process to process."""
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    calls = [node for text in texts for node in ast.walk(text) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "hash"]


def test_keys_of_widgets_are_the_same_after_a_restart():
    paths = (ROOT / "pages").rglob("*.py")
    assert [(name_of(path), lines) for path in paths if (lines := hashes_in_texts(parsed(path)))] == []
    assert hashes_in_texts(ast.parse('key = f"guess {hash(options)}"')) == [1]


def test_no_file_name_has_two_meanings():
    """A page and what computes it may share a name; two helpers may not."""
    paths = [path for folder in ("cnn", "pages") for path in (ROOT / folder).rglob("*.py")]
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    helpers = [path.stem for path in paths if path.stem not in pages and not path.stem.startswith("__")]
    assert sorted(name for name in set(helpers) if helpers.count(name) > 1) == []


# Pages get numbers, pictures and a Model, which they only pass on.


def handled(path: Path) -> list[str]:
    """Where a page takes a network out of its model, or imports a function that gives one or a tensor."""
    tree = parsed(path)
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
    given = inspect.get_annotations(function).get("return")  # not evaluated: other types may be known to mypy only
    given = eval(given, function.__globals__) if isinstance(given, str) else given
    kinds = (given, *typing.get_args(given))
    return any(inspect.isclass(kind) and issubclass(kind, nn.Module | torch.Tensor) for kind in kinds)


@every_file("pages")
def test_no_page_uses_a_network_or_a_tensor(path):
    assert handled(path) == []


def test_a_network_or_a_tensor_in_a_page_would_be_noticed(tmp_path):
    page = tmp_path / "page.py"
    page.write_text("from cnn.model.build import build\nfrom cnn.explain.cut import split\nlook(model.network)\n")
    assert handled(page) == ["line 3: .network", "line 1: build", "line 2: split"]


@pytest.mark.parametrize("heavy", ["torch", "streamlit"])
def test_describing_reading_listing_and_drawing_load_neither_torch_nor_streamlit(run_python, heavy):
    modules = ", ".join(f"cnn.{name}" for name in LIGHT)
    done = run_python("-c", f"import sys, {modules}; print([n for n in sys.modules if n.split('.')[0] == {heavy!r}])")
    assert (done.stdout, done.stderr) == ("[]\n", "")
