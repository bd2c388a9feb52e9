import sys

import pytest
import torch

from cnn.system.threads import limit_torch, numba_threading_layer
from tests.conftest import in_threads


def test_torch_uses_the_allowed_number_of_threads():
    def limited() -> int:
        limit_torch(3)
        return torch.get_num_threads()

    before = torch.get_num_threads()
    try:
        assert in_threads(1, limited) == [3]
        assert in_threads(1, torch.get_num_threads) == [3]  # a thread that begins later
    finally:
        limit_torch(before)


def test_limiting_threads_does_not_load_torch(run_python):
    done = run_python(
        "-c", "import sys; from cnn.system.threads import limit_torch; limit_torch(1); print(*sys.modules)"
    )
    assert done.returncode == 0 and "torch" not in done.stdout.split()


@pytest.mark.parametrize(("platform", "layer"), [("darwin", "workqueue"), ("win32", "default"), ("linux", "default")])
def test_on_macos_numba_uses_no_openmp(monkeypatch, platform, layer):
    monkeypatch.setattr(sys, "platform", platform)
    assert numba_threading_layer("default") == layer and numba_threading_layer("tbb") == "tbb"
