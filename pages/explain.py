"""Explain: which pixels decided?"""

import numpy as np
import streamlit as st

from cnn.explain.attribution import Attribution, Chosen, Method
from cnn.explain.cover_test import CoverTest, cover_test, covered
from cnn.explain.methods import BY_SLUG, METHODS
from cnn.explain.pointing import overlap, raising, strongest
from cnn.figures.evidence_pictures import explanation_picture
from cnn.model.model import Model
from cnn.percent import percent
from cnn.report.report import Table
from pages.components.overlays import Overlay, overlays
from pages.components.picture import picture
from pages.shared import jobs, run_choice, view
from pages.shared.inside import chooser, explanation_text, model_choice
from pages.shared.inside.chooser import Subject
from pages.shared.inside.explanation_trust import show_trust
from pages.shared.inside.mark import choose_to_guess, draw_mark, guesses_first, mark_of, stop_guessing
from pages.shared.inside.method_options import choose_options, kept_options
from pages.shared.navigation import lesson
from pages.shared.report import offers
from pages.shared.text import plain, without_markup

NO_DIFFERENCE = 1e-6  # of a score: smaller values are rounding errors
SIZE = 200  # CSS pixels of the large pictures; style.css has it, too
Results = dict[Method, tuple[Attribution | None, CoverTest | None]]
SHARES = (5, 10, 20, 30, 50)  # percent of the image to cover


def draw_explanations(subject: Subject) -> None:
    """The user's mark beside the explanation of one method and its test; then all methods side by side."""
    with st.container(gap="xsmall"):  # all in one window of 720 pixels
        shown = draw_guess_and_answer(subject)
    if shown is not None:
        compare(subject, *shown)


def draw_guess_and_answer(subject: Subject) -> tuple[int, np.ndarray, Results] | None:
    """The mark, the chosen method and its test. Returns the class to explain, the mark, and the method's results; None
    if the user is to guess first."""
    model, image = subject.model, subject.image
    show_trust(subject)
    mark = mark_of(image)
    is_hidden = guesses_first() and not mark.any()
    columns = st.columns(5, vertical_alignment="bottom")
    with columns[0]:
        target = choose_class(subject)
    left, middle, right = st.columns([6, 5, 6], gap="medium")
    if is_hidden:
        with middle:
            ask(model.classes[target])
        with left:
            draw_mark(image)
            choose_to_guess()
        return None
    with columns[1]:
        method = choose_method(model)
    options = choose_options(model, method, columns[2:])
    with middle:
        answer = draw_one(method, model, image, target, options)
    with right:
        tested = draw_test(method, model, image, target, answer)
    with left:
        draw_mark(image)
        st.caption(compared_with_mark(method, answer, mark))
        choose_to_guess()
    if answer is not None:
        offer_evidence(subject, method, target, answer, tested)
    return target, mark, {method: (answer, tested)}


def offer_evidence(
    subject: Subject, method: Method, target: int, answer: Attribution, tested: CoverTest | None
) -> None:
    """Offers the explanation and its test for the report."""
    name, share, cover = subject.model.classes[target], view.part("covered").value / 100, view.part("cover").value
    mask = strongest(pointed_at(answer), share)

    def picture() -> str:
        about = f"{method.name}, for the score of {name}, on {subject.name}. {method.question}"
        hidden = covered(subject.image, mask[None], cover)[0] if mask.any() else None
        test = "" if tested is None else explanation_text.outcome(name, float(mask.mean()), tested)
        return explanation_picture(
            subject.image, answer.values, answer.signed, hidden, without_markup(about), without_markup(test)
        )

    def numbers() -> Table:
        return Table(
            ("class", "probability"), tuple(zip(subject.model.classes, subject.probabilities.tolist(), strict=True))
        )

    offers.offer(f"{method.name} for {name}", picture, numbers, subject.run)


def ask(name: str) -> None:
    """Asks for a guess before anything is explained."""
    st.header(f"What makes it {plain(name)}?", anchor=False)
    st.markdown(
        f"Mark with the brush where *you* would look to decide whether this is {plain(name)}. Then see what decided "
        "for the network, and how much of it lies in your mark."
    )
    st.button("Show it without a guess", on_click=stop_guessing)


def choose_class(subject: Subject) -> int:
    """The class to explain, the likely ones first."""
    model = subject.model
    classes = [model.classes[i] for i in np.argsort(-subject.probabilities)]
    chosen, name = view.among("target", ["", *classes], "", subject.run.id)
    texts = {"": f"the answer: {classes[0]}"} | {one: one for one in classes}
    st.selectbox("Class to explain", **chosen.bound_choice(texts))
    return model.classes.index(name or classes[0])


def choose_method(model: Model) -> Method:
    methods = {method.slug: method for method in METHODS if method.applies_to(model)}
    chosen, slug = view.among("method", methods, next(iter(methods)))
    st.selectbox("Method", **chosen.bound_choice({slug: method.name for slug, method in methods.items()}))
    return methods[slug]


def draw_one(method: Method, model: Model, image: np.ndarray, target: int, options: Chosen) -> Attribution | None:
    """The picture of a method. Returns the method's answer; None while it is being computed."""
    answer = answer_of(method, model, image, target, options)
    if answer is not None:
        overlays(image, [overlay(method, answer, options)], key="attribution", size=SIZE)
    return answer


