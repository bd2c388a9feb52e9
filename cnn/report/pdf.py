"""A report as a PDF, laid out by Typst, which comes as a Python package and needs nothing else."""

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from cnn.report.document import NO_ANSWER, Document
from cnn.report.html import cell_text
from cnn.report.report import Evidence
from cnn.report.typst_formulas import FORMULA
from cnn.report.typst_text import literal
from cnn.report.written import as_typst

MOST_TOGETHER = 14  # rows of a table that stays on one page
_SIGN = re.compile(r"(?<=\w)[_-](?=\w)")  # inside a name
PREAMBLE = """\
#set page(paper: "a4", margin: (x: 2.2cm, top: 2.2cm, bottom: 2.4cm), numbering: "1 / 1",
  header: context if counter(page).get().first() > 1 [
    #set text(8.5pt, fill: luma(110))
    #grid(columns: (1fr, auto), gutter: 1em, NAMES, TITLE)
  ])
#set text(10.5pt, font: ("Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Libertinus Serif"), fallback: true)
#set par(leading: 0.68em, spacing: 0.95em)
#set table(stroke: none, inset: (x: 5pt, y: 3pt))
#show raw: set text(8.8pt)
#show heading.where(level: 1): it => block(above: 1.9em, below: 0.8em, sticky: true, text(14pt, it.body))
#show heading.where(level: 2): it => block(above: 1.3em, below: 0.6em, sticky: true, text(11pt, it.body))
#show link: it => text(fill: rgb("#2166ac"), it)
#let task(body) = block(sticky: true, text(9pt, fill: luma(95), body))
#let answer(body) = block(stroke: (left: 2pt + rgb("#2166ac")), inset: (left: 8pt, y: 2pt), width: 100%, body)
#let unfinished(body) = block(fill: rgb("#fff6dd"), stroke: (left: 2pt + rgb("#c77700")), inset: 8pt, width: 100%, body)
#let none-given = block(stroke: (left: 2pt + luma(200)), inset: (left: 8pt, y: 2pt),
  text(fill: luma(120), style: "italic", NO_ANSWER))
// Two pictures of the usual height fit a page with their captions. One that is taller than wide may take more of the
// page: it is as wide as one needs to read it.
#let usual-height = 8.2cm
#let least-width = 11cm
#let most-height = 21cm
#let picture(path) = block(stroke: 0.5pt + luma(205), radius: 2pt, inset: 3pt,
  layout(size => {
    let own = measure(image(path))
    let usual = calc.max(usual-height / own.height, least-width / own.width)
    image(path, width: own.width * calc.min(1, size.width / own.width, most-height / own.height, usual))
  }))
#let piece(body, caption) = block(breakable: false, width: 100%, above: 1.1em, below: 1em)[
  #body
  #text(9.3pt, caption)
]
"""


def pdf_of(document: Document) -> bytes:
    """The content of a .pdf file. Raises TypstError only after a programming error: all texts are literals."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = _Source(Path(folder))
        source.write(document)
        main = Path(folder, "main.typ")
        main.write_text(source.text, encoding="utf-8")
        return typst.compile(str(main), root=folder)


def pictures_as_png(pictures: Iterable[str], points: int = 520) -> list[bytes]:
    """SVG texts as PNG files. points: their width."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = _Source(Path(folder))
        source.text = f"#set page(width: {points}pt, height: auto, margin: 0pt)\n"
        found = list(pictures)
        source.text += "#pagebreak()\n".join(f"#image({literal(source.picture(svg))}, width: 100%)\n" for svg in found)
        if not found:
            return []
        main = Path(folder, "main.typ")
        main.write_text(source.text, encoding="utf-8")
        pages = typst.compile(str(main), root=folder, format="png", ppi=108.0)
        return pages if isinstance(pages, list) else [pages]


