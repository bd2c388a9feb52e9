"""Formulas for Typst: MathML, element by element, as calls of Typst's functions for mathematics.

Every sign stands in a string literal, so no formula can stop the layout of a document.
"""

import re
from xml.etree.ElementTree import Element

from cnn.report.typst_text import literal

_OPENING, _CLOSING, _UPRIGHT_BARS = set("([{⟨⌊⌈⟦"), set(")]}⟩⌋⌉⟧"), set("|‖")
_LIMITS = set("∑∏∐⋃⋂⨁⨂⨀⋁⋀⨄⨆")  # above and below in a line of its own, beside it in a text: Typst knows when
_PRIMES = {"′": 1, "″": 2, "‴": 3, "⁗": 4}
_INVISIBLE = set("\u2061\u2062\u2063\u2064")
_OVER = {"̲": "overline", "‾": "overline", "―": "overline", "⏞": "overbrace", "⎴": "overbracket", "⏜": "overparen"}
_UNDER = {"_": "underline", "̲": "underline", "⏟": "underbrace", "⎵": "underbracket", "⏝": "underparen"}
_ACCENTS = {  # of MathML, above a letter -> the same as a combining character, which Typst takes for an accent
    **{
        "^": "\u0302",
        "ˆ": "\u0302",
        "~": "\u0303",
        "˜": "\u0303",
        "¯": "\u0304",
        "ˉ": "\u0304",
        "´": "\u0301",
        "`": "\u0300",
    },
    **{"→": "\u20d7", "\u20d7": "\u20d7", "←": "\u20d6", "\u20d6": "\u20d6", "˙": "\u0307", "¨": "\u0308"},
    **{"\u20db": "\u20db", "˘": "\u0306", "ˇ": "\u030c", "˚": "\u030a"},
}
# The function that the formulas call. One that is wider than the page is made smaller, or broken like a text.
FORMULA = """\
#let formula(block, body) = {
  set text(1.1em) // its small letters are then as high as those around it
  let own = math.equation(block: block, body)
  if block { layout(size => {
    let part = size.width / calc.max(measure(own).width, 1pt)
    if part >= 1 { own } else if part < 0.6 { math.equation(body) } else { scale(100% * part, reflow: true, own) }
  }) } else { own }
}
"""
DEEPEST = 20  # elements inside each other; Typst refuses expressions of some 80
_EM = re.compile(r"-?\d*\.?\d+em")


class _UnknownError(Exception):
    """An element that has no counterpart here."""


def typst_formula(formula: Element) -> str | None:
    """MathML as Typst markup, which needs FORMULA; None if it holds something that is not known here."""
    if _depth(formula) > DEEPEST:
        return None
    try:
        block = "true" if formula.get("display") == "block" else "false"
        return f"#formula({block}, {_content(formula)})"
    except _UnknownError:
        return None


def _depth(element: Element) -> int:
    return 1 + max(map(_depth, element), default=0)


def _content(element: Element) -> str:
    """The elements inside this one, as a Typst expression."""
    return _row(list(element))


def _row(elements: list[Element]) -> str:
    return "[" + "".join(f"#{text}" for one in elements if (text := _expression(one))) + "]"


def _expression(element: Element) -> str:
    """An element as a Typst expression; "" for one that shows nothing."""
    text = (element.text or "").replace("\ufe00", "")  # a variant of a script letter
    inside = list(element)
    match element.tag:
        case "mi" | "mn" | "mtext":
            return _letters(text, element)
        case "mo":
            return _operator(text, element)
        case "mspace":
            return _space(element.get("width", ""))
        case "mrow" | "mstyle" | "mpadded":
            return _group(element)
        case "mphantom":
            return f"hide({_content(element)})"
        case "menclose" if element.get("notation") == "box":
            return f"box(stroke: 0.5pt, inset: 3pt, $#{_content(element)}$)"
        case "mfrac" if element.get("linethickness", "").startswith("0"):
            return _matrix([[_argument(one)] for one in inside])
        case "mfrac":
            return f"math.frac({_argument(inside[0])}, {_argument(inside[1])})"
        case "msqrt":
            return f"math.sqrt({_content(element)})"
        case "mroot":
            return f"math.root({_argument(inside[1])}, {_argument(inside[0])})"
        case "msub" | "msup" | "msubsup" | "munder" | "mover" | "munderover":
            return _attached(element)
        case "mtable":
            return _table(element)
    raise _UnknownError(element.tag)


