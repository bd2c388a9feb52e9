"""Integrated gradients: what each pixel adds to the logit on the way from a black image to this one.

    integrated_gradients(network, image, target, steps=64, progress=None) -> Attribution

Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", https://arxiv.org/abs/1703.01365
"""

import numpy as np
from captum.attr import IntegratedGradients
from torch import nn

from cnn.explain.attribution import Attribution, reporting
from cnn.explain.cut import Report, images_at_once
from cnn.model.build import to_batch


def integrated_gradients(
    network: nn.Sequential, image: np.ndarray, target: int, steps: int = 64, progress: Report | None = None
) -> Attribution:
    """Gradients averaged over `steps` images from black to this one, times the pixels; summed over colours. Signed.

    In logits. Their sum is the logit of the image less that of black (completeness); the `error` returned is what it
    is off by, because a sum of few steps stands for an integral. A black pixel always gets 0.
    """
    batch = to_batch(image[None])
    method = IntegratedGradients(reporting(network.eval(), steps, progress))
    values, error = method.attribute(
        batch,
        baselines=0.0,
        target=target,
        n_steps=steps,
        internal_batch_size=images_at_once(network, image),
        return_convergence_delta=True,
    )
    return Attribution(values[0].sum(0).detach().float().numpy(), signed=True, error=error.item())
