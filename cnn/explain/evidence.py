"""Evidence: how much does each map and each unit speak for the answer?

Activation times gradient, summed over a map: about what the score of the class would lose if the map were 0.
Shrikumar et al. 2016, "Not just a black box: learning important features through propagating activation differences",
https://arxiv.org/abs/1605.01713
"""

import numpy as np
import torch

from cnn.model.model import Model


def evidence(model: Model, image: np.ndarray, target: int) -> dict[str, np.ndarray]:
    """Layer name -> float32 (maps or units,), in the unit of the logit of class `target`. Positive: it raises it.

    image: uint8 (H, W, C), with the size and channels of the model. In evaluation mode: dropout does nothing.
    """
    network = model.network.eval()
    with torch.enable_grad():
        # Forward, layer by layer; keep every output.
        values = model.batch(image[None]).requires_grad_()
        outputs = {}
        for name, module in network.named_children():
            values = module(values)
            outputs[name] = values
        # Backward from the logit to every output.
        gradients = torch.autograd.grad(values[0, target], list(outputs.values()))
    # Activation times gradient; one number for each map.
    products = ((output * gradient)[0].detach() for output, gradient in zip(outputs.values(), gradients, strict=True))
    return {
        name: each.flatten(1).sum(1).numpy() if each.dim() > 1 else each.numpy()
        for name, each in zip(outputs, products, strict=True)
    }


def strongest_first(evidence: np.ndarray, is_silent: np.ndarray) -> np.ndarray:
    """The units (int64) in the order in which to look at them: those that speak most for or against the class first,
    the silent ones (bool, all 0 for this image) last; ties keep their order."""
    return np.lexsort((-np.abs(evidence), is_silent))
