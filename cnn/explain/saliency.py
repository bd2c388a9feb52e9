"""Saliency: which pixels would change the logit most, were they a little brighter or darker.

    saliency(network, image, target) -> Attribution

Simonyan, Vedaldi and Zisserman 2013, "Deep inside convolutional networks: visualising image classification models and
saliency maps", https://arxiv.org/abs/1312.6034
"""

import numpy as np
from captum.attr import Saliency
from torch import nn

from cnn.explain.attribution import Attribution
from cnn.model.build import to_batch


def saliency(network: nn.Sequential, image: np.ndarray, target: int) -> Attribution:
    """The size of the logit's gradient at each pixel; of colours the largest counts, as in the paper. Unsigned, >= 0.

    In logits for a change of a pixel by 1, that is from black to white.
    """
    batch = to_batch(image[None]).requires_grad_()
    gradients = Saliency(network.eval()).attribute(batch, target=target, abs=True)
    return Attribution(gradients[0].amax(0).numpy(), signed=False)
