"""What a step needs, held against what the student's run and report have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnn.report.assignment import Need
from cnn.report.case import Case

OF_DATASET = ("classes", "images")  # kinds of needs that images meet before a network is trained


@dataclass(frozen=True)
class Status:
    """is_met: None if that cannot be told (yet). missing: a sentence; "" if nothing is missing."""

    need: Need
    is_met: bool | None
    missing: str = ""


def status(
    need: Need,
    case: Case | None,
    pieces: int = 0,
    new_images: Mapping[str, int] | None = None,
    dataset: Mapping[str, int] | None = None,
) -> Status:
    """pieces: of evidence in the step. new_images: class -> how many new images of it there are; None if unknown.
    dataset: class -> training and held-out images of the open dataset, which count until there is a case."""
    if need.what == "pieces":
        return _counted(need, pieces, f"{pieces:,} so far")
    if case is None:
        if need.what == "network":
            return Status(need, False, "train one first")
        if need.what not in OF_DATASET:
            return Status(need, None, "counted once you have trained a network")
        if not dataset:
            return Status(need, None, "counted once you have opened your images on the Data page")
        if need.what == "classes":
            return _counted(need, len(dataset), f"your dataset has {len(dataset):,}")
        return _each(need, list(dataset), list(dataset.values()))
    if need.what == "network":
        return Status(need, bool(case.epochs), "" if case.epochs else "no epoch is complete yet")
    if need.what == "classes":
        return _counted(need, len(case.run.classes), f"your network has {len(case.run.classes):,}")
    if need.what == "epochs":
        return _counted(need, len(case.epochs), f"{len(case.epochs):,} so far")
    if need.what == "images":
        return _each(need, case.run.classes, case.per_class)
    if new_images is None:
        return Status(need, None, "")
    return _each(need, case.run.classes, [new_images.get(name, 0) for name in case.run.classes])


def _counted(need: Need, number: int, found: str) -> Status:
    is_met = need.low <= number <= need.high
    return Status(need, is_met, "" if is_met else found)


def _each(need: Need, classes: Sequence[str], counts: Sequence[int]) -> Status:
    """counts: of each class; empty if they are unknown."""
    if not counts:
        return Status(need, None, "")
    off = [(name, count) for name, count in zip(classes, counts, strict=True) if not need.low <= count <= need.high]
    named = ", ".join(f"{name} has {count:,}" for name, count in off[:3])
    return Status(need, not off, named + (f", and {len(off) - 3} more" if len(off) > 3 else ""))
