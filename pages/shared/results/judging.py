"""The images that networks are judged on: those of a run's dataset, a set of new ones, or those that two runs hold
out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cnn.data.dataset import Dataset
from cnn.model.model import Model
from cnn.store.image_sets import ImageSet
from cnn.store.run import Run
from cnn.store.side_by_side import DifferentImages, Pair, judge_both
from cnn.training.evaluation import Predictions
from cnn.training.new_images import NewImages, answers
from pages.server.work import Function, Progress
from pages.shared import jobs, run_choice, view
from pages.shared.inside import model_choice
from pages.shared.inside.chooser import Network
from pages.shared.inside.image_choice import choose_from_dataset, choose_own, own_image_id


@dataclass(frozen=True, eq=False)
class Judged:
    """Images with a network's predictions for them.

    side: held-out, training, test or new. title: of all of them, such as “held-out images”. images: uint8 (N, H, W, C);
    the indices of the predictions count them. names: their files. choose: chooses an image for the pages that look
    inside; False if it is chosen already. is_chosen: whether it is. new: what is known of new images.
    """

    side: str
    title: str
    images: np.ndarray
    names: Sequence[str]
    predictions: Predictions
    choose: Callable[[int], bool]
    is_chosen: Callable[[int], bool]
    new: NewImages | None = None


def of_dataset(network: Network, dataset: Dataset, side: str, indices: np.ndarray) -> Judged | None:
    """Images of the run's dataset. None until the predictions are computed, with the progress in their place."""
    run = network.run
    found = model_choice.predictions(network.model, dataset, indices, run_id=run.id)
    if found is None:
        return None
    chosen = view.part("image", "dataset", run.id).value

    def is_chosen(index: int) -> bool:
        return dataset.hashes[index : index + 1] == (chosen,)

    def choose(index: int) -> bool:
        return choose_from_dataset(run, dataset, index)

    return Judged(side, f"{side} images", dataset.images, dataset.paths, found, choose, is_chosen)


def new_images(model: Model, chosen: ImageSet) -> NewImages | None:
    """The model's answers for a set of new images. None until they are computed, with the progress in their place."""
    key = ("new images", model.key, str(model.decoding.to_dict()), chosen.fingerprint)
    return jobs.result(key, lambda progress: answers(model, chosen.files, progress), "Reading the new images")


def of_set(network: Network, chosen: ImageSet, new: NewImages) -> Judged:
    """The images of a set that have a class of the network."""
    files = [chosen.files[row] for row in new.rows]

    def key(index: int) -> str:
        return f"{chosen.name}/{files[index].name}"

    def choose(index: int) -> bool:
        return choose_own("upload", files[index].name, files[index].read_bytes(), key(index))

    def is_chosen(index: int) -> bool:
        return index < len(files) and own_image_id("upload", key(index)) is not None

    found = new.predictions(chosen.labels, network.model.classes)
    title, names = f"new images “{chosen.name}”", [file.name for file in files]
    return Judged("new", title, new.images, names, found, choose, is_chosen, new)


def both(first: Run, second: Run) -> tuple[tuple, Function, str]:
    """The job that judges two runs on the images that both hold out: its key, work and text, for `jobs`. It gives a
    Pair, or DifferentImages: an answer, not a failure, for another try would give the same."""
    store = run_choice.store()
    steps = [store.history(run.id).step_to_show(run.active) for run in (first, second)]

    def work(progress: Progress) -> Pair | DifferentImages:
        try:
            return judge_both(store, first, second, progress, progress.cancelled)
        except DifferentImages as found:
            return found

    key = ("two runs", first.id, second.id, *steps, first.fingerprint, second.fingerprint)
    return key, work, "Judging both on the same images"
