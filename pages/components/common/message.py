"""Messages to the browser that contain arrays as raw bytes: base64 would add a third to the size and a copy on each
side.

A message is 4 bytes header length (little endian), the header as JSON, padding to 8 bytes, then the arrays, each padded
to 8 bytes. In the header, each array is replaced by its dtype, shape and offset from the first array. message.js
decodes it.
"""

import json

import numpy as np

_ALIGNMENT = 8  # typed arrays in the browser must start at a multiple of their item size
_TYPES = {"u1": np.uint8, "<f4": np.float32, "<u4": np.uint32}
_NAMES = {np.dtype(dtype): name for name, dtype in _TYPES.items()}


def encode(header: dict) -> bytes:
    """The message for a header: JSON values and, anywhere in it, arrays of uint8, uint32 or float32.

    An array that occurs twice is sent once. Raises TypeError for an array of another dtype, and ValueError
    for NaN or infinity outside arrays, which JSON cannot hold.
    """
    arrays = _Arrays()
    text = json.dumps(header, default=arrays.add, allow_nan=False).encode()
    return b"".join([_padded(len(text).to_bytes(4, "little") + text), *arrays.parts])


class _Arrays:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0
        self._known: dict[int, dict] = {}  # by id(array): the header keeps the arrays alive

    def add(self, array: object) -> dict:
        """Adds an array; returns its description for the header."""
        if not isinstance(array, np.ndarray) or array.dtype not in _NAMES:
            kind = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise TypeError(f"A message takes arrays of uint8, uint32 or float32, not {kind}.")
        if id(array) not in self._known:
            name = _NAMES[array.dtype]
            part = _padded(np.ascontiguousarray(array, name).tobytes())
            self._known[id(array)] = {"dtype": name, "shape": array.shape, "offset": self._size}
            self.parts.append(part)
            self._size += len(part)
        return self._known[id(array)]


def _padded(part: bytes) -> bytes:
    return part + bytes(-len(part) % _ALIGNMENT)
