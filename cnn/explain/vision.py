"""torchvision, also where its compiled part does not load.

Its package from the usual index is built for CUDA; beside a PyTorch for the CPU its import ends with "operator
torchvision::nms does not exist". All that this program uses of it is plain Python and works once those two operators
are declared; they are never called here.
"""

import sys
import threading
from types import ModuleType

_OPERATORS: tuple[str, ...] = ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",)
_OPERATORS += tuple(schema.replace("nms", "qnms", 1) for schema in _OPERATORS)
_lock = threading.Lock()  # of two threads that import it at once, one could find what the other has half made
_declared: list[object] = []  # a declaration holds as long as its library object lives


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

        # What the failed import left behind is half made.
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for schema in _OPERATORS:
            library.define(schema)
        _declared.append(library)
        import torchvision
    return torchvision
