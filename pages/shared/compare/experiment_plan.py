"""A new experiment on the Experiments page: what it varies, what it takes, a guess, and the button that starts it."""

import json
from collections.abc import Sequence

import streamlit as st

from cnn.data.content import content_hash
from cnn.data.dataset import Dataset
from cnn.duration import duration_text
from cnn.engine import experiment
from cnn.engine.foresight import Foreseen, foresee, images_to_use, misfit, most_images
from cnn.errors import UserError
from cnn.fields import Choice, Setting, Whole
from cnn.size import size_text
from cnn.specs.distinct_variants import distinct
from cnn.specs.experiment_spec import ExperimentSpec, Specs, described, fields_by_name, value_from_text, vary
from cnn.specs.ready_experiments import READY
from pages.components.rerun import rerun_every
from pages.shared import fragments, run_choice, settings, view
from pages.shared.dataset import dataset_facts
from pages.shared.session import session
from pages.shared.text import count, plain
from pages.shared.training.speedometer import speedometer

OWN = "Vary a setting"
MOST_SEEDS = 20
# Settings that an experiment cannot vary: they choose other images, or another network.
NOT_VARIED = ("seed", "split_seed", "classes", "reading", "test_images", "base", "base_step", "fine_tune", "base_rate")
OF_SPLIT = ("val_fraction", "fold")  # they change nothing where the folders say which images are held out
# Values to begin with, for settings without a short list of their own.
FIRST_VALUES = {
    "filters": "4+4, 16+16, 64+64",
    "dense": "8, 16, 64",
    "learning_rate": "0.0003, 0.001, 0.003",
    "epochs": "5, 10, 20",
    "batch_size": "8, 32, 128",
    "image_size": "32, 50, 64",
    "max_per_class": "100, 300, 1000",
    "val_fraction": "0.1, 0.2, 0.4",
    "weight_decay": "0, 0.001, 0.01",
    "dense_bias": "0, 3",
    "patience": "0, 3",
    "fold": "0, 1, 2, 3, 4",
}
DEFAULT_VALUES = "0, 0.1, 0.3"  # for fractions
CANNOT_SAY = "I cannot say"
LUCK = ("up to 1 point", "1 to 3 points", "3 to 10 points", "more than 10 points")  # between the best and the worst
LUCK_LIMITS = (1, 3, 10)  # points
MEASURED_EVERY = 0.3  # seconds between looks whether the speed has been measured


def draw(dataset: Dataset) -> None:
    st.header("New experiment", anchor=False)
    kept, name = view.among("plan", [*READY, OWN], next(iter(READY)))
    st.selectbox("What to find out", **kept.bound_choice({one: one for one in (*READY, OWN)}))
    try:
        spec = _varied(dataset) if name == OWN else _ready(name, dataset)
        spec, left_out = distinct(spec, most_images(dataset), len(dataset.train))
    except UserError as error:
        st.warning(str(error), icon=":material/edit:")
        return
    values = " · ".join(variant.label for variant in spec.variants) if len(spec.variants) > 1 else ""
    st.caption(f"{plain(spec.question)} {plain(values)}")
    if left_out:
        st.info(plain(left_out), icon=":material/content_copy:")
    seeds = view.part("seeds", name, described=view.Part(Whole(label="Seeds", low=1, high=MOST_SEEDS), len(spec.seeds)))
    st.slider(
        "Seeds",
        1,
        MOST_SEEDS,
        **seeds.bound(),
        help="How often each is trained, each time from other random weights. Without at least three, nobody can tell "
        "a difference from luck.",
    )
    try:
        spec = ExperimentSpec(**vars(spec) | {"seeds": tuple(range(seeds.current()))})
    except UserError as error:  # too many runs
        st.warning(str(error), icon=":material/edit:")
        return
    if problem := misfit(spec, len(dataset.classes)):
        st.error(problem, icon=":material/straighten:")
        return
    guess = _guess(spec)
    counts = images_to_use(dataset)
    fragments.draw(foreseen, spec, counts)
    st.button(
        f"Start {count(spec.runs, 'run', 'runs')}",
        key="start_experiment",
        type="primary",
        icon=":material/science:",
        width="stretch",
        disabled=not guess,
        on_click=_start,
        args=(spec, dataset.folder, counts, guess),
        help=None if guess else "First say what you expect.",
    )


