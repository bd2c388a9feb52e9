"""SmoothGrad: which pixels would change the logit, on average over noisy copies of the image?

Smilkov et al. 2017, "SmoothGrad: removing noise by adding noise", https://arxiv.org/abs/1706.03825
"""

import numpy as np
import torch

from cnn.errors import UserError
from cnn.explain.attribution import Attribution, Method, Option, Paper, logits_of_pixels
from cnn.model.model import Model, unit_pixels
from cnn.training.batches import Report, batch_starts, images_at_once


def smooth_grad(
    model: Model,
    image: np.ndarray,
    target: int,
    samples: int = 32,
    noise: float = 0.15,
    progress: Report | None = None,
) -> Attribution:
    """The size of the logit's gradient at each pixel, averaged over copies of the image with noise added; of colours
    the largest counts. Unsigned, >= 0. In logits for a change of a pixel by 1. Without noise it is saliency.

    samples: how many copies.
    noise: the standard deviation of what is added to each pixel, as a share of the image's own range of values.

    The same image always gets the same noise. Raises UserError without a copy, or with noise that is negative.
    """
    if samples < 1:
        raise UserError(f"There must be at least 1 noisy copy of the image, not {samples}.")
    if not 0 <= noise < float("inf"):
        raise UserError(f"The noise must be a share of the image's range of values, 0 or more, not {noise}.")
    pixels = unit_pixels(image[None])
    # Make noisy copies of the image.
    random = torch.Generator().manual_seed(0)
    scale = noise * (pixels.max() - pixels.min())
    copies = pixels + scale * torch.randn(samples, *pixels.shape[1:], generator=random)
    # Add up the gradients of the class's logit with respect to the pixels of each copy.
    logits = logits_of_pixels(model, samples, progress)
    total = torch.zeros(pixels.shape[1:])
    for start, end in batch_starts(samples, images_at_once(model.layers)):
        part = copies[start:end].requires_grad_()
        (gradients,) = torch.autograd.grad(logits(part)[:, target].sum(), part)
        total += gradients.sum(0)
    # One number for each place: that of the colour which matters most there.
    return Attribution((total / samples).abs().amax(0).numpy(), signed=False)


METHOD = Method(
    name="SmoothGrad",
    attribute=smooth_grad,
    question="What remains of saliency on average over noisy copies of the image?",
    misleads="What only the exact image shows is smoothed away; too much noise, and the copies are no images any more.",
    note="how much the score answers to each pixel, on average",
    nothing="no pixel would change the score",
    paper=Paper("Smilkov et al. 2017", "https://arxiv.org/abs/1706.03825"),
    options=(
        Option(
            name="samples",
            label="Noisy copies",
            what="how many noisy copies (default: 32)",
            kind=int,
            unit="N",
            values=lambda model, chosen: (8, 32, 128),
            default=lambda model, chosen: 32,
        ),
        Option(
            name="noise",
            label="Noise, as a share of the image's range",
            what="standard deviation of the noise, as a share of the image's range of values (default: 0.15)",
            kind=float,
            unit="SHARE",
            values=lambda model, chosen: (0.05, 0.15, 0.3, 0.5),
            default=lambda model, chosen: 0.15,
        ),
    ),
    doing="Adding noise to the image",
)
