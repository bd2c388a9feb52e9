"""How long the runs that wait in the queue will train, from what the store knows of them and of runs like them."""

import json
from contextlib import suppress
from sqlite3 import Row

from cnn.store.runs import RunStore
from cnn.store.waiting import HELD

# Runs are alike if only their seeds differ; they have the same pace if only seeds and epochs do.
_JSON = {name: f"CASE WHEN json_valid({name}) THEN json({name}) END" for name in ("dataset_spec", "network_spec")}
_JSON["whole"] = "CASE WHEN json_valid(training_spec) THEN json_remove(training_spec, '$.seed') END"
_JSON["paced"] = "CASE WHEN json_valid(training_spec) THEN json_remove(training_spec, '$.seed', '$.epochs') END"
_JSON["planned"] = "CASE WHEN json_valid(training_spec) THEN json_extract(training_spec, '$.epochs') END"
QUERY = f"""
WITH settings AS (
    SELECT id, status, turn, created, rowid AS place, folder, facts,
        {", ".join(f"{text} AS {name}" for name, text in _JSON.items())} FROM runs),
spent AS (SELECT run, SUM(seconds) AS seconds, COUNT(*) AS epochs FROM epochs GROUP BY run),
trained AS (SELECT * FROM settings JOIN spent ON run = id),
alike AS (
    SELECT folder, dataset_spec, network_spec, whole, AVG(seconds) AS seconds
    FROM trained WHERE status = 'finished' GROUP BY 1, 2, 3, 4),
pace AS (
    SELECT folder, dataset_spec, network_spec, paced, SUM(seconds) / SUM(epochs) AS seconds
    FROM trained GROUP BY 1, 2, 3, 4)
SELECT id, facts, planned, alike.seconds AS whole, pace.seconds AS epoch, spent.seconds AS done, spent.epochs AS epochs
FROM settings LEFT JOIN spent ON run = id
LEFT JOIN alike USING (folder, dataset_spec, network_spec, whole)
LEFT JOIN pace USING (folder, dataset_spec, network_spec, paced)
WHERE status = 'queued' AND NOT {HELD} ORDER BY turn, created, place
"""


def lengths(store: RunStore) -> dict[str, float | None]:
    """For each waiting run, in the order of the queue, how many seconds it will train: as long as finished runs with
    the same settings but the seed, on average; else by the time of its own epochs, or of those of runs that differ in
    seed and epochs only; else as was foreseen. Without what it has trained already. None if nothing is known."""
    with store.transaction() as db:
        return {row["id"]: _length(row) for row in db.execute(QUERY).fetchall()}


def _length(row: Row) -> float | None:
    done, epochs, planned = row["done"] or 0.0, row["epochs"] or 0, row["planned"]
    if row["whole"] is not None:
        return max(0.0, row["whole"] - done)
    if row["epoch"] is not None and isinstance(planned, int):
        return max(0, planned - epochs) * (done / epochs if epochs else row["epoch"])
    with suppress(ValueError, AttributeError):  # edited by hand
        foreseen = json.loads(row["facts"]).get("foreseen_seconds")
        if isinstance(foreseen, int | float):
            return max(0.0, foreseen - done)
    return None
