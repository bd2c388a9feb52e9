"""When a training gives its place to a short run that waits: the rule, as a pure function. `cnn.engine.queue` asks it.

An exact resume makes it free of loss: the paused training goes on from its checkpoint with the same numbers. What it
costs is a start of a trainer, twice. So the rule wants a large gain, leaves a training alone for a while after each
start, and counts how often one has given way: none is held up for ever, and no two take turns every few seconds.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cnn.engine.launch import START_SECONDS

TIMES = 5  # so many times as long as the run that waits, with its start, must every training still have to go
MOST = 3  # times that one run gives way; then it is left alone
LEAST = 30.0  # seconds that a training is left alone after each start
RULE = (
    f"A waiting run goes first if every training still needs at least {TIMES} times as long: the training with the "
    f"longest to go is paused, and goes on right after it. A run gives way at most {MOST} times, and not if you have "
    "put it first."
)


class Training(NamedTuple):
    """A run that takes a place. seconds: how long it still has to go; None if unknown. may_give_way: whether it can be
    asked to."""

    run_id: str
    seconds: float | None
    may_give_way: bool


class Waiting(NamedTuple):
    """A run that waits. seconds: how long it will train; None if unknown. by_hand: whether a user gave it its place."""

    run_id: str
    seconds: float | None
    by_hand: bool


def choose(training: Sequence[Training], waiting: Sequence[Waiting]) -> tuple[str, str] | None:
    """Which run goes first, and which gives way to it; None if none should.

    training: all that take a place; for one more, there is no place or no memory. waiting: in the order of the queue.
    The first run that is short enough goes first. One that a user has put in its place neither overtakes others nor is
    overtaken.
    """
    known = [one.seconds for one in training if one.seconds is not None]
    givers = [one for one in training if one.may_give_way]
    if not givers or len(known) < len(training):
        return None
    for place, one in enumerate(waiting):
        if one.by_hand and place > 0:
            return None
        if one.seconds is not None and TIMES * (one.seconds + START_SECONDS) <= min(known):
            return one.run_id, max(givers, key=lambda giver: giver.seconds or 0.0).run_id
        if one.by_hand:
            return None
    return None
