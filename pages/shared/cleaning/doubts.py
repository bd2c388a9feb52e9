"""Images whose labels may be wrong, each with a reason: found by a search, as near copies, or as a network's surest
mistakes."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.engine import cleaning
from cnn.engine.cleaning import OutOfFold
from cnn.percent import percent
from cnn.store.experiments import Experiment
from cnn.store.run import Run
from cnn.training.confusion import surest_mistakes
from cnn.training.suspicious import ABOUT_RIGHT, suspicious
from pages.shared import jobs, run_choice, view
from pages.shared.dataset import dataset_choice
from pages.shared.inside import model_choice
from pages.shared.text import count, plain

HALF = 0.5  # of the labels
TOO_WEAK = (
    "Networks that agree with fewer than half of the labels cannot tell which are wrong: search again with a better "
    "network, or with more epochs."
)
SUSPICIOUS, COPIES, MISTAKES = "suspicious labels", "near copies", "surest mistakes"  # kinds of doubts


@dataclass(frozen=True)
class Doubt:
    """An image to decide about. index: in the dataset. suggested: a class that it may have. reason: a sentence. run_id:
    of a network that has judged it; "" if there is none. others: images to show first beside it."""

    index: int
    suggested: str
    reason: str
    run_id: str
    others: tuple[int, ...] = ()


def labels(dataset: Dataset, one: Experiment, runs: list[Run]) -> list[Doubt] | None:
    """The suspicious labels, the most suspicious first, and a line about them; None until they are known."""
    if not runs:
        return None
    found = _answers(one, runs, dataset)
    if found is None:
        return None
    given, classes = dataset.labels[found.rows], dataset.classes
    flagged = suspicious(found.probabilities, given)
    right = float((found.probabilities.argmax(1) == given).mean()) if len(given) else 0.0
    rest = len(dataset.labels) - len(found.rows)
    st.markdown(
        f"**{count(len(flagged.rows), 'suspicious label', 'suspicious labels') if len(flagged.rows) else 'No label'}** "
        f"{'' if len(flagged.rows) else 'looks suspicious '}among {len(found.rows):,} images that networks judged "
        f"without having seen them{f'; {rest:,} were not judged' if rest else ''}. The networks agree "
        f"with {percent(right)} of all labels."
    )
    if about := [ABOUT_RIGHT] * bool(len(flagged.rows)) + [TOO_WEAK] * (right < HALF):
        st.caption(" ".join(about))
    return [
        Doubt(
            int(found.rows[row]),
            classes[answer],
            f"Networks that have not seen it: “{classes[answer]}” {percent(float(of_answer))}, "
            f"“{classes[given[row]]}” {percent(float(of_label))}.",
            found.run_ids[row],
        )
        for row, answer, of_label, of_answer in zip(*flagged, strict=True)
    ]


def _answers(one: Experiment, runs: list[Run], dataset: Dataset) -> OutOfFold | None:
    """What the networks say about images that they have not seen; None until it is computed."""
    store = run_choice.store()
    return jobs.result(
        ("out of fold", one.id, tuple(run.id for run in runs), dataset.fingerprint),
        lambda progress: cleaning.out_of_fold(store, runs, dataset, progress, progress.cancelled),
        f"Asking {count(len(runs), 'network', 'networks')}",
    )


def copies(dataset: Dataset, runs: list[Run]) -> list[Doubt] | None:
    """The second image of each pair of near copies; None until they are found."""
    pairs = jobs.result(
        ("near copies", dataset.fingerprint, dataset.spec),
        lambda progress: cleaning.harmful_copies(dataset, progress),
        f"Comparing {len(dataset.labels):,} images",
    )
    if pairs is None:
        return None
    if len(pairs):
        st.markdown(
            f"**{count(len(np.unique(pairs[:, 1])), 'image is', 'images are')}** nearly the same as another one, or "
            "the same in another class or on another side. If one is trained on and the other held out, the accuracy "
            "is too high."
        )
    else:
        st.markdown("**No near copies.** No two images are nearly the same, and none is in two classes or two sides.")
    st.caption("Copies of a file in one class and on one side spoil nothing, so they are not listed.")
    partners: dict[int, list[int]] = {}
    for first, second in pairs.tolist():
        partners.setdefault(second, []).append(first)
    run_id = runs[0].id if runs else ""
    return [
        Doubt(
            index,
            dataset.classes[dataset.labels[others[0]]],
            f"Nearly the same as {', '.join(dataset.paths[i] for i in others)}.",
            run_id,
            tuple(others),
        )
        for index, others in sorted(partners.items())
    ]


def mistakes(dataset: Dataset, run: Run | None) -> list[Doubt] | None:
    """The mistakes of a run's network, the surest first; before them the image that a link names. None until they are
    known. dataset: the images with the labels of the folder."""
    own = None if run is None else dataset_choice.of_run(run)
    if run is None or own is None or own.folder != dataset.folder:
        st.info("Choose a run that was trained on this folder: its mistakes are shown here.", icon=":material/search:")
        return None
    side = "training" if view.part("judged").value == "training" or not len(own.val) else "held-out"
    pool = own.train if side == "training" else own.val
    step = run_choice.store().history(run.id).step_to_show(run.active) or 0
    found = model_choice.predictions(model_choice.model(run, step), own, pool, run_id=run.id)
    if found is None:
        return None
    wrong = surest_mistakes(found).tolist()
    linked = view.part("image", "wrong labels", dataset.folder, MISTAKES).value
    asked = [row for row in range(len(pool)) if own.hashes[pool[row]] == linked] if linked else []
    rows = [*(row for row in asked if row not in wrong), *wrong]
    seen = "was trained on it and" if side == "training" else "has not seen it and"
    st.markdown(
        f"**{count(int((~found.right).sum()), 'mistake', 'mistakes') if not found.right.all() else 'No mistakes'}** "
        f"among {len(pool):,} {side} images, by {plain(run.name)}. The surest come first."
    )
    st.caption(
        "Most mistakes are the network's own. If it is very sure, it may be worth a look whether the label is right. "
        "*Suspicious labels* asks several networks, about all images."
    )
    places = {image: i for i, image in enumerate(zip(dataset.paths, dataset.hashes, strict=True))}
    doubts = []
    for row in rows:
        index = int(pool[row])
        place, answer = places.get((own.paths[index], own.hashes[index])), int(found.predicted[row])
        if place is None:
            continue
        given = dataset.classes[dataset.labels[place]]
        of_answer, of_given = found.probabilities[row, answer], _probability(own, found.probabilities[row], given)
        reason = f"The network {seen} says “{own.classes[answer]}” {percent(float(of_answer))}"
        if own.classes[answer] != given:
            reason += f", “{given}” {percent(of_given)}"
        doubts.append(Doubt(place, own.classes[answer], f"{reason}.", run.id))
    return doubts


def _probability(own: Dataset, probabilities: np.ndarray, name: str) -> float:
    return float(probabilities[own.classes.index(name)]) if name in own.classes else 0.0
