"""Free memory of an NVIDIA GPU, as its driver says.

Asked through NVML, the driver's own library, and not through torch.cuda.mem_get_info: that gives the same number, but
starts CUDA, which takes memory of the GPU in every process that asks, such as the server.
"""

import ctypes
import os
import sys
from functools import cache

LIBRARY = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"


class _Memory(ctypes.Structure):
    """nvmlMemory_t, in bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def free_gpu_memory() -> int | None:
    """Bytes free on the GPU that trainers use: the first one, or the first in CUDA_VISIBLE_DEVICES. None if there is no
    NVIDIA GPU, or its driver does not answer."""
    nvml, memory = _nvml(), _Memory()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    if nvml is None or not visible or visible.startswith("-"):
        return None
    device = ctypes.c_void_p()
    if visible.isdecimal():
        missing = nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(int(visible)), ctypes.byref(device))
    else:
        missing = nvml.nvmlDeviceGetHandleByUUID(visible.encode(), ctypes.byref(device))
    if missing or nvml.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)):
        return None
    return int(memory.free)


@cache
def _nvml() -> ctypes.CDLL | None:
    """The library, ready to be asked; None if this machine has none."""
    try:
        nvml = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    return None if nvml.nvmlInit_v2() else nvml
