"""Wrong labels: which images are in the wrong class, or twice in the dataset? The user decides about each."""

from dataclasses import replace

import streamlit as st

from cnn.data.listing import resolve
from cnn.engine import cleaning
from pages.shared import first_steps, run_choice, settings, view
from pages.shared.cleaning import decided_labels, doubts, label_review, label_search
from pages.shared.dataset import dataset_choice
from pages.shared.navigation import end_page, go, lesson


def draw() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Wrong labels", anchor=False, width="stretch")
        st.button("Back to Data", icon=":material/arrow_back:", on_click=go, args=("data",))
    folder, run = settings.folder(), run_choice.chosen_or_example()
    if folder is None:
        first_steps.choose_images(run)
        end_page()
    store = run_choice.store()
    one = cleaning.newest(store, str(resolve(folder)))
    kept = view.part("doubt")
    kind = kept.current()
    is_new = kind == doubts.SUSPICIOUS and one is None
    if is_new and run is not None and resolve(run.folder) == resolve(folder):
        kind = doubts.MISTAKES  # to look at until there is a search
    own = one.spec.dataset if one else settings.dataset_spec()
    if kind == doubts.MISTAKES and run is not None:
        own = run.dataset_spec
    dataset = dataset_choice.dataset(folder, replace(own, decisions=()))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kinds = list(view.options("doubt"))
        st.segmented_control("Look at", kinds, **kept.bound("default"), required=True, label_visibility="collapsed")
        if kept.current() == doubts.SUSPICIOUS:
            label_search.draw(one, dataset)
    if is_new:
        label_search.introduce(dataset)
    runs = cleaning.finished(store, one) if one else []
    if kind == doubts.COPIES:
        found = doubts.copies(dataset, runs)
    elif kind == doubts.MISTAKES:
        found = doubts.mistakes(dataset, run)
    else:
        found = doubts.labels(dataset, one, runs) if one else None
    if found:
        label_review.draw(dataset, found, kind)
    decided_labels.draw()
    lesson("cleaning")
