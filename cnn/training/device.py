"""Where to compute: the processor, an NVIDIA GPU or an Apple one, and what its memory holds."""

import dataclasses

import numpy as np
import torch

from cnn.data.dataset import Dataset
from cnn.system.memory import available


def best_device() -> str:
    """Where to train: "cuda", "mps" (Apple) or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def free_memory(device: str) -> int:
    """Bytes that training may take there; Apple's GPUs share the memory of the machine."""
    return torch.cuda.mem_get_info()[0] if device == "cuda" else available()


def resident(dataset: Dataset, device: str) -> Dataset:
    """The same dataset with its images as one uint8 tensor (N, S, S, C) on a GPU, so that batches need not travel
    there; as it is for the processor, or where the images would take more than half of the memory that is free."""
    if device == "cpu" or 2 * dataset.images.nbytes > free_memory(device):
        return dataset
    return dataclasses.replace(dataset, images=torch.from_numpy(np.array(dataset.images)).to(device))
