"""One run as the store holds it, checked when it is read. Imports no torch."""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cnn.data.decoding import Decoding
from cnn.errors import UserError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.database import RunError

# The status of a run. A queued run waits for a trainer (see cnn.store.waiting), an active one has one. A run whose
# stored status is active but whose trainer is gone is "interrupted".
QUEUED = "queued"
STARTING, READING, RUNNING, PAUSED = "starting", "reading", "running", "paused"
STOPPED, FINISHED, FAILED, INTERRUPTED = "stopped", "finished", "failed", "interrupted"
ACTIVE = (STARTING, READING, RUNNING, PAUSED)
ENDED = (STOPPED, FINISHED, FAILED, INTERRUPTED)
STATUSES = (QUEUED, *ACTIVE, *ENDED)
MAX_NAME_LENGTH, MAX_TAG_LENGTH, MAX_TAGS, MAX_NOTE_LENGTH = 80, 24, 10, 2000


@dataclass(frozen=True)
class Run:
    """One row of the store. facts: what the trainer reports: train_images, val_images, device, ... given_name: the
    user's name for the run, or "". tags: single words to find it by. note: what the user wrote about it.
    turn: orders the queue; None if the run was never queued. owner: who wants the run trained: owners take turns.
    launched: when it last got a trainer, in seconds since 1970. request: what its trainer is asked to do (see
    RunStore.request). by_hand: whether a user gave it its place in the queue. gave_way: how often it has given way to
    another run. way_for: the run for which it does so now, or ""."""

    id: str
    created: float
    folder: str
    dataset_spec: DatasetSpec
    network_spec: NetworkSpec
    training_spec: TrainingSpec
    status: str
    message: str
    classes: tuple[str, ...]
    fingerprint: str | None
    facts: dict
    probe_images: tuple[int, ...]
    given_name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    turn: float | None = None
    owner: str = ""
    launched: float = 0.0
    request: str = ""
    by_hand: bool = False
    gave_way: int = 0
    way_for: str = ""

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def ongoing(self) -> bool:
        """Whether it trains, or waits in the queue to be trained."""
        return self.active or self.status == QUEUED

    @property
    def decoding(self) -> Decoding:
        """How files become pixels. Raises UserError if the stored values are damaged."""
        return Decoding.from_dict(self.facts.get("decoding", {}))

    @property
    def name(self) -> str:
        """The user's name for the run; else its time of creation (local, with the date unless it was today) and the
        folder of its images."""
        return self.given_name or f"{self._created('%H:%M')} {Path(self.folder).name}"

    @property
    def exact_name(self) -> str:
        """The name with the time to the second, to tell runs of the same name apart."""
        time_of_day = self._created("%H:%M:%S")
        return f"{self.given_name}, {time_of_day}" if self.given_name else f"{time_of_day} {Path(self.folder).name}"

    def _created(self, clock: str) -> str:
        created = time.localtime(self.created)
        today = created[:3] == time.localtime()[:3]
        return time.strftime(clock if today else f"%d %b {clock}", created)


def new_id() -> str:
    """A unique id for a run. Ids sort by time: 20261122-064200-3fa9."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)


def checked_name(name: str) -> str:
    """The name of a run, stripped; "" means no name. Raises UserError if the name is not allowed."""
    name = name.strip()
    if len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise UserError(
            f"The name of a run can have up to {MAX_NAME_LENGTH} printable characters; "
            f"{name[: MAX_NAME_LENGTH + 1]!r} is not allowed."
        )
    return name


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags of a run, without duplicates. Raises UserError if there are too many, or one is not a short word."""
    tags = tuple(dict.fromkeys(tags))
    if len(tags) > MAX_TAGS:
        raise UserError(f"A run can have at most {MAX_TAGS} tags, not {len(tags)}.")
    for tag in tags:
        if not 0 < len(tag) <= MAX_TAG_LENGTH or not tag.isprintable() or set(tag) & set(" ,"):
            raise UserError(
                f"A tag is one word of at most {MAX_TAG_LENGTH} characters; {tag[: MAX_TAG_LENGTH + 1]!r} is not "
                "allowed."
            )
    return tags


def checked_note(note: str) -> str:
    """What a user writes about a run, stripped. Raises UserError if it is too long, or holds characters that cannot be
    shown."""
    note = note.strip()
    if len(note) > MAX_NOTE_LENGTH or not all(line.isprintable() for line in note.splitlines()):
        raise UserError(f"A note can have up to {MAX_NOTE_LENGTH:,} printable characters, on any number of lines.")
    return note


def _check(run: Run, row: dict) -> None:
    """Raises ValueError if a row holds invalid values: it was edited by hand, or damaged."""
    if not is_plain_name(run.id):
        raise ValueError("its id cannot be the name of a folder")
    if run.status not in STATUSES:
        raise ValueError(f"its status cannot be {run.status!r}")
    texts = (run.folder, run.message, run.owner, run.request, run.way_for, *run.classes)
    numbers = (run.created, run.launched)
    if not isinstance(run.turn, float | None):
        raise ValueError("its turn is not a number")
    if not (
        isinstance(run.facts, dict)
        and isinstance(json.loads(row["tags"]), list)
        and all(isinstance(text, str) for text in texts)
        and isinstance(run.fingerprint, str | None)
        and all(isinstance(number, float) and 0 <= number < 1e11 for number in numbers)
        and all(isinstance(number, int) and number >= 0 for number in (run.gave_way, *run.probe_images))
    ):
        raise ValueError("it holds values of the wrong type")
    checked_tags(run.tags)
    os.fsencode(run.folder)  # raises UnicodeError, a ValueError, if it is not a valid path


def is_plain_name(name) -> bool:
    """Whether it is the name of a single file or folder, not a path that leads elsewhere."""
    return isinstance(name, str) and name != "" and name not in (".", "..") and not set(name) & set("/\\:\0")


def read_run(row: sqlite3.Row) -> Run:
    """The run in a row of the table. Raises RunError if the row is damaged."""
    return _read(tuple(row.keys()), *row)


@lru_cache(maxsize=1000, typed=True)  # pages list all runs again and again, and few rows change
def _read(columns: tuple[str, ...], *values) -> Run:
    row = dict(zip(columns, values, strict=True))
    try:
        dataset, network, training = (
            spec.from_dict(json.loads(row[column]))
            for spec, column in (
                (DatasetSpec, "dataset_spec"),
                (NetworkSpec, "network_spec"),
                (TrainingSpec, "training_spec"),
            )
        )
        run = Run(
            id=row["id"],
            created=row["created"],
            folder=json.loads(row["folder"]),  # JSON, because a path may hold bytes that are not text
            dataset_spec=dataset,
            network_spec=network,
            training_spec=training,
            status=row["status"],
            message=row["message"],
            classes=tuple(json.loads(row["classes"] or "[]")),
            fingerprint=row["fingerprint"],
            facts=json.loads(row["facts"]),
            probe_images=tuple(json.loads(row["probe_images"])),
            given_name=checked_name(row["name"]),
            tags=tuple(json.loads(row["tags"])),
            note=checked_note(row["note"]),
            turn=row["turn"],
            owner=row["owner"],
            launched=row["launched"] or 0.0,
            request=row["request"],
            by_hand=bool(row["by_hand"]),
            gave_way=row["gave_way"],
            way_for=row["way_for"],
        )
        _check(run, row)
        return run
    except (ValueError, TypeError, AttributeError) as error:
        raise RunError(f"Run {row['id']} is damaged: {error}") from None
