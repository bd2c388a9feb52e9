"""Reads hand-in files. They come from anybody: nothing in them is run or unpacked, and sizes are bounded."""

import hashlib
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from cnn.data.archive_members import short
from cnn.errors import UserError
from cnn.report.report import Evidence, Report
from cnn.report.report_store import HEAD
from cnn.size import size_text

VERSION = 1  # of the format
MOST_BYTES = 300_000_000  # of a hand-in, or of a .zip of hand-ins
MOST_CONTENTS = 1_000_000  # bytes of its table of contents
MOST_MEMBERS = 5_000
MOST_JSON, MOST_PICTURE, MOST_WEIGHTS, MOST_IMAGES = 20_000_000, 5_000_000, 200_000_000, 100_000_000
MOST_PIECES, MOST_CELLS = 500, 5_000
MOST_HAND_INS = 500  # in a folder or a .zip
MOST_SEARCHED = 100_000  # files and folders
TOO_MANY = f"Only {MOST_HAND_INS} are opened at a time. Put the others into a folder of their own."
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
_PICTURE = re.compile(r"evidence/\d{1,4}\.svg")


class HandInError(UserError):
    """Why a file cannot be opened as a hand-in: a sentence for the user."""


@dataclass(frozen=True, eq=False)
class HandIn:
    """One hand-in. id: 32 hex digits that identify the file by its content. file: its name. source: the file.

    report: its pictures are cut after the first HEAD characters, which hold their sizes. settings: of the run, as JSON
    values, not yet checked; None if it was handed in without a run. pictures: for each piece of evidence the name of
    its picture in the file.
    """

    id: str
    file: str
    source: Path | bytes
    report: Report
    settings: dict[str, Any] | None
    pictures: tuple[str, ...] = ()

    @property
    def claimed(self) -> tuple[int, int] | None:
        """(right, images): the accuracy that the file states."""
        judged = (self.settings or {}).get("judged")
        if not isinstance(judged, dict):
            return None
        right, images = judged.get("right"), judged.get("images")
        if isinstance(right, int) and isinstance(images, int) and 0 <= right <= images and images:
            return right, images
        return None

    def part(self, name: str, most: int) -> bytes | None:
        """A file inside; None if there is none. Raises HandInError if it is damaged or larger than `most`."""
        with _opened(self.source) as archive:
            return _read(archive, name, most)

    def picture(self, place: int) -> str:
        """The whole picture of a piece of evidence, by its place in the report; "" if there is none. Raises HandInError
        if the file is damaged or gone."""
        with _opened(self.source) as archive:
            return _picture(archive, self.pictures[place]) if 0 <= place < len(self.pictures) else ""

    def whole_report(self) -> Report:
        """The report with its whole pictures. Raises HandInError if the file is damaged or gone."""
        if not any(self.pictures):
            return self.report
        with _opened(self.source) as archive:
            pieces = zip(self.report.evidence, self.pictures, strict=True)
            whole = tuple(replace(piece, picture=_picture(archive, name)) for piece, name in pieces)
        return replace(self.report, evidence=whole)


class _Bounded:
    """A file of which at most `most` bytes are read at once: zipfile reads the table of contents in one go."""

    def __init__(self, file: BinaryIO):
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._file, self.most = file, MOST_CONTENTS

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size if 0 <= size <= self.most else self.most + 1)
        if len(content) > self.most:
            raise zipfile.BadZipFile("its table of contents is too long")
        return content


@contextmanager
def _opened(source: Path | bytes) -> Iterator[zipfile.ZipFile]:
    """Raises HandInError."""
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        file: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")  # noqa: SIM115
    except OSError as error:
        raise HandInError(f"It cannot be read: {error.strerror or error}.") from None
    with file:
        if size > MOST_BYTES:
            raise HandInError(f"It is larger than {size_text(MOST_BYTES)}. If it holds many hand-ins, unpack it first.")
        yield _archive(file)


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    try:
        bounded = _Bounded(file)
        archive = zipfile.ZipFile(bounded)
        bounded.most = MOST_BYTES
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise HandInError(f"It is not a .zip, or it is damaged ({error}). Ask for it again.") from None
    if len(archive.infolist()) > MOST_MEMBERS:
        raise HandInError(f"It contains more than {MOST_MEMBERS:,} files.")
    return archive


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes | None:
    content = _start(archive, name, most + 1)
    if content is not None and len(content) > most:
        raise HandInError(f"“{name}” in it is larger than {size_text(most)}.")
    return content


def _start(archive: zipfile.ZipFile, name: str, size: int) -> bytes | None:
    """The first bytes of a file, at most `size`, and only these are unpacked; None if there is no such file."""
    try:
        with archive.open(name) as file:
            return file.read(size)
    except KeyError:
        return None
    except UNREADABLE as error:
        raise HandInError(f"“{name}” in it is damaged: {' '.join(str(error).split())}.") from None


