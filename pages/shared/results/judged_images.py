"""The images on the Results page: those of a side, the held-out ones beside them, and what else there is to say."""

import numpy as np
import streamlit as st

from cnn.data.dataset import TEST
from cnn.store.final_test import final_tests, overuse
from cnn.store.run import Run
from cnn.training.accuracy import Accuracy
from pages.shared import run_choice
from pages.shared.inside.chooser import Network
from pages.shared.results import judging, last_test, new_image_sets, new_images_text, story
from pages.shared.results.judging import Judged
from pages.shared.session import session

WHY = (
    "The test images stand for images that nobody has seen. Open them once, when all choices are made. If you look, "
    "change a setting and look again, you choose what suits these images, and their accuracy promises too much."
)
OPENED_ONCE = "The test images were opened once for this run. Each time is counted."


def choose(network: Network, side: str) -> Judged | None:
    """The images of a side, with what has to be chosen or asked first. None until they are there."""
    dataset = network.dataset
    if side == "new":
        return _new(network)
    assert dataset is not None
    if side == "test" and not _is_opened(network.run, network.step):
        return None
    pool = {"held-out": dataset.val, "training": dataset.train, "test": np.flatnonzero(dataset.splits == TEST)}[side]
    return judging.of_dataset(network, dataset, side, pool)


def _is_opened(run: Run, step: int) -> bool:
    """Whether the test images were opened for this snapshot; asks whether to, and counts it."""
    run = run_choice.store().get(run.id)  # with the tests up to now
    tests = final_tests(run)
    if session().testing == (run.id, step) and not any(one.step == step for one in tests):
        last_test.compute(run, step)
        run = run_choice.store().get(run.id)
        tests = final_tests(run)
    if any(one.step == step for one in tests):
        warning = overuse(tests)
        st.caption(f":material/warning: {warning}" if warning else f":material/lock_open: {OPENED_ONCE}")
        return True
    if session().testing == (run.id, step):
        return False  # the progress is on the page
    times = {0: "They were never opened.", 1: "They were opened once, for another snapshot."}
    st.info(f"{WHY} {times.get(len(tests), f'They were opened {len(tests)} times, for other snapshots.')}")
    st.button(
        "Open the test images",
        icon=":material/lock_open:",
        on_click=last_test.ask,
        args=(run.id, step),
        disabled=run.ongoing,
        help="The run is still to be trained further." if run.ongoing else "This is counted and kept with the run.",
    )
    return False


def _new(network: Network) -> Judged | None:
    chosen = new_image_sets.choose_set(network)
    if chosen is None:
        st.info(new_image_sets.ABOUT, icon=":material/add_photo_alternate:")
        return None
    new = judging.new_images(network.model, chosen)
    if new is None:
        return None
    found = judging.of_set(network, chosen, new)
    names = [file.name for file in chosen.files]
    if left_out := new_images_text.left_out(new, chosen.labels, names, found.predictions.indices):
        st.caption(left_out)
    if not len(found.predictions):
        st.info("No image has a class of this network yet. Give them one: *Classes*.", icon=":material/label:")
        return None
    return found


def beside_held_out(network: Network, side: str, accuracy: Accuracy) -> str:
    """The held-out accuracy beside that of test or new images; "" for others."""
    return new_image_sets.held_out_beside(network, accuracy, side) if side in ("test", "new") else ""


def draw_more(network: Network, found: Judged) -> None:
    """What the page says about these images only."""
    if found.side == "new" and network.dataset is not None:
        new_image_sets.draw_failures(network, network.dataset, found)
    elif found.side in ("held-out", "training"):
        story.draw(network, found)
