"""What students and teachers wrote, as HTML and as Typst. It is Markdown and may hold anything: none of it is run.

In a student's text, a new line stays one.
"""

import re
from html import escape
from xml.etree.ElementTree import tostring

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from cnn.report.formulas import MATHML_ATTRIBUTES, MATHML_STYLES, MATHML_TAGS, add_formulas, as_typed, mathml
from cnn.report.typst_formulas import typst_formula
from cnn.report.typst_text import literal

_LONG_WORD = re.compile(r"\S{40,}")


def _html_formula(_: RendererHTML, tokens: list[Token], at: int, *options) -> str:
    """A formula as MathML, which every browser shows; else as it was typed."""
    found = mathml(tokens[at].content, tokens[at].block)
    text = escape(as_typed(tokens[at])) if found is None else tostring(found, encoding="unicode")
    return f"<code>{text}</code>" if found is None else text


def _html_picture(renderer: RendererHTML, tokens: list[Token], at: int, options, env) -> str:
    """A link: a picture from elsewhere may be gone, and whoever has it learns who opens the file."""
    source = str(tokens[at].attrGet("src") or "")
    text = renderer.renderInlineAsText(tokens[at].children, options, env) or source
    return f'<a href="{escape(source)}">{escape(text)}</a>'


def _parser(breaks: bool) -> MarkdownIt:
    """breaks: whether a new line stays one."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": breaks}).enable(["table", "strikethrough"])
    add_formulas(parser)
    parser.add_render_rule("formula", _html_formula)
    parser.add_render_rule("image", _html_picture)
    return parser


_STUDENTS, _ASSIGNMENTS = _parser(True), _parser(False)
LONGEST_LINK = 2_000  # characters; Typst refuses links of more than 8,000
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_WRAPPED = {"em": "emph", "strong": "strong", "s": "strike"}


def as_html(markdown: str, is_students: bool = True) -> str:
    """Safe HTML: no scripts, no styles; pictures become links. is_students: otherwise of an assignment."""
    links = {"http", "https", "mailto"}
    return nh3.clean(
        (_STUDENTS if is_students else _ASSIGNMENTS).render(markdown),
        tags=_TAGS | MATHML_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, **{tag: MATHML_ATTRIBUTES for tag in MATHML_TAGS}},
        filter_style_properties=MATHML_STYLES,
        url_schemes=links,
    )


def as_typst(markdown: str, is_students: bool = True) -> str:
    """Typst markup. All text stands in string literals, so none of it is read as markup or code. is_students: otherwise
    of an assignment."""
    return _typst(SyntaxTreeNode((_STUDENTS if is_students else _ASSIGNMENTS).parse(markdown)), is_students)


def _breakable(text: str) -> str:
    """The text; its longest words may be broken anywhere, so that they stay on the page."""
    return _LONG_WORD.sub(lambda found: "\u200b".join(found[0]), text)


def _typst(node: SyntaxTreeNode, breaks: bool) -> str:
    """breaks: whether a new line stays one."""
    inside = "".join(_typst(child, breaks) for child in node.children)
    match node.type:
        case "text" | "html_inline" | "html_block":
            return f"#{literal(_breakable(node.content))}"
        case "softbreak":
            return "#linebreak()" if breaks else " "
        case "hardbreak":
            return "#linebreak()"
        case "code_inline":
            return f"#raw({literal(_breakable(node.content))})"
        case "formula":
            return _typst_formula(node)
        case "fence" | "code_block":
            return f"#raw({literal(_breakable(node.content))}, block: true)\n\n"
        case "paragraph":
            return f"{inside}\n\n"
        case "heading":
            return f"#block(strong[{inside}])\n\n"
        case "em" | "strong" | "s":
            return f"#{_WRAPPED[node.type]}[{inside}]"
        case "link":
            return _typst_link(str(node.attrs.get("href", "")), inside)
        case "image":
            source = str(node.attrs.get("src", ""))
            text = f"#{literal(_breakable(node.content or source))}"
            return text if source.startswith("data:") else _typst_link(source, text)
        case "blockquote":
            # Typst's own quote cannot stand in another more than a few times.
            return f"#block(inset: (left: 1em), stroke: (left: 0.5pt + gray))[{inside}]\n\n"
        case "bullet_list" | "ordered_list":
            name = "list(" if node.type == "bullet_list" else f"enum(start: {node.attrs.get('start', 1)}, "
            return f"#{name}{', '.join(f'[{_typst(child, breaks)}]' for child in node.children)})\n\n"
        case "hr":
            return "#line(length: 100%, stroke: 0.5pt + gray)\n\n"
        case "table":
            head, *rows = [child for child in node.walk() if child.type == "tr"]
            titles = f"table.header({_cells(head, breaks)})"  # repeated on each page
            content = ", ".join([titles, *(_cells(row, breaks) for row in rows)])
            return f"#table(columns: {len(head.children)}, stroke: 0.5pt + luma(200), {content})\n\n"
    return inside


def _typst_link(href: str, text: str) -> str:
    return f"#link({literal(href)})[{text}]" if 0 < len(href) <= LONGEST_LINK else text


def _typst_formula(node: SyntaxTreeNode) -> str:
    found = mathml(node.content, node.block)
    text = typst_formula(found) if found is not None else None
    return text or f"#raw({literal(_breakable(as_typed(node)))})"


def _cells(row: SyntaxTreeNode, breaks: bool) -> str:
    return ", ".join(f"[{''.join(_typst(child, breaks) for child in cell.children)}]" for cell in row.children)
