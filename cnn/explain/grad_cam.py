"""Grad-CAM: where are the maps of a convolution active that raise the class's logit?

Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based localization",
https://arxiv.org/abs/1610.02391
"""

import numpy as np
from torch import nn

from cnn.explain.attribution import Attribution, Method, Option, Paper
from cnn.explain.cut import convolution, split
from cnn.model.model import Model


def grad_cam(model: Model, image: np.ndarray, target: int, layer: str | None = None) -> Attribution:
    """The sum of the layer's maps, each weighted with the mean gradient of the logit over it; negative sums become 0.

    layer: the name of a convolution (None: the last). The maps are taken after its activation function, if there is
    one, because only its output reaches the logit.
    Unsigned, >= 0. The result is interpolated linearly between the centres of the values' receptive fields, and
    constant beyond the outermost centres. (Stretching the maps over the whole image would shift them by several pixels
    if convolutions have no padding.) Raises UserError if there is no such convolution.
    """
    from cnn.explain.third_party import LayerGradCam  # here, because it takes a second to load

    chosen = convolution(model.layers, layer)
    # Cut the network after the maps. Captum puts its hook on `head`, a new module that no other thread uses.
    head, tail = split(model.network.eval(), chosen.name)
    method = LayerGradCam(nn.Sequential(head, tail), head)
    # Forward to the maps and the logit, backward from the logit to the maps. Weight each map with its mean gradient,
    # sum the maps, and keep what is positive: it raises the logit.
    maps = method.attribute(model.batch(image[None]), target=target, relu_attributions=True)[0, 0].detach().numpy()
    # Scale the coarse result to the image: each value belongs at the centre of its receptive field.
    by_side = zip(image.shape[:2], maps.shape, chosen.offset, chosen.jump, strict=True)
    down, across = (_interpolation(*side) for side in by_side)
    return Attribution(down @ maps @ across.T, signed=False)


def _interpolation(pixels: int, values: int, offset: float, jump: int) -> np.ndarray:
    """float32 (pixels, values): weights of a map's values in each pixel, along one side (linear interpolation)."""
    positions = ((np.arange(pixels) - offset) / jump).clip(0, values - 1)
    return (1 - np.abs(positions[:, None] - np.arange(values))).clip(0).astype(np.float32)


def _convolutions(model: Model) -> list[str]:
    return [layer.name for layer in model.layers if layer.kind == "conv"]


METHOD = Method(
    name="Grad-CAM",
    attribute=grad_cam,
    question="Which maps of a convolution raise the score, and where are they active?",
    misleads="It is as coarse as the maps, and shows only what raises the score. Try an earlier layer.",
    note="where the maps of {layer} raise the score",
    nothing="no map of {layer} raises the score: try another layer or class",
    paper=Paper("Selvaraju et al. 2017", "https://arxiv.org/abs/1610.02391"),
    options=(
        Option(
            name="layer",
            label="Grad-CAM layer",
            what="a convolution (default: the last)",
            kind=str,
            unit="NAME",
            values=lambda model, chosen: _convolutions(model),
            default=lambda model, chosen: _convolutions(model)[-1],
        ),
    ),
    needs="conv",
)
