"""SmoothGrad, against saliency, and on a network for which the effect of noise is known."""

import math

import numpy as np
import pytest
import torch

from cnn.errors import UserError
from cnn.explain.saliency import saliency
from cnn.explain.smooth_grad import smooth_grad
from cnn.model.layers import lay_out
from cnn.model.model import Model, unit_pixels
from cnn.specs import NetworkSpec
from tests.models import model_of

IMAGE = np.random.default_rng(3).integers(20, 256, (16, 16, 3), dtype=np.uint8)


@pytest.fixture
def model() -> Model:
    return model_of(lay_out(NetworkSpec(filters=(3, 4), activation="tanh"), 16, 3, 4), seed=1)


def test_without_noise_it_is_saliency(model):
    assert smooth_grad(model, IMAGE, 2, noise=0).values == pytest.approx(saliency(model, IMAGE, 2).values, rel=1e-5)


def test_it_is_the_mean_gradient_at_noisy_copies(model, monkeypatch):
    monkeypatch.setattr("cnn.training.batches.EVALUATED_IMAGES", 4)
    found = smooth_grad(model, IMAGE, 2, samples=10, noise=0.2)
    pixels = unit_pixels(IMAGE[None])
    noise = torch.randn(10, *pixels.shape[1:], generator=torch.Generator().manual_seed(0))
    gradients = []
    for one in noise:
        copy = (pixels + 0.2 * (pixels.max() - pixels.min()) * one).requires_grad_()
        model.network.eval()(copy)[0, 2].backward()
        gradients.append(copy.grad[0])
    assert found.values == pytest.approx(torch.stack(gradients).mean(0).abs().amax(0).numpy(), rel=1e-3, abs=1e-7)
    assert not found.signed


def test_the_mean_over_many_copies_approaches_the_expected_value():
    """A pixel that goes through a ReLU counts in the copies that leave it above 0: a share known from the normal
    distribution."""
    model = model_of(lay_out(NetworkSpec(filters=(1,), padding="same", pooling="none", dense=()), 16, 1, 2))
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
        model.network.conv1.weight[0, 0, 1, 1] = 1
        model.network.logits.weight[1] = 1
    image = IMAGE[..., :1].copy()
    image[0, 0], image[0, 1] = 0, 255  # so that the range is that of all pixels
    found = smooth_grad(model, image, 1, samples=2000, noise=0.25).values
    share = np.vectorize(lambda pixel: (1 + math.erf(pixel / 0.25 / math.sqrt(2))) / 2)(image[..., 0] / 255)
    assert found == pytest.approx(share, abs=5 * 0.5 / math.sqrt(2000))


@pytest.mark.parametrize(("samples", "noise"), [(0, 0.1), (4, -0.1), (4, float("nan")), (4, float("inf"))])
def test_invalid_numbers_of_copies_and_noise_are_refused(model, samples, noise):
    with pytest.raises(UserError, match="must be"):
        smooth_grad(model, IMAGE, 0, samples, noise)
