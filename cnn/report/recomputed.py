"""The accuracy of a hand-in, computed again from its weights and its images. Both come from anybody and are checked."""

import io
import zipfile
from dataclasses import dataclass
from math import prod

import numpy as np
import torch

from cnn.data.decoding import Decoding
from cnn.errors import UserError
from cnn.model.build import build
from cnn.model.layers import lay_out, total_parameters
from cnn.model.model import Model, Preprocessing
from cnn.report.hand_in import MOST_IMAGES, MOST_WEIGHTS, HandIn, HandInError
from cnn.specs import DatasetSpec, NetworkSpec
from cnn.training.evaluation import predict

MOST_CLASSES = 1_000


@dataclass(frozen=True)
class Recomputed:
    """right of images, or, where that cannot be computed, why: a sentence in `problem`."""

    right: int = 0
    images: int = 0
    problem: str = ""

    @property
    def accuracy(self) -> float | None:
        return self.right / self.images if self.images else None


def recompute(hand_in: HandIn) -> Recomputed:
    """The accuracy on the images in the hand-in."""
    if hand_in.settings is None:
        return Recomputed(problem="It was handed in without a network.")
    try:
        images, labels = _images(hand_in)
        model = _model(hand_in)
        if images.shape[1:] != (model.image_size, model.image_size, model.channels):
            raise HandInError("Its images do not fit its network.")
        if labels.max() >= len(model.classes):
            raise HandInError("Its images have classes that its network does not know.")
        found = predict(model, images, labels, np.arange(len(labels)))
        return Recomputed(int(found.right.sum()), len(labels))
    except UserError as error:
        return Recomputed(problem=str(error))


def _model(hand_in: HandIn) -> Model:
    settings = hand_in.settings or {}
    classes = settings.get("classes")
    if not (
        isinstance(classes, list) and 2 <= len(classes) <= MOST_CLASSES and all(isinstance(c, str) for c in classes)
    ):
        raise HandInError("The classes of its network are missing.")
    try:
        spec = NetworkSpec.from_dict(settings["spec"])
        data = DatasetSpec.from_dict(settings["dataset_spec"])
        preprocessing = Preprocessing.from_dict(settings.get("preprocessing", {}))
        decoding = Decoding.from_dict(settings.get("decoding", {}))
    except (KeyError, TypeError, AttributeError):
        raise HandInError("The settings of its network are missing or damaged.") from None
    content = hand_in.part("weights.pt", MOST_WEIGHTS)
    if content is None:
        raise HandInError("Its weights are missing.")
    layers = lay_out(spec, data.image_size, data.channels, len(classes))
    if 4 * total_parameters(layers) > len(content):  # before it takes any memory
        raise HandInError("Its weights do not fit its network.")
    network = build(layers, 0)
    try:
        network.load_state_dict(_weights(content)["state_dict"])
    except (RuntimeError, KeyError, TypeError, AttributeError):
        raise HandInError("Its weights do not fit its network.") from None
    network.eval()
    return Model(layers, network, tuple(classes), preprocessing, decoding)


def _weights(content: bytes) -> dict:
    """What PyTorch reads from a file of weights, which runs nothing. Only the form that cannot grow is accepted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise HandInError("Its weights are compressed, which PyTorch never does.")
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, OSError):
        raise HandInError("Its weights are damaged.") from None
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # for bytes that it has not written, PyTorch's reader raises errors of any kind
        raise HandInError("Its weights are damaged.") from None


def _images(hand_in: HandIn) -> tuple[np.ndarray, np.ndarray]:
    """(uint8 (n, S, S, C), int64 (n,)): the images and their labels."""
    content = hand_in.part("images.npz", MOST_IMAGES)
    if content is None:
        raise HandInError(
            "It has no images to compute the accuracy from: they were missing when it was made, or too large for it."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            images = _array(archive, "images.npy", np.uint8, 4)
            labels = _array(archive, "labels.npy", np.int64, 1)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, RuntimeError, NotImplementedError, OSError):
        raise HandInError("Its images are damaged.") from None
    if len(images) != len(labels) or not len(labels) or labels.min() < 0:
        raise HandInError("Its images are damaged.")
    return images, labels


def _array(archive: zipfile.ZipFile, name: str, kind: type, sides: int) -> np.ndarray:
    """An array of the right kind, whose bytes are all there. Raises ValueError. (np.load would believe its header.)"""
    with archive.open(name) as file:
        content = io.BytesIO(file.read(MOST_IMAGES + 1))
    if np.lib.format.read_magic(content) != (1, 0):
        raise ValueError("another version of the format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(content)
    rest = content.getbuffer()[content.tell() :]
    if dtype != np.dtype(kind) or by_columns or len(shape) != sides or prod(shape) * dtype.itemsize != len(rest):
        raise ValueError("not what it says")
    return np.frombuffer(bytes(rest), dtype).reshape(shape)
