"""Storage: what uses the disk, and what can be deleted?"""

import json
import shutil
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from cnn.data.content import content_hash
from cnn.data.listing import shown
from cnn.size import size_text
from cnn.store import disk, example
from cnn.store.disk import Decoded, StoredRun, Upload
from cnn.store.image_sets import ImageSet, delete_set
from cnn.store.kept_images import StoredImage, delete_image
from pages.shared import first_steps, run_choice
from pages.shared.runs.deletion import delete_all, delete_button, disk_use
from pages.shared.runs.run_table import SIZE, choose_runs, delete_chosen, sized
from pages.shared.session import session
from pages.shared.text import count


def totals(
    stored: list[StoredRun],
    uploads: list[Upload],
    sets: list[ImageSet],
    images: list[StoredImage],
    decoded: list[Decoded],
    other: int,
) -> None:
    with st.container(key="totals"):
        columns = st.columns(5, vertical_alignment="top")
    columns[0].metric("Runs", size_text(sum(run.size for run in stored)), help="Their weights, at every snapshot.")
    uploaded = sum(one.size for one in uploads) + sum(one.size for one in sets) + sum(one.size for one in images)
    columns[1].metric("Uploads", size_text(uploaded), help="Uploaded datasets, sets of new images, and single images.")
    columns[2].metric(
        "Decoded images",
        size_text(sum(dataset.size for dataset in decoded)),
        help="Images in the size and colours that a network takes. Their folders can be decoded again.",
    )
    columns[3].metric(
        "Database",
        size_text(other),
        help="Curves and settings of all runs, reports with their pictures, marks, and the log. New entries "
        "reuse the space of deleted ones.",
    )
    columns[4].metric("Free on the disk", size_text(shutil.disk_usage(run_choice.store().directory).free))


def table(rows: list[dict], ids: list[str], key: str, columns: dict) -> list[int]:
    """A table with a checkbox for each row; ids: what each row is about. Returns the indices of the ticked rows."""
    # Streamlit stores ticks by row number. So a new table without ticks follows a deletion, and whatever somebody adds.
    key = f"{key} {session().deletions.key} {content_hash(json.dumps(ids).encode())}"
    height = min(38 + 35 * len(rows), 330)
    event = st.dataframe(
        sized(pd.DataFrame(rows)),
        key=key,
        hide_index=True,
        height=height,
        column_config=columns | {"size": SIZE},
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
    )
    return [row for row in event.selection.rows if row < len(rows)]


def upload_table(uploads: list[Upload]) -> list[Upload]:
    rows = [
        {
            "upload": upload.name,
            "images": upload.images,
            "runs trained on it": len(upload.runs),
            "size": upload.size,
        }
        for upload in uploads
    ]
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in ("images", "runs trained on it")}
    return [uploads[row] for row in table(rows, [one.name for one in uploads], "uploads", numbers)]


def set_table(sets: list[ImageSet]) -> list[ImageSet]:
    rows = [
        {"set": one.name, "images": len(one.files), "classes": len({*one.labels} - {""}), "size": one.size}
        for one in sets
    ]
    columns = {"images": st.column_config.NumberColumn(format="localized")}
    return [sets[row] for row in table(rows, [one.name for one in sets], "sets", columns)]


def image_table(images: list[StoredImage]) -> list[StoredImage]:
    rows = [{"image": image.id[:8], "size": image.size, "kept": image.kept} for image in images]
    columns = {"kept": st.column_config.DatetimeColumn(format="distance")}
    return [images[row] for row in table(rows, [image.id for image in images], "images", columns)]


def decoded_table(decoded: list[Decoded]) -> list[Decoded]:
    rows = [
        {
            "read from": folder_name(images),
            "images": images.images or None,
            "each": shape_name(images),
            "size": images.size,
            "last used": datetime.fromtimestamp(images.used, UTC),
        }
        for images in decoded
    ]
    columns = {
        "images": st.column_config.NumberColumn(format="localized"),
        "last used": st.column_config.DatetimeColumn(format="distance"),
    }
    return [decoded[row] for row in table(rows, [images.key for images in decoded], "decoded", columns)]


def folder_name(decoded: Decoded) -> str:
    return shown(decoded.folder) or "unknown (read by an older version, or damaged)"


def shape_name(decoded: Decoded) -> str:
    if not decoded.shape:
        return ""
    height, width, channels = decoded.shape
    return f"{width} × {height}, {'in colour' if channels == 3 else 'gray'}"


def draw() -> None:
    st.title("Storage", anchor=False)
    stored, uploads, sets, images, decoded, other = disk_use()
    st.markdown(f"Disk use of `{run_choice.store().directory}`")
    totals(stored, uploads, sets, images, decoded, other)

    st.header("Runs", anchor=False)
    if stored:
        ticked = session().ticked_runs
        choose_runs(stored, ticked, ticked.value, key="stored_runs", height=330)
        delete_chosen([run for run in stored if run.id in ticked.value])
    else:
        st.caption("None yet.")
    if example.find(run_choice.store()) is None:
        first_steps.example_button()

    st.header("Uploads", anchor=False)
    if uploads:
        picked = upload_table(uploads)
        delete_button(
            count(len(picked), "upload", "uploads"),
            [upload.name for upload in picked],
            sum(upload.size for upload in picked),
            "Their images will be gone, and runs trained on them cannot be continued.",
            partial(delete_all, disk.delete_upload, [upload.name for upload in picked]),
        )
    else:
        st.caption("None. You can upload a folder or an archive (.zip, .tar) on the Data page, under *Open a folder*.")

    st.header("Sets of new images", anchor=False)
    if sets:
        dropped = set_table(sets)
        delete_button(
            count(len(dropped), "set", "sets"),
            [one.name for one in dropped],
            sum(one.size for one in dropped),
            "Their images will be gone. A set can be saved first, with *Export* on the Results page.",
            partial(delete_all, delete_set, [one.name for one in dropped]),
        )
    else:
        st.caption("None. On the Results page, networks are judged on new images, which are kept as sets.")

    st.header("Single images", anchor=False)
    st.markdown("Uploaded images and photographs are kept, so that links to them work.")
    if images:
        taken = image_table(images)
        delete_button(
            count(len(taken), "image", "images"),
            [f"{image.id[:8]}, of {image.kept:%d %b %Y}" for image in taken],
            sum(image.size for image in taken),
            "Links to them will no longer work.",
            partial(delete_all, delete_image, [image.id for image in taken]),
        )
    else:
        st.caption("None yet.")

    st.header("Decoded images", anchor=False)
    st.markdown(
        "Each folder is decoded once for each choice of images, size and colours, and the result is kept. If you "
        "delete it, the folder is decoded again when needed."
    )
    if decoded:
        unneeded = decoded_table(decoded)
        delete_button(
            count(len(unneeded), "decoded dataset", "decoded datasets"),
            [
                f"{folder_name(images)} ({shape_name(images)})" if images.shape else folder_name(images)
                for images in unneeded
            ],
            sum(images.size for images in unneeded),
            "Their folders stay. Decoding them again takes a while.",
            partial(delete_all, disk.delete_decoded, [images.key for images in unneeded]),
        )
    else:
        st.caption("None yet.")
