"""Estimates whether training fits into memory before it starts. Plain arithmetic, no torch."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod

from cnn.model.layers import Layer, NetworkError, frozen_end, frozen_parameters, lay_out, total_parameters
from cnn.size import size_text
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

# Advice leaves a quarter of the memory free: estimates can be off by a third.
ADVISED_SHARE = 0.75
# Evaluating must not take more memory than training.
EVALUATED_IMAGES = 128  # at once, or fewer if their maps are large:
EVALUATED_VALUES = 16_000_000  # the most values in a layer's output for all these images
MOST_KEPT = 2**30  # bytes: outputs of the frozen layers that would take more are computed for each batch instead


def needed(layers: list[Layer], batch_size: int, optimizer: str, kept_images: int = 0) -> int:
    """Bytes that a trainer needs for training or for evaluation, whichever is more, beyond the memory at its start.

    kept_images: for how many images it computes the output of the frozen layers once (see `kept_outputs`).
    """
    widest = max(prod(layer.shape) for layer in layers)
    evaluating = 4 * 2 * max(widest, min(EVALUATED_IMAGES * widest, EVALUATED_VALUES))
    return max(training_memory(layers, batch_size, optimizer), evaluating) + kept_outputs(layers, kept_images)


def kept_outputs(layers: Sequence[Layer], images: int) -> int:
    """Bytes of the frozen layers' output for so many images, float32. 0 if none is frozen, and if that would be more
    than MOST_KEPT: then nothing is kept."""
    end = frozen_end(layers)
    size = 4 * images * prod(layers[end - 1].shape) if end else 0
    return size if size <= MOST_KEPT else 0


def training_memory(layers: list[Layer], batch_size: int, optimizer: str) -> int:
    """Estimated bytes that training takes beyond the program itself. Above 100 MB the estimate is within a third of the
    measured value for Adam and SGD; small networks take about 15 MB more.

    It counts: float32 weights, their gradients and the optimiser's state; for each image of a batch, the values that
    PyTorch keeps for the backward pass; and the gradients on both sides of the widest layer. Frozen layers have weights
    only, and hold two of their outputs at a time.
    """
    copies = {"adam": 4, "adamw": 4, "rmsprop": 3, "sgd": 3}[optimizer]
    frozen, end = frozen_parameters(layers), frozen_end(layers)
    weights = copies * (total_parameters(layers) - frozen) + frozen
    widest = max(prod(layer.shape) for layer in layers)
    given = prod(layers[end - 1].shape) if end else 0  # what the first layer that is trained gets
    return 4 * (weights + batch_size * (given + _values_held(layers[end:]) + 2 * widest))


def _values_held(layers: list[Layer]) -> int:
    """How many values of one image PyTorch keeps for the backward pass: a layer's output is kept if the layer itself or
    the next one needs it; the last layer's output is kept for the loss."""
    steps = [layer for layer in layers if not layer.record.is_view]
    held = 0
    for layer, following in zip(steps, [*steps[1:], None], strict=True):
        if layer.record.keeps_output or following is None or following.record.keeps_input:
            held += prod(layer.shape)
        held += layer.record.extra_values(layer.in_shape)
    return held


def shortage(
    data: DatasetSpec,
    network: NetworkSpec,
    training: TrainingSpec,
    n_classes: int,
    free: int,
    where: str = "free",
    kept_images: int = 0,
) -> str:
    """A sentence that says that training needs more memory than there is, and what would fit; "" if it fits.

    free: bytes. where: for the sentence ("free", "free on the GPU"). kept_images: as in `needed`.
    Raises NetworkError if the network does not fit the images.
    """
    takes = needed(_layers(data, network, n_classes), training.batch_size, training.optimizer, kept_images)
    if takes <= free:
        return ""
    fixes = list(_fixes(data, network, training, n_classes, ADVISED_SHARE * free, kept_images))
    otherwise = "Start from a smaller network." if network.base else "Choose fewer filters and smaller images."
    advice = f"What would fit: {'; '.join(fixes)}." if fixes else otherwise
    return (
        f"Training this network with batches of {training.batch_size:,} takes about {size_text(takes)} of memory, "
        f"but only {size_text(free)} are {where}. {advice}"
    )


def _layers(data: DatasetSpec, network: NetworkSpec, n_classes: int) -> list[Layer]:
    return lay_out(network, data.image_size, data.channels, n_classes)


def _fixes(
    data: DatasetSpec, network: NetworkSpec, training: TrainingSpec, n_classes: int, free: float, kept_images: int
) -> Iterator[str]:
    """Single changes that make training fit, each as small as possible. What a base gives stays."""

    def fits(batch_size: int = training.batch_size, data=data, network=network) -> bool:
        try:
            layers = _layers(data, network, n_classes)
        except NetworkError:
            return False
        return needed(layers, batch_size, training.optimizer, kept_images) <= free

    low, high = 0, training.batch_size  # `low` fits, `high` does not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    if low:
        yield f"a batch size of {low:,}"
    if network.base:
        return
    smaller = (size for size in range(data.image_size - 1, 15, -1) if fits(data=replace(data, image_size=size)))
    if size := next(smaller, None):
        yield f"images of {size} × {size} pixels"
    for part in (2, 4, 8, 16, 32, 64):
        filters = tuple(max(1, count // part) for count in network.filters)
        if fits(network=replace(network, filters=filters)):
            yield f"{' and '.join(map(str, filters))} filters in the blocks"
            break
    if network.pooling == "none" and fits(network=replace(network, pooling="max")):
        yield "pooling"
