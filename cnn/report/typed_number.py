"""Numbers as people type them."""

import math
import re

from cnn.percent import MINUS, singular

_DASHES = str.maketrans({MINUS: "-", "–": "-"})  # both may have been copied from a page
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_THOUSANDS_WITH_POINTS = re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}(,\d*)?|(\.\d{3})+,\d*)")
_COUNT_WITH_POINTS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_THOUSANDS_WITH_APOSTROPHES = re.compile(r"[+-]?\d{1,3}(['’]\d{3})+([.,]\d*)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")


def number_in(text: str, unit: str = "", is_count: bool = False) -> float | None:
    """The number in a text such as “1,234”, “−4”, “0,5” or “93.4 %”; None if it is none. unit: may follow the number,
    as in “12 epochs”, “12epochs” or “1 epoch”. is_count: whether only whole numbers make sense.

    A comma before three digits separates thousands, any other one is a decimal point. Points separate thousands if
    there is more than one, or a comma behind them, as in “1.234.567” and “1.234,5”; in a count, also a single one, as
    in “1.234”. Apostrophes do, as in “1'234”.
    """
    text = "".join(text.split()).translate(_DASHES).lower()
    for ending in (unit, singular(unit), "%"):
        text = text.removesuffix("".join(ending.split()).lower())
    if _THOUSANDS_WITH_POINTS.fullmatch(text) or (is_count and _COUNT_WITH_POINTS.fullmatch(text)):
        text = text.replace(".", "")
    elif _THOUSANDS_WITH_APOSTROPHES.fullmatch(text):
        text = re.sub("['’]", "", text)
    elif _THOUSANDS.fullmatch(text) and not re.match(r"[+-]?0", text):
        text = text.replace(",", "")
    text = text.replace(",", ".")
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None
