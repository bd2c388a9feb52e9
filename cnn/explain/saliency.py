"""Saliency: which pixels change the logit most if they become a little brighter or darker?

Simonyan, Vedaldi and Zisserman 2013, "Deep inside convolutional networks: visualising image classification models and
saliency maps", https://arxiv.org/abs/1312.6034
"""

import numpy as np

from cnn.explain.attribution import Attribution, Method, Paper, logits_of_pixels
from cnn.model.model import Model, unit_pixels


def saliency(model: Model, image: np.ndarray, target: int) -> Attribution:
    """The absolute gradient of the logit at each pixel; the largest of its colours, as in the paper. Unsigned, >= 0.

    Unit: change of the logit for a change of the pixel by 1, from black to white.
    """
    from cnn.explain.third_party import Saliency  # here, because it takes a second to load

    # The image as numbers from 0 to 1. Ask PyTorch for gradients with respect to them.
    pixels = unit_pixels(image[None]).requires_grad_()
    # Backward from the class's logit to every pixel; take the absolute value.
    gradients = Saliency(logits_of_pixels(model)).attribute(pixels, target=target, abs=True)
    # One number per pixel: the largest of its colour channels.
    return Attribution(gradients[0].amax(0).numpy(), signed=False)


METHOD = Method(
    name="saliency",
    attribute=saliency,
    question="How much would the score change if this pixel changed a little?",
    misleads="A pixel can be sensitive without being the reason for the score. The picture is noisy.",
    note="how much a small change of each pixel changes the score",
    nothing="no pixel changes the score",
    paper=Paper("Simonyan et al. 2013", "https://arxiv.org/abs/1312.6034"),
)
