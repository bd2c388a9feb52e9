"""Finds a learning rate: trains for a moment while the rate rises, and sees where the loss falls fastest.

The learning rate range test of Smith 2017, "Cyclical Learning Rates for Training Neural Networks",
https://arxiv.org/abs/1506.01186
"""

import math
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch

from cnn.data.dataset import TEST, TRAIN, Dataset
from cnn.errors import UserError
from cnn.model.build import adopt_weights, build
from cnn.model.layers import lay_out
from cnn.model.memory_needed import shortage
from cnn.model.model import PLAIN, Model, Preprocessing
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.training.batches import Report
from cnn.training.device import free_memory
from cnn.training.loop import Diverged, Step, Training

LOWEST_RATE, HIGHEST_RATE, STEPS = 1e-6, 1.0, 100
BLOWN_UP = 4.0  # the test ends when the smoothed loss is this many times its lowest value,
FLOOR = 0.1  # which counts as at least this share of the first: near 0, the loss may rise many times without harm
MARGIN = 10.0  # the suggestion is at least this many times smaller than the rate at which the loss blows up
NEIGHBOURS = 3  # steps: standard deviation of the bell curve that weights neighbouring steps in the smoothed loss
HALF_DECADE = round(STEPS / 12)  # steps in which the rate rises by about the square root of 10
BEFORE = 20  # the first steps, in which the rate is too small to change the loss
CLEAR_SHARE, CLEAR_NOISE = 0.03, 4.0  # a clear fall: this share of the loss, and this many standard errors of its noise


@dataclass(frozen=True)
class RangeTest:
    """The loss during training with a rising learning rate.

    rates: of each step, rising. losses: the smoothed loss at each step. suggestion: a learning rate to train with; None
    if the loss never falls clearly. reason: a sentence for the user that says why.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float | None
    reason: str


def find_rate(
    model: Model, dataset: Dataset, spec: TrainingSpec, device: str = "cpu", progress: Report | None = None
) -> RangeTest:
    """Tests learning rates on a copy of an untrained model; the model itself does not change.

    Takes about a hundred steps, with the optimiser, batch size and augmentation of the spec, but a rate that rises
    by the same factor from step to step; over a small set it goes several times. The spec's seed determines the result.
    Raises UserError without training images.
    """
    if not len(dataset.train):
        raise UserError("No images are left to train on. Hold out fewer images.")
    rates = np.geomspace(LOWEST_RATE, HIGHEST_RATE, STEPS)
    # Without held-out images, no epoch ends with an evaluation.
    dataset = replace(dataset, splits=np.where(dataset.splits == TRAIN, TRAIN, TEST).astype(np.uint8))
    spec = replace(spec, epochs=STEPS, schedule="constant", patience=0)  # every epoch has at least one step
    training = Training(replace(model, network=deepcopy(model.network)), dataset, spec, device)
    training.learning_rates = {step: float(rate) for step, rate in enumerate(rates, start=1)}
    losses: list[float] = []
    blew_up = False
    with torch.random.fork_rng(devices=[]):  # training sets the random state, which others use
        try:
            for event in training.run():
                if not isinstance(event, Step):
                    continue
                losses.append(event.loss)
                if progress:
                    progress(len(losses) / STEPS)
                smooth = smoothed(losses)
                blew_up = bool(smooth[-1] > BLOWN_UP * max(smooth.min(), FLOOR * smooth[0]))
                if blew_up or len(losses) == STEPS:
                    break
        except Diverged:
            blew_up = True
    return _judged(rates[: len(losses)], np.array(losses), blew_up)


def find_rate_of(
    network: NetworkSpec,
    dataset: Dataset,
    spec: TrainingSpec,
    device: str = "cpu",
    progress: Report | None = None,
    base: Model | None = None,
) -> RangeTest:
    """`find_rate` for the network of a spec, with weights drawn from the training's seed.

    base: the model of the run that the network starts from, if it does. Raises UserError if the network does not fit
    the images, or needs more memory than is free.
    """
    data, classes = dataset.spec, dataset.classes
    if message := shortage(data, network, spec, len(classes), free_memory(device)):
        raise UserError(message)
    layers = lay_out(network, data.image_size, data.channels, len(classes))
    preprocessing = PLAIN
    if network.preprocessing == "standardised" and len(dataset.train):
        preprocessing = Preprocessing.standardised(dataset.images, dataset.train)
    model = Model(layers, build(layers, spec.seed, network.initial_weights, network.dense_bias), classes, preprocessing)
    if base:
        adopt_weights(model.network, layers, base.network.state_dict())
        model = replace(model, preprocessing=base.preprocessing)
    return find_rate(model, dataset, spec, device, progress)


def smoothed(losses: list[float] | np.ndarray) -> np.ndarray:
    """float64 (steps,): each loss averaged with its neighbours, weighted by a bell curve.

    A running average would lag behind, and so find the fall too late: at rates that are too high.
    """
    distances = np.subtract.outer(np.arange(len(losses)), np.arange(len(losses)))
    weights = np.exp(-0.5 * (distances / NEIGHBOURS) ** 2)
    return weights @ np.asarray(losses, float) / weights.sum(1)


def _judged(rates: np.ndarray, losses: np.ndarray, blew_up: bool) -> RangeTest:
    """The result, from the rate and the loss of each step. blew_up: whether the test ended early."""
    if len(losses) <= BEFORE:
        reason = "The loss blows up even at the smallest learning rates, so none can be suggested."
        return RangeTest((), (), None, reason)
    smooth = smoothed(losses)
    curve = tuple(rates.tolist()), tuple(smooth.tolist())
    # Does the loss fall more than by chance? At first the rate is too small to change it.
    start, noise = losses[:BEFORE].mean(), (losses - smooth)[:BEFORE].std()
    lowest = int(smooth.argmin())
    least_fall = max(CLEAR_SHARE * start, CLEAR_NOISE * noise / math.sqrt(2 * math.sqrt(math.pi) * NEIGHBOURS))
    middles = np.arange(HALF_DECADE, min(lowest + 1, len(losses) - HALF_DECADE))
    if start - smooth[lowest] < least_fall or not len(middles):
        reason = "The loss does not fall clearly at any learning rate, so none can be suggested."
        return RangeTest(*curve, None, reason)
    # Where does it fall fastest? Compare the loss at the two ends of the decade around each rate.
    falls = smooth[middles - HALF_DECADE] - smooth[middles + HALF_DECADE]
    steepest = float(f"{rates[middles[falls.argmax()]]:.1g}")  # the test is no more precise than one digit
    # Where does it blow up? Where it is back at its start, or where the test ended.
    above = lowest + np.flatnonzero(smooth[lowest:] > start)
    if not len(above) and not blew_up:
        reason = f"The loss falls fastest near {steepest:g}; up to {HIGHEST_RATE:g} it does not blow up."
        return RangeTest(*curve, steepest, reason)
    limit = float(rates[above[0] if len(above) else -1])
    if steepest <= limit / MARGIN:
        return RangeTest(*curve, steepest, f"The loss falls fastest near {steepest:g} and blows up near {limit:.1g}.")
    reason = (
        f"The loss falls fastest near {steepest:g}, but blows up near {limit:.1g}: keep at least a factor of "
        f"{MARGIN:g} below that."
    )
    return RangeTest(*curve, _rounded_down(limit / MARGIN), reason)


def _rounded_down(rate: float) -> float:
    """The rate, down to its first digit."""
    exponent = math.floor(math.log10(rate))
    return float(f"{int(rate / 10.0**exponent)}e{exponent}")