def compared_with_mark(method: Method, answer: Attribution | None, mark: np.ndarray) -> str:
    """How much of what the method points at lies in the mark."""
    if not mark.any():
        return "Mark with the brush where you would look, to compare."
    if answer is None:
        return ""
    return explanation_text.overlap_text(method.name, overlap(pointed_at(answer), mark))


def draw_test(
    method: Method, model: Model, image: np.ndarray, target: int, answer: Attribution | None
) -> CoverTest | None:
    """Covers what the explanation points at, and says whether the answer falls more than with random places covered.
    Returns the test; None while it or the answer is being computed, and if there is nothing to cover."""
    share, cover = choose_cover()
    if answer is None:
        return None
    mask = strongest(pointed_at(answer), share)
    if not mask.any():
        st.caption("The explanation points at nothing, so there is nothing to cover.")
        return None
    found = test_of(method, model, image, target, mask, cover)
    with st.container(key="covered_image"):
        picture(covered(image, mask[None], cover)[0], f"The image with what {method.name} points at covered")
    if found is not None:
        st.caption(explanation_text.outcome(plain(model.classes[target]), float(mask.mean()), found))
    return found


def pointed_at(answer: Attribution) -> np.ndarray:
    """float32 (H, W): what an answer points at; zeros if its values are rounding errors."""
    return raising(answer) * (not is_blank(answer))


def choose_cover() -> tuple[float, str]:
    """The share of the image to cover, 0..1, and with what."""
    strength, colour = st.columns(2)
    share, cover = view.part("covered"), view.part("cover")
    with strength:
        shares = sorted({*SHARES, share.current()})
        st.selectbox("Cover the strongest", **share.bound_choice({one: f"{one} %" for one in shares}))
    with colour:
        st.selectbox("with", **cover.bound_choice(view.options("cover")))
    return share.current() / 100, cover.current()


def test_of(
    method: Method, model: Model, image: np.ndarray, target: int, mask: np.ndarray, cover: str
) -> CoverTest | None:
    """The test of a method; None until it is computed, with the progress in its place."""
    return jobs.result(
        (f"test of {method.name}", model.key, image.tobytes(), target, mask.tobytes(), cover),
        lambda progress: cover_test(model, image, target, mask, cover, progress=progress),
        f"Testing {method.name}",
    )


def compare(subject: Subject, target: int, mark: np.ndarray, known: Results) -> None:
    """All methods side by side, each with its overlap with the mark and its test. known: what is drawn above."""
    model, image = subject.model, subject.image
    st.subheader("All methods", anchor=False)
    share, cover = view.part("covered").current() / 100, view.part("cover").current()
    pictures = []
    for method in METHODS:
        if not method.applies_to(model):
            continue
        options = kept_options(model, method)
        answer, tested = known.get(method, (None, None))
        if method not in known:
            answer = answer_of(method, model, image, target, options)
            if answer is not None and (covers := strongest(pointed_at(answer), share)).any():
                tested = test_of(method, model, image, target, covers, cover)
        if answer is None:
            continue
        texts = [method.question, method.misleads]
        if tested is not None:
            texts.insert(0, explanation_text.short_outcome(tested))
        if (found := overlap(pointed_at(answer), mark)) is not None:
            texts.insert(0, f"{percent(found.inside)} lies in your mark.")
        pictures.append(overlay(method, answer, options, " ".join(texts), method.paper))
    overlays(image, pictures, key="attributions")
    if without := [method.name for method in METHODS if not method.applies_to(model)]:
        names = " and ".join(without)
        st.info(f"{names} cannot explain this network: it has no suitable layer.", icon=":material/filter_alt_off:")
    st.caption(
        f"These pictures explain the score (logit) for {plain(model.classes[target])}. Red raises the score, blue "
        "lowers it; pictures without red and blue run from purple (little) to yellow (most). A picture points at the "
        "pixels with the largest values; if it has red and blue, only at red ones."
    )


def answer_of(method: Method, model: Model, image: np.ndarray, target: int, options: Chosen) -> Attribution | None:
    """The method's answer. While a slow method computes: None, and the page shows its progress."""
    if not method.slow:
        return quick_answer(method.slug, model, image, target, options)
    return jobs.result(
        (method.name, model.key, image.tobytes(), target, *options.items()),
        lambda progress: method.run(model, image, target, options, progress),
        method.doing,
    )


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=model_choice.BY_KEY)
def quick_answer(slug: str, model: Model, image: np.ndarray, target: int, options: Chosen) -> Attribution:
    return BY_SLUG[slug].run(model, image, target, options)


def is_blank(answer: Attribution) -> bool:
    return np.abs(answer.values).max() < NO_DIFFERENCE


def overlay(
    method: Method, answer: Attribution, options: Chosen, text: str = "", source: tuple[str, str] = ("", "")
) -> Overlay:
    """The answer as an overlay on the image."""
    blank = is_blank(answer)
    values = np.zeros_like(answer.values) if blank else answer.values
    note = (method.nothing if blank else method.note).format(**options)
    return Overlay(method.name, note, values, answer.signed, text, source)


def draw() -> None:
    st.title("Explain", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_explanations)
    lesson("explain")
