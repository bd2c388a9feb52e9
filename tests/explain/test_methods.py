"""The registry: properties of every attribution method."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from cnn.errors import UserError
from cnn.explain.attribution import Attribution, Method
from cnn.explain.methods import BY_SLUG, METHODS
from cnn.model.layers import NetworkError, lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of

ROOT = Path(__file__).resolve().parents[2]
LAYERS = lay_out(NetworkSpec(filters=(3, 2), dense=(4,)), 16, 3, 2)
IMAGE = np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)

every_method = pytest.mark.parametrize("method", METHODS, ids=[method.slug for method in METHODS])


def test_each_has_a_unique_name_that_can_be_typed():
    assert [BY_SLUG[method.slug] for method in METHODS] == list(METHODS)
    for slug in BY_SLUG:
        assert slug.replace("-", "").isalnum() and slug == slug.lower()
    assert BY_SLUG["grad-cam"].name == "Grad-CAM" and BY_SLUG["integrated-gradients"].name == "integrated gradients"


@every_method
def test_each_says_what_it_answers_when_it_misleads_and_where_it_comes_from(method):
    assert method.question.endswith("?") and method.misleads.endswith(".")
    year, text = method.paper.citation.split()[-1], sys.modules[method.attribute.__module__].__doc__
    assert 1990 < int(year) < 2100 and method.paper.address.startswith("https://")
    assert f" {year}," in text and method.paper.address in text


@every_method
def test_each_is_in_the_readme(method):
    text = (ROOT / "README.md").read_text("utf-8")
    assert method.name.lower() in text.lower() and method.slug in text


@every_method
def test_defaults_are_valid_options_and_texts_can_be_formatted(method):
    model, chosen = model_of(LAYERS), {}
    for option in method.options:
        values, default = option.values(model, chosen), option.default(model, chosen)
        assert default in values and len(values) > 1
        assert all(isinstance(value, option.kind) for value in values) and set(option.names) <= set(values)
        chosen[option.name] = default
    assert method.completed(model, {}) == chosen
    for sentence in (method.note, method.nothing):
        assert sentence and "{" not in sentence.format(**chosen)


def test_given_options_apply_and_later_defaults_depend_on_them():
    method = BY_SLUG["occlusion"]
    assert method.completed(model_of(LAYERS), {"patch": 6}) == {"patch": 6, "stride": 3, "fill": 128}


@every_method
def test_only_slow_methods_report_their_progress(method):
    fractions = []
    method.run(model_of(LAYERS), IMAGE, 1, {}, fractions.append)
    assert fractions == sorted(fractions) and (fractions[-1:] == [1]) == method.slow == bool(fractions)
    if method.slow:
        with pytest.raises(ZeroDivisionError):
            method.run(model_of(LAYERS), IMAGE, 1, {}, lambda share: 1 / 0)


@given(spec=...)
@settings(max_examples=20)
def test_every_network_can_be_explained_by_every_method_and_is_left_as_it_was(spec: NetworkSpec):
    try:
        model = model_of(lay_out(spec, 24, 1, 100))
    except NetworkError:
        assume(False)
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 1), dtype=np.uint8)
    image.flags.writeable = False
    for method in METHODS:
        found = method.run(model, image, 99, {})
        assert found.values.shape == (24, 24) and found.values.dtype == np.float32 and np.isfinite(found.values).all()
        assert found.signed or found.values.min() >= 0
    assert all(torch.equal(before[name], value) for name, value in model.network.state_dict().items())
    assert all(parameter.grad is None for parameter in model.network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in model.network.modules())


@every_method
def test_the_same_arguments_give_the_same_answer(method):
    first, second = (method.run(model_of(LAYERS), IMAGE, 1, {}).values for _ in range(2))
    assert (first == second).all()


def test_a_method_that_needs_a_layer_does_not_apply_without_it():
    without = replace(model_of(LAYERS), layers=tuple(layer for layer in LAYERS if layer.kind != "conv"))
    assert [method.slug for method in METHODS if not method.applies_to(without)] == ["grad-cam"]
    assert all(method.applies_to(model_of(LAYERS)) for method in METHODS)
    with pytest.raises(UserError, match=r"This network has no convolution\."):
        BY_SLUG["grad-cam"].attribute(without, IMAGE, 1)


def test_a_method_is_described_in_one_record():
    """What a new one needs: its function and its sentences."""
    bright = Method(
        name="Bright Spots",
        attribute=lambda model, image, target: Attribution(image[..., 0].astype(np.float32), signed=False),
        question="Where is it bright?",
        misleads="Always.",
        note="brightness",
        nothing="darkness",
        paper=("Nobody 2026", "https://example.org"),
    )
    assert bright.slug == "bright-spots" and not bright.slow and bright.applies_to(model_of(LAYERS))
    assert (bright.run(model_of(LAYERS), IMAGE, 0, {}).values == IMAGE[..., 0]).all()
