"""Which hand-ins are open: those of a folder on this computer, or files from the browser."""

import streamlit as st

from cnn.figures.hand_ins_sketch import hand_ins_sketch
from cnn.report.example_hand_ins import example_hand_ins
from cnn.report.hand_in import HandIn, Opened, open_files, open_folder
from cnn.report.recomputed import Recomputed, recompute
from cnn.store import example
from pages.components.drawing import drawing
from pages.server import report_pictures
from pages.server.work import Progress
from pages.shared import first_steps, jobs, run_choice, view
from pages.shared.session import Versioned, session, widget
from pages.shared.text import plain

OPENING, COMPUTING = "hand-ins", "accuracies of hand-ins"
SHOWN_PROBLEMS = 20


def opened() -> Opened | None:
    """The fields to open hand-ins, and what is open; None if that is nothing, or not yet read."""
    folder, files = view.part("hand_ins"), session().handed_in
    is_open = bool(folder.value or files)
    line = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="open_hand_ins")
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
        _what_it_does()
        return None
    if files:
        key, names = (OPENING, *((name, hash(content)) for name, content in files.items())), dict(files)
        found = jobs.result(key, lambda progress: open_files(names), "Opening the hand-ins")
    else:
        found = jobs.result((OPENING, folder.value), lambda progress: open_folder(folder.value), "Opening the hand-ins")
    if found is None:
        return None
    hand_ins, problems = found
    session().hand_ins = hand_ins
    report_pictures.serve(hand_ins)
    with line:
        _show_problems(problems)
    if not hand_ins:
        st.warning("There is no hand-in among these files.", icon=":material/search_off:")
        return None
    return found


def _what_it_does() -> None:
    """What one sees with hand-ins: as a sketch, and on demand with an example."""
    text, sketch = st.columns([2, 3], gap="large")
    with text:
        st.markdown(
            "**Open what your students have handed in**: the .zip files that the Report page makes.\n\n"
            "- A table shows who has answered what, with each accuracy computed again from the weights.\n"
            "- All answers to a question stand side by side, with their pictures. You give points and comments.\n"
            "- These are saved when you leave a field, on this computer, and come back when you open the same files."
        )
        if example.find(run_choice.store()) is None:
            first_steps.example_button()
        elif not session().wants_hand_ins:
            st.button("Open an example", key="example_hand_ins", icon=":material/school:", on_click=_want_example)
            st.caption("Three made-up students have described the network of the example.")
        else:
            _make_example()
    with sketch, st.container(key="hand_ins_sketch"):
        drawing(hand_ins_sketch(), key="hand_ins_drawing")


def _want_example() -> None:
    session().wants_hand_ins = True


def _make_example() -> None:
    store = run_choice.store()
    made = jobs.result(
        ("example hand-ins",),
        lambda progress: example_hand_ins(store, example.ID, progress),
        "Writing the hand-ins of three students",
    )
    if made is not None:
        session().wants_hand_ins, session().handed_in = False, made
        st.rerun()


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
