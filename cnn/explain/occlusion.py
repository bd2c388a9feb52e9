"""Occlusion: by how much the logit falls when a patch of the image is covered.

    occlusion(network, image, target, patch=8, stride=None, fill=128, progress=None) -> Attribution

Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

import numpy as np
from captum.attr import Occlusion
from torch import nn

from cnn.errors import UserError
from cnn.explain.attribution import Attribution, reporting
from cnn.explain.cut import Report, images_at_once
from cnn.model.build import to_batch


def occlusion(
    network: nn.Sequential,
    image: np.ndarray,
    target: int,
    patch: int = 8,
    stride: int | None = None,
    fill: int = 128,
    progress: Report | None = None,
) -> Attribution:
    """The fall of the logit when a square patch is covered; for a pixel, the mean over the patches on it. Signed.

    patch: side in pixels. stride: pixels from one patch to the next (None: half a patch); the last patches may reach
    over the border. fill: what a patch is covered with, 0 (black) to 255 (white), in every channel.
    Raises UserError if the patch is larger than the image, or the stride than the patch (pixels would be left out).
    """
    stride = max(1, patch // 2) if stride is None else stride
    height, width, channels = image.shape
    if not 1 <= patch <= min(height, width):
        raise UserError(f"The patch must be from 1 to {min(height, width)} pixels, the side of the image, not {patch}.")
    if not 1 <= stride <= patch:
        raise UserError(f"The stride must be from 1 to {patch} pixels, the side of the patch, not {stride}.")
    places = (-(-(height - patch) // stride) + 1) * (-(-(width - patch) // stride) + 1)
    method = Occlusion(reporting(network.eval(), places + 1, progress))  # one more: the image as it is
    falls = method.attribute(
        to_batch(image[None]),
        sliding_window_shapes=(channels, patch, patch),
        strides=(channels, stride, stride),
        baselines=fill / 255,
        target=target,
        perturbations_per_eval=images_at_once(network, image),
    )
    return Attribution(falls[0, 0].float().numpy(), signed=True)  # a patch covers all channels: they are alike
