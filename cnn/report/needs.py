"""What a step needs, held against what the student's images, run and report have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnn.report.assignment import Need
from cnn.report.case import Case

OF_IMAGES = ("classes", "images")  # kinds of needs that are met before a network is trained


@dataclass(frozen=True)
class Status:
    """is_met: None if that cannot be told (yet). missing: a sentence; "" if nothing is missing."""

    need: Need
    is_met: bool | None
    missing: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether it is not met, or cannot be before something else is done."""
        return self.is_met is False or bool(self.missing)


def status(
    need: Need,
    case: Case | None,
    pieces: int = 0,
    new_images: Mapping[str, int] | None = None,
) -> Status:
    """pieces: of evidence in the step. new_images: class -> how many new images of it there are; None if unknown."""
    if need.what == "pieces":
        return _counted(need, pieces, f"{pieces:,} so far")
    if case is None and need.what in OF_IMAGES:
        return Status(need, None, "counted once you have opened your images on the Data page")
    if case is not None and need.what == "classes":
        whose = "network" if case.has_begun else "dataset"
        return _counted(need, len(case.run.classes), f"your {whose} has {len(case.run.classes):,}")
    if case is not None and need.what == "images":
        return _each(need, case.run.classes, case.per_class)
    if case is None or not case.has_begun:
        if need.what == "network":
            return Status(need, False, "train one first")
        return Status(need, None, "counted once you have trained a network")
    if need.what == "network":
        return Status(need, bool(case.epochs), "" if case.epochs else "no epoch is complete yet")
    if need.what == "epochs":
        return _counted(need, len(case.epochs), f"{len(case.epochs):,} so far")
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
