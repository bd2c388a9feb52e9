"""The reports in a run store: saved at every pause in typing, with the earlier versions of each answer.

Every change is a transaction, so a killed program loses at most the last one. A full disk raises StoreError.
"""

import json
import secrets
import sqlite3
import time
from dataclasses import asdict, dataclass
from typing import Any

from cnn.report.assignment_file import parse
from cnn.report.report import Answer, Evidence, Report, ReportError, Table
from cnn.store.runs import RunStore

ONE_VERSION = 60.0  # seconds of typing that become one version of an answer
MOST_VERSIONS = 50  # kept of an answer
MOST_CHARACTERS = 100_000  # of an answer
OUTLINED = ("id", "step", "page", "title", "query", "caption", "run", "run_name", "created")  # columns of evidence
HEAD = 400  # characters of a picture: its first tag and more
UNDO_FOR = 24 * 3600.0  # seconds for which a removed piece of evidence can be had back


@dataclass(frozen=True)
class Version:
    """One version of an answer. written: when it was last changed, in seconds since 1970."""

    written: float
    value: Answer


@dataclass(frozen=True)
class Saved:
    """What became of an answer. current: the version that counts now: the answer, or a newer one. replaced: whether
    another window had written a version that the writer had not seen; it is kept."""

    current: Version
    replaced: bool = False


