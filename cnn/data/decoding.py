"""How the values stored in image files become pixels from 0 (black) to 255 (white): one way for a whole dataset.

An 8-bit file without transparency needs none of this. Imports neither torch nor Streamlit.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from cnn.errors import UserError

WHITE, BLACK, GRAY = 255, 0, 128  # the backgrounds to choose from, in order of preference
_MOST_MEASURED = 100_000  # values of one picture
_VISIBLE = 24  # a drawing is visible if its grays differ from the background by this much


@dataclass(frozen=True)
class Decoding:
    """How files become pixels.

    black, white: the values that become 0 and 255 in files with more than 8 bits per value; others are clipped. None:
        the full range of the file's format.
    background: the gray, 0-255, that transparent pixels are blended with.
    bands: the most bands of a file, if any has more than four; only the first three are read, as red, green and blue.
    """

    black: float | None = None
    white: float | None = None
    background: int = WHITE
    bands: int = 0

    def __post_init__(self) -> None:
        ends = (self.black, self.white)
        is_range = all(type(end) in (int, float) and math.isfinite(end) for end in ends) and self.black < self.white  # type: ignore[operator, arg-type]
        if not (is_range or ends == (None, None)):
            raise UserError(f"Black and white must be two numbers, the smaller first, not {ends}.")
        if self.background not in range(256) or type(self.bands) is not int:
            raise UserError("The background must be a gray from 0 to 255, and the bands a whole number.")

    def to_dict(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping) -> "Decoding":
        """The record from the dict of `to_dict`; missing values take their defaults. Raises UserError."""
        if unknown := sorted(set(values) - {field.name for field in fields(cls)}):
            raise UserError(f"Unknown part of a decoding: {unknown[0]!r}.")
        return cls(**values)

    @property
    def text(self) -> str:
        """Sentences for the user about what is unusual; "" if nothing is."""
        sentences = []
        if self.black is not None:
            sentences.append(
                f"Files have more than 8 bits per value: in all of these, {self.black:,.6g} becomes black and "
                f"{self.white:,.6g} white."
            )
        if self.background != WHITE:
            gray = "black" if self.background == BLACK else "gray"
            sentences.append(f"Transparent images are drawn on {gray}, because on white some would not be seen.")
        if self.bands:
            sentences.append(f"Of {self.bands} bands, the first three are read, as red, green and blue.")
        return " ".join(sentences)


STANDARD = Decoding()


@dataclass(frozen=True)
class Traits:
    """What a file needs from the decoding of its dataset.

    low, high: the range of its values without the lowest and highest thousandth; None for 8 bits.
    invisible: the backgrounds on which its drawing cannot be seen. bands: as in `Decoding`.
    """

    low: float | None = None
    high: float | None = None
    invisible: tuple[int, ...] = ()
    bands: int = 0

    def __or__(self, other: "Traits") -> "Traits":
        return Traits(
            other.low if self.low is None else self.low,
            other.high if self.high is None else self.high,
            self.invisible or other.invisible,
            self.bands or other.bands,
        )


PLAIN_FILE = Traits()


def decoding_for(traits: list[Traits]) -> Decoding:
    """The decoding of a dataset whose files have these traits (plain files may be left out).

    The hundredth of the files with the darkest and brightest values do not count, so that a damaged file does not turn
    all others black. The background is white unless more drawings are visible on black, or on gray.
    """
    black = white = None
    deep = [(one.low, one.high) for one in traits if one.low is not None]
    if deep:
        lows, highs = zip(*deep, strict=True)
        black = float(np.quantile(lows, 0.01, method="lower"))
        white = float(np.quantile(highs, 0.99, method="higher"))
        if white <= black:  # images of one value: no scale is better than another
            black, white = min(black, 0.0), max(white, black + 1.0, 1.0)
    background = min((WHITE, BLACK, GRAY), key=lambda gray: sum(gray in one.invisible for one in traits))
    return Decoding(black, white, background, max((one.bands for one in traits), default=0))


def range_of(values: np.ndarray) -> Traits:
    """The range of a picture with more than 8 bits per value; values that are not finite do not count."""
    sample = values.reshape(-1)[:: -(-values.size // _MOST_MEASURED)].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return Traits(0.0, 0.0)
    low, high = np.quantile(sample, (0.001, 0.999), method="nearest").tolist()
    return Traits(low, high)


def eight_bits(values: np.ndarray, black: float, white: float) -> np.ndarray:
    """The values as uint8: black and below become 0, white and above 255. Values that are not finite are black."""
    with np.errstate(over="ignore"):  # doubles beyond the range of floats
        scaled = values.astype(np.float32)
    scaled[~np.isfinite(scaled)] = black
    scaled -= black
    scaled *= 255 / ((white - black) or 1)
    return np.rint(np.clip(scaled, 0, 255, out=scaled), out=scaled).astype(np.uint8)


def invisible_on(grays: np.ndarray, alpha: np.ndarray) -> tuple[int, ...]:
    """The backgrounds (WHITE, BLACK, GRAY) on which a drawing cannot be seen, because less than a twentieth of it
    differs enough. Both arrays: uint8 (H, W). None if nothing is drawn, or nothing is
    transparent."""
    if alpha.min() == 255:
        return ()
    drawn = alpha >= min(128, max(1, int(alpha.max())))
    if not drawn.any():
        return ()
    strength = alpha[drawn] / 255
    contrasts = {gray: np.abs(grays[drawn] - np.float64(gray)) * strength for gray in (WHITE, BLACK, GRAY)}
    return tuple(gray for gray, contrast in contrasts.items() if (contrast >= _VISIBLE).mean() < 0.05)
