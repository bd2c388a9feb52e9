"""Receivers of a trainer's reports."""

import time

from cnn.engine.requests import POLL


def at_step(step: int, action):
    """A receiver of reports that acts at one step and then waits until the trainer has seen it."""

    def report(event):
        if event["event"] == "step" and event["step"] == step:
            action()
            time.sleep(3 * POLL)

    return report


def at_epoch(epoch: int, action):
    def report(event):
        if event["event"] == "epoch" and event["epoch"] == epoch:
            action()
            time.sleep(3 * POLL)

    return report
