"""The optimiser, and which share of the learning rate each layer gets."""

from collections.abc import Iterable

import torch
from torch import nn

from cnn.model.model import Model
from cnn.specs import TrainingSpec


def parameter_groups(model: Model, spec: TrainingSpec) -> dict[float, list[nn.Parameter]]:
    """Share of the learning rate -> the parameters with that share: all of it for new layers, less for those that are
    fine-tuned. Frozen ones are left out."""
    groups: dict[float, list[nn.Parameter]] = {1.0: []}
    for layer in model.layers[1:]:
        if layer.start != "frozen":
            share = spec.base_rate if layer.start == "fine-tuned" else 1.0
            groups.setdefault(share, []).extend(model.network.get_submodule(layer.name).parameters())
    return groups


def make_optimizer(groups: Iterable[Iterable[nn.Parameter]], spec: TrainingSpec) -> torch.optim.Optimizer:
    """groups: parameters that have the same learning rate."""
    parameters = [{"params": list(group)} for group in groups]
    # On a CPU, PyTorch updates the parameters one by one by default; all at once is faster and gives the same result.
    at_once = True if parameters[0]["params"][0].device.type == "cpu" else None
    rate, decay = spec.learning_rate, spec.weight_decay
    match spec.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, fused=at_once)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=at_once)
        case "sgd":
            return torch.optim.SGD(parameters, momentum=0.9, lr=rate, weight_decay=decay, fused=at_once)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=rate, weight_decay=decay, foreach=at_once)
    raise ValueError(f"Unknown optimiser {spec.optimizer!r}.")
