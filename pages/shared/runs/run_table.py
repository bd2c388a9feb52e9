"""The list of runs: one table, in which runs are found, chosen and deleted."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from cnn.data.content import content_hash
from cnn.percent import percent
from cnn.size import size_text
from cnn.store import disk
from cnn.store.disk import StoredRun
from cnn.store.run_summary import network_text, searchable
from pages.shared import run_choice, view
from pages.shared.runs.deletion import delete_all, delete_button
from pages.shared.runs.sidebar import distinct_names
from pages.shared.session import Versioned, session, widget
from pages.shared.text import count

MOST_NAMED = 50  # chosen runs; nobody looks through more names, and drawing them takes a tenth of a second
SIZE = st.column_config.NumberColumn(width="small")  # sorted by bytes; `sized` writes them
COLUMNS = {
    "": st.column_config.ImageColumn("line", width=42, help="How its curves are drawn."),
    "run": st.column_config.TextColumn(width=148),
    "best": st.column_config.NumberColumn(
        format="%.1f %%",
        width=65,
        help="The highest accuracy on the held-out images after any epoch. Pages show the network with the lowest "
        "held-out loss, which may be another one.",
    ),
    "status": st.column_config.TextColumn(width=104),
    "epochs": st.column_config.TextColumn(width="small"),
    "size": SIZE,
    "dataset": st.column_config.TextColumn(width=120),
    "tags": st.column_config.TextColumn(width="small"),
    "note": st.column_config.TextColumn(width="medium"),
    "network": st.column_config.TextColumn(width="medium"),
    "created": st.column_config.DatetimeColumn(format="distance"),
    "what is wrong": st.column_config.TextColumn(width="large"),
}


def choose_runs(
    stored: Sequence[StoredRun],
    kept: Versioned,
    chosen: Sequence[str],
    *,
    key: str,
    height: int,
    keys: Mapping[str, str] | None = None,
) -> None:
    """The runs with a field to search them, a list of datasets, and a tick for each chosen run. A click on the head of
    a column sorts them. Below it, the chosen runs by name: the table's ticks need a mouse, the names do not.

    chosen: the ids of the runs with a tick. A click puts the new ones into `kept`, as a tuple in the order in which
    they were chosen. A tick stays while the search hides its run. keys: id -> a picture of the run's curve.
    """
    visible = matching(stored, *_filters(stored))
    ids = [one.id for one in visible]
    # Streamlit stores ticks by row number, so a table with other rows is another widget.
    shown = content_hash(json.dumps(ids).encode())  # unlike `hash`, the same after the server has restarted
    name = f"{key} {session().deletions.version} {kept.version} {shown}"
    rows = pd.DataFrame([_row(one, (keys or {}).get(one.id, "")) for one in visible], columns=[*COLUMNS])
    st.dataframe(
        sized(rows if keys else rows.drop(columns=[""])),
        key=name,
        hide_index=True,
        height=min(38 + 35 * max(1, len(rows)), height),
        column_config={**COLUMNS, **_hidden(rows)},
        on_select=partial(_tick, kept, chosen, ids, name),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, one in enumerate(ids) if one in chosen]}},
        placeholder="",
    )
    if not visible:
        st.caption("No runs match.")
    _choose_by_name(stored, kept, chosen)


def sized(rows: pd.DataFrame) -> Styler:
    """The rows as a table shows them: the numbers in the column "size" are bytes."""
    return rows.style.format({"size": size_text})


def matching(stored: Sequence[StoredRun], find: str, dataset: str) -> list[StoredRun]:
    """The runs in which all words of `find` occur: in the name, the tags, the note, the dataset, the settings.
    dataset: the name of a folder; "": any."""
    words = find.casefold().split()
    return [
        one for one in stored if (not dataset or _dataset(one) == dataset) and all(word in _text(one) for word in words)
    ]


def _text(stored: StoredRun) -> str:
    return (searchable(stored.run) if stored.run else f"{stored.id} {stored.damage}").casefold()


def _dataset(stored: StoredRun) -> str:
    return Path(stored.run.folder).name if stored.run else ""


def _filters(stored: Sequence[StoredRun]) -> tuple[str, str]:
    """The controls above the table; returns what is searched, and the dataset."""
    datasets = sorted({_dataset(one) for one in stored} - {""})
    find, (dataset, chosen) = view.part("find_run"), view.among("of_dataset", ["", *datasets], "")
    with st.container(horizontal=True, gap="small"):
        st.text_input(
            "Search the runs",
            **find.bound(),
            placeholder="Search: name, tag, note, setting",
            label_visibility="collapsed",
        )
        if len(datasets) > 1:
            names = {"": "all datasets"} | {one: one for one in datasets}
            st.selectbox("Dataset", **dataset.bound_choice(names), label_visibility="collapsed", width=150)
    return find.current(), chosen


def _choose_by_name(stored: Sequence[StoredRun], kept: Versioned, chosen: Sequence[str]) -> None:
    """The chosen runs, hidden ones, too, in one line, where typing a name adds a run. Of many, only the number."""
    if len(chosen) > MOST_NAMED:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"{len(chosen):,} runs are chosen.", width="content")
            st.button("Choose none", icon=":material/deselect:", on_click=kept.replace, args=((),))
        return
    names = {one.id: one.id for one in stored if one.run is None}
    names |= distinct_names([one.run for one in stored if one.run is not None])
    listed, ids = session().runs_by_name, [one for one in chosen if one in names]
    if listed.current() != ids:  # ticked in the table
        listed.replace(ids)
    key = listed.key
    st.multiselect(
        "Chosen runs",
        [one.id for one in stored],
        **listed.bound("default"),
        format_func=names.__getitem__,
        on_change=lambda: kept.replace(tuple(widget(key))),
        placeholder="Type the name of a run to choose it",
        label_visibility="collapsed",
        filter_mode="contains",
        select_all=False,  # else Enter would choose all
        wrap=False,
    )


def _tick(kept: Versioned, chosen: Sequence[str], ids: Sequence[str], key: str) -> None:
    """Keeps the ticked runs: those that stay in their order, then the new ones. Hidden runs stay chosen."""
    ticked = {ids[row] for row in widget(key).selection.rows if row < len(ids)}
    before = [one for one in chosen if one in ticked or one not in ids]
    kept.value = (*before, *(one for one in ids if one in ticked and one not in before))


def _row(stored: StoredRun, key: str) -> dict:
    run = stored.run
    row: dict = dict.fromkeys(COLUMNS, "") | {"": key, "run": stored.id, "status": "✗ damaged", "best": None}
    row |= {"size": stored.size, "created": None, "what is wrong": stored.damage}
    if run is None:
        return row
    if not stored.damage:
        row["status"] = f"{run_choice.STATUS_MARKS[run.status]} {run.status}"
    return row | {
        "run": run.name,
        "best": None if stored.accuracy is None else round(100 * stored.accuracy, 1),
        "epochs": f"{stored.epochs} of {run.training_spec.epochs}",
        "dataset": _dataset(stored),
        "tags": " ".join(run.tags),
        "note": " ".join(run.note.split()),
        "network": network_text(run.network_spec),
        "created": datetime.fromtimestamp(run.created, UTC),
    }


def _hidden(rows: pd.DataFrame) -> dict[str, None]:
    """The columns that say nothing of any run."""
    return {name: None for name in ("tags", "note", "what is wrong") if not rows[name].any()}


def delete_chosen(chosen: Sequence[StoredRun]) -> None:
    """A button that deletes the chosen runs, after it has shown their sizes and asked."""
    delete_button(
        count(len(chosen), "run", "runs"),
        [_told_apart(one) for one in chosen],
        sum(one.size for one in chosen),
        "Their curves, weights and settings will be gone.",
        partial(delete_all, disk.delete_run, [one.id for one in chosen]),
    )


def _told_apart(stored: StoredRun) -> str:
    """A run with what tells it from others of the same name."""
    run = stored.run
    if run is None:
        return stored.id
    dataset = [_dataset(stored)] if run.given_name else []  # else the name says it
    best = [] if stored.accuracy is None else [f"best {percent(stored.accuracy, 1)}"]
    return " · ".join([run.exact_name, *dataset, network_text(run.network_spec), *best])
