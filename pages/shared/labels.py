"""A run's name and tags, and a control that changes them."""

import re

import streamlit as st

from cnn.errors import UserError
from cnn.store.runs import LONGEST_NAME, Run
from pages.shared import run_choice


def popover(place, run: Run) -> None:
    """A button in a container that opens two fields: the name and the tags of the run."""
    with place.popover("Name and tags", icon=":material/label:", key="labelling", on_change="rerun"):
        # The keys change with the values, so that the fields show them, whoever changed them.
        name = st.text_input(
            "Name", run.given_name, LONGEST_NAME, key=f"name_{run.id}_{run.given_name}", placeholder=run.name
        )
        tags = st.text_input(
            "Tags",
            " ".join(run.tags),
            key=f"tags_{run.id}_{run.tags}",
            placeholder="baseline, small",
            help="Short words to find the run by, with blanks or commas between them.",
        )
        if st.button("Save", key="save_labels", type="primary"):
            try:
                run_choice.store().label(run.id, name, filter(None, re.split(r"[\s,]+", tags)))
            except UserError as error:
                st.error(str(error), icon=":material/label_off:")
            else:
                st.rerun()  # the sidebar shows the name too
