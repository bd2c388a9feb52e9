"""Random networks of any sequence of layers, against plain PyTorch."""

from collections import Counter
from math import prod
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from cnn.figures.network_drawing import layer_cards, network_drawing
from cnn.model.build import build
from cnn.model.code import network_code
from cnn.model.fast import pool_first
from cnn.model.kinds import Activation, Conv, Dense, Dropout, Flatten, GlobalAverage, Norm, Pool
from cnn.model.layer_kind import Kind
from cnn.model.layers import Layer, NetworkError, stack, total_parameters
from cnn.model.memory_needed import needed
from tests.models import ACTIVATIONS, POOLINGS
from tests.sequences import as_trained, sequences


def written_out(record: Kind, values: torch.Tensor) -> tuple[str, nn.Module]:
    """The name of a layer, without its number, and its module; PyTorch finds out the sizes of what goes in."""
    match record:
        case Conv():
            sides = (record.kernel, record.stride, record.padding, record.dilation)
            return "conv", nn.LazyConv2d(record.filters, *sides, groups=record.groups, bias=record.bias)
        case Pool():
            return "pool", POOLINGS[record.function](record.kernel, record.stride)
        case GlobalAverage():
            return "pool", nn.AvgPool2d(values.shape[2:])
        case Norm():
            return "norm", nn.LazyBatchNorm2d() if values.ndim == 4 else nn.LazyBatchNorm1d()
        case Activation():
            return record.function, ACTIVATIONS[record.function]()
        case Dropout():
            return "dropout", nn.Dropout(record.rate)
        case Flatten():
            return "flatten", nn.Flatten()
        case Dense():
            return "dense", nn.LazyLinear(record.width, bias=record.bias)
    raise AssertionError(record)


def in_pytorch(sequence: list[Kind], in_shape) -> list[tuple[str, nn.Module, tuple[int, ...]]]:
    """(name, module, output shape) of each layer."""
    values, found, count = torch.rand(2, *in_shape), [], Counter()
    last = max((i for i, record in enumerate(sequence) if isinstance(record, Dense)), default=None)
    for i, record in enumerate(sequence):
        name, module = written_out(record, values)
        values = module.eval()(values)
        kind = "activation" if isinstance(record, Activation) else name
        count[kind] += 1
        number = "" if name == "flatten" else count[kind]
        found.append(("logits" if i == last else f"{name}{number}", module, tuple(values.shape[1:])))
    return found


@settings(max_examples=60)
@given(drawn=sequences())
def test_names_shapes_parameters_and_multiply_adds_are_those_of_pytorch(drawn):
    layers = stack(*drawn)
    expected = in_pytorch(*drawn)
    assert [layer.name for layer in layers] == ["input", *(name for name, _, _ in expected)]
    assert [layer.shape for layer in layers] == [drawn[1], *(shape for *_, shape in expected)]
    assert [layer.in_shape for layer in layers[1:]] == [layer.shape for layer in layers[:-1]]
    for layer, (_, module, shape) in zip(layers[1:], expected, strict=True):
        assert layer.parameters == sum(parameter.numel() for parameter in module.parameters())
        assert layer.count.total == layer.parameters and layer.description.count(".") >= 2
        each = module.weight[0].numel() if isinstance(module, nn.Conv2d | nn.Linear) else 0
        assert layer.multiply_adds == prod(shape) * each
    network = build(layers, seed=0)
    assert [name for name, _ in network.named_children()] == [layer.name for layer in layers[1:]]
    assert sum(parameter.numel() for parameter in network.parameters()) == total_parameters(layers)


@settings(max_examples=50)
@given(drawn=sequences())
def test_the_network_and_the_copied_code_agree_with_plain_pytorch(drawn):
    layers = stack(*drawn)
    network = as_trained(build(layers, seed=1), layers)
    names = {}
    exec(f"from collections import OrderedDict\nfrom torch import nn\n{network_code(layers)}", names)
    copied = names["network"]
    copied.load_state_dict(network.state_dict())
    assert [str(module) for module in copied] == [str(module) for module in network]
    written = nn.Sequential(*(module for _, module, _ in in_pytorch(*drawn))).eval()
    for module, ours in zip(written, network, strict=True):
        module.load_state_dict(ours.state_dict())
    images = torch.rand(3, *drawn[1])
    with torch.no_grad():
        for other in (copied.eval(), written):
            torch.testing.assert_close(other(images), network(images), rtol=1e-4, atol=1e-5)


def linear(layers: list[Layer]) -> nn.Sequential:
    """A network in which each value is a sum of all that it can see, with positive weights: nothing cancels out."""
    modules = []
    for layer in layers[1:]:
        module = build([layers[0], layer], seed=0)[0].double()
        match layer.kind:
            case "activation" | "norm" | "dropout":
                module = nn.Identity()
            case "pool":
                module = nn.AvgPool2d(layer.kernel, layer.stride)
        for parameter in module.parameters():
            nn.init.constant_(parameter, 0.1)
        modules.append(module)
    return nn.Sequential(*modules)


