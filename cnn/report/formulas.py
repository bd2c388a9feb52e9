"""Formulas between dollar signs in Markdown: how they are found, and how they become MathML.

The pages show them with KaTeX, which knows more of LaTeX. A formula that cannot be typeset here is
shown as the student typed it.
"""

import re
from html import unescape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from math_core import LatexError, LatexToMathML

# Between one or two dollar signs, with a space at both ends or at none: “$5 and $10” is no formula.
_INLINE = re.compile(r"(\$\$?)(?!\$)((?=\s)(?:\\.|[^$\\])+(?<=\s)|(?=\S)(?:\\.|[^$\\])+(?<=\S))\1(?![\d$])", re.DOTALL)
# What follows a % would be lost. New commands could make a short text endlessly long and deep.
_REFUSED = re.compile(r"(?<!\\)%|\\(?:\w*command|\w*def|let)(?![a-zA-Z])")
_ENTITY = re.compile(r"&(?!lt;|gt;|amp;|quot;|#)\w+;")  # of HTML, which XML does not know
_OPENING = re.compile(r"\\[a-zA-Z]+|\{")
LONGEST = 2_000  # characters
MOST_OPENINGS = 150  # 640 inside each other overflow a stack of 1 MB

MATHML_TAGS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom"),
    *("menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"),
}
MATHML_ATTRIBUTES = {
    *("display", "mathvariant", "stretchy", "fence", "form", "movablelimits", "accent", "accentunder", "minsize"),
    *("maxsize", "largeop", "symmetric", "notation", "linethickness", "displaystyle", "scriptlevel", "width", "height"),
    *("depth", "lspace", "rspace", "voffset", "style"),
}
MATHML_STYLES = {"text-align", "justify-items", "padding-left", "padding-right", "width"}  # of cells

_to_mathml = LatexToMathML()


def add_formulas(parser: MarkdownIt) -> None:
    """Lets a parser find formulas. Their tokens have the type “formula”. content: LaTeX. markup: the dollar signs.
    block: whether the formula stands alone."""
    parser.inline.ruler.before("escape", "formula", _inline)
    parser.block.ruler.before("fence", "formula", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def _inline(state: StateInline, silent: bool) -> bool:
    found = _INLINE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content, token.markup = found[2], found[1]
        token.block = found[1] == "$$" and state.src.strip() == found[0]
    state.pos = found.end()
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The lines between two lines “$$”."""
    if state.is_code_block(start) or _line(state, start) != "$$":
        return False
    for last in range(start + 1, end):
        if state.sCount[last] < state.blkIndent and not state.isEmpty(last):
            return False  # the list that it is in has ended
        if _line(state, last) == "$$":
            break
    else:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = "\n" + state.getLines(start + 1, last, state.blkIndent, True)
        token.markup, token.block, token.map = "$$", True, [start, last + 1]
        state.line = last + 1
    return True


def _line(state: StateBlock, at: int) -> str:
    return state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]].strip()


def as_typed(token: Token | SyntaxTreeNode) -> str:
    """A formula with its dollar signs."""
    return f"{token.markup}{token.content}{token.markup}"


def mathml(latex: str, block: bool) -> Element | None:
    """A formula as MathML; None if it cannot be typeset. block: whether it stands alone."""
    if len(latex) > LONGEST or len(_OPENING.findall(latex)) > MOST_OPENINGS or _REFUSED.search(latex):
        return None
    try:
        text = _to_mathml.convert_with_local_state(latex, displaystyle=block)
        return ElementTree.fromstring(_ENTITY.sub(lambda found: unescape(found[0]), text))
    except (LatexError, ElementTree.ParseError):
        return None