def read_hand_in(source: Path | bytes, file: str) -> HandIn:
    """Opens one hand-in. file: its name. Raises HandInError, with a sentence that says what is wrong."""
    with _opened(source) as archive:
        head = _json(archive, "hand-in.json")
        if not isinstance(head, dict) or "answers.json" not in archive.namelist():
            raise HandInError("It is not a hand-in: “hand-in.json” or “answers.json” is missing in it.")
        if head.get("format") != VERSION:
            raise HandInError("It was made by a newer version of this program. Update this one.")
        report = _report(_json(archive, "answers.json"))
        pictures = tuple(piece.picture for piece in report.evidence)
        pieces = tuple(replace(piece, picture=_head(archive, piece.picture)) for piece in report.evidence)
        settings = _json(archive, "settings.json")
    settings = settings if isinstance(settings, dict) else None
    return HandIn(_digest(source), file, source, replace(report, evidence=pieces), settings, pictures)


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    content = _read(archive, name, MOST_JSON)
    if content is None:
        return None
    try:
        values = json.loads(content)
        json.dumps(values, ensure_ascii=False).encode()  # raises UnicodeError for half a character
        return values
    except (ValueError, RecursionError) as error:
        raise HandInError(f"“{name}” in it is damaged: {' '.join(str(error).split())[:120]}.") from None


def _report(values: Any) -> Report:
    """Raises HandInError if the values are not those of a report, in any place."""
    try:
        report = Report.from_dict(values)
    except UserError as error:
        raise HandInError(str(error)) from None
    if len(report.evidence) > MOST_PIECES:
        raise HandInError(f"It has more than {MOST_PIECES} pieces of evidence.")
    if not all(map(_is_valid, report.evidence)) or not isinstance(report.changed, int | float):
        raise HandInError("“answers.json” in it holds values of the wrong type.")
    return report


def _is_valid(piece: Evidence) -> bool:
    texts = (piece.id, piece.step, piece.page, piece.title, piece.query, piece.caption, piece.run, piece.run_name)
    columns, rows = piece.numbers.columns, piece.numbers.rows
    return (
        all(isinstance(text, str) for text in (*texts, piece.picture, *columns))
        and len(columns) * len(rows) <= MOST_CELLS
        and all(len(row) == len(columns) for row in rows)
        and all(cell is None or isinstance(cell, str | int | float) for row in rows for cell in row)
    )


def _head(archive: zipfile.ZipFile, name: str) -> str:
    """The first characters of the picture of a piece; "" if there is none."""
    if not _PICTURE.fullmatch(name):
        return ""
    return (_start(archive, name, HEAD) or b"").decode("utf-8", "replace")


def _picture(archive: zipfile.ZipFile, name: str) -> str:
    """The picture of a piece; "" if there is none, or it is not the SVG of a page."""
    if not _PICTURE.fullmatch(name):
        return ""
    content = _read(archive, name, MOST_PICTURE)
    if content is None or b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # could grow without bounds
        return ""
    return content.decode("utf-8", "replace")


def _digest(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()[:32]
    try:
        with open(source, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as error:
        raise HandInError(f"It cannot be read: {error.strerror or error}.") from None


Opened = tuple[list[HandIn], dict[str, str]]  # hand-ins; name of a file -> why it could not be opened


def open_folder(folder: str | os.PathLike) -> Opened:
    """The hand-ins in a folder and the folders inside it; or a single file. Raises HandInError if there are none."""
    path = Path(folder).expanduser()
    if path.is_file():
        found = [path]
    elif path.is_dir():
        searched = islice(path.rglob("*"), MOST_SEARCHED)
        found = sorted(file for file in searched if file.name.lower().endswith(".zip") and file.is_file())
    else:
        raise HandInError(f"There is no folder or file “{short(str(folder))}”.")
    if not found:
        raise HandInError(f"“{short(str(folder))}” contains no .zip files.")
    base = path if path.is_dir() else path.parent
    opened, problems = _open_all((str(file.relative_to(base)), file) for file in found[:MOST_HAND_INS])
    return opened, problems | {str(file.relative_to(base)): TOO_MANY for file in found[MOST_HAND_INS:]}


def open_files(files: dict[str, bytes]) -> Opened:
    """The hand-ins in uploaded files: name -> content. A file can also be a .zip of hand-ins."""
    return _open_all(iter(files.items()))


def _open_all(files: Iterator[tuple[str, Path | bytes]]) -> Opened:
    hand_ins: dict[str, HandIn] = {}
    problems: dict[str, str] = {}
    for name, source in files:
        try:
            inside, others = _inside(source)
            problems |= {f"{name}: {other}": TOO_MANY for other in others}
            for inner, content in inside.items():
                try:
                    _keep(hand_ins, read_hand_in(content, f"{name}: {inner}"))
                except HandInError as error:
                    problems[f"{name}: {inner}"] = str(error)
            if not inside:
                _keep(hand_ins, read_hand_in(source, name))
        except HandInError as error:
            problems[name] = str(error)
    return list(hand_ins.values()), problems


def _keep(hand_ins: dict[str, HandIn], opened: HandIn) -> None:
    """Adds a hand-in under its id. Raises HandInError if the same file is there already."""
    if (first := hand_ins.setdefault(opened.id, opened)) is not opened:
        raise HandInError(f"It is the same file as “{first.file}”, which is open.")


def _inside(source: Path | bytes) -> tuple[dict[str, bytes], list[str]]:
    """The .zip files in a .zip, as a course platform packs them, and the names of those that are too many; empty if it
    is a hand-in itself."""
    with _opened(source) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".zip") and "__MACOSX" not in name]
        if "hand-in.json" in archive.namelist() or not names:
            return {}, []
        found, left = {}, MOST_BYTES
        for name in names[:MOST_HAND_INS]:
            content = _read(archive, name, left) or b""
            left -= len(content)
            found[name] = content
        return found, names[MOST_HAND_INS:]
