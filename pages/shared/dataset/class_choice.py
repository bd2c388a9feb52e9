"""Choosing which classes of the dataset take part."""

import streamlit as st

from cnn.data.dataset import Dataset
from pages.shared import settings
from pages.shared.session import session, widget
from pages.shared.text import plain

LEAST = 2  # classes
MOST_SHOWN = 300


def choose_classes(dataset: Dataset) -> None:
    """A button that says how many classes take part, and opens the dialog to choose them."""
    offered, chosen = dataset.offered or dataset.classes, settings.current("classes")
    text = f"{len(chosen)} of {len(offered)} classes" if chosen else f"All {len(offered)} classes"
    st.button(
        text,
        icon=":material/checklist:",
        width="stretch",
        help="Choose the classes that take part.",
        on_click=_open,
        args=(set(chosen or offered),),
    )
    if session().choosing_classes:  # also when the page is drawn anew, as at the end of work
        pick(offered)


def _open(draft: set[str]) -> None:
    session().choosing_classes = True
    _change(draft)


def _close() -> None:
    session().choosing_classes = False


def use_all() -> None:
    """A button for all classes, if only some are chosen: they may be those of another folder."""
    if settings.current("classes"):
        st.button("Use all classes", width="stretch", on_click=lambda: settings.put(classes=()))


@st.dialog("Which classes take part?", icon=":material/checklist:", width="large", on_dismiss=_close)
def pick(offered: tuple[str, ...]) -> None:
    """Lets the user choose among all classes of the folder."""
    left, all_of_them, none = st.columns([4, 1, 1], vertical_alignment="bottom")
    text = left.text_input("Search", placeholder="Part of a name", key="class_search") or ""
    matching = [name for name in offered if text.casefold() in name.casefold()]
    draft = session().drafted_classes
    all_of_them.button("All", width="stretch", on_click=_change, args=(draft | set(matching),))
    none.button("None", width="stretch", on_click=_change, args=(draft - set(matching),))
    shown = matching[:MOST_SHOWN]
    with st.container(height=300):
        if not shown:
            st.caption("No class has this in its name.")
        key = f"{session().class_pills.key} {text}"
        st.pills(
            "Classes",
            shown,
            selection_mode="multi",
            default=[name for name in shown if name in draft],
            format_func=plain,
            key=key,
            on_change=_read,
            args=(shown, key),
            label_visibility="collapsed",
        )
        if len(matching) > len(shown):
            st.caption(f"and {len(matching) - len(shown):,} more. Search for them.")
    left, right = st.columns([4, 2], vertical_alignment="center")
    draft = session().drafted_classes
    too_few = "" if len(draft) >= LEAST else f" Choose at least {LEAST}."
    left.caption(f"{len(draft):,} of {len(offered):,} chosen.{too_few}")
    chosen = tuple(name for name in offered if name in draft)
    if right.button(
        "Use these classes",
        type="primary",
        disabled=bool(too_few),
        width="stretch",
        on_click=_use,
        args=(() if len(chosen) == len(offered) else chosen,),
    ):
        st.rerun()


def _use(chosen: tuple[str, ...]) -> None:
    _close()
    settings.put(classes=chosen)


def _read(shown: list[str], key: str) -> None:
    session().drafted_classes = session().drafted_classes - set(shown) | set(widget(key) or [])


def _change(draft: set[str]) -> None:
    session().drafted_classes = draft
    session().class_pills.replace(None)
