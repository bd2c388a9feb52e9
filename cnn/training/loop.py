"""The training loop, as a stream of events.

    for event in Training(model, dataset, spec).run():
        ...

The caller reads the events and draws or saves them; the loop knows nothing about that. To stop training, stop reading.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import nn

from cnn.data.dataset import Dataset
from cnn.errors import UserError
from cnn.model.fast import pool_first
from cnn.model.memory_needed import EVALUATED_VALUES
from cnn.model.model import Model, unit_pixels
from cnn.specs import TrainingSpec
from cnn.training.augmentation import augment, changes_of, draw_numbers
from cnn.training.batch_check import check_batches
from cnn.training.batches import batch_starts, images_at_once
from cnn.training.dead_units import count_dead
from cnn.training.device import resident
from cnn.training.evaluation import Predictions, predict
from cnn.training.frozen import FrozenPart, split_frozen
from cnn.training.optimizers import make_optimizer, parameter_groups
from cnn.training.schedule import share_of_rate

SMOOTHING = 0.95  # weight of the past in the smoothed loss: an average over roughly the last 20 steps


class Diverged(UserError):
    """The loss is infinite or NaN; the message says what to try."""


@dataclass(frozen=True)
class Step:
    """One step, on one batch of images.

    loss: the batch's mean cross-entropy before the weights change. smooth: the running average of the loss. images: the
    size of the batch.
    """

    step: int
    epoch: int
    loss: float
    smooth: float
    images: int


@dataclass(frozen=True)
class Epoch:
    """One pass over the training images. Losses are means per image; val_loss and val_accuracy are None without
    held-out images.

    train_loss and train_accuracy are measured on each batch before its step changes the weights (and with dropout).
    val_predicted, val_right: for each class, the number of held-out images that the network takes for it, and the
    number of its own that it gets right. dead: (layer, dead units, units) of each ReLU layer that is trained, over the
    held-out images (see cnn.training.dead_units). All three are empty without held-out images.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    val_predicted: tuple[int, ...] = ()
    val_right: tuple[int, ...] = ()
    dead: tuple[tuple[str, int, int], ...] = ()


@dataclass
class Progress:
    """The current position: together with network and optimiser, all that is needed to continue exactly from there."""

    epoch: int = 1  # the current epoch, from 1
    batch: int = 0  # batches done in this epoch
    step: int = 0  # batches done in all epochs
    smooth: float = 0.0  # exponential average of the loss, not yet corrected for its start at zero
    loss_sum: float = 0.0  # over the images of this epoch so far
    correct: int = 0  # right predictions in this epoch so far
    random: torch.Tensor | None = field(default=None, repr=False)  # random state of the device, for dropout
    best_loss: float = math.inf  # the lowest held-out loss after an epoch so far,
    best_epoch: int = 0  # and the first epoch that reached it


