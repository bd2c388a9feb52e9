"""Occlusion: by how much does the logit fall when a patch of the image is covered?

Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

import numpy as np
from captum.attr import Occlusion

from cnn.errors import UserError
from cnn.explain.attribution import Attribution, logits_of_pixels
from cnn.model.model import Model, unit_pixels
from cnn.training.batches import Report, images_at_once


def occlusion(
    model: Model,
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
    # Cover one patch after another, and take the logit each time; one time more for the image as it is.
    method = Occlusion(logits_of_pixels(model, places + 1, progress))
    falls = method.attribute(
        unit_pixels(image[None]),
        sliding_window_shapes=(channels, patch, patch),
        strides=(channels, stride, stride),
        baselines=fill / 255,
        target=target,
        perturbations_per_eval=images_at_once(model.layers),
    )
    # A patch covers all colours, so all have the same values.
    return Attribution(falls[0, 0].float().numpy(), signed=True)
