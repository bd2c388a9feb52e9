"""Imports packages and tries them, for `python -m cnn check`: a broken package may end the process that imports it.

python -m cnn.cli.trial NAME...    prints two lines of JSON for each: {"begin": NAME}, and {"text": what works} or
                                   {"error": why it does not}
"""

import importlib
import json
import sys

# Packages whose module has another name.
MODULES = {
    "pillow": "PIL.Image",
    "captum": "captum.attr",
    "markdown-it-py": "markdown_it",
    "math-core": "math_core",
}


def _torch() -> str:
    import torch

    layer = torch.nn.Conv2d(3, 4, 3)
    layer(torch.rand(2, 3, 8, 8)).sum().backward()
    assert layer.weight.grad is not None and layer.weight.grad.isfinite().all()
    return f"PyTorch {torch.__version__} computes, with {torch.get_num_threads()} threads."


def _torchvision() -> str:
    from cnn.explain.vision import import_torchvision

    return f"torchvision {import_torchvision().__version__} works."


def _numba() -> str:
    import torch

    from cnn.model.relu_pool import relu_pool

    maps, bias = torch.randn(2, 3, 8, 8), torch.randn(3)
    expected = torch.nn.functional.max_pool2d(maps + bias[:, None, None], 2).relu()
    torch.testing.assert_close(relu_pool(maps, bias), expected)
    return "numba compiles the fast part of the training."


def _device() -> str:
    import torch

    from cnn.training.device import best_device

    device = best_device()
    if device == "cpu":
        return "No GPU that PyTorch can use: networks train on the processor."
    layer, images = torch.nn.Conv2d(3, 4, 3), torch.rand(2, 3, 8, 8)
    expected = layer(images)
    torch.testing.assert_close(layer.to(device)(images.to(device)).cpu(), expected, rtol=1e-2, atol=1e-2)
    name = torch.cuda.get_device_name() if device == "cuda" else "Apple's GPU"
    return f"Networks train on the GPU ({name})."


TRIALS = {"torch": _torch, "torchvision": _torchvision, "numba": _numba, "device": _device}


def attempt(name: str) -> dict[str, str]:
    """Imports a package and tries it: {"text": what works}, or {"error": why it does not}."""
    try:
        if name in TRIALS:
            return {"text": TRIALS[name]()}
        importlib.import_module(MODULES.get(name, name))
        return {"text": ""}
    except Exception as error:  # packages fail in any way
        reason = " ".join(str(error).split())
        return {"error": f"{type(error).__name__}: {reason}" if reason else type(error).__name__}


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # packages may print
    for name in sys.argv[1:]:
        print(json.dumps({"begin": name}), file=answers, flush=True)
        print(json.dumps(attempt(name)), file=answers, flush=True)


if __name__ == "__main__":
    main()
