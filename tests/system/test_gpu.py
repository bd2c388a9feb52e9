import ctypes

import pytest

from cnn.system import gpu

FREE = 12_345_678_901


class Driver:
    """Plays NVML, with two GPUs. Each function returns 0 if it succeeds."""

    def nvmlDeviceGetHandleByIndex_v2(self, index, device):
        device._obj.value = index.value + 1
        return 0 if index.value < 2 else 6

    def nvmlDeviceGetHandleByUUID(self, name, device):
        device._obj.value = 2
        return 0 if name == b"GPU-two" else 6

    def nvmlDeviceGetMemoryInfo(self, device, memory):
        memory._obj.total, memory._obj.free = 2 * FREE, FREE // device.value
        return 0


@pytest.mark.parametrize(
    ("visible", "free"),
    [(None, FREE), ("1,0", FREE // 2), ("GPU-two", FREE // 2), ("", None), ("-1", None), ("7", None), ("GPU-x", None)],
)
def test_the_free_memory_is_that_of_the_first_gpu_that_trainers_see(monkeypatch, visible, free):
    monkeypatch.setattr(gpu, "_nvml", Driver)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpu.free_gpu_memory() == free


def test_a_machine_without_the_library_has_no_gpu(monkeypatch):
    def missing(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    gpu._nvml.cache_clear()
    assert gpu.free_gpu_memory() is None
    gpu._nvml.cache_clear()
