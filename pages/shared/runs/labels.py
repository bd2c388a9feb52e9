"""A run's name, tags and note, and a control that changes them."""

import re

import streamlit as st

from cnn.errors import UserError
from cnn.store.run import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, Run
from pages.shared import run_choice
from pages.shared.session import session, widget


def popover(container, run: Run) -> None:
    """A button that opens the fields: the name, the tags and the note of the run."""
    # The keys contain the values, so the fields also show changes made in another browser.
    name, tags = f"name_{run.id}_{run.given_name}", f"tags_{run.id}_{run.tags}"
    note = f"note_{run.id}_{run.note}"
    remembered = session()
    key = remembered.labelling.key
    with container.popover("Name and note", icon=":material/label:", key=key, on_change="rerun"):
        with st.form("labels", border=False):  # sends all fields together
            st.text_input("Name", run.given_name, MAX_NAME_LENGTH, key=name, placeholder=run.name)
            st.text_input(
                "Tags",
                " ".join(run.tags),
                key=tags,
                placeholder="baseline small",
                help="Short words that help to find the run, separated by spaces or commas.",
            )
            st.text_area(
                "Note", run.note, 100, MAX_NOTE_LENGTH, key=note, placeholder="What you tried, and what you saw"
            )
            st.form_submit_button("Save", type="primary", on_click=_save, args=(run.id, name, tags, note))
        if error := remembered.not_labelled:
            remembered.not_labelled = ""
            st.error(error, icon=":material/label_off:")


def _save(run_id: str, name: str, tags: str, note: str) -> None:
    new_tags = filter(None, re.split(r"[\s,]+", widget(tags)))
    remembered = session()
    try:
        run_choice.store().label(run_id, widget(name), new_tags, widget(note))
        remembered.labelling.replace(None)
    except UserError as error:
        remembered.not_labelled = str(error)
