"""A student's texts and evidence for a notebook: a Markdown text for each step, with its pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

from cnn.report.document import NO_ANSWER, Answered, Document, Section
from cnn.report.html import cell_text
from cnn.report.pdf import pictures_as_png


@dataclass(frozen=True)
class MarkdownCell:
    """Markdown, and the PNG files that it shows: name -> content."""

    text: str
    pictures: Mapping[str, bytes]


def sections_with_pictures(document: Document) -> list[MarkdownCell]:
    """A cell for each step."""
    pieces = [piece for section in document.sections for piece in section.evidence if piece.picture]
    pictures = iter(pictures_as_png([piece.picture for piece in pieces]))
    return [_cell(section, pictures) for section in document.sections]


def _cell(section: Section, pictures) -> MarkdownCell:
    shown: dict[str, bytes] = {}
    parts = [f"## {section.title}", section.text, *(_answer(one) for one in section.answers)]
    for piece in section.evidence:
        if piece.picture:
            name = f"picture{len(shown) + 1}.png"
            shown[name] = next(pictures)
            parts.append(f"![{_plain(piece.title)}](attachment:{name})")
        if piece.numbers.columns:
            parts.append(_table(piece.numbers.columns, piece.numbers.rows[:40]))
        source = " · ".join(filter(None, (piece.title, piece.run_name)))
        parts += [piece.caption, f"*{_plain(source)}*"]
    return MarkdownCell("\n\n".join(filter(None, parts)), shown)


def _answer(one: Answered) -> str:
    lines = (one.answer or f"*{NO_ANSWER}*").splitlines()
    # Not every program that shows notebooks knows tables in a quotation.
    has_table = any(line.lstrip().startswith("|") for line in lines)
    quoted = "\n".join(lines if has_table else (f"> {line}" for line in lines))
    return "\n\n".join(filter(None, (f"### {one.question.title}", one.question.text, quoted)))


def _table(columns, rows) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_plain(cell_text(cell)) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """A text without what Markdown would read as markup in a line."""
    return "".join(" " if c in "\n|[]*`<>" else c for c in text)