def draw_ready() -> None:
    """What can be found out; a click plans the experiment."""
    st.header("What can be found out", anchor=False)
    kept, _ = view.among("plan", [*READY, OWN], next(iter(READY)))
    with st.container(gap=None, key="ready_experiments"):
        for name, ready in READY.items():
            text = f"**{plain(name)}**{'' if name.endswith('?') else ':'} {plain(ready.question)}"
            st.button(text, key=f"plan {name}", type="tertiary", on_click=kept.replace, args=(name,))


def _own_specs() -> Specs:
    return settings.dataset_spec(), settings.network_spec(), settings.training_spec()


def _ready(name: str, dataset: Dataset) -> ExperimentSpec:
    test = dataset_facts.mirroring(dataset)
    return READY[name].spec(name, _own_specs(), may_mirror=test is None or not test.changes_classes)


def _varied(dataset: Dataset) -> ExperimentSpec:
    """The experiment of a setting and values that the user chooses."""
    without = NOT_VARIED if dataset.draws_held_out else (*NOT_VARIED, *OF_SPLIT)
    names = [name for name in fields_by_name() if name not in without]
    kept, name = view.among("vary", names, "dense_activation")
    st.selectbox("Setting", **kept.bound_choice({one: described(one).label for one in names}))
    values = _values(name, described(name))
    return ExperimentSpec(described(name).label, vary({name: values}), (0, 1, 2), *_own_specs())


def _values(name: str, setting: Setting) -> list:
    if isinstance(setting, Choice):
        texts = [str(option) for option in setting.options.values()]
        picked = st.pills("Values", texts, default=texts, selection_mode="multi", key=f"values of {name}")
        return [value_from_text(name, text) for text in picked]
    first = FIRST_VALUES.get(name, DEFAULT_VALUES)
    several = " Widths of several layers: 16+32." if name in ("filters", "dense") else ""
    typed = st.text_input("Values", first, key=f"values of {name}", help=f"Separated by commas.{several}")
    return [value_from_text(name, text.strip()) for text in typed.split(",") if text.strip()]


def _guess(spec: ExperimentSpec) -> str:
    """What the user expects; "" until it is said."""
    is_luck = len(spec.variants) == 1
    label = "Your guess: how far apart are best and worst?" if is_luck else "Your guess: which is best?"
    options = [*LUCK] if is_luck else [variant.label for variant in spec.variants]
    asked = content_hash(json.dumps(options).encode())  # unlike `hash`, the same after the server has restarted
    picked = st.selectbox(
        label,
        [*options, CANNOT_SAY],
        index=None,
        placeholder="Choose before you start",
        key=f"guess of {spec.name} {asked}",
    )
    return picked or ""


def foreseen(spec: ExperimentSpec, counts: Sequence[int]) -> None:
    """What the experiment takes. A fragment, which reruns until the speed is measured. counts: images of each class."""
    found = foresee(spec, counts, Asker())
    is_measuring = None in found.seconds and not found.problems
    st.caption(_takes(found, is_measuring))
    for problem in found.problems[:2]:
        st.warning(plain(problem), icon=":material/memory_alt:")
    if is_measuring:
        rerun_every(MEASURED_EVERY, key="foreseen")


class Asker:
    """Asks the speedometer for each variant of an experiment, each with a turn of its own."""

    def __init__(self) -> None:
        self._turn = 0

    def __call__(self, *question) -> dict | None:
        self._turn += 1
        return speedometer().ask(f"{session().id} experiment {self._turn}", *question)


def _takes(found: Foreseen, is_measuring: bool) -> str:
    time = "the time is being measured…"
    if not is_measuring:
        seconds = found.total_seconds
        time = "time unknown" if seconds is None else f"about {duration_text(seconds)} on this machine"
    at_once = "one at a time" if found.at_once == 1 else f"{found.at_once} at a time"
    return f"{count(found.runs, 'run', 'runs')}, {at_once}: {time}, {size_text(found.disk)} of disk."


def _start(spec: ExperimentSpec, folder: str, counts: Sequence[int], guess: str) -> None:
    said = "" if guess == CANNOT_SAY else guess
    try:
        seconds = foresee(spec, counts, Asker()).seconds
        started = experiment.start(run_choice.store(), folder, spec, said, seconds)
    except UserError as error:
        session().not_started = str(error)
        return
    view.part("experiment").replace(started)
