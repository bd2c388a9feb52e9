"""Occlusion: how much does the logit fall if a patch of the image is covered?

Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

import numpy as np

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
    """The fall of the logit if a square patch is covered; each pixel gets the mean over all patches on it. Signed.

    patch: side in pixels.
    stride: pixels from one patch to the next; the last patches may reach over the border.
    fill: the gray that covers a patch, 0 (black) to 255 (white), in every channel.

    Raises UserError if the patch is larger than the image, or the stride larger than the patch (it would skip pixels).
    """
    from cnn.explain.third_party import Occlusion  # here, because it takes a second to load

    height, width, channels = image.shape
    if not 1 <= patch <= min(height, width):
        raise UserError(f"The patch must be from 1 to {min(height, width)} pixels, the side of the image, not {patch}.")
    if not 1 <= stride <= patch:
        raise UserError(f"The stride must be from 1 to {patch} pixels, the side of the patch, not {stride}.")
    if not 0 <= fill <= 255:
        raise UserError(f"The fill must be from 0 (black) to 255 (white), not {fill}.")
    patches = (-(-(height - patch) // stride) + 1) * (-(-(width - patch) // stride) + 1)
    # One forward pass for the whole image, and one for each covered patch. The fall is the difference of the logits.
    method = Occlusion(logits_of_pixels(model, patches + 1, progress))
    falls = method.attribute(
        unit_pixels(image[None]),
        sliding_window_shapes=(channels, patch, patch),
        strides=(channels, stride, stride),
        baselines=fill / 255,
        target=target,
        perturbations_per_eval=images_at_once(model.layers),
    )
    # A patch covers all colour channels, so they all have the same values: take the first.
    return Attribution(falls[0, 0].float().numpy(), signed=True)


METHOD = Method(
    name="occlusion",
    attribute=occlusion,
    question="How far does the score fall if a patch is covered?",
    misleads="The network never saw a covered patch, so the cover itself can change the score: compare colours.",
    note="how far the score falls without a patch of {patch} × {patch}",
    nothing="no patch changes the score",
    paper=Paper("Zeiler and Fergus 2013", "https://arxiv.org/abs/1311.2901"),
    options=(
        Option(
            name="patch",
            label="Size of the covered patch",
            what="side of the covered patch (default: a sixth of the image)",
            kind=int,
            unit="PIXELS",
            values=lambda model, chosen: range(2, min(model.image_sides) // 2 + 1),
            default=lambda model, chosen: max(2, min(model.image_sides) // 6),
        ),
        Option(
            name="stride",
            label="Step between patches",
            what="distance from patch to patch (default: half a patch)",
            kind=int,
            unit="PIXELS",
            values=lambda model, chosen: range(1, chosen["patch"] + 1),
            default=lambda model, chosen: max(1, chosen["patch"] // 2),
        ),
        Option(
            name="fill",
            label="Colour of the cover",
            what="gray of the cover, from 0 (black) to 255 (white) (default: 128)",
            kind=int,
            unit="GRAY",
            values=lambda model, chosen: (0, 128, 255),
            default=lambda model, chosen: 128,
            names={0: "black", 128: "gray", 255: "white"},
        ),
    ),
    doing="Covering one patch after another",
)
