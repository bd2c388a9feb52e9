"""Attribution methods, on networks that depend on one place only, and against values computed another way."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from cnn.errors import UserError
from cnn.explain.ascent import ascend
from cnn.explain.cut import convolution
from cnn.explain.grad_cam import grad_cam
from cnn.explain.integrated_gradients import integrated_gradients
from cnn.explain.occlusion import occlusion
from cnn.explain.saliency import saliency
from cnn.model.kinds import Dense, Flatten
from cnn.model.layers import lay_out, stack
from cnn.model.model import Preprocessing
from cnn.specs import NetworkSpec
from cnn.training.evaluation import probabilities
from tests.models import model_of

SIZE = 16
PLACE = (slice(4, 7), slice(9, 12))


def layers_of(spec: NetworkSpec, channels: int = 1, classes: int = 3):
    return lay_out(spec, SIZE, channels, classes)


def picture(channels: int = 1, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(20, 256, (SIZE, SIZE, channels), dtype=np.uint8)


def methods(layer, patch=1):
    return {
        "saliency": saliency,
        "integrated gradients": integrated_gradients,
        "grad-cam": lambda *image: grad_cam(*image, layer),
        "occlusion": lambda *image: occlusion(*image, patch=patch, stride=patch, fill=0),
    }


def one_place(channels: int):
    """A network whose class 1 adds up the pixels at PLACE, and nothing else."""
    layers = layers_of(NetworkSpec(filters=(1,), padding="same", pooling="none", dense=()), channels)
    model = model_of(layers)
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
        model.network.conv1.weight[0, :, 1, 1] = 1
        model.network.logits.weight.view(3, SIZE, SIZE)[1][PLACE] = 1
    return model


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("method", methods(None))
def test_a_network_that_sees_one_place_is_explained_by_that_place_only(method, channels):
    model = one_place(channels)
    image = picture(channels)
    found = methods("conv1")[method](model, image, 1)
    assert found.values.shape == (SIZE, SIZE) and found.values.dtype == np.float32
    pixels = image.astype(float).sum(2) / 255
    # grad-cam: the mean of the gradient over the map, 9 ones in 256, times the map
    worth = {"saliency": np.ones_like(pixels), "grad-cam": pixels * 9 / 256}.get(method, pixels)
    if method == "grad-cam":
        assert found.values == pytest.approx(worth, rel=1e-5)
        return
    expected = np.zeros((SIZE, SIZE))
    expected[PLACE] = worth[PLACE]
    assert found.values == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("method", methods(None))
def test_a_class_that_sees_nothing_has_no_important_place(method):
    model = one_place(1)
    assert not methods("conv1")[method](model, picture(), 0).values.any()


def test_grad_cam_is_high_where_the_only_used_filter_is_active():
    """Two filters, one for bright pixels and one for dark ones; class 0 wants the bright, class 1 the dark."""
    layers = layers_of(NetworkSpec(filters=(2,), padding="same", pooling="none", dense=()), classes=2)
    model = model_of(layers)
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
        model.network.conv1.weight[:, 0, 1, 1] = torch.tensor([1.0, -1.0])
        model.network.conv1.bias[:] = torch.tensor([-0.5, 0.5])
        weights = model.network.logits.weight.view(2, 2, SIZE, SIZE)
        weights[0, 0] = weights[1, 1] = 1
    image = np.full((SIZE, SIZE, 1), 128, np.uint8)
    image[PLACE] = 255
    image[0, 0] = 0
    bright, dark = (grad_cam(model, image, target, "conv1").values for target in (0, 1))
    assert bright[PLACE] == pytest.approx(0.5) and bright[0, 0] == 0
    assert dark[0, 0] == pytest.approx(0.5) and not dark[PLACE].any()


SPECS = {
    "the assignment": NetworkSpec(dense=(8,)),
    "leaky, average": NetworkSpec(filters=(3, 4), activation="leaky_relu", pooling="average", batch_norm=True),
    "tanh, two a block": NetworkSpec(filters=(3,), convs_per_block=2, activation="tanh", dropout=0.5, dense=()),
    "four blocks": NetworkSpec(filters=(3, 3, 4, 5), padding="same", kernel_size=5, activation="sigmoid"),
}


@pytest.fixture(params=SPECS)
def case(request):
    layers = layers_of(SPECS[request.param], channels=3, classes=4)
    return model_of(layers, seed=1), picture(3)


def test_saliency_is_the_largest_gradient_of_the_three_colours(case):
    model, image = case
    batch = model.batch(image[None]).requires_grad_()
    model.network.eval()(batch)[0, 2].backward()
    found = saliency(model, image, 2)
    assert not found.signed and found.values == pytest.approx(batch.grad[0].abs().amax(0).numpy(), rel=1e-5)


def test_integrated_gradients_sum_to_the_difference_from_the_logit_for_black(case):
    model, image = case
    found = integrated_gradients(model, image, 2, steps=256)
    with torch.no_grad():
        logits = model.network.eval()(model.batch(np.stack([image, np.zeros_like(image)])))[:, 2]
    difference = (logits[0] - logits[1]).item()
    assert found.signed and found.values.sum() == pytest.approx(difference, abs=2e-3)
    assert found.values.sum() - difference == pytest.approx(found.error, abs=1e-5)


def test_grad_cam_is_the_maps_weighted_by_their_mean_gradient_at_the_true_places(case):
    model, image = case
    model.network.eval()
    for layer in (layer for layer in model.layers if layer.kind == "conv"):
        maps = model.batch(image[None])
        for known, module in zip(model.layers[1:], model.network, strict=True):
            maps = module(maps)
            if known.kind == "activation" and known.shape == layer.shape and known.offset == layer.offset:
                break
        maps = maps.detach().requires_grad_()
        rest = list(model.network)[model.layers.index(known) :]
        values = maps
        for module in rest:
            values = module(values)
        values[0, 2].backward()
        coarse = (maps.grad.mean((2, 3), keepdim=True) * maps).sum(1)[0].clamp(min=0).detach().numpy()
        found = grad_cam(model, image, 2, layer.name)
        assert not found.signed and found.values.dtype == np.float32
        expected = np.empty((SIZE, SIZE))
        for y, x in np.ndindex(SIZE, SIZE):
            across = [
                np.interp(x, layer.offset[1] + layer.jump[1] * np.arange(coarse.shape[1]), coarse[r])
                for r in range(len(coarse))
            ]
            expected[y, x] = np.interp(y, layer.offset[0] + layer.jump[0] * np.arange(len(coarse)), across)
        assert found.values == pytest.approx(expected, rel=1e-3, abs=1e-7), layer.name


@pytest.mark.parametrize(("patch", "stride", "fill"), [(4, 2, 128), (5, 3, 0), (16, 1, 255), (7, 7, 10)])
def test_occlusion_is_the_mean_fall_over_the_patches_that_cover_a_pixel(case, patch, stride, fill):
    model, image = case
    model.network.eval()

    @torch.no_grad()
    def logit(image):
        return model.network(model.batch(image[None]))[0, 1].item()

    total, count = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
    starts = range(0, SIZE - patch + stride, stride)
    for top in starts:
        for left in starts:
            covered = image.copy()
            covered[top : top + patch, left : left + patch] = fill
            total[top : top + patch, left : left + patch] += logit(image) - logit(covered)
            count[top : top + patch, left : left + patch] += 1
    found = occlusion(model, image, 1, patch, stride, fill)
    assert found.signed and found.values == pytest.approx(total / count, abs=1e-5)


@pytest.mark.parametrize(
    ("patch", "stride", "fill"), [(0, 1, 0), (17, 1, 0), (4, 5, 0), (4, 0, 0), (4, 2, -1), (4, 2, 256)]
)
def test_invalid_patch_sizes_strides_and_grays_are_refused(patch, stride, fill):
    with pytest.raises(UserError, match="must be from"):
        occlusion(one_place(1), picture(), 1, patch, stride, fill)


def test_explanations_are_in_pixels_for_any_preprocessing():
    """A first convolution that takes on the preprocessing itself makes the same network of plain pixels."""
    layers = layers_of(NetworkSpec(filters=(3, 4)), channels=3, classes=4)
    preprocessing = Preprocessing(mean=(0.5, 0.25, 0.4), spread=(0.5, 2.0, 0.1))
    model, plain = model_of(layers, seed=1, preprocessing=preprocessing), model_of(layers, seed=1)
    mean, spread = (torch.tensor(numbers)[:, None, None] for numbers in (preprocessing.mean, preprocessing.spread))
    with torch.no_grad():
        first = plain.network.conv1
        first.weight.div_(spread)
        first.bias.sub_((first.weight * mean).sum((1, 2, 3)))
    image = picture(3)
    assert probabilities(model, image[None]) == pytest.approx(probabilities(plain, image[None]), abs=1e-5)
    for name, method in methods("conv2", patch=4).items():
        expected = method(plain, image, 2).values
        assert method(model, image, 2).values == pytest.approx(expected, rel=1e-3, abs=1e-4), name
    stages, expected = (list(ascend(one, "conv2", 1, steps=4)) for one in (model, plain))
    assert [stage[2] for stage in stages] == pytest.approx([stage[2] for stage in expected], rel=1e-3, abs=1e-3)


def test_an_unknown_convolution_is_refused_with_the_known_ones():
    layers = layers_of(NetworkSpec())
    assert convolution(layers).name == "conv2" and convolution(layers, "conv1") is layers[1]
    with pytest.raises(UserError, match="no convolution 'conv9'; there are conv1, conv2"):
        convolution(layers, "conv9")
    with pytest.raises(UserError, match="This network has no convolution"):
        convolution(stack([Flatten(), Dense(2)], (1, 8, 8)))


def test_threads_can_share_a_network(case):
    model, _ = case
    images = [picture(3, seed) for seed in range(24)]
    alone = [grad_cam(model, image, 2).values for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda image: grad_cam(model, image, 2).values, images))
    assert all(one == pytest.approx(other, abs=1e-6) for one, other in zip(alone, together, strict=True))
