"""Formulas between dollar signs: typeset in HTML and PDF, or left as they were typed; no text is ever lost."""

import io
import random
import threading
from html import escape
from xml.etree.ElementTree import Element, fromstring

import pytest
from pypdf import PdfReader

from cnn.report.document import document_of
from cnn.report.formulas import MOST_OPENINGS, mathml
from cnn.report.html import html_of
from cnn.report.pdf import pdf_of
from cnn.report.typst_formulas import DEEPEST, typst_formula
from cnn.report.written import as_html, as_typst
from tests.report.examples import report


def shape(element: Element):
    """Tags and texts, without rows that hold a single element and without attributes."""
    inside = [shape(child) for child in element]
    if element.tag in {"math", "mrow"} and len(inside) == 1:
        return inside[0]
    return (element.tag, *inside) if inside else element.text


# By hand, from the specification of MathML.
@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{a}{b+1}", ("mfrac", "a", ("mrow", "b", "+", "1"))),
        (r"\sum_{i=1}^n x_i", ("math", ("munderover", "∑", ("mrow", "i", "=", "1"), "n"), ("msub", "x", "i"))),
        (r"\sqrt[3]{x^2}", ("mroot", ("msup", "x", "2"), "3")),
        (r"\hat{y} \le 93{,}4\,\%", None),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", None),
    ],
)
def test_a_formula_becomes_mathml(latex, expected):
    found = mathml(latex, block=True)
    assert found is not None and found.get("display") == "block"
    if expected:
        assert shape(found) == expected
    html = as_html(f"so ${latex}$.")
    inside = fromstring(html)[0]
    assert inside.tag == "math" and inside.get("display") is None
    inline = mathml(latex, block=False)
    assert inline is not None and shape(inside) == shape(inline)


@pytest.mark.parametrize(
    "latex",
    [
        *(r"\ce{H2O}", r"x_{", r"\frac{a}", "a & b", r"50% of it", r"\newcommand{\a}{\a\a}\a", r"\def\a{\a}\a"),
        *("x" * 3000, "{" * 900 + "x" + "}" * 900, r"\sqrt" * 300 + " x", r"\foo <b>"),
    ],
)
def test_what_cannot_be_typeset_stays_as_it_was_typed(latex):
    text = f"${latex}$"
    assert as_html(text) == f"<p><code>{escape(text, quote=False)}</code></p>\n"
    assert "#formula" not in as_typst(text)


def test_money_code_and_escaped_signs_are_no_formulas():
    for text in ("$5 and *6* $", "$5 and $10", r"\$x\$", "`$x$`", "$$\nnever closed", "    $$\n    x\n    $$", "$$"):
        assert "<math" not in as_html(text) and "#formula" not in as_typst(text), text
    assert as_html("$5 and *6* $") == "<p>$5 and <em>6</em> $</p>\n"


def test_a_formula_between_lines_of_two_dollar_signs_stands_alone():
    for text in ("$$x$$", "$$\nx\n$$", "a\n\n$$\nx\n\n$$\n\nb", "- a\n  $$\n  x\n  $$"):
        assert '<math display="block"><mi>x</mi></math>' in as_html(text), text
        assert as_typst(text).count('#formula(true, [#symbol("x")])') == 1
    assert "<math><mi>x</mi></math>" in as_html("so $$x$$.") and "#formula(false" in as_typst("so $$x$$.")


def test_nothing_in_a_formula_is_run():
    html = as_html(r"$\text{<script>alert(1)</script>}$ $\color{red}{x}$ $\href{javascript:alert(1)}{x}$")
    assert "<script" not in html and "href=" not in html and "color" not in html


def test_the_pdf_has_the_text_of_formulas():
    answer = (
        r"Loss: $L = -\sum_i y_i \log(p_i)$, and"
        + "\n\n$$\\frac{\\text{right}}{\\text{all}} \\ge 0.5$$\n\n"
        + r"$\ce{H2O}$"
    )
    pages = PdfReader(io.BytesIO(pdf_of(document_of(report(answers={"notice": answer}), None)))).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert "log(" in text and "∑" in text and "right" in text and "all" in text and "≥0.5" in text
    assert r"\sum" not in text and r"\frac" not in text
    assert r"$\ce{H2O}$" in text


ATOMS = r"""
x 1 2.5 + = < ; | \| ( ] \{ ' '' \alpha \infty \nabla \cdot \le \to \sum \int \bigcup \max \lim \log \; \, \quad \ ~ \%
\& \# \hbar \emptyset \langle \lfloor \pmod{3} \dots \not\in \text{"hi"}
\operatorname*{argmax} \limits \displaystyle \\ &
\tag{1} \big( \mathstrut"""
AROUND = r"""
\sqrt{%} \sqrt[3]{%} {%} \hat{%} \bar{%} \vec{%} \widetilde{%} \ddot{%} \overline{%} \underline{%} \overbrace{%}
\overrightarrow{%} \mathbf{%} \mathcal{%} \text{%} \boxed{%} \cancel{%} \phantom{%} \left(%\right) \left[%\right. x^{%}
\sum_{%} \sum^{%} \xrightarrow{%} \color{red}{%} \begin{matrix}%&1\\2&3\end{matrix} \begin{cases}%&x\\y\end{cases}
\begin{aligned}%&=1\\&=2\end{aligned} \begin{array}{lc|r}%&1&2\end{array} \substack{%\\y} \frac{%}{2} \binom{%}{x}
\int_{%}^{x} {%\over2} \overset{%}{=} x_{%}"""


def made_up(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.3:
        return " ".join(chance.choices(ATOMS.split(), k=chance.randint(1, 3)))
    return chance.choice(AROUND.split()).replace("%", made_up(chance, depth - 1))


def test_typst_lays_out_any_formula():
    chance = random.Random(0)
    formulas = [made_up(chance, chance.randint(1, 4)) for _ in range(400)]
    typeset = [latex for latex in formulas if (found := mathml(latex, True)) is not None and typst_formula(found)]
    assert len(typeset) > 150
    deep = "\\sqrt{" * (DEEPEST - 3) + "x" + "}" * (DEEPEST - 3)
    wide = "y=" + "+".join(f"x_{i}" for i in range(99))
    text = "\n\n".join(f"$${latex}$$" for latex in [*typeset, deep, wide, r"\,", r"\phantom{}"])
    table = f"> - a\n>   > ${deep}$\n\n| $${wide}$$ |\n|---|\n| ${deep}$ |"
    own = report(answers={"notice": text, "classes": table})
    assert pdf_of(document_of(own, None)).startswith(b"%PDF-") and b"<math" in html_of(document_of(own, None))


def test_a_deep_formula_fits_a_small_stack():
    """On Windows, a thread has 1 MB; an overflow would end the whole server."""
    found = []
    latex = "\\sqrt{" * (MOST_OPENINGS // 2) + "x" + "}" * (MOST_OPENINGS // 2)
    before = threading.stack_size(1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(as_html(f"${latex}$")))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert found[0].count("<msqrt>") == MOST_OPENINGS // 2
