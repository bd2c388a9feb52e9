"""Which hand-ins are open: those of a folder on this computer, or files from the browser."""

import streamlit as st

from cnn.report.hand_in import HandIn, Opened, open_files, open_folder
from cnn.report.recomputed import Recomputed, recompute
from pages.server.work import Progress
from pages.shared import jobs, view
from pages.shared.session import Versioned, session, widget
from pages.shared.text import plain

OPENING, COMPUTING = "hand-ins", "accuracies of hand-ins"
SHOWN_PROBLEMS = 20


def opened() -> Opened | None:
    """The fields to open hand-ins, and what is open; None if that is nothing, or not yet read."""
    folder, files = view.part("hand_ins"), session().handed_in
    is_open = bool(folder.value or files)
    line = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with line:
        st.text_input(
            "A folder of hand-ins, or one file, on this computer",
            **folder.bound(),
            placeholder="for example " + r"C:\Users\me\Downloads\assignment",
            on_change=_take_folder,
            label_visibility="collapsed" if is_open else "visible",
            width="stretch",
        )
        with st.popover("Send files", icon=":material/upload:", width=150):
            st.file_uploader(
                "Hand-in files, or one .zip of them as a course platform packs it",
                type="zip",
                accept_multiple_files=True,
                key="sent_hand_ins",
                on_change=_take_files,
                args=(folder,),
            )
        st.button("Read again", icon=":material/refresh:", on_click=_read_again, disabled=not is_open, width=130)
    if not is_open:
        st.info(
            "Open what your students have handed in: the .zip files that the Report page makes. You see all answers to "
            "a question side by side, with the evidence; you give points and comments. These are saved as you type, on "
            "this computer, and come back when you open the same files.",
            icon=":material/inventory_2:",
        )
        return None
    if files:
        key, names = (OPENING, *((name, hash(content)) for name, content in files.items())), dict(files)
        found = jobs.result(key, lambda progress: open_files(names), "Opening the hand-ins")
    else:
        found = jobs.result((OPENING, folder.value), lambda progress: open_folder(folder.value), "Opening the hand-ins")
    if found is None:
        return None
    hand_ins, problems = found
    with line:
        _show_problems(problems)
    if not hand_ins:
        st.warning("There is no hand-in among these files.", icon=":material/search_off:")
        return None
    return found


def _take_folder() -> None:
    session().handed_in = {}
    _read_again()


def _take_files(folder: Versioned) -> None:
    folder.replace("")
    sent = widget("sent_hand_ins") or []
    session().handed_in = {file.name: file.getvalue() for file in sent}
    _read_again()


def _read_again() -> None:
    for kind in (OPENING, COMPUTING):
        jobs.forget_failed(kind)
        jobs.pool().forget(kind)


def _show_problems(problems: dict[str, str]) -> None:
    if not problems:
        return
    with st.popover(f"{len(problems)} not opened", icon=":material/error:", width=160):
        for name, why in list(problems.items())[:SHOWN_PROBLEMS]:
            st.markdown(f"{plain(name)}: {plain(why)}")
        if len(problems) > SHOWN_PROBLEMS:
            st.caption(f"and {len(problems) - SHOWN_PROBLEMS} more")


def accuracies(hand_ins: list[HandIn]) -> dict[str, Recomputed] | None:
    """Id -> the accuracy recomputed from the weights; None until it is computed, with the progress in its place."""

    def compute(progress: Progress) -> dict[str, Recomputed]:
        found = {}
        for done, hand_in in enumerate(hand_ins):
            found[hand_in.id] = recompute(hand_in)
            progress((done + 1) / len(hand_ins))
        return found

    key = (COMPUTING, *(hand_in.id for hand_in in hand_ins))
    return jobs.result(key, compute, "Computing the accuracies from the weights")
