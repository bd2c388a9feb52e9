"""Grad-CAM: which places of a convolution's maps speak for the class?

Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based localization",
https://arxiv.org/abs/1610.02391
"""

import numpy as np
from captum.attr import LayerGradCam
from torch import nn

from cnn.explain.attribution import Attribution, Method, Option, Paper
from cnn.explain.cut import convolution, split
from cnn.model.model import Model


def grad_cam(model: Model, image: np.ndarray, target: int, layer: str | None = None) -> Attribution:
    """The layer's maps, each times the mean of the logit's gradient over it, summed; what is negative becomes 0.

    layer: the name of a convolution (None: the last). Its maps are taken after the activation function, if one follows:
    what that function holds back never reaches the logit and must not be counted for it.
    Unsigned, >= 0. Between the centres of what the maps' values see the result is linear; beyond the outermost centres
    it is constant. (Stretching the maps over the image, as is often done, would move them by several pixels where
    convolutions have no padding.) Raises UserError if there is no such convolution.
    """
    chosen = convolution(model.layers, layer)
    # Cut the network behind the maps. Captum hangs its hook on `head`, which is new, and not on a module that other
    # threads may be using.
    head, tail = split(model.network.eval(), chosen.name)
    method = LayerGradCam(nn.Sequential(head, tail), head)
    # Each map times its mean gradient, summed over the maps; only what speaks for the class is kept.
    maps = method.attribute(model.batch(image[None]), target=target, relu_attributions=True)[0, 0].detach().numpy()
    # Lay the coarse result over the image, each value at the centre of what it sees.
    by_side = zip(image.shape[:2], maps.shape, chosen.offset, chosen.jump, strict=True)
    down, across = (_interpolation(*side) for side in by_side)
    return Attribution(down @ maps @ across.T, signed=False)


def _interpolation(pixels: int, values: int, offset: float, jump: int) -> np.ndarray:
    """float32 (pixels, values): the weight of each of a map's values, along one side, in each pixel."""
    places = ((np.arange(pixels) - offset) / jump).clip(0, values - 1)
    return (1 - np.abs(places[:, None] - np.arange(values))).clip(0).astype(np.float32)


def _convolutions(model: Model) -> list[str]:
    return [layer.name for layer in model.layers if layer.kind == "conv"]


METHOD = Method(
    name="Grad-CAM",
    attribute=grad_cam,
    question="Which maps of a convolution speak for the class, and where are they active?",
    misleads="It is coarse, because maps are, and shows only what speaks for the class. Try an earlier layer.",
    note="where the maps of {layer} speak for it",
    nothing="no map of {layer} speaks for it: try another layer, or class",
    paper=Paper("Selvaraju et al. 2017", "https://arxiv.org/abs/1610.02391"),
    options=(
        Option(
            name="layer",
            label="Grad-CAM of",
            what="a convolution (default: the last)",
            kind=str,
            unit="NAME",
            values=lambda model, chosen: _convolutions(model),
            default=lambda model, chosen: _convolutions(model)[-1],
        ),
    ),
    needs="conv",
)
