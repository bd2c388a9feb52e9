"""The accuracy on the test images: asked for on purpose, after training; every time is kept with the run.

Imports neither torch nor Streamlit.
"""

import time
from typing import NamedTuple

from cnn.percent import percent
from cnn.store.run import Run
from cnn.store.runs import RunStore
from cnn.training.accuracy import Accuracy


class FinalTest(NamedTuple):
    """How many of the test images were right. step: of the snapshot that was tested. asked: in seconds since 1970."""

    step: int
    right: int
    images: int
    asked: float

    @property
    def accuracy(self) -> Accuracy:
        return Accuracy(self.right, self.images)

    def sentence(self) -> str:
        low, high = self.accuracy.interval
        when = time.strftime("%d %b %Y, %H:%M", time.localtime(self.asked))
        return (
            f"{self.right:,} of the {self.images:,} test images are right: {percent(self.accuracy.value, 1)}; on new "
            f"images, {percent(low)} to {percent(high)} ({percent(0.95)} certainty). Asked on {when}, "
            f"after step {self.step:,}."
        )


def final_tests(run: Run) -> list[FinalTest]:
    """All tests of a run, oldest first. Skips what was damaged."""
    stored = run.facts.get("tests", [])
    return [FinalTest(*row) for row in stored if _is_valid(row)] if isinstance(stored, list) else []


def _is_valid(row) -> bool:
    match row:
        case [int(step), int(right), int(images), float(asked)]:
            return step >= 0 and 0 <= right <= images and images > 0 and 0 <= asked < 1e11
    return False


def keep_test(store: RunStore, run_id: str, step: int, right: int, images: int) -> FinalTest:
    """Adds a test to those of a run. Raises RunError if there is no such run."""
    test = FinalTest(step, right, images, time.time())
    store.add_fact(run_id, "tests", list(test))
    return test


def overuse(tests: list[FinalTest]) -> str:
    """A warning if the test images were used several times; else ""."""
    if len(tests) < 2:
        return ""
    return (
        f"This was test number {len(tests)} of this run. Whoever chooses settings by the test accuracy fits them to "
        "the test images; these then no longer stand for new ones."
    )
