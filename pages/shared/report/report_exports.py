"""Takes a report out of the program: a hand-in file, a PDF, a notebook or an HTML page."""

from functools import partial

import streamlit as st

from cnn.report.case import Case
from cnn.report.report import Report
from cnn.size import size_text
from cnn.store.runs import RunError
from pages.server.work import Progress
from pages.shared import jobs, run_choice
from pages.shared.report import report_choice, still_missing
from pages.shared.report.report_choice import reports
from pages.shared.session import session

LABELS = {
    "hand-in": ("Hand-in file", ":material/folder_zip:", "All of it in one .zip: this is what you hand in."),
    "pdf": ("PDF", ":material/picture_as_pdf:", "To print or to read."),
    "notebook": ("Notebook", ":material/code:", "All outputs are visible, and it runs again with PyTorch."),
    "html": ("HTML", ":material/language:", "One file for any browser."),
}
TYPES = {
    "hand-in": "application/zip",
    "pdf": "application/pdf",
    "notebook": "application/x-ipynb+json",
    "html": "text/html",
}
KIND, BUTTON_HEIGHT = "export", 42  # CSS pixels


def draw(report_id: str, case: Case | None) -> None:
    """What is missing, and a button for each format; below them the progress, then the button that saves the file."""
    report = reports().outline(report_id)
    st.header("Hand in", anchor=False)
    is_missing = still_missing.draw(report, report.parsed(), case)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for form, (label, icon, help_text) in LABELS.items():
            if is_missing and form == "hand-in":
                label = "Hand in as it is"
            st.button(label, key=f"export {form}", icon=icon, help=help_text, on_click=_ask, args=(report.id, form))
    asked = session().exporting
    with st.container(height=BUTTON_HEIGHT + 16, border=False):  # room is kept
        if asked is None or asked[0] != report.id:
            st.caption("Each takes a second or two. Everything is made on this computer.")
            return
        _save(report, asked[1])


def _ask(report: str, form: str) -> None:
    jobs.forget_failed(KIND)
    session().exporting = (report, form)


def _save(report: Report, form: str) -> None:
    label, _, _ = LABELS[form]
    key = (KIND, form, report.id, report.changed, _shown_step(report.run))
    # On a server for many, a set that the report does not show may be another person's.
    others = None if report_choice.is_on_this_computer() else ()
    made = jobs.result(key, lambda progress: _make(report.id, form, others, progress), f"Making the {label}")
    if made is None:
        return
    name, content, why = made
    st.download_button(
        f"Save {name} ({size_text(len(content))})",
        partial(_as_now, report, form, others, content),
        name,
        TYPES[form],
        key=f"save {form}",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
    if why:
        st.warning(why, icon=":material/link_off:")


def _as_now(made_of: Report, form: str, sets: tuple[str, ...] | None, content: bytes) -> bytes:
    """The file at the press. If an answer has changed since it was made, it is made again."""
    if reports().outline(made_of.id).changed == made_of.changed:
        return content
    return _make(made_of.id, form, sets, Progress("", lambda: False))[1]


def _shown_step(run: str) -> int | None:
    """The step of the snapshot that goes into the file; None if there is none."""
    try:
        return run_choice.store().history(run).step_to_show(run_choice.store().get(run).active) if run else None
    except RunError:
        return None


def _make(report_id: str, form: str, sets: tuple[str, ...] | None, progress: Progress) -> tuple[str, bytes, str]:
    """The name and the content of the file, and what is not in it although it belongs there; "" if nothing is missing.

    sets: of new images, if the report shows none; None: all.
    """
    from cnn.report.exported_run import results_of
    from cnn.report.exported_sets import sets_in, too_large_text
    from cnn.report.exports import FORMATS, Export  # loads torch

    report, results, why = reports().get(report_id), None, ""
    if report.run:
        try:
            shown = sets_in(report) or sets
            results = results_of(run_choice.store(), report.run, cancelled=progress.cancelled, sets=shown)
            why = too_large_text(results.too_large)
        except RunError as error:  # it was deleted, or has no weights yet: the answers can be saved all the same
            why = f"The network is not in it. {error}"
    progress(0.3, detail="Laying it out")
    export = Export(report, results)
    content = export.content(form, lambda share: progress(0.3 + 0.7 * share))
    return f"{export.name}{FORMATS[form]}", content, why