class _Source:
    """A Typst source, whose pictures are files in the same folder."""

    def __init__(self, folder: Path):
        self.folder, self.text, self.pictures = folder, "", 0

    def picture(self, svg: str) -> str:
        """The path of a picture in the source."""
        self.pictures += 1
        name = f"{self.pictures}.svg"
        (self.folder / name).write_text(svg, encoding="utf-8")
        return name

    def write(self, document: Document) -> None:
        preamble = PREAMBLE.replace("NAMES", literal(document.names)).replace("TITLE", literal(document.title))
        self.text += preamble.replace("NO_ANSWER", literal(NO_ANSWER)) + FORMULA
        self.text += f"#set document(title: {literal(document.title)}, author: {literal(document.names)}, date: none)\n"
        self.text += f"#block(below: 0.6em, text(20pt, weight: 700, {literal(document.title)}))\n"
        byline = " · ".join(filter(None, (document.names, document.date)))
        self.text += f"#text(fill: luma(95), {literal(byline)})\n\n"
        if document.unfinished:
            self.text += f"#unfinished({literal(document.unfinished)})\n\n"
        for section in document.sections:
            self.text += (
                f"#heading(level: 1, {literal(section.title)})\n#task[{as_typst(section.text, is_students=False)}]\n\n"
            )
            for one in section.answers:
                self.text += f"#heading(level: 2, {literal(one.question.title)})\n"
                self.text += f"#task[{as_typst(one.question.text, is_students=False)}]\n\n" if one.question.text else ""
                self.text += f"#answer[{as_typst(one.answer)}]\n\n" if one.answer else "#none-given\n\n"
            for piece in section.evidence:
                self._piece(piece)
        if document.run:
            self._run(document)

    def _piece(self, piece: Evidence) -> None:
        body = f"#picture({literal(self.picture(piece.picture))})" if piece.picture else ""
        source = " · ".join(filter(None, (piece.title, piece.run_name)))
        caption = f"{as_typst(piece.caption)}#text(fill: luma(110), {literal(source)})"
        self.text += f"#piece[{body}][{caption}]\n\n"
        if piece.numbers.columns:  # not a part of the block above: it may go on on the next page
            rows = [piece.numbers.columns, *piece.numbers.rows[:40]]
            self.text += _table(len(piece.numbers.columns), [cell_text(cell) for row in rows for cell in row]) + "\n\n"

    def _run(self, document: Document) -> None:
        run = document.run
        assert run is not None
        self.text += f'#heading(level: 1, "The network")\n#{literal(run.summary + ".")}\n\n'
        self.text += f"#{literal(run.accuracy)}\n\n" if run.accuracy else ""
        for caption, svg in run.pictures:
            self.text += f"#piece[#picture({literal(self.picture(svg))})][#{literal(caption)}]\n\n"
        for one in run.new_images:
            self.text += f"#heading(level: 2, {literal(f'New images: {one.name}')})\n#{literal(one.accuracy)}\n\n"
            caption = literal("The true class, then the network's answer and its probability.")
            self.text += f"#piece[#picture({literal(self.picture(one.picture))})][#{caption}]\n\n"
        layers = [cell for row in run.layers for cell in row]
        parts = [_table(3, ["layer", "output", "parameters", *layers, "all", "", run.parameters])]
        if run.settings:
            parts.append(_table(2, ["setting", "value", *(cell for row in run.settings for cell in row)]))
        grid = f"grid(columns: 2, gutter: 2.5em, {', '.join(f'[{part}]' for part in parts)})"
        self.text += f"#block(breakable: false, {grid})\n"


def _table(columns: int, cells: list[str]) -> str:
    """A table; the first row is its head, which is repeated on each page. A name too long for its column goes on in the
    next line, at one of its signs."""
    cells = [_SIGN.sub("\\g<0>\u200b", cell) for cell in cells]
    rule = "table.hline(stroke: 0.5pt + luma(160))"
    head = f"table.header({', '.join(f'strong({literal(cell)})' for cell in cells[:columns])}, {rule})"
    rest = ", ".join(literal(cell) for cell in cells[columns:])
    breaks = "false" if len(cells) <= MOST_TOGETHER * columns else "true"
    return f"#block(breakable: {breaks}, text(8.5pt, table(columns: {columns}, {head}, {rest})))"
