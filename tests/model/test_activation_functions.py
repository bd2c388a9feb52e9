"""Each activation function's formula, sign and module, against PyTorch."""

import numpy as np
import pytest
import torch
from torch import nn

from cnn import specs
from cnn.model.activation_functions import ACTIVATIONS
from tests.sequences import evaluated

EXTREMES = [0.0, -0.0, 1e-300, -1e-300, 5e-324, 1.0, -1.0, 30.0, -30.0, 709.0, -709.0, 800.0, -800.0, 1e300, -1e300]


def module_of(name: str) -> nn.Module:
    module = ACTIVATIONS[name].module
    return getattr(nn, module.name)(*module.arguments, **module.options)


def values() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([EXTREMES, rng.normal(0, 3, 20_000), rng.uniform(-60, 60, 20_000)])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_formula_is_the_function(name):
    x = values()
    expected = module_of(name)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(evaluated(ACTIVATIONS[name].formula, x), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_it_is_signed_if_it_can_give_a_negative_value(name):
    assert ACTIVATIONS[name].signed == bool((module_of(name)(torch.from_numpy(values())) < 0).any())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_backward_pass_keeps_the_input_or_the_output(name):
    """PyTorch says which tensors it saves."""
    saved = []
    inputs = torch.randn(5, requires_grad=True).clone()
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: saved.append(tensor.data_ptr()), lambda none: none):
        output = module_of(name)(inputs)
    assert saved == [{"input": inputs, "output": output}[ACTIVATIONS[name].keeps].data_ptr()]


def test_every_activation_of_the_specs_has_a_description():
    assert set(ACTIVATIONS) == set(specs.ACTIVATIONS) - {"none"}
    for name, function in ACTIVATIONS.items():
        assert function.name == name and function.text and function.sentence.endswith(".")
        assert function.module.code == f"nn.{function.module.name}()"
