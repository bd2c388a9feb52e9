"""Finds a learning rate for a new run, after a click."""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from cnn.data.dataset import Dataset
from cnn.figures.rate_drawing import rate_drawing
from cnn.specs import NOT_IN_RATE_TEST, TrainingSpec
from pages.components.drawing import drawing
from pages.shared import jobs, run_choice, settings
from pages.shared.session import session

if TYPE_CHECKING:  # it loads torch
    from cnn.training.rate_finder import RangeTest


def draw(dataset: Dataset) -> None:
    """Suggests a learning rate after a click: the loss while the rate rises, the reason, and a button to use it."""
    network, spec = settings.network_spec(), settings.training_spec()
    runs, base = run_choice.store(), session().base
    defaults = {name: TrainingSpec.defaults()[name] for name in NOT_IN_RATE_TEST}
    key = ("learning rate", dataset.fingerprint, dataset.spec, network, replace(spec, **defaults))
    st.button(
        "Find a learning rate",
        icon=":material/query_stats:",
        width="stretch",
        help="Trains a copy of the new network for about a hundred steps, each with a larger learning rate, and "
        "suggests the one at which the loss falls fastest.",
        on_click=_test,
        args=(key,),
    )
    if session().tested_rates != key:
        return

    def work(progress) -> "RangeTest":
        from cnn.store.snapshots import load_model  # here, because they load torch
        from cnn.training.rate_finder import find_rate_of

        start = load_model(runs, base.run, base.step) if base else None
        return find_rate_of(network, dataset, spec, progress=progress, base=start)

    found = jobs.result(key, work, "Trying learning rates")
    if found is None:
        return
    if found.rates:
        drawing(rate_drawing(found.rates, found.losses, found.suggestion), key="rates")
    st.caption(found.reason)
    if found.suggestion is not None:
        st.button(
            f"Use {found.suggestion:g}",
            on_click=settings.put,
            kwargs={"learning_rate": found.suggestion},
            disabled=spec.learning_rate == found.suggestion,
            width="stretch",
        )


def _test(key: tuple) -> None:
    session().tested_rates = key
    jobs.forget_failed(key[0])
