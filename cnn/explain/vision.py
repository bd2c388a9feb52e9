"""Imports torchvision even if its compiled part does not load.

The usual torchvision package is built for CUDA; with a CPU build of PyTorch its import fails with "operator
torchvision::nms does not exist". This program uses only its Python part, which works if those two operators are
declared; they are never called.
"""

import sys
import threading
from types import ModuleType

_OPERATORS: tuple[str, ...] = ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",)
_OPERATORS += tuple(schema.replace("nms", "qnms", 1) for schema in _OPERATORS)
_lock = threading.Lock()  # one thread at a time: another could see a half-finished import
_declared: list[object] = []  # keeps the library objects, without which the declarations end


def import_torchvision() -> ModuleType:
    """The module torchvision. Raises ImportError if it is not installed."""
    with _lock:
        return _import()


def _import() -> ModuleType:
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        import torch

        # Remove the modules of the failed import.
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for schema in _OPERATORS:
            library.define(schema)
        _declared.append(library)
        import torchvision
    return torchvision
