"""What a student wrote, as HTML and as Typst. The text is Markdown and may hold anything: none of it is run."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
LONGEST_LINK = 2_000  # characters; Typst refuses links of more than 8,000
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_WRAPPED = {"em": "emph", "strong": "strong", "s": "strike"}


def as_html(markdown: str) -> str:
    """Safe HTML: no scripts, no styles, no pictures from elsewhere."""
    links = {"http", "https", "mailto"}
    return nh3.clean(_MARKDOWN.render(markdown), tags=_TAGS, attributes={"a": {"href"}}, url_schemes=links)


def as_typst(markdown: str) -> str:
    """Typst markup. All text stands in string literals, so none of it is read as markup or code."""
    return _typst(SyntaxTreeNode(_MARKDOWN.parse(markdown)))


def literal(text: str) -> str:
    """A text as a Typst string."""
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\u{{{ord(c):x}}}" if c in "\n\t" else " "


def _typst(node: SyntaxTreeNode) -> str:
    inside = "".join(map(_typst, node.children))
    match node.type:
        case "text" | "html_inline" | "html_block":
            return f"#{literal(node.content)}"
        case "softbreak" | "hardbreak":
            return "#linebreak()"
        case "code_inline":
            return f"#raw({literal(node.content)})"
        case "fence" | "code_block":
            return f"#raw({literal(node.content)}, block: true)\n\n"
        case "paragraph":
            return f"{inside}\n\n"
        case "heading":
            return f"#block(strong[{inside}])\n\n"
        case "em" | "strong" | "s":
            return f"#{_WRAPPED[node.type]}[{inside}]"
        case "link":
            href = str(node.attrs.get("href", ""))
            return f"#link({literal(href)})[{inside}]" if 0 < len(href) <= LONGEST_LINK else inside
        case "image":
            return f"#{literal(node.content)}"
        case "blockquote":
            # Typst's own quote cannot stand in another more than a few times.
            return f"#block(inset: (left: 1em), stroke: (left: 0.5pt + gray))[{inside}]\n\n"
        case "bullet_list" | "ordered_list":
            name = "list" if node.type == "bullet_list" else "enum"
            return f"#{name}({', '.join(f'[{_typst(child)}]' for child in node.children)})\n\n"
        case "hr":
            return "#line(length: 100%, stroke: 0.5pt + gray)\n\n"
        case "table":
            cells = [child for child in node.walk() if child.type in ("th", "td")]
            columns = len(next(child for child in node.walk() if child.type == "tr").children)
            content = ", ".join(f"[{''.join(map(_typst, cell.children))}]" for cell in cells)
            return f"#table(columns: {columns}, stroke: 0.5pt + luma(200), {content})\n\n"
    return inside
