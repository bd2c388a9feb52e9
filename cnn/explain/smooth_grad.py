"""SmoothGrad: which pixels change the logit, on average over noisy copies of the image?

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
    """The gradient of the logit, averaged over noisy copies of the image; its absolute value at each pixel, the largest
    of the pixel's colours. Unsigned, >= 0. Unit: change of the logit for a change of the pixel by 1. Without noise it
    is saliency.

    samples: the number of copies.
    noise: the standard deviation of the noise, as a fraction of the image's range of values.

    The same image always gets the same noise. Raises UserError for less than one copy or negative noise.
    """
    if samples < 1:
        raise UserError(f"There must be at least 1 noisy copy of the image, not {samples}.")
    if not 0 <= noise < float("inf"):
        raise UserError(f"The noise must be a fraction of the image's range of values, 0 or more, not {noise}.")
    pixels = unit_pixels(image[None])
    # Add Gaussian noise to copies of the image.
    random = torch.Generator().manual_seed(0)
    scale = noise * (pixels.max() - pixels.min())
    copies = pixels + scale * torch.randn(samples, *pixels.shape[1:], generator=random)
    # For each copy: backward from the class's logit to the pixels. Sum the gradients.
    logits = logits_of_pixels(model, samples, progress)
    total = torch.zeros(pixels.shape[1:])
    for start, end in batch_starts(samples, images_at_once(model.layers)):
        part = copies[start:end].requires_grad_()
        (gradients,) = torch.autograd.grad(logits(part)[:, target].sum(), part)
        total += gradients.sum(0)
    # The mean gradient. One number per pixel: the largest absolute value of its colour channels.
    return Attribution((total / samples).abs().amax(0).numpy(), signed=False)


METHOD = Method(
    name="SmoothGrad",
    attribute=smooth_grad,
    question="How much would the score change if this pixel changed a little, on average over noisy copies?",
    misleads="Averaging removes fine details, also real ones. With too much noise, nothing of the image is left.",
    note="how much a small change of each pixel changes the score, on average",
    nothing="no pixel changes the score",
    paper=Paper("Smilkov et al. 2017", "https://arxiv.org/abs/1706.03825"),
    options=(
        Option(
            name="samples",
            label="Noisy copies",
            what="number of noisy copies (default: 32)",
            kind=int,
            unit="N",
            values=lambda model, chosen: (8, 32, 128),
            default=lambda model, chosen: 32,
        ),
        Option(
            name="noise",
            label="Noise (fraction of the image's range)",
            what="standard deviation of the noise, as a fraction of the image's range of values (default: 0.15)",
            kind=float,
            unit="SHARE",
            values=lambda model, chosen: (0.05, 0.15, 0.3, 0.5),
            default=lambda model, chosen: 0.15,
        ),
    ),
    doing="Adding noise to the image",
)
