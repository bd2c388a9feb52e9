"""Activation maximisation: an image that activates a unit strongly, by gradient ascent from faint noise.

Erhan et al. 2009, "Visualizing higher-layer features of a deep network"; Olah, Mordvintsev and Schubert 2017, "Feature
visualization", https://distill.pub/2017/feature-visualization
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnn.explain.cut import has_activation, slice_of, split
from cnn.model.model import Model

STEPS = 64
NOISE = 0.05  # standard deviation of the first image around gray
RATE = 0.05  # standard deviation of the change of the pixels in one step
JITTER = 2  # pixels, the largest random shift
DECAY = 0.02  # fraction of its distance from gray that a pixel loses in one step
BLUR_EVERY = 4  # steps between blurs
SHARP_AFTER = 0.85  # fraction of the steps after which there is no more blur


def ascend(
    model: Model, layer: str, unit: int, steps: int = STEPS, seed: int = 0
) -> Iterator[tuple[int, np.ndarray, float]]:
    """Yields (step, uint8 (H, W, C), activation) before the first step (as step 0) and after each.

    layer: the name of a convolution or a dense layer. The activation is the largest value of the unit's activation map
    for that image (a dense unit has a single value); compare it with images from the dataset. The ascent maximises the
    mean of the highest quarter of the map, before the activation function: where that function is flat, the gradient is
    0 and a dead unit could never improve. (The mean of the whole map would not work: stripes that activate an edge
    filter at one position give negative values next to it.)

    Three tricks suppress the fine noise that networks respond to but people cannot read: a random shift before each
    step, a blur every few steps, and a decay of all pixels towards gray. The same seed gives the same images.
    """
    head, _ = split(model.network.eval(), layer)
    before = slice_of(head, 0, -1) if has_activation(head) else head
    random = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, model.channels, *model.image_sides, generator=random)
    # Start from gray with a little noise; pixels go from 0 to 1.
    image = (0.5 + NOISE * noise).clamp(0, 1)
    for step in range(steps + 1):
        if step:
            # Blur every few steps, except at the end.
            if step % BLUR_EVERY == 0 and step < SHARP_AFTER * steps:
                image = _blurred(image)
            # Decay towards gray.
            image = 0.5 + (1 - DECAY) * (image - 0.5)
            # Step uphill: along the gradient of the activation.
            image = (image + RATE * _direction(model, before, unit, image, random)).clamp(0, 1)
        # Measure the activation.
        with torch.no_grad():
            activation = head(model.preprocessing.standardize(image))[0, unit].max().item()
        yield step, (255 * image[0]).round().byte().permute(1, 2, 0).contiguous().numpy(), activation


def _direction(
    model: Model, before: nn.Sequential, unit: int, image: torch.Tensor, random: torch.Generator
) -> torch.Tensor:
    """The gradient of the activation with respect to the image, scaled to a standard deviation of 1."""
    image = image.clone().requires_grad_()
    # Shift the image at random.
    right, down = torch.randint(-JITTER, JITTER + 1, (2,), generator=random).tolist()
    shifted = image.roll((down, right), (2, 3))
    # Forward to the unit's map; take the mean of its highest quarter.
    values = before(model.preprocessing.standardize(shifted))[0, unit].flatten()
    highest = values.topk(-(-len(values) // 4)).values.mean()
    # Backward to the pixels.
    (gradient,) = torch.autograd.grad(highest, image)
    return gradient / gradient.std().clamp(min=1e-12)


def _blurred(image: torch.Tensor) -> torch.Tensor:
    """The image blurred with the weights 1 2 1 down and across, as two 2 × 2 means."""
    wide = functional.pad(image, (1, 1, 1, 1), mode="replicate")
    return functional.avg_pool2d(functional.avg_pool2d(wide, 2, stride=1), 2, stride=1)
