"""Doubtful images one by one, beside the most alike ones: keep the label, change it, or leave the image out."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.decisions import LEFT_OUT, Decision
from cnn.engine import cleaning
from cnn.errors import UserError
from cnn.explain.neighbours import nearest
from cnn.figures import charts
from cnn.figures.evidence_pictures import images_picture
from cnn.report.report import Table
from cnn.store import kept_decisions
from pages.components.gallery import gallery
from pages.components.picture import picture
from pages.shared import jobs, run_choice, settings, view
from pages.shared.cleaning import decided_labels
from pages.shared.cleaning.doubts import Doubt
from pages.shared.inside.gallery_choice import chosen_index, gallery_key
from pages.shared.navigation import go
from pages.shared.report import offers
from pages.shared.session import Versioned, session
from pages.shared.text import count, plain, unbroken

ALIKE = 10  # images beside the doubtful one
MOST_LISTED = 120  # more would take long to send
FEW_CLASSES = 3  # with more, a list instead of a button for each
MOST_IN_EVIDENCE = 16  # images in a report
MOST_ROWS = 200  # of the table in a report
PICTURE_WIDTH = 210  # CSS pixels
IMAGE_HEIGHT = 292
LIST_HEIGHT = 172


def draw(dataset: Dataset, doubts: Sequence[Doubt], kind: str) -> None:
    """kind: scope of the chosen image."""
    made = {one.decision[:2]: one.decision for one in kept_decisions.all_decisions(run_choice.store())}
    order = [doubt.index for doubt in doubts]
    open_ones = [index for index in order if _image(dataset, index) not in made]
    kept = view.part("image", "wrong labels", dataset.folder, kind)
    index = chosen_index(dataset, kept, (open_ones or order)[0])
    doubt = doubts[order.index(index)] if index in order else doubts[0]
    place = order.index(doubt.index)
    undecided = set(open_ones)
    following = next((one for one in (*order[place + 1 :], *order[:place]) if one in undecided), doubt.index)
    left, right = st.columns([6, 7], gap="medium")
    with left, st.container(height=IMAGE_HEIGHT, border=False, key="doubtful_image"):
        _draw_image(dataset, doubt, made.get(_image(dataset, doubt.index)), kept, following)
    with right, st.container(height=IMAGE_HEIGHT, border=False, key="alike_images"):
        _draw_alike(dataset, doubt)
    done = len(order) - len(open_ones)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"{done:,} of {count(len(order), 'image', 'images')} decided. Click one to look at it.", width="stretch"
        )
        if doubt.run_id:
            _links(dataset, doubt)
    with st.container(height=LIST_HEIGHT, border=False, key="doubts"):
        _draw_list(dataset, doubts, made, kept, doubt.index)
    if len(doubts) > MOST_LISTED:
        st.caption(f"{MOST_LISTED} of them are listed, the chosen one among them.")
    _offer(dataset, doubts, made, kind)


def _offer(dataset: Dataset, doubts: Sequence[Doubt], made: dict[tuple, Decision], kind: str) -> None:
    """Offers the doubtful images, and what was decided about each, for a report."""

    def decision(doubt: Doubt) -> str:
        found = made.get(_image(dataset, doubt.index))
        return "" if found is None else f"{found.text} {found.now if found.changes else ''}".strip()

    def picture() -> str:
        shown = doubts[:MOST_IN_EVIDENCE]
        images = [np.asarray(dataset.images[one.index]) for one in shown]
        captions = [f"{_image(dataset, one.index)[1]}: {decision(one) or '?'}" for one in shown]
        done = sum(bool(decision(one)) for one in doubts)
        about = f"{len(doubts):,} images: {kind}. {done:,} of them are decided."
        return images_picture(about, {"The class in the folder, and what was decided": (images, captions)})

    def numbers() -> Table:
        rows = [
            (dataset.paths[one.index], _image(dataset, one.index)[1], one.suggested, decision(one), one.reason)
            for one in doubts[:MOST_ROWS]
        ]
        return Table(("file", "class in the folder", "perhaps", "decision", "reason"), tuple(rows))

    offers.offer(f"Wrong labels: {kind}", picture, numbers)


def _links(dataset: Dataset, doubt: Doubt) -> None:
    """Buttons that open the image in the pages that look inside the network which judged it."""
    st.caption("Open the image above in", width="content")
    for page in ("activations", "explain", "neighbours"):
        target = session().pages[page]
        args = page, doubt.run_id, dataset.hashes[doubt.index]
        st.button(target.title, key=f"look in {page}", icon=target.icon, type="tertiary", on_click=_look, args=args)


def _look(page: str, run_id: str, content: str) -> None:
    settings.put(run=run_id)
    view.part("source").replace("dataset")
    view.part("image", "dataset", run_id).replace(content)
    go(page)


def _image(dataset: Dataset, index: int) -> tuple[str, str]:
    """What identifies an image in decisions: its hash, and its class in the folder."""
    return dataset.hashes[index], dataset.classes[dataset.labels[index]]


def _draw_image(dataset: Dataset, doubt: Doubt, decision: Decision | None, kept: Versioned, following: int) -> None:
    given = dataset.classes[dataset.labels[doubt.index]]
    with st.container(key="side_by_side"):  # on a phone, too
        seen, buttons = st.columns([5, 6], gap="small")
    with seen:
        with st.container(width=PICTURE_WIDTH, key="doubtful_picture"):
            picture(np.asarray(dataset.images[doubt.index]), f"{dataset.paths[doubt.index]}, labelled {given}")
        st.caption(plain(dataset.paths[doubt.index]))
        if decision is not None:
            st.button("Undo", icon=":material/undo:", type="tertiary", on_click=decided_labels.undo, args=(decision,))
    with buttons, st.container(gap="xsmall"):  # so close that all are in view
        st.markdown(unbroken(f"Labelled **{plain(given)}**. {plain(doubt.reason)}"))
        names = [name for name in dataset.classes if name != given]
        names.sort(key=lambda name: name != doubt.suggested)

        def button(label: str, icon: str, now: str, is_likely: bool = False) -> None:
            st.button(
                label,
                key=f"decide {icon} {now}",
                icon=f":material/{icon}:",
                width="stretch",
                type="primary" if is_likely or (decision is not None and decision.now == now) else "secondary",
                on_click=_decide,
                args=(dataset, doubt.index, now, kept, following),
            )

        button(f"Keep “{plain(given)}”", "check", given)
        if len(dataset.classes) <= FEW_CLASSES:
            for name in names:
                button(f"It is “{plain(name)}”", "label", name)
        else:
            name = st.selectbox("Another class", names, key=f"class of {doubt.index}", label_visibility="collapsed")
            button(f"It is “{plain(name)}”", "label", name)
        button("Leave it out", "block", LEFT_OUT)
    if error := session().not_decided:
        session().not_decided = ""
        st.error(error, icon=":material/error:")


def _decide(dataset: Dataset, index: int, now: str, kept: Versioned, following: int) -> None:
    """Keeps the decision, and goes to the next image. following: its index."""
    try:
        kept_decisions.decide(run_choice.store(), Decision(*_image(dataset, index), now), dataset.paths[index])
    except UserError as error:
        session().not_decided = str(error)
        return
    kept.replace(dataset.hashes[following])
    kept.seen = following  # of files with the same content, this one


def _draw_alike(dataset: Dataset, doubt: Doubt) -> None:
    """The images that are most like the doubtful one to a network."""
    indices, distances = list(doubt.others), ["the other one"] * len(doubt.others)
    if doubt.run_id:
        found = _features(dataset, doubt.run_id)
        if found is None:
            return
        rows, lengths = nearest(found, found[doubt.index], ALIKE + 1 + len(indices))
        alike = [(i, d) for i, d in zip(rows.tolist(), lengths, strict=True) if i not in (doubt.index, *doubt.others)]
        indices += [i for i, _ in alike][: ALIKE - len(indices)]
        distances += [f"{d:.2f}" for _, d in alike][: ALIKE - len(distances)]
    about = "**The most alike images**, with their distance as the network sees them"
    st.markdown(about if doubt.run_id else "**The other one**")
    gallery(
        dataset.images[indices],
        indices,
        key=f"alike {doubt.index}",
        label="The most alike images",
        captions=[f"{dataset.classes[dataset.labels[i]]}\n{d}" for i, d in zip(indices, distances, strict=True)],
        titles=[dataset.paths[i] for i in indices],
        colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
        selected=None,
        size=84,
    )


def _features(dataset: Dataset, run_id: str) -> np.ndarray | None:
    store = run_choice.store()
    run = store.get(run_id)
    return jobs.result(
        ("features for labels", run_id, dataset.fingerprint),
        lambda progress: cleaning.features_by_run(store, run, dataset, progress),
        f"Comparing {len(dataset.labels):,} images",
    )


def _draw_list(
    dataset: Dataset, doubts: Sequence[Doubt], made: dict[tuple, Decision], kept: Versioned, chosen: int
) -> None:
    """All doubtful images, with what was decided. Starts so that the chosen one is among them."""
    place = [doubt.index for doubt in doubts].index(chosen)
    start = max(0, min(place - MOST_LISTED // 2, len(doubts) - MOST_LISTED))
    listed = doubts[start : start + MOST_LISTED]
    indices = [doubt.index for doubt in listed]

    def caption(doubt: Doubt) -> str:
        decision = made.get(_image(dataset, doubt.index))
        if decision is None:
            return f"{dataset.classes[dataset.labels[doubt.index]]} → {doubt.suggested}?"
        return f"✓ {decision.text} {decision.now if decision.changes else ''}"

    gallery(
        dataset.images[indices],
        indices,
        key=gallery_key(kept),
        label="Doubtful images",
        captions=[caption(doubt) for doubt in listed],
        titles=[dataset.paths[i] for i in indices],
        colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
        selected=chosen,
        size=72,
    )
