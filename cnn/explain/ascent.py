"""What does a filter want to see? An image made to excite it, by gradient ascent from faint noise.

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
NOISE = 0.05  # standard deviation, about gray, of the first image
RATE = 0.05  # standard deviation of what a step adds to the pixels
JITTER = 2  # pixels
DECAY = 0.02  # share of its distance from gray that a pixel loses in a step
BLUR_EVERY = 4  # steps, until the picture is
SHARP_AFTER = 0.85  # of the steps


def ascend(
    model: Model, layer: str, filter: int, steps: int = STEPS, seed: int = 0
) -> Iterator[tuple[int, np.ndarray, float]]:
    """Yields (step, uint8 (H, W, C), activation) before the first step (as step 0) and after each.

    The activation is the largest value of the filter's activation map for that image: to be compared with that of
    images from the dataset. What is climbed is the mean of the highest quarter of the map, before the activation
    function, whose flat parts would give a filter that is dead at first no way up. (The mean of all of it would say
    little: stripes that excite an edge filter here speak against it next to that.)

    Three things keep the picture free of the fine grain that networks respond to and people see nothing in: it is
    shifted by a pixel or two before each step, blurred now and then, and drawn towards gray where nothing holds it.
    The same seed gives the same images.
    """
    head, _ = split(model.network.eval(), layer)
    before = slice_of(head, 0, -1) if has_activation(head) else head
    random = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, model.channels, *model.image_sides, generator=random)
    image = (0.5 + NOISE * noise).clamp(0, 1)  # pixels, from 0 to 1
    for step in range(steps + 1):
        if step:
            if step % BLUR_EVERY == 0 and step < SHARP_AFTER * steps:
                image = _blurred(image)
            image = 0.5 + (1 - DECAY) * (image - 0.5)
            image = (image + RATE * _direction(model, before, filter, image, random)).clamp(0, 1)
        with torch.no_grad():
            activation = head(model.preprocessing.standardize(image))[0, filter].max().item()
        yield step, (255 * image[0]).round().byte().permute(1, 2, 0).contiguous().numpy(), activation


def _direction(
    model: Model, before: nn.Sequential, filter: int, image: torch.Tensor, random: torch.Generator
) -> torch.Tensor:
    """The gradient with respect to the image, shifted at random, with a standard deviation of 1."""
    image = image.clone().requires_grad_()
    right, down = torch.randint(-JITTER, JITTER + 1, (2,), generator=random).tolist()
    shifted = image.roll((down, right), (2, 3))
    values = before(model.preprocessing.standardize(shifted))[0, filter].flatten()
    highest = values.topk(-(-len(values) // 4)).values.mean()
    (gradient,) = torch.autograd.grad(highest, image)
    return gradient / gradient.std().clamp(min=1e-12)


def _blurred(image: torch.Tensor) -> torch.Tensor:
    """Each pixel with its neighbours, by weights 1 2 1 down and across: the mean of four means of four."""
    wide = functional.pad(image, (1, 1, 1, 1), mode="replicate")
    return functional.avg_pool2d(functional.avg_pool2d(wide, 2, stride=1), 2, stride=1)
