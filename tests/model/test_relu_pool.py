import os
import sys
import threading

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import max_pool2d, relu

from cnn.model.build import build
from cnn.model.fast import one_pass_for, pool_first
from cnn.model.layers import lay_out
from cnn.model.relu_pool import relu_pool
from cnn.specs import NetworkSpec

# Few different numbers, so that windows often have several largest values; and NaN.
VALUES = st.sampled_from([-2, -1, -0.0, 0, 0.5, 1, 3, np.inf, -np.inf, np.nan])
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 19), st.integers(2, 7), st.integers(2, 7))


def as_pytorch_does(maps: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return relu(max_pool2d(maps, 2) + bias[:, None, None])


def outcome(function, maps: np.ndarray, bias: np.ndarray, layout: torch.memory_format) -> list[np.ndarray]:
    """What comes out, and the gradients of maps and bias when each value that came out has another weight."""
    given = torch.tensor(maps).to(memory_format=layout).requires_grad_()
    shift = torch.tensor(bias).requires_grad_()
    pooled = function(given, shift)
    pooled.backward(torch.arange(1.0, pooled.numel() + 1).reshape(pooled.shape))
    return [pooled.detach().numpy(), given.grad.numpy(), shift.grad.numpy()]


@given(data=st.data(), shape=SHAPES, layout=st.sampled_from([torch.channels_last, torch.contiguous_format]))
def test_it_agrees_with_pytorchs_relu_and_pooling(data, shape, layout):
    maps = data.draw(arrays.arrays(np.float32, shape, elements=VALUES))
    bias = data.draw(arrays.arrays(np.float32, shape[1], elements=st.sampled_from([-1, 0, 0.5])))
    for ours, theirs in zip(*(outcome(f, maps, bias, layout) for f in (relu_pool, as_pytorch_does)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_values_in_no_window_get_no_gradient():
    maps = torch.ones(1, 1, 3, 5, requires_grad=True)
    relu_pool(maps, torch.zeros(1)).sum().backward()
    assert maps.grad.tolist() == [[[[1, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]]]


def test_it_can_be_used_by_several_threads_at_once():
    rng = np.random.default_rng(0)
    maps = [rng.normal(size=(4, 8, 30, 30)).astype("f4") for _ in range(4)]
    bias, found = np.zeros(8, "f4"), [[] for _ in maps]

    def work(i: int) -> None:
        for _ in range(10):
            found[i].append(outcome(relu_pool, maps[i], bias, torch.channels_last))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(maps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, outcomes in enumerate(found):
        expected = outcome(as_pytorch_does, maps[i], bias, torch.channels_last)
        assert len(outcomes) == 10
        for ours in outcomes:
            np.testing.assert_array_equal(ours[0], expected[0])
            np.testing.assert_array_equal(ours[1], expected[1])


def test_it_works_with_the_threads_that_macos_uses(run_python):
    use = (
        "import torch as t, numba; from cnn.model import relu_pool as r;"
        "print(r.relu_pool(t.ones(3, 1, 2, 2), t.ones(1)).sum(), numba.threading_layer())"
    )
    done = run_python("-c", use, env=os.environ | {"NUMBA_THREADING_LAYER": "workqueue"})
    assert (done.stdout, done.stderr) == ("tensor(6.) workqueue\n", "")


def test_without_a_cache_folder_it_is_compiled_each_time_and_pytorch_keeps_its_number_of_threads(run_python, tmp_path):
    (tmp_path / "file").touch()
    several = max(2, os.cpu_count() or 1)
    use = (
        "import torch as t; before = t.get_num_threads(); from cnn.model import relu_pool as r;"
        "print(r.relu_pool(t.ones(1, 1, 2, 2), t.ones(1)), before, t.get_num_threads())"
    )
    changed = {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "folder"), "OMP_NUM_THREADS": str(several)}
    done = run_python("-c", use, env=os.environ | changed)
    assert (done.stdout, done.stderr) == (f"tensor([[[[2.]]]]) {several} {several}\n", "")


def test_networks_train_without_it_if_it_does_not_load(monkeypatch):
    monkeypatch.setitem(sys.modules, "cnn.model.relu_pool", None)
    network = build(lay_out(NetworkSpec(filters=(3,)), 16, 1, 2), seed=0)
    assert one_pass_for(network) is None
    images = torch.rand(2, 1, 16, 16)
    pool_first(network)(images).sum().backward()
    torch.testing.assert_close(pool_first(network)(images), network(images))
    assert network.conv1.bias.grad.abs().sum() > 0


@pytest.mark.parametrize("other", [torch.float64, torch.bfloat16])
def test_other_precisions_are_left_to_pytorch(other):
    assert one_pass_for(build(lay_out(NetworkSpec(), 32, 1, 2), seed=0).to(other)) is None


def test_only_training_loads_the_compiler(run_python):
    modules = (
        "cnn.training.loop, cnn.store.snapshots, cnn.explain.ablation, cnn.explain.activations, cnn.explain.neighbours"
    )
    done = run_python("-c", f"import sys, {modules}; print([n for n in sys.modules if n.split('.')[0] == 'numba'])")
    assert (done.stdout, done.stderr) == ("[]\n", "")
