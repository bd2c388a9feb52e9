"""Saliency: which pixels would change the logit most, were they a little brighter or darker?

Simonyan, Vedaldi and Zisserman 2013, "Deep inside convolutional networks: visualising image classification models and
saliency maps", https://arxiv.org/abs/1312.6034
"""

import numpy as np
from captum.attr import Saliency

from cnn.explain.attribution import Attribution, Method, Paper, logits_of_pixels
from cnn.model.model import Model, unit_pixels


def saliency(model: Model, image: np.ndarray, target: int) -> Attribution:
    """The size of the logit's gradient at each pixel; of colours the largest counts, as in the paper. Unsigned, >= 0.

    In logits for a change of a pixel by 1, that is from black to white.
    """
    pixels = unit_pixels(image[None]).requires_grad_()
    # The gradient of the class's logit with respect to every pixel, without its sign.
    gradients = Saliency(logits_of_pixels(model)).attribute(pixels, target=target, abs=True)
    # One number for each place: that of the colour which matters most there.
    return Attribution(gradients[0].amax(0).numpy(), signed=False)


METHOD = Method(
    name="saliency",
    attribute=saliency,
    question="How much would the score change if this pixel changed a little?",
    misleads="It shows where the network is sensitive, which need not be what it relies on, and it is noisy.",
    note="how much the score answers to each pixel",
    nothing="no pixel would change the score",
    paper=Paper("Simonyan et al. 2013", "https://arxiv.org/abs/1312.6034"),
)
