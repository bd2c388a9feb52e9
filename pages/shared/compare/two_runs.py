"""Two runs, image by image: which ones only one of them gets right, whether that is luck, and one image in both."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.explain.methods import BY_SLUG, METHODS
from cnn.figures import charts
from cnn.figures.evidence_pictures import images_picture
from cnn.figures.shades import blended, shaded, shaded_rgb
from cnn.model.layers import Layer
from cnn.percent import percent
from cnn.report.report import Table
from cnn.store.run import Run
from cnn.store.side_by_side import DifferentImages, Judged, Pair, left_out_text, over_seeds
from pages.components.gallery import gallery
from pages.components.maps import Tiles, maps
from pages.components.overlays import Overlay, overlays
from pages.shared import jobs, run_choice, settings, view
from pages.shared.compare import compared_runs
from pages.shared.inside import model_choice
from pages.shared.inside.filter_text import sees_colour
from pages.shared.inside.image_choice import choose_from_dataset
from pages.shared.inside.image_gallery import answer_in_words
from pages.shared.navigation import go
from pages.shared.report import offers
from pages.shared.results import judging, result_files
from pages.shared.session import Versioned, session
from pages.shared.text import count, plain, unbroken, without_markup

Look = Callable[[], tuple[list[np.ndarray], list[str]]]  # images for a report, uint8, and their captions

MOST_IMAGES = 40  # in a gallery
MOST_IN_EVIDENCE, MOST_TILES = 16, 16  # images, and filters or maps, in a report
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
    both = judging.both(first, second)
    pair: Pair | DifferentImages | None = jobs.result(*both)
    if isinstance(pair, DifferentImages):
        st.info(str(pair), icon=":material/compare_arrows:")
    if isinstance(pair, DifferentImages) or jobs.has_failed(both[0]):
        with below:
            compared_runs.draw_differences([first, second])
    if not isinstance(pair, Pair):
        return
    names = compared_runs.names_of(runs)
    one, two = names[first.id], names[second.id]
    said = _sentences(pair, f"“{plain(one)}”", f"“{plain(two)}”")
    for sentence in said:
        st.markdown(unbroken(sentence))
    paired = pair.paired
    left, right = st.columns(2, gap="small")
    with left:
        _images(pair, paired.only_first, one, "first")
    with right:
        _images(pair, paired.only_second, two, "second")
    with below:
        looks = _one_image(pair, one, two)
    _offer(pair, one, two, said, looks)


def _choose(runs: Sequence[Run]) -> tuple[Run, Run]:
    by_id, names = {run.id: run for run in runs}, compared_runs.names_of(runs)
    chosen = []
    for column, part, start in zip(st.columns(2, gap="small"), ("first", "second"), runs, strict=False):
        kept, run_id = view.among(part, by_id, start.id)
        column.selectbox(f"The {part} run", **kept.bound_choice(names), label_visibility="collapsed")
        chosen.append(by_id[run_id])
    return chosen[0], chosen[1]


def _sentences(pair: Pair, first: str, second: str) -> list[str]:
    """How the two differ, and whether it could be luck."""
    paired = pair.paired
    one, two = (found.accuracy for found in (paired.first, paired.second))
    images = count(len(paired), "image", "images")
    shown = f"**{first}: {percent(one, 1)} · {second}: {percent(two, 1)}** of the same {images}."
    said = [f"{shown} {paired.sentence(first, second)}", left_out_text(pair)]
    seeds = over_seeds(run_choice.store(), pair.first.run, pair.second.run)
    if seeds is None:
        said.append("They have the same settings but for their seeds: what differs is luck.")
    else:
        said.append(
            seeds.sentence(first, second)
            or "To see how much is luck, train the settings of both with several seeds: they are compared here."
        )
    return [sentence for sentence in said if sentence]


def _images(pair: Pair, rows: np.ndarray, name: str, side: str) -> None:
    """The images in these rows of both predictions, which only the run of that name gets right; a click chooses one for
    both runs."""
    shown, paired, dataset = rows[:MOST_IMAGES], pair.paired, pair.first.dataset
    indices = paired.first.indices[shown]
    clicked: Versioned = session().only_one_right.setdefault(side, Versioned(f"only {side}", None))
    images = count(len(rows), "image", "images") if len(rows) else "No image"
    with st.container(key=f"right_only_{side}"):  # one line, so that both galleries begin at the same height
        st.markdown(f"**{images}** right only with {plain(name)}")
    with st.container(height=GALLERY_HEIGHT, border=False):
        picked = gallery(
            dataset.images[indices],
            indices,
            key=clicked.key,
            label=f"Images right only with {name}",
            captions=[_answers(pair, row) for row in shown],
            titles=[dataset.paths[i] for i in indices],
            colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
            selected=_chosen(pair),
            size=72,
        )
        if len(shown) < len(rows):
            st.caption(f"The first {len(shown)} of {len(rows):,} images.")
    if picked is not None and clicked.moved(picked):
        _choose_in_both(pair, picked)


def _answers(pair: Pair, row: int) -> str:
    """The class, and what the wrong network calls it."""
    paired, classes = pair.paired, pair.first.model.classes
    wrong = paired.second if paired.first.right[row] else paired.first
    wrong_classes = pair.second.model.classes if wrong is paired.second else classes
    sure = percent(wrong.probabilities[row].max())
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


def _offer(pair: Pair, first: str, second: str, said: Sequence[str], looks: Mapping[str, Look]) -> None:
    """Offers the comparison for a report: the sentences, the images on which the two differ, and one image in both.
    looks: what each picture is -> the images in it, with their captions."""
    paired, dataset = pair.paired, pair.first.dataset

    def images(rows: np.ndarray) -> tuple[list[np.ndarray], list[str]]:
        shown = rows[:MOST_IN_EVIDENCE]
        pixels = [np.asarray(dataset.images[i]) for i in paired.first.indices[shown]]
        return pixels, [_answers(pair, row) for row in shown]

    def picture() -> str:
        groups = {
            f"Right only with {first}": images(paired.only_first),
            f"Right only with {second}": images(paired.only_second),
        }
        groups |= {name: look() for name, look in looks.items()}
        about = without_markup(" ".join(said))
        return images_picture(about, {name: group for name, group in groups.items() if group[0]})

    def numbers() -> Table:
        chance = paired.chance
        rows = [
            (first, int(paired.first.right.sum()), len(paired.only_first), len(paired), chance),
            (second, int(paired.second.right.sum()), len(paired.only_second), len(paired), chance),
        ]
        return Table(("run", "right", "only this one is right", "images", "chance of such a difference"), tuple(rows))

    offers.offer(f"“{first}” and “{second}” compared", picture, numbers)


def _each_image(pair: Pair) -> Table:
    """Both answers for each image."""
    paired, dataset = pair.paired, pair.first.dataset
    classes, others = pair.first.model.classes, pair.second.model.classes
    rows = [
        (dataset.paths[index], classes[label], classes[one], others[two])
        for index, label, one, two in zip(
            paired.first.indices.tolist(),
            paired.first.labels.tolist(),
            paired.first.predicted.tolist(),
            paired.second.predicted.tolist(),
            strict=True,
        )
    ]
    return Table(("image", "class", "answer of the first", "answer of the second"), tuple(rows))


def _one_image(pair: Pair, first: str, second: str) -> dict[str, Look]:
    """One image in both networks: filters, maps or an explanation. Returns what is shown of each."""
    index, paired = _chosen(pair), pair.paired
    rows = np.flatnonzero(paired.first.indices == index) if index is not None else np.empty(0, int)
    wrong = [*paired.only_second, *paired.only_first, 0]
    row = int(rows[0] if len(rows) else wrong[0])
    st.header("One image in both", anchor=False)
    kept, look = view.among("look", LOOKS, MAPS)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox("Compare", **kept.bound_choice(LOOKS), label_visibility="collapsed", width=380)
        result_files.table_button("both.csv", partial(_each_image, pair))
    looks = {}
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
            drawn = _draw_look(judged, judged.dataset.images[int(found.indices[row])], int(found.labels[row]), look)
            looks[f"{name}, {answer}: {LOOKS[look]}"] = drawn
            run_id = judged.run.id
            st.button(
                "Look inside", key=f"look inside {name}", icon=":material/visibility:", on_click=_open, args=(run_id,)
            )
    return looks


def _open(run_id: str) -> None:
    settings.put(run=run_id)
    go("activations")


def _draw_look(judged: Judged, image: np.ndarray, truth: int, look: str) -> Look:
    """image: uint8 (h, w, c), the network's input. truth: its class. Returns a function that draws the same for a
    report; it gives no images if nothing is shown."""
    model, image = judged.model, np.asarray(image)
    key = f"{look} {judged.run.id}"
    if look not in (FILTERS, MAPS):
        method = BY_SLUG[look]
        if not method.applies_to(model):
            st.info(f"{method.name} cannot explain this network: it has no suitable layer.")
            return _nothing
        answer = jobs.result(
            (f"{method.name} of {judged.run.id}", model.key, image.tobytes(), truth),
            lambda progress: method.run(model, image, truth, {}, progress),
            method.doing or method.name,
        )
        if answer is None:
            return _nothing
        note = f"for {model.classes[truth]}"
        overlays(image, [Overlay(method.name, note, answer.values, answer.signed)], key=key, size=SIZE)
        return lambda: ([image, blended(image, answer.values, answer.signed)], ["the image", note])
    layer = next((layer for layer in model.layers if layer.kind == "conv"), None)
    if layer is None:
        st.info("This network has no convolution.")
        return _nothing
    if look == FILTERS:
        weights, is_colour = model.weights(layer.name), sees_colour(layer)
        tiles = Tiles(layer.name, "its filters", weights, True, rgb=is_colour)
        maps([tiles], key=key, shared_scale=False, tile_size=40, panel=False)
        return lambda: _numbered([_shaded_filter(own, is_colour) for own in weights[:MOST_TILES]])
    after = _after(judged, layer)
    values = model_choice.maps_of(model, image)[after.name]
    tiles = Tiles(after.name, "its activation maps", values[:, None], after.signed)
    maps([tiles], key=key, shared_scale=False, tile_size=56, panel=False)
    return lambda: _numbered([shaded(own, after.signed) for own in values[:MOST_TILES]])


def _nothing() -> tuple[list[np.ndarray], list[str]]:
    return [], []


def _numbered(images: list[np.ndarray]) -> tuple[list[np.ndarray], list[str]]:
    return images, [str(number) for number in range(len(images))]


def _shaded_filter(weights: np.ndarray, is_colour: bool) -> np.ndarray:
    """weights: float (channels, rows, columns)."""
    limit = float(np.abs(weights).max())
    return shaded_rgb(weights, limit) if is_colour else shaded(weights[0], True, limit)


def _after(judged: Judged, layer: Layer) -> Layer:
    """The activation after a convolution; the convolution itself if there is none."""
    layers = list(judged.model.layers)
    for one in layers[layers.index(layer) + 1 :]:
        if one.kind == "activation":
            return one
        if one.kind != "norm":
            break
    return layer
