"""Tables as CSV: with a heading, separated by commas (RFC 4180). Imports no torch."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

Value = str | int | float


def csv_of(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """A table of cells that are safe already, see `cell_text`."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def table_csv(head: Sequence[str], rows: Iterable[Sequence[Value | None]]) -> str:
    """A table of texts and numbers. None: an empty cell."""
    return csv_of([cell_text(name) for name in head], [[_cell(value) for value in row] for row in rows])


def _cell(value: Value | None) -> Value:
    if value is None:
        return ""
    return cell_text(value) if isinstance(value, str) else value


def cell_text(name: str) -> str:
    """A name as a cell. A spreadsheet would compute one that begins like a formula; an apostrophe keeps it a text."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
