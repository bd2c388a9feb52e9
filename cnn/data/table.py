"""Reads a table from a CSV or TSV file: finds its encoding, its delimiter, and whether it has a header.

Imports neither torch nor Streamlit.
"""

import csv
import io
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

MAX_BYTES = 200_000_000
_SAMPLE = 65536  # characters from which the delimiter is guessed


class Table(NamedTuple):
    """path: relative to the dataset's folder. header: names of the columns. rows: texts, as long as the header."""

    path: str
    header: tuple[str, ...]
    rows: list[list[str]]


def read_table(file: Path, path: str) -> Table | None:
    """The table in a file; None if it cannot be read, is too large, or has fewer than two columns.

    UTF-8, UTF-16 with its mark, or else Windows-1252. Delimiter: comma, semicolon, tab or bar. Without a header, the
    columns are called "column 1", "column 2", ...
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            return None
        text = _decoded(file.read_bytes())
    except OSError:
        return None
    try:
        cells = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        rows = [row for row in cells if any(map(str.strip, row))]
    except csv.Error:
        return None
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    width = len(rows[0])
    rows = [[cell.strip() for cell in row[:width]] + [""] * (width - len(row)) for row in rows]
    if _is_header(rows):
        return Table(path, tuple(name or f"column {i + 1}" for i, name in enumerate(rows[0])), rows[1:])
    return Table(path, tuple(f"column {i + 1}" for i in range(width)), rows)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines into the same number of columns, the most columns first."""
    lines = text[:_SAMPLE].splitlines()[:50]
    widths = {}
    for delimiter in ",;\t|":
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, lines_of_it = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        widths[delimiter] = (lines_of_it if width > 1 else 0, width)
    return max(widths, key=lambda delimiter: widths[delimiter], default=",")


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row holds names of columns: it names no image file, and none of its cells is a number."""
    first = rows[0]
    names_a_file = any(os.path.splitext(cell)[1].lower() in (".jpg", ".jpeg", ".png", ".bmp") for cell in first)
    return not names_a_file and not any(is_number(cell) for cell in first)


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
