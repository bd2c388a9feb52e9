"""Integrated gradients: what does each pixel add to the logit on the way from a black image to this one?

Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", https://arxiv.org/abs/1703.01365
"""

import numpy as np

from cnn.explain.attribution import Attribution, Method, Paper, logits_of_pixels
from cnn.model.model import Model, unit_pixels
from cnn.training.batches import Report, images_at_once


def integrated_gradients(
    model: Model, image: np.ndarray, target: int, steps: int = 64, progress: Report | None = None
) -> Attribution:
    """Gradients averaged over `steps` images from black to this one, times the pixels; summed over colours. Signed.

    Unit: logits. The values sum to the logit of the image minus the logit of a black image (completeness). A sum of
    few steps only approximates the integral; `error` is the difference. A black pixel always gets 0.
    """
    from cnn.explain.third_party import IntegratedGradients  # here, because it takes a second to load

    # The image as numbers from 0 to 1; black is 0.
    pixels = unit_pixels(image[None])
    # Fade the image in from black in `steps` steps. At each step take the gradient of the logit with respect to the
    # pixels. The mean gradient times the pixel is what the pixel adds.
    method = IntegratedGradients(logits_of_pixels(model, steps, progress))
    values, error = method.attribute(
        pixels,
        baselines=0.0,
        target=target,
        n_steps=steps,
        internal_batch_size=images_at_once(model.layers),
        return_convergence_delta=True,
    )
    # One number per pixel: the sum of its colour channels.
    return Attribution(values[0].sum(0).detach().float().numpy(), signed=True, error=error.item())


METHOD = Method(
    name="integrated gradients",
    attribute=integrated_gradients,
    question="How much does each pixel add to the score while the image is faded in from black?",
    misleads="Black pixels always get 0, even if they matter.",
    note="what each pixel adds to the score",
    nothing="no pixel adds to the score",
    paper=Paper("Sundararajan et al. 2017", "https://arxiv.org/abs/1703.01365"),
    doing="Fading the image in from black",
)