class Training:
    """Trains a model: holds the model, its optimiser and the progress, which a checkpoint saves. Changes the model's
    weights.

    learning_rates: step -> rate, for changes during training; a rate applies from that step (counted from 1) on.
    frozen: the layers at the start of the network that training does not change; None if there are none.
    """

    def __init__(self, model: Model, dataset: Dataset, spec: TrainingSpec, device: str = "cpu"):
        self.model, self.network = model, model.network.to(device)
        self.dataset, self.spec, self.device = dataset, spec, device
        self.images = resident(dataset.images, device)
        frozen, self.trained = split_frozen(self.network, model.layers)  # the second part is what training changes
        self.frozen: FrozenPart | None = None
        if len(frozen):
            # Augmentation makes other images in each epoch; held-out images are always the same.
            kept = dataset.val if spec.augments else np.concatenate([dataset.train, dataset.val])
            self.frozen = FrozenPart(model, frozen, self.images, kept, device)
        self.fast = replace(model, network=pool_first(self.trained))  # the same weights, a faster forward pass
        self.norms = [one for one in self.trained if isinstance(one, nn.BatchNorm1d | nn.BatchNorm2d)]
        self.changes: tuple[int, torch.Tensor] | None = None  # (epoch, how augmentation changes each image in it)
        groups = parameter_groups(model, spec)
        self.rate_shares = list(groups)  # of the optimiser's groups
        self.optimizer = make_optimizer(groups.values(), spec)
        self.progress = Progress()
        self.learning_rates: dict[int, float] = {}
        self.batches_per_epoch = len(batch_starts(len(dataset.train), spec.batch_size))
        check_batches(model, dataset, spec, device)

    def state_dict(self) -> dict:
        """The state to save: only tensors, numbers and strings, which `torch.load(weights_only=True)` accepts."""
        progress = vars(self.progress) | {"random": _random_of(self.device).get_rng_state()}
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": progress,
        }

    def load_state_dict(self, state: Mapping) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def run(self) -> Iterator[Step | Epoch]:
        """Trains from the current progress up to spec.epochs, or until spec.patience is over; yields a Step per batch
        and an Epoch per epoch.

        After each event the state is complete and can be saved. Raises Diverged.
        """
        progress = self.progress
        if progress.random is not None:
            _random_of(self.device).set_rng_state(progress.random)
        if self.patience_is_over:  # it had stopped early and now goes on: wait as long again
            progress.best_loss, progress.best_epoch = math.inf, progress.epoch - 1
        while progress.epoch <= self.spec.epochs and not self.patience_is_over:
            yield from self._epoch()

    @property
    def patience_is_over(self) -> bool:
        """Whether the held-out loss has not fallen for spec.patience epochs."""
        waited = self.progress.epoch - 1 - self.progress.best_epoch
        return 0 < self.spec.patience <= waited and bool(len(self.dataset.val))

    def _epoch(self) -> Iterator[Step | Epoch]:
        progress, train = self.progress, self.dataset.train
        # Shuffle the training images. The order depends only on seed and epoch, so a run can continue within an epoch.
        order = epoch_order(len(train), self.spec.seed, progress.epoch)
        if progress.batch == 0:
            torch.manual_seed(self.spec.seed * 100_003 + progress.epoch)  # for dropout
        # Take one step per batch.
        starts = batch_starts(len(order), self.spec.batch_size)
        for start, end in starts[progress.batch :]:
            chosen = train[order[start:end]]
            loss, correct = self.step(chosen)
            progress.batch += 1
            progress.loss_sum += loss * len(chosen)
            progress.correct += correct
            yield Step(progress.step, progress.epoch, loss, self._smoothed(), len(chosen))
        # Evaluate the network on the held-out images, which it never trains on.
        with count_dead(self.fast.network, self.model.layers) as dead:
            held_out = self.evaluate(self.dataset.val)
        val_loss = held_out.loss if held_out else None
        # Stop if the loss is not a finite number. Without held-out images, check the sum of the weights instead.
        self._check(sum(p.sum().item() for p in self.network.parameters()) if val_loss is None else val_loss)
        # Report the epoch, and start the next one.
        done = Epoch(
            progress.epoch,
            progress.step,
            progress.loss_sum / len(order),
            progress.correct / len(order),
            val_loss,
            held_out.accuracy if held_out else None,
            tuple(held_out.confusion.sum(0).tolist()) if held_out else (),
            tuple(held_out.confusion.diagonal().tolist()) if held_out else (),
            tuple((name, *numbers) for name, numbers in dead.items()),
        )
        if val_loss is not None and val_loss < progress.best_loss:
            progress.best_loss, progress.best_epoch = val_loss, progress.epoch
        progress.epoch += 1
        progress.batch, progress.loss_sum, progress.correct = 0, 0.0, 0
        yield done

    def step(self, chosen: np.ndarray) -> tuple[float, int]:
        """Trains on one batch, the images `chosen` (int64 indices). Returns its mean loss and the number of right
        predictions, both before the weights change. Raises Diverged."""
        self.trained.train()  # at every step, because the caller may have evaluated the network
        step = self.progress.step + 1
        for norm in self.norms:
            # The running averages: of all batches so far, then of about the last ten. PyTorch's own begin at 0 and 1
            # and take some thirty steps to forget it; until then, predictions would be wrong.
            norm.momentum = max(0.1, 1 / step)
        # The batch: images as numbers (or what frozen layers make of them), and the class of each image.
        inputs = self.inputs(chosen)
        labels = torch.from_numpy(self.dataset.labels[chosen]).to(self.device)
        # Forward: a score (logit) for each class, and the loss, which says how wrong the scores are.
        logits = self.fast.network(inputs)
        loss = nn.functional.cross_entropy(logits, labels, label_smoothing=self.spec.label_smoothing)
        value = self._plain_loss(loss, logits, labels)
        self._check(value)
        # Backward: the gradient of the loss with respect to each weight.
        self.optimizer.zero_grad()
        loss.backward()
        # Update: change each weight a little, against its gradient.
        for group, share in zip(self.optimizer.param_groups, self.rate_shares, strict=True):
            group["lr"] = share * self.learning_rate_at(step)
        self.optimizer.step()
        # Count the step, and update the smoothed loss.
        self.progress.step = step
        self.progress.smooth = SMOOTHING * self.progress.smooth + (1 - SMOOTHING) * value
        return value, (logits.argmax(1) == labels).sum().item()

    def inputs(self, chosen: np.ndarray) -> torch.Tensor:
        """The input of the first trained layer for the images at `chosen` (int64 indices): float32 (n, ...)."""
        if self.frozen is None:
            return self.batch(chosen)
        return self.frozen.compute(self.batch(chosen)) if self.spec.augments else self.frozen.of(chosen)

    def batch(self, chosen: np.ndarray) -> torch.Tensor:
        """The images at `chosen` (int64 indices) as the network gets them in the current epoch: float32 (n, C, H, W),
        changed by augmentation and preprocessed."""
        if not self.spec.augments:
            return self.model.batch(self.images[chosen], self.device)
        epoch = self.progress.epoch
        if self.changes is None or self.changes[0] != epoch:
            numbers = draw_numbers(len(self.dataset.labels), self.spec.seed, epoch)
            changes = changes_of(numbers, self.spec, self.model.image_sides)
            self.changes = epoch, torch.from_numpy(changes).to(self.device)
        changed = self.changes[1][chosen]
        pixels = augment(unit_pixels(self.images[chosen], self.device), changed, self.spec)
        # The channels of a pixel lie together again, as the network computes: else it would rearrange the batch twice.
        return self.model.preprocessing.standardize_(pixels).contiguous(memory_format=torch.channels_last)

    def _plain_loss(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> float:
        """The mean cross-entropy without label smoothing, comparable with that of the held-out images."""
        if not self.spec.label_smoothing:
            return loss.item()
        return nn.functional.cross_entropy(logits.detach(), labels).item()

    def evaluate(self, chosen: np.ndarray) -> Predictions | None:
        """The predictions for the images `chosen` (int64 indices); None without images."""
        if not len(chosen):
            return None
        if self.frozen is not None:
            return self._evaluate_trained(self.frozen, chosen)
        return predict(self.fast, self.images, self.dataset.labels, chosen, self.device, values=EVALUATED_VALUES)

    @torch.no_grad()
    def _evaluate_trained(self, frozen: FrozenPart, chosen: np.ndarray) -> Predictions:
        """The predictions, from what the frozen layers make of the images."""
        self.trained.eval()
        at_once = images_at_once(self.model.layers, EVALUATED_VALUES)
        logits = [self.fast.network(frozen.of(chosen[start:end])) for start, end in batch_starts(len(chosen), at_once)]
        return Predictions(torch.cat(logits).cpu().numpy(), self.dataset.labels[chosen], chosen, at_once)

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            rate = self.learning_rate_at(self.progress.step)
            raise Diverged(
                f"The loss became {'infinite' if math.isinf(loss) else 'not a number (NaN)'} after step "
                f"{self.progress.step:,}, so training stopped. Try a smaller learning rate (it was {rate:g}), "
                "another optimiser, or batch normalisation."
            )

    def _smoothed(self) -> float:
        return self.progress.smooth / (1 - SMOOTHING**self.progress.step)

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step (counted from 1)."""
        steps = self.batches_per_epoch * self.spec.epochs
        return self.highest_rate_at(step) * share_of_rate(self.spec.schedule, step, steps)

    def highest_rate_at(self, step: int) -> float:
        """The learning rate that a user has chosen for a step, which the schedule lowers."""
        earlier = [s for s in self.learning_rates if s <= step]
        return self.learning_rates[max(earlier)] if earlier else self.spec.learning_rate


def _random_of(device: str):
    """The torch module with get_rng_state and set_rng_state for a device."""
    return {"cuda": torch.cuda, "mps": torch.mps}.get(device, torch)


def epoch_order(images: int, seed: int, epoch: int) -> np.ndarray:
    """int64 (images,): the order of the training images in an epoch; depends only on the arguments."""
    return np.random.default_rng([seed, epoch]).permutation(images)