class Reports:
    """The reports in the store. All methods raise StoreError if the store cannot be used."""

    def __init__(self, store: RunStore):
        self._store = store

    def create(self, source: str, run: str = "", id: str = "") -> str:
        """Adds an empty report on an assignment, its Markdown source; returns its id. Raises AssignmentError."""
        id, now, title = id or secrets.token_hex(8), time.time(), parse(source).title
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO reports (id, created, changed, assignment, title, run) VALUES (?, ?, ?, ?, ?, ?)",
                (id, now, now, source, title, run),
            )
        return id

    def add(self, report: Report) -> str:
        """Adds a whole report, such as one from a file, under a new id; returns that."""
        with self._store.transaction() as db:
            id = self.create(report.assignment, report.run)
            self.describe(id, group=report.group, students=report.students)
            for question, answer in report.answers.items():
                self.answer(id, question, answer, "file", typed=report.times.get(question))
            for piece in report.evidence:
                self.add_evidence(id, piece)
            for question, wrong in report.tries.items():
                db.execute("INSERT INTO tries VALUES (?, ?, ?)", (id, question, wrong))
        return id

    def all(self) -> list[tuple[str, str, float]]:
        """Id, title and time of the last change of each report, the last changed first."""
        with self._store.transaction() as db:
            rows = db.execute("SELECT id, title, group_name, changed FROM reports ORDER BY changed DESC").fetchall()
        return [
            (row["id"], row["title"] + (f" · {row['group_name']}" if row["group_name"] else ""), row["changed"])
            for row in rows
        ]

    def outline(self, id: str) -> Report:
        """The report; its evidence has no pictures and no numbers, which take the longest to read. Raises ReportError
        if there is no such report."""
        return self._read(id, f"{', '.join(OUTLINED)}, '' AS picture, '{{}}' AS numbers")

    def with_heads(self, id: str) -> Report:
        """The report; its pictures are cut after the first HEAD characters, which hold their sizes. Raises ReportError
        if there is no such report."""
        return self._read(id, f"{', '.join(OUTLINED)}, SUBSTR(picture, 1, {HEAD}) AS picture, numbers")

    def get(self, id: str) -> Report:
        """Raises ReportError if there is no such report."""
        return self._read(id, "*")

    def _read(self, id: str, columns: str) -> Report:
        """columns: of the evidence, as SQL."""
        with self._store.transaction() as db:
            row = db.execute("SELECT * FROM reports WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise ReportError("There is no such report. It may have been deleted.")
            answers = db.execute(
                "SELECT question, value, MAX(written) AS written FROM answers WHERE report = ? GROUP BY question", (id,)
            ).fetchall()
            pieces = db.execute(
                f"SELECT {columns} FROM evidence WHERE report = ? AND removed IS NULL ORDER BY place", (id,)
            ).fetchall()
            tries = db.execute("SELECT question, wrong FROM tries WHERE report = ?", (id,)).fetchall()
        try:
            return Report(
                id,
                row["assignment"],
                row["title"],
                row["group_name"],
                row["students"],
                row["run"],
                {one["question"]: _value(one["value"]) for one in answers},
                tuple(map(_evidence, pieces)),
                row["created"],
                row["changed"],
                {one["question"]: one["written"] for one in answers},
                {one["question"]: one["wrong"] for one in tries},
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ReportError(f"The report “{row['title']}” is damaged: {error}.") from None

    def describe(self, id: str, **changes: str) -> None:
        """Changes the group, the students or the run of a report."""
        columns = {"group": "group_name", "students": "students", "run": "run"}
        with self._store.transaction() as db:
            for name, value in changes.items():
                db.execute(f"UPDATE reports SET {columns[name]} = ? WHERE id = ?", (value, id))
            self._changed(db, id)

    def delete(self, id: str) -> None:
        """Deletes a report with all its answers and its evidence."""
        with self._store.transaction() as db:
            for table in ("answers", "tries", "evidence"):
                db.execute(f"DELETE FROM {table} WHERE report = ?", (id,))
            db.execute("DELETE FROM reports WHERE id = ?", (id,))

    # Answers

    def answer(
        self,
        id: str,
        question: str,
        value: Answer,
        writer: str,
        seen: float | None = None,
        typed: float | None = None,
    ) -> Saved:
        """Saves an answer. writer: names the window. seen: `written` of the version that the window had when the user
        typed; None if there was none. typed: when it was typed, in seconds since 1970; None: now.

        An answer that was typed before the current version becomes an earlier version, unless one says the same: the
        browser may report a text twice. Raises ReportError if it is too long, or there is no such report.
        """
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise ReportError(
                f"This answer has {len(value):,} characters; {MOST_CHARACTERS:,} can be saved. Shorten it."
            )
        now = time.time()
        typed = now if typed is None else min(typed, now)
        with self._store.transaction() as db:
            self._changed(db, id)  # first: locks out other writers
            last = db.execute(
                "SELECT * FROM answers WHERE report = ? AND question = ? ORDER BY written DESC LIMIT 1", (id, question)
            ).fetchone()
            current = None if last is None else Version(last["written"], _value(last["value"]))
            if current is not None and current.value == value:
                return Saved(current)
            text = json.dumps(value, ensure_ascii=False)
            if current is not None and typed < current.written and last["writer"] != writer:
                same = "SELECT 1 FROM answers WHERE report = ? AND question = ? AND value = ?"
                if not db.execute(same, (id, question, text)).fetchone():
                    self._insert(db, id, question, typed, writer, text)
                return Saved(current)
            typed = typed if current is None else max(typed, current.written + 1e-6)
            if last is not None and _goes_on(last, writer, typed, text):
                db.execute(
                    "UPDATE answers SET written = ?, value = ? WHERE report = ? AND question = ? AND written = ?",
                    (typed, text, id, question, last["written"]),
                )
            else:
                self._insert(db, id, question, typed, writer, text)
        is_others = last is not None and last["writer"] != writer
        return Saved(Version(typed, value), is_others and current is not None and current.written != seen)

    def _insert(self, db: sqlite3.Connection, id: str, question: str, typed: float, writer: str, text: str) -> None:
        db.execute(
            "INSERT OR REPLACE INTO answers (report, question, written, began, writer, value)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (id, question, typed, typed, writer, text),
        )
        db.execute(
            "DELETE FROM answers WHERE report = ? AND question = ? AND written NOT IN (SELECT written FROM answers"
            " WHERE report = ? AND question = ? ORDER BY written DESC LIMIT ?)",
            (id, question, id, question, MOST_VERSIONS),
        )

    def versions(self, id: str, question: str) -> list[Version]:
        """The current version of an answer and the earlier ones, newest first."""
        with self._store.transaction() as db:
            rows = db.execute(
                "SELECT written, value FROM answers WHERE report = ? AND question = ? ORDER BY written DESC",
                (id, question),
            ).fetchall()
        return [Version(row["written"], _value(row["value"])) for row in rows]

    def count_wrong(self, id: str, question: str) -> None:
        """Counts a wrong answer to a checked question."""
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO tries VALUES (?, ?, 1) ON CONFLICT (report, question) DO UPDATE SET wrong = wrong + 1",
                (id, question),
            )

    # Evidence

    def add_evidence(self, id: str, piece: Evidence) -> str:
        """Adds a piece at the end of its step; returns its id, a new one."""
        piece_id, now = secrets.token_hex(8), time.time()
        with self._store.transaction() as db:
            self._changed(db, id)
            db.execute(
                "INSERT INTO evidence VALUES (?, ?, ?, (SELECT 1 + COALESCE(MAX(place), 0) FROM evidence WHERE report ="
                " ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    *(piece_id, id, piece.step, id, piece.page, piece.title, piece.query, piece.caption, piece.run),
                    *(piece.run_name, piece.picture, json.dumps(asdict(piece.numbers)), piece.created or now),
                ),
            )
        return piece_id

    def picture(self, id: str, piece: str) -> str:
        """The picture of a piece of evidence; "" if there is none."""
        with self._store.transaction() as db:
            found = db.execute("SELECT picture FROM evidence WHERE report = ? AND id = ?", (id, piece)).fetchone()
        return found["picture"] if found else ""

    def caption(self, id: str, piece: str, text: str) -> None:
        self._set(id, piece, caption=text[:MOST_CHARACTERS])

    def remove(self, id: str, piece: str) -> None:
        """Removes a piece of evidence; `restore` has it back."""
        with self._store.transaction() as db:
            self._set(id, piece, removed=time.time())
            db.execute("DELETE FROM evidence WHERE removed < ?", (time.time() - UNDO_FOR,))

    def restore(self, id: str, piece: str) -> None:
        self._set(id, piece, removed=None)

    def put_in_step(self, id: str, piece: str, step: str) -> None:
        """Moves a piece to the end of another step."""
        with self._store.transaction() as db:
            self._changed(db, id)
            last = db.execute("SELECT MAX(place) FROM evidence WHERE report = ?", (id,)).fetchone()[0] or 0
            self._set(id, piece, step=step, place=last + 1)

    def move(self, id: str, piece: str, by: int) -> None:
        """Moves a piece up (-1) or down (1) within its step; at its end, nothing happens."""
        with self._store.transaction() as db:
            self._changed(db, id)
            pieces = db.execute(
                "SELECT id, place FROM evidence WHERE removed IS NULL AND report = ? AND step ="
                " (SELECT step FROM evidence WHERE id = ?) ORDER BY place",
                (id, piece),
            ).fetchall()
            at = next((i for i, one in enumerate(pieces) if one["id"] == piece), None)
            if at is None or not 0 <= at + by < len(pieces):
                return
            other = pieces[at + by]
            self._set(id, piece, place=other["place"])
            self._set(id, other["id"], place=pieces[at]["place"])

    def _set(self, id: str, piece: str, **columns: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in columns)
        with self._store.transaction() as db:
            self._changed(db, id)
            db.execute(f"UPDATE evidence SET {names} WHERE report = ? AND id = ?", (*columns.values(), id, piece))

    def _changed(self, db: sqlite3.Connection, id: str) -> None:
        if db.execute("UPDATE reports SET changed = ? WHERE id = ?", (time.time(), id)).rowcount == 0:
            raise ReportError("There is no such report. It may have been deleted.")


def _goes_on(last: sqlite3.Row, writer: str, typed: float, text: str) -> bool:
    """Whether a text belongs to the last version: the same window wrote it a moment ago, and little was deleted."""
    return last["writer"] == writer and typed - last["began"] < ONE_VERSION and 2 * len(text) > len(last["value"])


def _value(text: str) -> Answer:
    value = json.loads(text)
    if not isinstance(value, str | int | float):
        raise ValueError("an answer is neither a text nor a number")
    return value


def _evidence(row: sqlite3.Row) -> Evidence:
    numbers = json.loads(row["numbers"])
    table = Table(tuple(numbers["columns"]), tuple(tuple(one) for one in numbers["rows"])) if numbers else Table()
    return Evidence(**{name: row[name] for name in OUTLINED}, picture=row["picture"], numbers=table)
