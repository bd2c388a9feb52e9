import torch

from cnn.system.threads import limit_torch
from tests.conftest import at_once


def test_torch_computes_with_as_many_threads_as_it_is_allowed():
    def limited() -> int:
        limit_torch(3)
        return torch.get_num_threads()

    before = torch.get_num_threads()
    try:
        assert at_once(1, limited) == [3]
        assert at_once(1, torch.get_num_threads) == [3]  # a thread that begins later
    finally:
        limit_torch(before)


def test_nothing_is_loaded_where_torch_is_not(run_python):
    done = run_python(
        "-c", "import sys; from cnn.system.threads import limit_torch; limit_torch(1); print(*sys.modules)"
    )
    assert done.returncode == 0 and "torch" not in done.stdout.split()
