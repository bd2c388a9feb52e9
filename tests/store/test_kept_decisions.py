"""Decisions about labels in the run store."""

import csv
from io import StringIO

from cnn.data.decisions import Decision
from cnn.store.kept_decisions import all_decisions, as_csv, decide, for_spec, undo
from cnn.store.runs import RunStore

CAT, OTHER = "a" * 32, "b" * 32


def test_the_last_decision_about_an_image_counts_and_can_be_undone(store):
    decide(store, Decision(CAT, "cat", "dog"), "cat/1.png")
    decide(store, Decision(OTHER, "cat", "cat"), "cat/2.png")
    decide(store, Decision(CAT, "cat", ""), "cat/1.png")
    decide(store, Decision(CAT, "dog", "dog"), "dog/copy.png")  # of the same picture in another class
    again = RunStore(store.directory)
    assert {one.decision for one in all_decisions(again)} == {
        (CAT, "cat", ""),
        (CAT, "dog", "dog"),
        (OTHER, "cat", "cat"),
    }
    assert all_decisions(again)[0].path == "dog/copy.png"  # the newest first
    assert for_spec(again) == ((CAT, "cat", ""),)
    undo(store, CAT, "cat")
    assert for_spec(again) == () and len(all_decisions(again)) == 2


def test_the_table_has_a_row_for_each_decision(store):
    decide(store, Decision(CAT, "cat", "dog"), "cat/=1.png")
    decide(store, Decision(OTHER, "=dog", ""), "dog/2, a.png")
    rows = list(csv.DictReader(StringIO(as_csv(all_decisions(store)))))
    assert [(row["file"], row["class in the folder"], row["decision"], row["class now"]) for row in rows] == [
        ("cat/=1.png", "cat", "relabel", "dog"),
        ("dog/2, a.png", "'=dog", "leave out", ""),  # no formula
    ]
    assert [row["hash"] for row in rows] == [CAT, OTHER]
