"""The accuracy of an ended run on its test images: after a click, once, and kept with the run."""

import numpy as np
import streamlit as st

from cnn.data.dataset import TEST
from cnn.store.final_test import FinalTest, final_tests, keep_test, overuse
from cnn.store.run import Run
from pages.shared import jobs, run_choice
from pages.shared.dataset import dataset_choice, lost_images
from pages.shared.session import session


def draw(run: Run) -> None:
    """The accuracy on the test images, on purpose: after a click, which is kept with the run."""
    images = run.facts.get("test_images")
    tests, step = final_tests(run), run_choice.store().history(run.id).step_to_show(run.active)
    if not isinstance(images, int) or step is None:
        return
    if session().testing == (run.id, step) and (not tests or tests[-1].step != step):
        test = compute(run, step)
        if test is None:
            return
        tests = [*tests, test]
    if tests:
        st.markdown(f":material/fact_check: {tests[-1].sentence()} {overuse(tests)}")
    else:
        st.markdown(f":material/fact_check: {images:,} test images are set aside for one last test.")
    if not tests or tests[-1].step != step:
        st.button(
            "Test again" if tests else "Test once",
            key="final_test",
            width="stretch",
            help="When all choices are made: the accuracy on images that neither training nor any choice has used.",
            on_click=ask,
            args=(run.id, step),
            disabled=lost_images.is_lost(run),
        )


def ask(run_id: str, step: int) -> None:
    """Asks for the test accuracy after a step: `compute` computes it next."""
    session().testing = run_id, step


def compute(run: Run, step: int) -> FinalTest | None:
    """The test that was asked for; None until it is done, with the progress in its place. It is kept with the run."""
    from cnn.training.evaluation import predict  # here, because these load torch
    from pages.shared.inside import model_choice

    dataset, is_being_read = dataset_choice.of_run_in_place(run)
    if dataset is None:
        if not is_being_read:
            session().testing = None
        return None
    model, store = model_choice.model(run, step), run_choice.store()

    def work(progress) -> FinalTest:
        indices = np.flatnonzero(dataset.splits == TEST)
        found = predict(model, dataset.images, dataset.labels, indices, progress=progress)
        return keep_test(store, run.id, step, int(found.right.sum()), len(indices))

    test = jobs.result(("final test", run.id, step), work, "Predicting the test images")
    if test is not None:
        session().testing = None
    return test
