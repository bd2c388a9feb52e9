"""Integrated gradients: what does each pixel add to the logit on the way from a black image to this one?

Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", https://arxiv.org/abs/1703.01365
"""

import numpy as np
from captum.attr import IntegratedGradients

from cnn.explain.attribution import Attribution, Method, Paper, logits_of_pixels
from cnn.model.model import Model, unit_pixels
from cnn.training.batches import Report, images_at_once


def integrated_gradients(
    model: Model, image: np.ndarray, target: int, steps: int = 64, progress: Report | None = None
) -> Attribution:
    """Gradients averaged over `steps` images from black to this one, times the pixels; summed over colours. Signed.

    In logits. Their sum is the logit of the image less that of black (completeness); the `error` returned is what it
    is off by, because a sum of few steps stands for an integral. A black pixel always gets 0.
    """
    pixels = unit_pixels(image[None])
    # The image is faded in from black; at each step, every pixel's gradient says what a little more of it adds.
    method = IntegratedGradients(logits_of_pixels(model, steps, progress))
    values, error = method.attribute(
        pixels,
        baselines=0.0,
        target=target,
        n_steps=steps,
        internal_batch_size=images_at_once(model.layers),
        return_convergence_delta=True,
    )
    # One number for each place: what its colours add together.
    return Attribution(values[0].sum(0).detach().float().numpy(), signed=True, error=error.item())


METHOD = Method(
    name="integrated gradients",
    attribute=integrated_gradients,
    question="As the image is faded in from black, how much does each pixel add to the score?",
    misleads="Black pixels get nothing, however much they matter.",
    note="each pixel's share in the score",
    nothing="no pixel has a share in the score",
    paper=Paper("Sundararajan et al. 2017", "https://arxiv.org/abs/1703.01365"),
    doing="Fading the image in from black",
)
