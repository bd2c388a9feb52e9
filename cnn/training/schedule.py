"""How the learning rate changes from step to step."""

from math import cos, pi

WARM_UP = 0.05  # share of all steps in which "cosine" rises
RISE = 0.3  # and in which "one_cycle" does
START = 1 / 25  # of the highest rate, where "one_cycle" starts


def share_of_rate(schedule: str, step: int, steps: int) -> float:
    """What a step (counted from 1) of `steps` multiplies the learning rate with, above 0 and at most 1.

    constant: 1. cosine: rises in a straight line, then falls to almost 0 along half a cosine (Loshchilov and Hutter
    2017, https://arxiv.org/abs/1608.03983). one_cycle: rises from 1/25 and falls to almost 0, both along half a cosine
    (Smith and Topin 2018, https://arxiv.org/abs/1708.07120).
    """
    done = min(step, steps) / (steps + 1)  # never quite 1, so that the last step changes something too
    match schedule:
        case "constant":
            return 1.0
        case "cosine":
            return done / WARM_UP if done < WARM_UP else _half_cosine(1, 0, (done - WARM_UP) / (1 - WARM_UP))
        case "one_cycle":
            return (
                _half_cosine(START, 1, done / RISE) if done < RISE else _half_cosine(1, 0, (done - RISE) / (1 - RISE))
            )
    raise ValueError(f"Unknown schedule {schedule!r}.")


def _half_cosine(start: float, end: float, done: float) -> float:
    """From start to end along half a cosine: slow, fast, slow. done: 0..1."""
    return end + (start - end) * (1 + cos(pi * done)) / 2
