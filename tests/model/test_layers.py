import re
from dataclasses import replace
from math import ceil, floor, prod

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from cnn.model.layers import NetworkError, lay_out, total_parameters
from cnn.specs import NetworkSpec
from tests.models import ACTIVATIONS, POOLINGS

SIZES = st.integers(16, 64)


def torch_layers(spec: NetworkSpec, classes: int) -> list[tuple[str, nn.Module]]:
    """The network as its description reads; PyTorch itself finds out the sizes of what goes in."""
    kinds = []
    for filters in spec.filters:
        for _ in range(spec.convs_per_block):
            padding = "same" if spec.padding == "same" else 0
            kinds.append(("conv", nn.LazyConv2d(filters, spec.kernel_size, padding=padding)))
            if spec.batch_norm:
                kinds.append(("norm", nn.LazyBatchNorm2d()))
            if spec.activation != "none":
                kinds.append((spec.activation, ACTIVATIONS[spec.activation]()))
        if spec.pooling != "none":
            kinds.append(("pool", POOLINGS[spec.pooling](2)))
    if spec.global_average:
        kinds.append(("pool", nn.AdaptiveAvgPool2d(1)))
    kinds.append(("flatten", nn.Flatten()))
    for width in spec.dense:
        if spec.dropout:
            kinds.append(("dropout", nn.Dropout(spec.dropout)))
        kinds.append(("dense", nn.LazyLinear(width)))
        if spec.dense_activation and spec.activation != "none":
            kinds.append((spec.activation, ACTIVATIONS[spec.activation]()))
    if spec.dropout:
        kinds.append(("dropout", nn.Dropout(spec.dropout)))
    kinds.append(("logits", nn.LazyLinear(classes)))
    numbers = {}
    named = []
    for kind, module in kinds:
        numbers[kind] = numbers.get(kind, 0) + 1
        named.append((kind if kind in ("flatten", "logits") else f"{kind}{numbers[kind]}", module.eval()))
    return named


def run(named, size: int, channels: int) -> list[tuple[str, tuple[int, ...], int]]:
    """(name, output shape, number of parameters) of each layer, as PyTorch has them."""
    values = torch.zeros(1, channels, size, size)
    found = []
    for name, module in named:
        values = module(values)
        found.append((name, tuple(values.shape[1:]), sum(p.numel() for p in module.parameters())))
    return found


@settings(max_examples=60)
@given(spec=..., size=SIZES, channels=st.sampled_from((1, 3)), classes=st.integers(2, 5))
def test_names_shapes_and_parameters_agree_with_pytorch(spec: NetworkSpec, size, channels, classes):
    try:
        layers = lay_out(spec, size, channels, classes)
    except NetworkError as error:
        with pytest.raises(RuntimeError):
            run(torch_layers(spec, classes), size, channels)
        assert failing_layer(spec, size, channels) == str(error).split(" does not fit")[0]
    else:
        expected = run(torch_layers(spec, classes), size, channels)
        assert [(layer.name, layer.shape, layer.parameters) for layer in layers[1:]] == expected
        assert total_parameters(layers) == sum(parameters for *_, parameters in expected)
        assert (layers[0].kind, layers[0].shape) == ("input", (channels, size, size))
        assert [layer.in_shape for layer in layers[1:]] == [layer.shape for layer in layers[:-1]]


def failing_layer(spec: NetworkSpec, size: int, channels: int) -> str:
    values = torch.zeros(1, channels, size, size)
    for name, module in torch_layers(spec, 2):
        try:
            values = module(values)
        except RuntimeError:
            return name
    raise AssertionError("PyTorch runs this network.")


@given(spec=..., size=SIZES, channels=st.sampled_from((1, 3)))
def test_multiply_adds_are_the_products_that_each_output_value_sums(spec: NetworkSpec, size, channels):
    for layer in fitting(spec, size, channels):
        products = {
            "conv": layer.in_shape[0] * prod(layer.kernel),
            "dense": layer.in_shape[0],
            "output": layer.in_shape[0],
        }
        assert layer.multiply_adds == prod(layer.shape) * products.get(layer.kind, 0)


