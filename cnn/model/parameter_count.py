"""How the parameters of a layer are counted, as an arithmetic that can be shown and computed."""

from math import prod
from typing import NamedTuple


class Count(NamedTuple):
    """`copies` times the sum of the parts; each part is a product. The default is a layer without parameters.

    Convolution: 16 filters of 3 × 3 × 1 weights and a bias are Count(16, ((3, 3, 1), (1,))).
    """

    copies: int = 0
    parts: tuple[tuple[int, ...], ...] = ()

    @property
    def total(self) -> int:
        return self.copies * sum(map(prod, self.parts))

    @property
    def text(self) -> str:
        """'16 × (3 × 3 × 1 + 1) = 160', or 'none'."""
        if not self.parts:
            return "none"
        each = " + ".join(" × ".join(f"{factor:,}" for factor in part) for part in self.parts)
        return f"{self.copies:,} × {f'({each})' if len(self.parts) > 1 else each} = {self.total:,}"
