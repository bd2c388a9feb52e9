"""The device to compute on (the processor, an NVIDIA GPU or an Apple GPU) and its memory."""

import numpy as np
import torch

from cnn.system.memory import available


def best_device() -> str:
    """Where to train: "cuda", "mps" (Apple) or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def free_memory(device: str) -> int:
    """Free memory of the device in bytes; Apple's GPUs share the memory of the machine."""
    return torch.cuda.mem_get_info()[0] if device == "cuda" else available()


def resident(images: np.ndarray, device: str) -> np.ndarray | torch.Tensor:
    """The images, uint8 (N, S, S, C), as one tensor on the GPU, so that batches need not be copied there. Unchanged for
    the processor, or if they would take more than half of the free memory."""
    if device == "cpu" or 2 * images.nbytes > free_memory(device):
        return images
    return torch.from_numpy(np.array(images)).to(device)