@settings(max_examples=40, deadline=None)
@given(drawn=sequences(convolution=True))
def test_a_value_depends_on_its_whole_receptive_field_and_nothing_else(drawn):
    layers = stack(*drawn)
    network = linear(layers)
    for index, layer in enumerate(layers):
        if not (layer.is_spatial and index) or layers[index].kind not in ("conv", "pool"):
            continue
        image = torch.ones(1, *layers[0].shape, dtype=torch.float64, requires_grad=True)
        maps = network[:index](image)[0].sum(0)
        for row, column in {
            (0, 0),
            (layer.shape[1] // 2, layer.shape[2] // 2),
            (layer.shape[1] - 1, layer.shape[2] - 1),
        }:
            (gradient,) = torch.autograd.grad(maps[row, column], image, retain_graph=True)
            seen = gradient[0].sum(0).nonzero().numpy()
            for side, place in enumerate((row, column)):
                middle, extent = layer.offset[side] + place * layer.jump[side], layer.receptive_field[side]
                first, last = middle - (extent - 1) / 2, middle + (extent - 1) / 2
                assert seen[:, side].min() >= first and seen[:, side].max() <= last
                if first >= 0 and last < layers[0].shape[1 + side] and not padded(layers[: index + 1]):
                    assert (seen[:, side].min(), seen[:, side].max()) == (first, last)


def padded(layers: list[Layer]) -> bool:
    """Whether values may read padding where pixels would still be: then what they see ends before their field does."""
    return any(layer.padding != (0, 0) for layer in layers)


@settings(max_examples=50)
@given(drawn=sequences())
def test_the_fast_pass_agrees_with_the_plain_one(drawn):
    layers = stack(*drawn)
    network = as_trained(build(layers, seed=1), layers)
    images = torch.rand(3, *drawn[1])
    outcomes = []
    for forward in (network, pool_first(network)):
        network.zero_grad()
        logits = forward(images)
        if logits.requires_grad:
            logits.square().sum().backward()
        outcomes.append([logits, *(parameter.grad for parameter in network.parameters())])
    for theirs, ours in zip(*outcomes, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@settings(max_examples=50)
@given(drawn=sequences())
def test_every_sequence_is_drawn_and_its_memory_estimated(drawn):
    layers = stack(*drawn)
    drawing = network_drawing(layers, ("cat", "dog"), "data:,")
    svg = ElementTree.fromstring(drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    options = [group for group in svg.iter("{http://www.w3.org/2000/svg}g") if group.get("role") == "option"]
    assert len(options) == len(layers) == len(layer_cards(layers))
    assert all(
        o.get("aria-description").startswith(f"{layer.name}: ") for o, layer in zip(options, layers, strict=True)
    )
    _, _, width, height = map(float, svg.get("viewBox").split())
    for rect in svg.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
    one, two = (needed(layers, batch, "adam") for batch in (1, 2))
    assert 4 * 4 * total_parameters(layers) <= one <= two


@settings(max_examples=50)
@given(drawn=sequences())
def test_a_layer_that_is_not_signed_gives_no_negative_value(drawn):
    layers = stack(*drawn)
    values = torch.rand(3, *drawn[1])
    with torch.no_grad():
        for layer, module in zip(layers[1:], as_trained(build(layers, seed=1), layers), strict=True):
            values = module(values)
            assert layer.signed or values.min() >= 0, layer.name


# What does not fit


@pytest.mark.parametrize(
    ("sequence", "sentence"),
    [
        ([Conv(2, (3, 9))], "conv1 does not fit: its 3 × 9 filters are larger than the 6 × 8 maps it gets."),
        (
            [Conv(2, (3, 1)), Conv(2, 3, dilation=(2, 1))],
            "conv2 does not fit: its 3 × 3 filters, spread over 5 × 3, are larger than the 4 × 8 maps it gets.",
        ),
        ([Pool("max", (7, 1))], "pool1 does not fit: its 7 × 1 window is larger than the 6 × 8 maps it gets."),
        (
            [Conv(4, 1, groups=2)],
            "conv1 does not fit: 3 maps and 4 filters cannot both be divided into 2 groups.",
        ),
        ([Flatten(), Conv(2, 1)], "conv1 does not fit: it needs maps, and gets 144 values in a row."),
        ([Flatten(), GlobalAverage()], "pool1 does not fit: it needs maps, and gets 144 values in a row."),
        ([Flatten(), Flatten()], "flatten does not fit: it needs maps, and gets 144 values in a row."),
        (
            [Conv(2, 1), Dense(2)],
            "logits does not fit: it needs values in a row, and gets maps of 2 × 6 × 8: flatten them.",
        ),
        (
            [Conv(2, 1)],
            "The network does not fit: it ends in maps of 2 × 6 × 8, and must end in one value for each class. Flatten "
            "them.",
        ),
        (
            [],
            "The network does not fit: it ends in maps of 3 × 6 × 8, and must end in one value for each class. Flatten "
            "them.",
        ),
    ],
)
def test_an_error_says_which_layer_does_not_fit_and_why(sequence, sentence):
    with pytest.raises(NetworkError) as failed:
        stack(sequence, (3, 6, 8))
    assert str(failed.value) == sentence


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Conv(0, 3), "The filters of a conv layer must be at least 1, not 0."),
        (lambda: Conv(2, 3, stride=(1, 0)), r"The stride of a conv layer must be at least 1, not \(1, 0\)."),
        (lambda: Conv(2, 3, padding=(0, 3)), "The padding of 0 × 3 must be smaller than the 3 × 3 filters."),
        (lambda: Pool("median"), "Pooling must be max or average, not 'median'."),
        (lambda: Activation("step"), "An activation must be one of relu, .*, not 'step'."),
        (lambda: Dropout(1.0), "Dropout must be a share from 0 to below 1, not 1.0."),
        (lambda: Dense(0), "The width of a dense layer must be at least 1, not 0."),
    ],
)
def test_an_impossible_layer_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
