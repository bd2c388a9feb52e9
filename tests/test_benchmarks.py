"""The benchmarks are run by hand, and rarely: here they are only loaded, so that no name they need goes missing."""

import importlib
from pathlib import Path

import pytest

MODULES = sorted(path.stem for path in Path(__file__).with_name("benchmarks").glob("*.py") if path.stem[0] != "_")


@pytest.mark.parametrize("module", MODULES)
def test_a_benchmark_finds_all_it_imports(module):
    importlib.import_module(f"tests.benchmarks.{module}")
