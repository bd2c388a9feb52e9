"""What the user has decided about labels, as a table to look through, to undo and to save."""

from collections.abc import Sequence

import streamlit as st

from cnn.data.decisions import Decision
from cnn.errors import UserError
from cnn.report.report import Table
from cnn.store import kept_decisions
from cnn.store.kept_decisions import Decided
from pages.shared import run_choice
from pages.shared.report import offers
from pages.shared.session import session
from pages.shared.text import count

COLUMNS = ("file", "class in the folder", "decision", "class now")


def draw() -> None:
    """All decisions, of any folder, the newest first."""
    found = kept_decisions.all_decisions(run_choice.store())
    if not found:
        return
    # A constant label: under another one, Streamlit would take it for a new expander, which is closed.
    with st.expander("Your decisions about labels", icon=":material/rule:"):
        rows = [(one.path, one.decision.given, one.decision.text, one.decision.now) for one in found]
        st.dataframe([dict(zip(COLUMNS, row, strict=True)) for row in rows], hide_index=True, width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"{count(len(found), 'decision', 'decisions')}.", width="content")
            st.button("Undo the last one", icon=":material/undo:", on_click=undo, args=(found[0].decision,))
            st.download_button(
                "CSV",
                lambda: _csv(found),
                "decisions.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
        st.caption(
            "They apply to every dataset with these images from now on, wherever its folder lies. Networks trained "
            "before keep the labels that they were trained with."
        )
    if not offers.is_offered():  # no image to decide about is on the page
        offers.offer("Decisions about labels", numbers=lambda: Table(COLUMNS, tuple(rows)))


def undo(decision: Decision) -> None:
    """Forgets a decision. If that fails, the session's `not_decided` says why."""
    try:
        kept_decisions.undo(run_choice.store(), decision.hash, decision.given)
    except UserError as error:
        session().not_decided = str(error)


def _csv(found: Sequence[Decided]) -> bytes:
    return kept_decisions.as_csv(found).encode("utf-8-sig")  # Excel needs the mark to read it as UTF-8
