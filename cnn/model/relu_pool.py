"""Bias, ReLU and 2 × 2 max pooling in one pass over the maps, on a CPU.

Done separately, each of the three operations reads maps that are larger than a processor's caches, and PyTorch's
pooling stores eight bytes per value where one is enough. numba compiles the two loops below when this module is first
imported, which takes a second or two, and caches the result for later processes.
"""

import threading
from functools import partial

import numpy as np
import torch
from numba import config, get_num_threads, njit, prange, set_num_threads
from torch.autograd.function import once_differentiable

from cnn.system.threads import numba_threading_layer

DEAD = 4  # in `chosen`: ReLU gives 0. Otherwise `chosen` holds the index (0 to 3, row by row) of the largest value

config.THREADING_LAYER = numba_threading_layer(config.THREADING_LAYER)  # type: ignore[attr-defined]

# On first use, numba starts its threads and changes the number of OpenMP threads, which PyTorch may share. Restore it.
_threads = torch.get_num_threads()
set_num_threads(min(_threads, get_num_threads()))
torch.set_num_threads(_threads)
_lock = threading.Lock()  # some of numba's threading layers are not thread-safe

_MAPS, _CHOSEN = "float32[:,:,:,::1]", "uint8[:,:,:,::1]"


def _compiled(signature: str):
    """Compiles a function for the given signature. Its outer loop runs in threads, without Python's lock."""
    jit = partial(njit, signature, parallel=True, nogil=True, error_model="numpy")

    def compiled(function):
        try:
            return jit(cache=True)(function)
        except (OSError, RuntimeError):  # the compiled code cannot be cached: no writable folder, or a full disk
            return jit()(function)

    return compiled


# Both loops are free of branches and use unsigned indices (numba would check signed ones for negative values), so that
# the compiler can process 8 or 16 channels at once.


@_compiled(f"void({_MAPS}, float32[::1], {_MAPS}, {_CHOSEN})")
def _forward(maps, bias, pooled, chosen):
    images, height, width, channels = pooled.shape
    for n in prange(images):
        for y in range(height):
            top, bottom = np.uint64(2 * y), np.uint64(2 * y + 1)
            for x in range(width):
                left, right = np.uint64(2 * x), np.uint64(2 * x + 1)
                for c in range(channels):
                    largest, which = maps[n, top, left, c], np.uint8(0)
                    value = maps[n, top, right, c]
                    larger = (value > largest) | (value != value)  # NaN counts as the largest, as in PyTorch
                    largest, which = (value if larger else largest), (np.uint8(1) if larger else which)
                    value = maps[n, bottom, left, c]
                    larger = (value > largest) | (value != value)
                    largest, which = (value if larger else largest), (np.uint8(2) if larger else which)
                    value = maps[n, bottom, right, c]
                    larger = (value > largest) | (value != value)
                    largest, which = (value if larger else largest), (np.uint8(3) if larger else which)
                    largest += bias[c]
                    dead = largest <= 0
                    pooled[n, y, x, c] = np.float32(0) if dead else largest
                    chosen[n, y, x, c] = np.uint8(DEAD) if dead else which


@_compiled(f"void({_MAPS}, {_CHOSEN}, {_MAPS}, float32[:,::1])")
def _backward(gradient, chosen, maps_gradient, bias_gradient):
    images, height, width, channels = gradient.shape
    zero = np.float32(0)
    for n in prange(images):
        for y in range(height):
            top, bottom = np.uint64(2 * y), np.uint64(2 * y + 1)
            for x in range(width):
                left, right = np.uint64(2 * x), np.uint64(2 * x + 1)
                for c in range(channels):
                    value, which = gradient[n, y, x, c], chosen[n, y, x, c]
                    maps_gradient[n, top, left, c] = value if which == 0 else zero
                    maps_gradient[n, top, right, c] = value if which == 1 else zero
                    maps_gradient[n, bottom, left, c] = value if which == 2 else zero
                    maps_gradient[n, bottom, right, c] = value if which == 3 else zero
                    bias_gradient[n, c] += value if which != DEAD else zero


class _ReluPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx, maps, bias):
        images, channels, height, width = maps.shape
        pooled = _empty(images, channels, height // 2, width // 2)
        chosen = _empty(*pooled.shape, dtype=torch.uint8)
        values = _channels_last(maps.detach()), bias.detach().numpy()
        with _lock:
            _forward(*values, _channels_last(pooled), _channels_last(chosen))
        ctx.save_for_backward(chosen)
        ctx.size = height, width
        return pooled

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (chosen,) = ctx.saved_tensors
        height, width = ctx.size
        maps_gradient = _empty(*gradient.shape[:2], height, width)
        if height % 2:  # an odd last row or column is in no window
            maps_gradient[:, :, -1] = 0
        if width % 2:
            maps_gradient[:, :, :, -1] = 0
        bias_gradient = torch.zeros(gradient.shape[:2])
        values = _channels_last(gradient), _channels_last(chosen)
        with _lock:
            _backward(*values, _channels_last(maps_gradient), bias_gradient.numpy())
        return maps_gradient, bias_gradient.sum(0)


def relu_pool(maps: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """max_pool2d(relu(maps + bias), 2), differentiable: (N, C, H, W) and (C,) -> (N, C, H // 2, W // 2), all float32
    on the CPU. Gives the same numbers as PyTorch, except that the gradient of the bias is summed in a different
    order."""
    return _ReluPool.apply(maps, bias)


def _empty(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, memory_format=torch.channels_last)


def _channels_last(values: torch.Tensor) -> np.ndarray:
    """(N, C, H, W) as an array (N, H, W, C); a copy only if the memory layout differs."""
    return values.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).numpy()