def fitting(spec: NetworkSpec, size: int, channels: int):
    try:
        return lay_out(spec, size, channels, 2)
    except NetworkError:
        assume(False)


def seen_rows(spec: NetworkSpec, layer_name: str, size: int) -> list[list[int]]:
    """For each row of a layer's maps, the rows of the image that its middle value depends on, found with gradients.

    The network is made linear with positive weights, so that nothing that is seen cancels out.
    """
    image = torch.ones(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    kernel = torch.full((1, 1, spec.kernel_size, spec.kernel_size), 0.1, dtype=torch.float64)
    values = image
    for layer in lay_out(replace(spec, filters=(1,) * len(spec.filters)), size, 1, 2)[1:]:
        if layer.kind == "conv":
            values = nn.functional.conv2d(values, kernel, padding="same" if spec.padding == "same" else 0)
        elif layer.kind == "pool":
            values = nn.functional.avg_pool2d(values, layer.kernel)
        if layer.name == layer_name:
            break
    rows = []
    for row in values[0, 0, :, values.shape[-1] // 2]:
        (gradient,) = torch.autograd.grad(row, image, retain_graph=True)
        rows.append(gradient[0, 0].sum(1).nonzero().flatten().tolist())
    return rows


@settings(max_examples=30)
@given(spec=..., size=st.integers(16, 40), data=st.data())
def test_a_value_depends_on_exactly_the_pixels_of_its_receptive_field(spec: NetworkSpec, size, data):
    layer = data.draw(st.sampled_from([layer for layer in fitting(spec, size, 1)[1:] if layer.is_spatial]))
    rows = seen_rows(spec, layer.name, size)
    assert len(rows) == layer.shape[1]
    for i, seen in enumerate(rows):
        centre = layer.offset[0] + i * layer.jump[0]
        first, last = ceil(centre - layer.receptive_field[0] / 2), floor(centre + layer.receptive_field[0] / 2)
        assert seen == list(range(max(first, 0), min(last, size - 1) + 1))


def test_the_receptive_fields_of_the_assignment_are_those_computed_by_hand():
    layers = {layer.name: layer for layer in lay_out(NetworkSpec(), 50, 1, 2)}
    for layer in layers.values():  # what is square is alike on both sides
        assert len({*layer.receptive_field}) == len({*layer.jump}) == len({*layer.offset}) == 1
    fields = {name: (layers[name].receptive_field[0], layers[name].jump[0], layers[name].offset[0]) for name in layers}
    assert fields["input"] == (1, 1, 0)
    assert fields["conv1"] == fields["relu1"] == (3, 1, 1)  # value 0 sees pixels 0-2
    assert fields["pool1"] == (4, 2, 1.5)  # pixels 0-3
    assert fields["conv2"] == (8, 2, 3.5)  # pixels 0-7
    assert fields["pool2"] == (10, 4, 4.5)  # pixels 0-9
    assert layers["logits"].receptive_field == (50, 50)


def test_a_flat_layer_sees_the_whole_image():
    flat = [layer for layer in lay_out(NetworkSpec(dropout=0.5), 32, 3, 2) if not layer.is_spatial]
    assert {layer.receptive_field for layer in flat} == {(32, 32)}


def test_the_size_of_the_assignments_network_is_that_computed_by_hand():
    layers = lay_out(NetworkSpec(), 50, 1, 2)
    assert [layer.name for layer in layers] == (
        ["input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "dense1", "relu3", "logits"]
    )
    assert [layer.parameters for layer in layers if layer.parameters] == [160, 2320, 1936 * 16 + 16, 34]
    assert total_parameters(layers) == 160 + 2320 + 30_992 + 34
    assert layers[1].multiply_adds == 48 * 48 * 16 * 9
    assert layers[1].shape_text == "16 × 48 × 48" and layers[7].shape_text == "1,936"


FIXES = {
    r"padding “same”": lambda spec, size, found: (replace(spec, padding="same"), size),
    r"kernel size (\d)": lambda spec, size, found: (replace(spec, kernel_size=int(found[1])), size),
    r"(\d) convolution blocks?": lambda spec, size, found: (replace(spec, filters=spec.filters[: int(found[1])]), size),
    r"one convolution per block": lambda spec, size, found: (replace(spec, convs_per_block=1), size),
    r"no pooling": lambda spec, size, found: (replace(spec, pooling="none"), size),
    r"images of at least (\d+) × \1 pixels": lambda spec, size, found: (spec, int(found[1])),
}


@settings(max_examples=30)
@given(spec=..., size=st.integers(16, 40))
def test_every_change_that_an_error_suggests_makes_the_network_fit(spec: NetworkSpec, size):
    spec = replace(spec, padding="none", kernel_size=max(5, spec.kernel_size))
    with pytest.raises(NetworkError) as failed:
        lay_out(spec, size, 1, 2)
        assume(False)
    sentence, suggestions = str(failed.value).split(" What would fit: ")
    assert re.fullmatch(r"(conv|pool)\d+ does not fit: .* (larger) than the (\d+) × \3 maps it gets\.", sentence)
    for suggestion in suggestions.removesuffix(".").split("; "):
        (change, found), *_ = [(FIXES[p], m) for p in FIXES if (m := re.fullmatch(p, suggestion))]
        lay_out(*change(spec, size, found), 1, 2)
        if suggestion.startswith("images"):
            with pytest.raises(NetworkError):
                lay_out(spec, int(found[1]) - 1, 1, 2)


def test_an_error_names_the_first_layer_that_fails_and_what_it_gets():
    with pytest.raises(NetworkError, match=r"^conv2 does not fit: its 7 × 7 filters are larger than the 5 × 5 maps"):
        lay_out(NetworkSpec(filters=(4, 4), kernel_size=7), 16, 1, 2)
    with pytest.raises(NetworkError, match=r"^pool2 does not fit: its 2 × 2 window is larger than the 1 × 1 maps"):
        lay_out(NetworkSpec(filters=(4, 4), kernel_size=7), 20, 1, 2)


def test_without_an_activation_there_is_none_between_the_layers():
    names = [layer.name for layer in lay_out(NetworkSpec(activation="none"), 50, 1, 2)]
    assert names == ["input", "conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "logits"]


def test_with_global_average_pooling_each_map_becomes_one_value():
    layers = {layer.name: layer for layer in lay_out(NetworkSpec(global_average=True), 50, 1, 2)}
    assert list(layers)[6:10] == ["pool2", "pool3", "flatten", "dense1"]
    assert layers["pool3"].shape == (16, 1, 1) and layers["flatten"].shape == (16,)
    assert layers["dense1"].parameters == 16 * 16 + 16  # instead of 1,936 x 16 + 16
    assert layers["pool3"].kernel == (11, 11) and layers["pool3"].stride == (1, 1)


def test_an_older_network_has_no_global_average_pooling():
    old = NetworkSpec().to_dict()
    del old["global_average"]
    assert NetworkSpec.from_dict(old) == NetworkSpec()


@pytest.mark.parametrize(("preprocessing", "signed"), [("standardised", True), ("unit", False)])
def test_layers_without_a_weight_keep_the_sign_of_the_pixels(preprocessing, signed):
    layers = lay_out(NetworkSpec(filters=(), dense=(4,), preprocessing=preprocessing), 16, 1, 2)
    assert [layer.signed for layer in layers] == [signed, signed, True, False, True]
    assert [layer.kind for layer in layers] == ["input", "flatten", "dense", "activation", "output"]