def _argument(element: Element) -> str:
    return _row([element])


def _letters(text: str, element: Element) -> str:
    if element.tag == "mi" and len(text) == 1:
        return (
            f"math.upright({literal(text)})" if element.get("mathvariant") == "normal" else f"symbol({literal(text)})"
        )
    return f"({literal(text)})" if text else ""


def _operator(text: str, element: Element) -> str:
    if not text or set(text) <= _INVISIBLE:
        return _space(element.get("lspace", ""))
    sign = f"symbol({literal(text)})" if len(text) == 1 else f"({literal(text)})"
    if size := element.get("minsize", ""):
        sign = f"math.lr(size: {size}, {sign})" if _EM.fullmatch(size) else sign
    return f'math.class("normal", {sign})' if text in ",;" and element.get("rspace") == "0" else sign


def _space(width: str) -> str:
    return f"h({width})" if _EM.fullmatch(width) else ""


def _group(element: Element) -> str:
    """A row; between brackets that grow with it, if it begins or ends with one."""
    inside = list(element)
    content = _row(inside)
    if inside and (_grows(inside[0], _OPENING) or _grows(inside[-1], _CLOSING)):
        content = f"math.lr({content})"
    match element.get("displaystyle"):
        case "true":
            return f"math.display({content})"
        case "false":
            return f"math.inline({content})"
    return content


def _grows(element: Element, brackets: set[str]) -> bool:
    is_bracket = element.tag == "mo" and (element.text or "") in brackets | _UPRIGHT_BARS
    return is_bracket and element.get("stretchy") != "false"


def _attached(element: Element) -> str:
    base, *others = element
    sign = (others[0].text or "") if others[0].tag == "mo" else ""
    if element.tag == "mover" and sign in _OVER:
        return f"math.{_OVER[sign]}({_argument(base)})"
    if element.tag == "munder" and sign in _UNDER:
        return f"math.{_UNDER[sign]}({_argument(base)})"
    if element.tag == "mover" and sign in _ACCENTS:
        return f"math.accent({_argument(base)}, {literal(_ACCENTS[sign])})"
    places = {"msub": "b", "msup": "t", "msubsup": "bt", "munder": "b", "mover": "t", "munderover": "bt"}[element.tag]
    shown = _expression(base) or '("")'
    if (base.text or "") not in _LIMITS:
        shown = f"math.{'limits' if element.tag.startswith(('munder', 'mover')) else 'scripts'}({shown})"
    parts = [f"{place}: {_script(one)}" for place, one in zip(places, others, strict=True)]
    return f"math.attach({shown}, {', '.join(parts)})"


def _script(element: Element) -> str:
    count = _PRIMES.get(element.text or "")
    return f"math.primes({count})" if count else _argument(element)


def _table(table: Element) -> str:
    is_aligned = table.get("displaystyle") == "true"  # equations below each other, the “=” in a column
    style = "math.display" if is_aligned else "math.inline"
    rows = [[_cell(cell, at, style) for at, cell in enumerate(row)] for row in table]
    return _matrix(rows, "column-gap: 0.28em, row-gap: 0.5em, " if is_aligned else "")


def _cell(cell: Element, column: int, style: str) -> str:
    """The content of a cell; a point of alignment stands at the edge where its column is flush."""
    content = f"{style}({_content(cell)})"
    look = cell.get("style", "")
    if "text-align: left" in look:
        return f"$&#{content}$"
    gap = "#h(2em)" if column and "width" not in look else ""
    return f"${gap}#{content}&$" if "text-align: right" in look else content


def _matrix(rows: list[list[str]], gaps: str = "") -> str:
    cells = ", ".join("(" + "".join(f"{cell or '[]'}, " for cell in row) + ")" for row in rows)
    return f"math.mat(delim: none, {gaps}{cells})"
