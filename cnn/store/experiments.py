"""Experiments in the run store: what each compares, and which runs belong to it."""

import json
import sqlite3
import time
from dataclasses import dataclass

from cnn.errors import UserError
from cnn.specs.experiment_spec import ExperimentSpec
from cnn.store.runs import RunError, RunStore


@dataclass(frozen=True)
class Experiment:
    """guess: what the user expects; a variant's label, or "". paused: whether its waiting runs stay where they are.
    runs: (index of the variant, seed) -> run; those that were deleted are missing."""

    id: str
    created: float
    folder: str
    spec: ExperimentSpec
    guess: str
    paused: bool
    runs: dict[tuple[int, int], str]

    @property
    def owner(self) -> str:
        """The owner of its runs in the queue."""
        return f"experiment {self.id}"

    @property
    def missing(self) -> list[tuple[int, int]]:
        """The variants and seeds without a run: seed by seed, so that pairs are complete early."""
        spec = self.spec
        pairs = [(variant, seed) for seed in spec.seeds for variant in range(len(spec.variants))]
        return [pair for pair in pairs if pair not in self.runs]


def add(store: RunStore, experiment_id: str, folder: str, spec: ExperimentSpec, guess: str = "") -> None:
    """Adds an experiment without runs."""
    with store.transaction(writing=True) as db:
        values = (experiment_id, time.time(), json.dumps(str(folder)), json.dumps(spec.to_dict()), guess)
        db.execute("INSERT INTO experiments (id, created, folder, spec, guess) VALUES (?, ?, ?, ?, ?)", values)


def add_run(store: RunStore, experiment_id: str, variant: int, seed: int, run_id: str) -> None:
    """Says which run trains a variant (its index) with a seed."""
    with store.transaction(writing=True) as db:
        db.execute("INSERT OR REPLACE INTO experiment_runs VALUES (?, ?, ?, ?)", (experiment_id, variant, seed, run_id))


def all_experiments(store: RunStore) -> list[Experiment]:
    """All experiments that can be read, newest first."""
    with store.transaction() as db:
        found = []
        for row in db.execute("SELECT * FROM experiments ORDER BY created DESC").fetchall():
            try:
                found.append(_experiment(db, row))
            except UserError:  # edited by hand
                continue
        return found


def get(store: RunStore, experiment_id: str) -> Experiment:
    """Raises RunError if there is no such experiment, or it is damaged."""
    with store.transaction() as db:
        row = db.execute("SELECT * FROM experiments WHERE id = ?", (experiment_id,)).fetchone()
        if row is None:
            raise RunError(f"There is no experiment {experiment_id!r} in {store.directory}. It may have been deleted.")
        return _experiment(db, row)


def of_run(store: RunStore, run_id: str) -> str | None:
    """The id of the experiment to which a run belongs, if any."""
    with store.transaction() as db:
        row = db.execute("SELECT experiment FROM experiment_runs WHERE run = ?", (run_id,)).fetchone()
        return row["experiment"] if row else None


def set_paused(store: RunStore, experiment_id: str, paused: bool) -> None:
    """Whether the experiment's runs wait until it is continued."""
    with store.transaction(writing=True) as db:
        db.execute("UPDATE experiments SET paused = ? WHERE id = ?", (paused, experiment_id))


def change(store: RunStore, experiment_id: str, spec: ExperimentSpec) -> None:
    """Replaces what the experiment is to train. Its runs stay; variants may only be added at the end."""
    with store.transaction(writing=True) as db:
        db.execute("UPDATE experiments SET spec = ? WHERE id = ?", (json.dumps(spec.to_dict()), experiment_id))


def forget(store: RunStore, experiment_id: str) -> None:
    """Deletes an experiment. Its runs stay."""
    with store.transaction(writing=True) as db:
        db.execute("DELETE FROM experiment_runs WHERE experiment = ?", (experiment_id,))
        db.execute("DELETE FROM experiments WHERE id = ?", (experiment_id,))


def _experiment(db: sqlite3.Connection, row: sqlite3.Row) -> Experiment:
    runs = db.execute(
        "SELECT variant, seed, run FROM experiment_runs WHERE experiment = ? AND run IN (SELECT id FROM runs)",
        (row["id"],),
    ).fetchall()
    try:
        spec, folder = ExperimentSpec.from_dict(json.loads(row["spec"])), json.loads(row["folder"])
    except (ValueError, TypeError) as error:
        raise RunError(f"Experiment {row['id']} is damaged: {error}") from None
    found = {(one["variant"], one["seed"]): one["run"] for one in runs}
    return Experiment(row["id"], row["created"], str(folder), spec, str(row["guess"]), bool(row["paused"]), found)
