"""Two runs, image by image: which ones only one of them gets right, whether that is luck, and one image in both."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.explain.methods import BY_SLUG, METHODS
from cnn.figures import charts
from cnn.model.layers import Layer
from cnn.percent import percent
from cnn.store.run import Run
from cnn.store.side_by_side import Judged, Pair, judge_both, left_out_text, over_seeds
from pages.components.gallery import gallery
from pages.components.maps import Tiles, maps
from pages.components.overlays import Overlay, overlays
from pages.shared import compared_runs, jobs, model_choice, run_choice, settings, view
from pages.shared.filter_text import sees_colour
from pages.shared.image_choice import choose_from_dataset
from pages.shared.image_gallery import answer_in_words
from pages.shared.navigation import go
from pages.shared.session import Versioned, session
from pages.shared.text import count, plain

MOST_IMAGES = 40  # in a gallery
GALLERY_HEIGHT = 215  # CSS pixels
SIZE = 260  # CSS pixels of a picture
FILTERS, MAPS = "filters", "maps"
LOOKS = {FILTERS: "Filters of the first convolution", MAPS: "Activation maps of the first convolution"}
LOOKS |= {method.slug: method.name for method in METHODS}


def draw(runs: Sequence[Run], below: DeltaGenerator) -> None:
    """The choice of two of the runs, and how they differ. below: a place as wide as the page."""
    if len(runs) < 2:
        st.info("Tick two runs in the table.", icon=":material/check_box:")
        return
    first, second = _choose(runs)
    if first.id == second.id:
        st.info("Choose two different runs.", icon=":material/compare_arrows:")
        return
    store = run_choice.store()
    steps = [store.history(run.id).step_to_show(run.active) for run in (first, second)]
    pair: Pair | None = jobs.result(
        ("two runs", first.id, second.id, *steps, first.fingerprint, second.fingerprint),
        lambda progress: judge_both(store, first, second, progress, progress.cancelled),
        "Judging both on the same images",
    )
    if pair is None:
        return
    names = compared_runs.names_of(runs)
    one, two = names[first.id], names[second.id]
    _say(pair, f"“{plain(one)}”", f"“{plain(two)}”")
    paired = pair.paired
    left, right = st.columns(2, gap="small")
    with left:
        _images(pair, paired.only_first, f"Only {plain(one)} is right", "first")
    with right:
        _images(pair, paired.only_second, f"Only {plain(two)} is right", "second")
    with below:
        _one_image(pair, one, two)


def _choose(runs: Sequence[Run]) -> tuple[Run, Run]:
    by_id, names = {run.id: run for run in runs}, compared_runs.names_of(runs)
    chosen = []
    for column, part, start in zip(st.columns(2, gap="small"), ("first", "second"), runs, strict=False):
        kept, run_id = view.among(part, by_id, start.id)
        column.selectbox(f"The {part} run", **kept.bound_choice(names), label_visibility="collapsed")
        chosen.append(by_id[run_id])
    return chosen[0], chosen[1]


def _say(pair: Pair, first: str, second: str) -> None:
    """How the two differ, and whether it could be luck."""
    paired = pair.paired
    one, two = (found.accuracy for found in (paired.first, paired.second))
    st.markdown(
        f"**{first}: {percent(one, 1)} · {second}: {percent(two, 1)}** of the same "
        f"{count(len(paired), 'image', 'images')}. "
        f"{paired.sentence(first, second)}"
    )
    if text := left_out_text(pair):
        st.caption(text)
    seeds = over_seeds(run_choice.store(), pair.first.run, pair.second.run)
    if seeds is not None:
        st.markdown(
            seeds.sentence(first, second)
            or "To see how much is luck, train the settings of both with several seeds: they are compared here."
        )
    else:
        st.markdown("They have the same settings but for their seeds: what differs is luck.")


def _images(pair: Pair, rows: np.ndarray, title: str, side: str) -> None:
    """The images in these rows of both predictions; a click chooses one for both runs."""
    shown, paired, dataset = rows[:MOST_IMAGES], pair.paired, pair.first.dataset
    indices = paired.first.indices[shown]
    clicked: Versioned = session().only_one_right.setdefault(side, Versioned(f"only {side}", None))
    more = f", the first {len(shown)}" if len(shown) < len(rows) else ""
    st.markdown(f"**{title}:** {count(len(rows), 'image', 'images') if len(rows) else 'none'}{more}")
    with st.container(height=GALLERY_HEIGHT, border=False):
        picked = gallery(
            dataset.images[indices],
            indices,
            key=clicked.key,
            label=title,
            captions=[_answers(pair, row) for row in shown],
            titles=[dataset.paths[i] for i in indices],
            colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
            selected=_chosen(pair),
            size=72,
        )
    if picked is not None and clicked.moved(picked):
        _choose_in_both(pair, picked)


def _answers(pair: Pair, row: int) -> str:
    """The class, and what the wrong network calls it."""
    paired, classes = pair.paired, pair.first.model.classes
    wrong = paired.second if paired.first.right[row] else paired.first
    wrong_classes = pair.second.model.classes if wrong is paired.second else classes
    sure = f"{100 * wrong.probabilities[row].max():.0f}\N{NO-BREAK SPACE}%"
    return f"{classes[paired.first.labels[row]]}, called {wrong_classes[wrong.predicted[row]]} {sure}"


def _chosen(pair: Pair) -> int | None:
    """The index of the chosen image in the dataset of the first run."""
    content = view.part("image", "dataset", pair.first.run.id).value
    hashes = pair.first.dataset.hashes
    return hashes.index(content) if content in hashes else None


def _choose_in_both(pair: Pair, index: int) -> None:
    content = pair.first.dataset.hashes[index]
    choose_from_dataset(pair.second.run, pair.second.dataset, pair.second.dataset.hashes.index(content))
    if choose_from_dataset(pair.first.run, pair.first.dataset, index):
        st.rerun()


def _one_image(pair: Pair, first: str, second: str) -> None:
    """One image in both networks: filters, maps or an explanation."""
    index, paired = _chosen(pair), pair.paired
    rows = np.flatnonzero(paired.first.indices == index) if index is not None else np.empty(0, int)
    wrong = [*paired.only_second, *paired.only_first, 0]
    row = int(rows[0] if len(rows) else wrong[0])
    st.header("One image in both", anchor=False)
    kept, look = view.among("look", LOOKS, MAPS)
    st.selectbox("Compare", **kept.bound_choice(LOOKS), label_visibility="collapsed", width=380)
    for column, judged, name, found in zip(
        st.columns(2, gap="medium"),
        (pair.first, pair.second),
        (first, second),
        (paired.first, paired.second),
        strict=True,
    ):
        with column:
            answer = answer_in_words(judged.model.classes, found, row).replace("\N{NO-BREAK SPACE}", " ")
            st.markdown(f"**{plain(name)}:** {plain(answer)}")
            _draw_look(judged, judged.dataset.images[int(found.indices[row])], int(found.labels[row]), look)
            run_id = judged.run.id
            st.button(
                "Look inside", key=f"look inside {name}", icon=":material/visibility:", on_click=_open, args=(run_id,)
            )


def _open(run_id: str) -> None:
    settings.put(run=run_id)
    go("activations")


def _draw_look(judged: Judged, image: np.ndarray, truth: int, look: str) -> None:
    """image: uint8 (h, w, c), the network's input. truth: its class."""
    model, image = judged.model, np.asarray(image)
    key = f"{look} {judged.run.id}"
    if look not in (FILTERS, MAPS):
        method = BY_SLUG[look]
        if not method.applies_to(model):
            st.info(f"{method.name} cannot explain this network: it has no suitable layer.")
            return
        answer = jobs.result(
            (f"{method.name} of {judged.run.id}", model.key, image.tobytes(), truth),
            lambda progress: method.run(model, image, truth, {}, progress),
            method.doing or method.name,
        )
        if answer is not None:
            note = f"for {model.classes[truth]}"
            overlays(image, [Overlay(method.name, note, answer.values, answer.signed)], key=key, size=SIZE)
        return
    layer = next((layer for layer in model.layers if layer.kind == "conv"), None)
    if layer is None:
        st.info("This network has no convolution.")
    elif look == FILTERS:
        weights = model.weights(layer.name)
        tiles = Tiles(layer.name, "its filters", weights, True, rgb=sees_colour(layer))
        maps([tiles], key=key, shared_scale=False, tile_size=40, panel=False)
    else:
        after = _after(judged, layer)
        values = model_choice.maps_of(model, image)[after.name]
        tiles = Tiles(after.name, "its activation maps", values[:, None], after.signed)
        maps([tiles], key=key, shared_scale=False, tile_size=56, panel=False)


def _after(judged: Judged, layer: Layer) -> Layer:
    """The activation after a convolution; the convolution itself if there is none."""
    layers = list(judged.model.layers)
    for one in layers[layers.index(layer) + 1 :]:
        if one.kind == "activation":
            return one
        if one.kind != "norm":
            break
    return layer
