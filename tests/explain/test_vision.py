"""torchvision loads in any state of its compiled part, each time in a new interpreter."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

USE_IT = """
import torch
from cnn.explain.vision import import_torchvision
torchvision = import_torchvision()
from torchvision.transforms.v2 import functional
half = functional.resize(torch.arange(16.0).reshape(1, 4, 4), [2, 2], antialias=True)
assert half.shape == (1, 2, 2), half.shape
from torchvision.datasets import ImageFolder
"""


def run(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT)


def test_it_can_be_used_and_nothing_is_printed():
    result = run(USE_IT)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_it_can_be_used_when_the_compiled_part_cannot_be_found():
    hide = """
import importlib.machinery
find = importlib.machinery.FileFinder.find_spec
def hidden(self, name, target=None):
    return None if name == "_C" and "torchvision" in self.path else find(self, name, target)
importlib.machinery.FileFinder.find_spec = hidden
"""
    result = run(hide + USE_IT)
    assert result.returncode == 0, result.stderr


def test_a_working_import_is_left_alone():
    stand_in = """
import sys, types
fine = types.ModuleType("torchvision")
sys.modules["torchvision"] = fine
from cnn.explain.vision import import_torchvision, _declared
assert import_torchvision() is fine
assert not _declared
"""
    assert run(stand_in).returncode == 0
