"""What all kinds of layers have in common; `cnn.model.kinds` has the kinds. Plain data and arithmetic, no torch."""

from collections.abc import Mapping
from typing import ClassVar

from cnn.model.parameter_count import Count
from cnn.model.torch_module import TorchModule
from cnn.model.windows import Pair, Window, pair, sides

Shape = tuple[int, ...]  # of one image's values: (channels, height, width), or (values,)


class Kind:
    """A kind of layer: all that the rest of the program asks it. Subclasses override the defaults.

    given: the shape of the layer's input.
    """

    kind: ClassVar[str]
    takes = "maps or values"  # or "maps", or "values": in a row
    function = ""  # of an activation (relu, ...) or a pooling (max, average)
    is_numbered = True  # conv1, conv2, ...; flatten has no number
    keeps_shape = False  # drawn with the layer before it
    keeps_sign = False  # the output is negative only if the input is
    is_view = False  # the output shares memory with the input
    numbers: ClassVar[Mapping[str, str]] = {}  # the numbers that explain its values: name -> attribute of the module

    @property
    def name(self) -> str:
        """The name of its layers, without their number."""
        return self.kind

    @property
    def label(self) -> str:
        """Its name in the drawing."""
        return self.kind

    @property
    def sentence(self) -> str:
        """A sentence for students: what it does."""
        raise NotImplementedError

    def reason(self, given: Shape) -> str:
        """A sentence or two for students: what that is good for."""
        raise NotImplementedError

    @property
    def keeps_input(self) -> bool:
        """Whether PyTorch keeps its input for the backward pass."""
        return False

    @property
    def keeps_output(self) -> bool:
        """Whether PyTorch keeps its output for the backward pass."""
        return False

    def module(self, given: Shape) -> TorchModule:
        raise NotImplementedError

    def window(self, given: Shape) -> Window | None:
        """The window that slides over the input; None if a value depends on one value, or on all."""
        return None

    def maps(self, given: Shape) -> int:
        """The number of output maps, if it has a window."""
        return given[0]

    def shape(self, given: Shape) -> Shape:
        window = self.window(given)
        return given if window is None else (self.maps(given), *window.places(sides_of(given)))

    def count(self, given: Shape) -> Count:
        """How its parameters are counted."""
        return Count()

    def parameters(self, given: Shape) -> int:
        return self.count(given).total

    def multiply_adds(self, given: Shape) -> int:
        """Multiply-adds for one image, forward pass."""
        return 0

    def extra_values(self, given: Shape) -> int:
        """How many 4-byte numbers PyTorch keeps for one image, besides input and output."""
        return 0

    def signed(self, before: bool) -> bool:
        """Whether its output can be negative. before: whether its input can."""
        return before if self.keeps_sign else True

    def misfit(self, given: Shape) -> str:
        """Why it cannot take this input, to follow "conv1 does not fit: "; "" if it can."""
        if self.takes == "maps" and len(given) != 3:
            return f"it needs maps, and gets {shape_text(given)} values in a row."
        if self.takes == "values" and len(given) != 1:
            return f"it needs values in a row, and gets maps of {shape_text(given)}: flatten them."
        window = self.window(given)
        if window and min(window.places(sides_of(given))) < 1:
            return f"its {self._reader} larger than the {sides(sides_of(given))} maps it gets."
        return ""

    @property
    def _reader(self) -> str:
        """The window in words, with the verb: '3 × 3 filters are'."""
        raise NotImplementedError


def sides_of(maps: Shape) -> Pair:
    """The rows and columns of maps of this shape."""
    _, rows, columns = maps
    return rows, columns


def shape_text(shape: Shape) -> str:
    """'16 × 48 × 48', or '1,936' for a flat layer."""
    return " × ".join(f"{n:,}" for n in shape)


def make_pairs(record: Kind, *names: str) -> None:
    """Turns these attributes of a new record into pairs."""
    for name in names:
        object.__setattr__(record, name, pair(getattr(record, name)))


def check_least(record: Kind, least: int, *names: str) -> None:
    """Raises ValueError if one of these attributes, or a side of it, is smaller."""
    for name in names:
        value = getattr(record, name)
        if min(value if isinstance(value, tuple) else (value,)) < least:
            raise ValueError(f"The {name} of a {record.kind} layer must be at least {least}, not {value!r}.")
