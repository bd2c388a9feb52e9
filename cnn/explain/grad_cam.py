"""Grad-CAM: which places of a convolution's maps speak for the class.

    grad_cam(network, image, target, layer) -> Attribution

Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based localization",
https://arxiv.org/abs/1610.02391
"""

import numpy as np
from captum.attr import LayerGradCam
from torch import nn

from cnn.explain.attribution import Attribution
from cnn.explain.cut import split
from cnn.model.build import to_batch
from cnn.model.layers import Layer


def grad_cam(network: nn.Sequential, image: np.ndarray, target: int, layer: Layer) -> Attribution:
    """The layer's maps, each times the mean of the logit's gradient over it, summed; what is negative becomes 0.

    layer: a convolution. Its maps are taken after the activation function, if one follows: what that function holds
    back never reaches the logit and must not be counted for it.
    Unsigned, >= 0. Between the centres of what the maps' values see the result is linear; beyond the outermost centres
    it is constant. (Stretching the maps over the image, as is often done, would move them by several pixels where
    convolutions have no padding.)
    """
    # In front of and behind the maps: Captum hangs its hook on `head`, which is new, and not on a module that other
    # threads may be using.
    head, tail = split(network.eval(), layer.name)
    method = LayerGradCam(nn.Sequential(head, tail), head)
    maps = method.attribute(to_batch(image[None]), target=target, relu_attributions=True)[0, 0].detach().numpy()
    by_side = zip(image.shape[:2], maps.shape, layer.offset, layer.jump, strict=True)
    down, across = (_interpolation(*side) for side in by_side)
    return Attribution(down @ maps @ across.T, signed=False)


def _interpolation(pixels: int, values: int, offset: float, jump: int) -> np.ndarray:
    """float32 (pixels, values): the weight of each of a map's values, along one side, in each pixel."""
    places = ((np.arange(pixels) - offset) / jump).clip(0, values - 1)
    return (1 - np.abs(places[:, None] - np.arange(values))).clip(0).astype(np.float32)
