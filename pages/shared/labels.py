"""A run's name and tags, and a control that changes them."""

import re

import streamlit as st

from cnn.errors import UserError
from cnn.store.run import MAX_NAME_LENGTH, Run
from pages.shared import run_choice
from pages.shared.session import session, widget


def popover(container, run: Run) -> None:
    """A button that opens two fields: the name and the tags of the run."""
    # The keys contain the values, so the fields also show changes made in another browser.
    name, tags = f"name_{run.id}_{run.given_name}", f"tags_{run.id}_{run.tags}"
    remembered = session()
    key = remembered.labelling.key
    with container.popover("Name and tags", icon=":material/label:", key=key, on_change="rerun"):
        with st.form("labels", border=False):  # sends both fields together
            st.text_input("Name", run.given_name, MAX_NAME_LENGTH, key=name, placeholder=run.name)
            st.text_input(
                "Tags",
                " ".join(run.tags),
                key=tags,
                placeholder="baseline small",
                help="Short words that help to find the run, separated by spaces or commas.",
            )
            st.form_submit_button("Save", type="primary", on_click=_save, args=(run.id, name, tags))
        if error := remembered.not_labelled:
            remembered.not_labelled = ""
            st.error(error, icon=":material/label_off:")


def _save(run_id: str, name: str, tags: str) -> None:
    new_tags = filter(None, re.split(r"[\s,]+", widget(tags)))
    remembered = session()
    try:
        run_choice.store().label(run_id, widget(name), new_tags)
        remembered.labelling.replace(None)
    except UserError as error:
        remembered.not_labelled = str(error)
