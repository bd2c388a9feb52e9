"""The user's decisions about labels, which the command line applies as the pages do."""

from dataclasses import replace

from cnn.cli.terminal import print_json
from cnn.data.dataset import Dataset
from cnn.data.decisions import effect
from cnn.specs import DatasetSpec
from cnn.store import kept_decisions
from cnn.store.runs import RunStore


def with_decisions(options, store: RunStore, spec: DatasetSpec) -> DatasetSpec:
    """The spec with the decisions in the store, unless the options leave them out."""
    return spec if options.without_decisions else replace(spec, decisions=kept_decisions.for_spec(store))


def print_decisions(options, dataset: Dataset) -> None:
    """Says what decisions have changed in a dataset; prints nothing if they changed nothing."""
    left_out, relabelled = effect(dataset.spec.decisions, dataset.classes)
    number = left_out + relabelled
    if not number:
        return
    if options.json:
        print_json({"event": "decisions", "left_out": left_out, "relabelled": relabelled})
        return
    parts = [f"{left_out:,} left out"] * bool(left_out) + [f"{relabelled:,} relabelled"] * bool(relabelled)
    apply = "decision of yours applies" if number == 1 else "decisions of yours apply"
    print(f"{number:,} {apply}: {', '.join(parts)}. (--without-decisions takes the labels of the folder.)")
