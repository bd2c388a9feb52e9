"""Occlusion: by how much does the logit fall when a patch of the image is covered?

Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

import numpy as np
from captum.attr import Occlusion

from cnn.errors import UserError
from cnn.explain.attribution import Attribution, Method, Option, Paper, logits_of_pixels
from cnn.model.model import Model, unit_pixels
from cnn.training.batches import Report, images_at_once


def occlusion(
    model: Model,
    image: np.ndarray,
    target: int,
    patch: int,
    stride: int,
    fill: int = 128,
    progress: Report | None = None,
) -> Attribution:
    """The fall of the logit when a square patch is covered; for a pixel, the mean over the patches on it. Signed.

    patch: side in pixels.
    stride: pixels from one patch to the next; the last patches may reach over the border.
    fill: what a patch is covered with, 0 (black) to 255 (white), in every channel.

    Raises UserError if the patch is larger than the image, or the stride than the patch (pixels would be left out).
    """
    height, width, channels = image.shape
    if not 1 <= patch <= min(height, width):
        raise UserError(f"The patch must be from 1 to {min(height, width)} pixels, the side of the image, not {patch}.")
    if not 1 <= stride <= patch:
        raise UserError(f"The stride must be from 1 to {patch} pixels, the side of the patch, not {stride}.")
    if not 0 <= fill <= 255:
        raise UserError(f"The fill must be from 0 (black) to 255 (white), not {fill}.")
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


METHOD = Method(
    name="occlusion",
    attribute=occlusion,
    question="How far does the score fall when a patch is covered?",
    misleads="A covered patch is something new to the network, too: compare black, gray and white.",
    note="how far the score falls without a patch of {patch} × {patch}",
    nothing="no patch makes a difference to the score",
    paper=Paper("Zeiler and Fergus 2013", "https://arxiv.org/abs/1311.2901"),
    options=(
        Option(
            name="patch",
            label="Size of the covered patch",
            what="side of what is covered (default: a sixth of the image)",
            kind=int,
            unit="PIXELS",
            values=lambda model, chosen: range(2, min(model.image_sides) // 2 + 1),
            default=lambda model, chosen: max(2, min(model.image_sides) // 6),
        ),
        Option(
            name="stride",
            label="Pixels from one patch to the next",
            what="from patch to patch (default: half a patch)",
            kind=int,
            unit="PIXELS",
            values=lambda model, chosen: range(1, chosen["patch"] + 1),
            default=lambda model, chosen: max(1, chosen["patch"] // 2),
        ),
        Option(
            name="fill",
            label="Covered with",
            what="a gray from 0 (black) to 255 (white) that covers (default: 128)",
            kind=int,
            unit="GRAY",
            values=lambda model, chosen: (0, 128, 255),
            default=lambda model, chosen: 128,
            names={0: "black", 128: "gray", 255: "white"},
        ),
    ),
    doing="Covering one patch after another",
)
