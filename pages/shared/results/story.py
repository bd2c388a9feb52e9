"""How the answers for single images changed from snapshot to snapshot, on the Results page."""

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.figures.evidence_pictures import learned_picture
from cnn.figures.story_picture import MOST_ROWS, story_picture
from cnn.report.report import Table
from cnn.store.kept_predictions import kept_predictions
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from cnn.training.learned import EARLY, FORGOTTEN, GROUPS, LATE, NEVER, TEXTS, Story
from pages.components.picture import picture
from pages.shared import jobs, run_choice, view
from pages.shared.inside.chooser import Network
from pages.shared.inside.image_gallery import answer_in_words
from pages.shared.report import offers
from pages.shared.results import result_files, result_images
from pages.shared.results.judging import Judged
from pages.shared.session import session

ABOUT = {
    EARLY: "Right at the end, and ever since the first half of the training.",
    LATE: "Right at the end, but without a break only since the second half of the training.",
    FORGOTTEN: "Right at some snapshot after the training began, and wrong at the end.",
    NEVER: "Right at no snapshot after the training began. Look at these first: is the label wrong, or is something in "
    "them rare?",
}
GALLERY_HEIGHT = 300  # CSS pixels
MOST_IN_EVIDENCE = 16  # images of the open group in a report
AT_ONCE = 100_000  # predictions that are computed without being asked for


def draw(network: Network, judged: Judged) -> None:
    """Images learned early, late, never or forgotten. The predictions of all snapshots are computed beside the page."""
    st.markdown("**How the answers changed**")
    dataset, run = network.dataset, network.run
    steps = [snapshot.step for snapshot in run_choice.store().history(run.id).snapshots()]
    if len(steps) < 3:
        st.caption("There are too few snapshots to compare.")
        return
    assert dataset is not None
    indices = judged.predictions.indices
    asked = (run.id, judged.side)
    if len(steps) * len(indices) > AT_ONCE and asked not in session().stories:
        text = f"Compare {len(steps)} snapshots"
        about = f"This predicts {len(indices):,} images {len(steps)} times. The predictions are kept."
        st.button(text, icon=":material/timeline:", help=about, on_click=session().stories.add, args=(asked,))
        return
    found = story(network, dataset, indices, tuple(steps))
    if found is None:
        return
    groups = {name: found.group(name) for name in GROUPS}
    hardest = next((name for name in reversed(GROUPS) if len(groups[name])), NEVER)
    kept, name = view.among("learned", GROUPS, hardest)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Images",
            GROUPS,
            format_func=lambda one: f"{TEXTS[one]} ({len(groups[one]):,})",
            **kept.bound("default"),
            required=True,
            wrap=True,
            label_visibility="collapsed",
        )
        result_files.story_buttons(judged, network.model.classes, found)
    rows = groups[name]
    st.caption(ABOUT[name])
    drawn, behind = st.columns([2, 3], gap="medium")
    with drawn:
        draw_picture(found, groups)
    with behind, st.container(height=GALLERY_HEIGHT, border=False):
        label = f"Images: {TEXTS[name]}"
        result_images.show(judged, network.model.classes, rows, session().behind_story, label)
    _offer(network, judged, found, groups, name)


def _offer(network: Network, judged: Judged, found: Story, groups: dict[str, np.ndarray], name: str) -> None:
    """Offers the picture of the snapshots, and images of the open group, for a report."""
    classes, predictions = network.model.classes, judged.predictions

    def picture() -> str:
        rows = np.concatenate(list(groups.values()))
        pixels = story_picture(found.right[:, rows], found.of_truth[:, rows])
        shown = groups[name][:MOST_IN_EVIDENCE]
        images = [np.asarray(judged.images[i]) for i in predictions.indices[shown]]
        captions = [answer_in_words(classes, predictions, row) for row in shown]
        sizes = {TEXTS[one]: len(own) for one, own in groups.items()}
        return learned_picture(pixels, sizes, TEXTS[name], images, captions)

    def numbers() -> Table:
        return Table(
            ("images", "how many", "what it means"),
            tuple((TEXTS[one], len(own), ABOUT[one]) for one, own in groups.items()),
        )

    offers.also("When images were learned", picture, numbers, network.run)


def draw_picture(found: Story, groups: dict[str, np.ndarray]) -> None:
    """All images, a row each, sorted by group; from left to right the snapshots."""
    rows = np.concatenate(list(groups.values()))
    pixels = story_picture(found.right[:, rows], found.of_truth[:, rows])
    height = max(1, 240 // len(pixels))
    width = max(1, 360 // pixels.shape[1])
    sizes = ", ".join(f"{len(images):,} {TEXTS[name]}" for name, images in groups.items())
    picture(np.repeat(np.repeat(pixels, height, 0), width, 1), f"Answers at {len(found.steps)} snapshots: {sizes}")
    few = f" {MOST_ROWS} of the {len(rows):,} images are drawn." if len(rows) > MOST_ROWS else ""
    st.caption(
        f"A row for each image, a column for each snapshot, from the untrained network on. Gray: right. Red: wrong. "
        f"The stronger, the surer. From top to bottom: learned early, late, forgotten, never.{few}"
    )


def story(network: Network, dataset: Dataset, indices: np.ndarray, steps: tuple[int, ...]) -> Story | None:
    """The answers at all snapshots; None until they are computed, with the progress in their place. Those of each
    snapshot are kept in the run's folder."""
    store, run = run_choice.store(), network.run
    written = tuple(store.snapshot_path(run.id, step).stat().st_mtime_ns for step in steps)

    def work(progress) -> Story:
        answers = np.empty((len(steps), len(indices)), np.int16)
        of_truth = np.empty((len(steps), len(indices)), np.float32)
        for i, step in enumerate(steps):
            model = load_model(store, run, step)

            def compute(model=model, i=i):
                def report(share: float) -> None:
                    progress((i + share) / len(steps))

                return predict(model, dataset.images, dataset.labels, indices, progress=report)

            found = kept_predictions(store, run.id, model, dataset.fingerprint, dataset.labels, indices, compute)
            answers[i], of_truth[i] = found.predicted, found.of_truth
            progress((i + 1) / len(steps))
        return Story(np.array(steps), answers, of_truth, dataset.labels[indices], indices)

    key = ("story", run.id, steps, written, dataset.fingerprint, indices.tobytes())
    return jobs.result(key, work, f"Predicting {len(indices):,} images at {len(steps)} snapshots")
