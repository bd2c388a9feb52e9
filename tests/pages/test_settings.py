"""The settings of a session and the page's address, each of which follows the other."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.specs import DatasetSpec, NetworkSpec, Preset, TrainingSpec
from pages.shared import session, settings, view
from pages.shared.view import View

SEEDS = st.integers(0, 2**31 - 1)
DATASETS = st.builds(
    DatasetSpec,
    image_size=st.integers(16, 128),
    channels=st.sampled_from((1, 3)),
    max_per_class=st.integers(1, 1_000_000),
    val_fraction=st.floats(0, 0.9),
    seed=SEEDS,
)
TRAININGS = st.builds(
    TrainingSpec,
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 4096),
    learning_rate=st.floats(1e-7, 10),
    optimizer=st.sampled_from(list(TrainingSpec.settings()["optimizer"].options)),
    weight_decay=st.floats(0, 1),
    seed=SEEDS,
)


@pytest.fixture(scope="module")
def visit():
    """Starts a session at an address; returns the messages of its toasts."""
    with pytest.MonkeyPatch.context() as patch:

        def visit(address: dict) -> list[str]:
            notes = []
            patch.setattr(view.st, "query_params", SimpleNamespace(to_dict=lambda: address))
            patch.setattr(session.st, "session_state", {})
            patch.setattr(view.st, "toast", lambda text, **_: notes.append(text))
            view.load("network")
            return notes

        yield visit


def test_default_settings_give_an_empty_address(visit):
    assert visit({}) == []
    assert view.current() == View("network", {}) and view.current().query == ""
    assert settings.folder() is None
    assert settings.network_spec() == NetworkSpec()
    assert settings.dataset_spec() == DatasetSpec()


@given(dataset=DATASETS, network=..., training=TRAININGS, folder=st.text(), run=st.text())
def test_an_address_reproduces_the_settings(
    visit, dataset: DatasetSpec, network: NetworkSpec, training: TrainingSpec, folder: str, run: str
):
    visit({})
    values = dataset.to_dict()
    # These cannot be chosen, so they are not in the address.
    assert values.pop("split") == "content" and values.pop("decisions") == []
    values |= {"split_seed": values.pop("seed"), **training.to_dict(), "folder": folder, "run": run}
    settings.use(Preset("", network))
    settings.put(**values)
    address = view.current().values
    assert all(isinstance(text, str) for text in address.values())
    assert visit(address) == []
    assert (settings.dataset_spec(), settings.network_spec(), settings.training_spec()) == (dataset, network, training)
    assert (settings.current("folder"), settings.current("run")) == (folder, run)
    assert view.current().values == address


@given(st.dictionaries(st.sampled_from([*settings.DEFAULTS, "unknown"]), st.text()))
def test_any_text_in_the_address_gives_valid_settings(visit, address):
    notes = visit(address)
    assert len(notes) <= len(address)
    settings.dataset_spec(), settings.network_spec(), settings.training_spec()


def test_invalid_values_in_the_address_are_reported_and_the_rest_is_used(visit):
    (note,) = visit({"image_size": "9999", "filters": "8,24", "dense": "", "dense_activation": "off"})
    assert note == (
        "The link says image_size = '9999', which is not possible. "
        "Image size must be a whole number from 16 to 128, not 9999."
    )
    assert settings.dataset_spec() == DatasetSpec()
    assert settings.network_spec() == NetworkSpec(filters=(8, 24), dense=(), dense_activation=False)


def test_a_new_block_starts_as_wide_as_the_last_one(visit):
    visit({"filters": "8,24"})
    session.st.session_state[settings.versioned("filters count").key] = 4  # as the slider does
    assert settings.network_spec().filters == (8, 24, 24, 24)


def test_a_widget_is_replaced_only_if_the_program_changes_its_setting(visit):
    visit({"filters": "8,24"})
    before = {name: settings.versioned(name).key for name in ("filters 0", "filters 1", "kernel_size")}
    session.st.session_state[before["filters 0"]] = 9
    view.load("network")
    assert {name: settings.versioned(name).key for name in before} == before
    settings.use(Preset("", NetworkSpec(filters=(10, 24))))
    after = {name: settings.versioned(name).key for name in before}
    assert after["filters 0"] not in before.values()
    assert (after["filters 1"], after["kernel_size"]) == (before["filters 1"], before["kernel_size"])


def test_a_page_that_does_not_yet_show_a_preset_does_not_undo_it(visit):
    visit({"filters": "8,24"})
    slider = settings.versioned("filters 0").key
    session.st.session_state[slider] = 9
    settings.use(Preset("", NetworkSpec(filters=(10, 20))))
    view.load("network")
    session.st.session_state[slider] = 9  # the browser sends the old slider's value again
    view.load("network")
    assert settings.network_spec().filters == (10, 20)


def test_moves_on_a_page_that_does_not_yet_show_a_preset_count(visit):
    visit({"filters": "8,24"})
    slider = settings.versioned("filters 0").key
    settings.use(Preset("", NetworkSpec(filters=(10, 20))))
    session.st.session_state[settings.versioned("filters 0").key] = 10  # the browser does not yet show the new slider
    session.st.session_state[slider] = 7
    assert settings.network_spec().filters == (7, 20)
    view.load("network")
    shown = settings.versioned("filters 0").bound()
    assert shown["value"] == 7
    session.st.session_state[shown["key"]] = 30
    view.load("network")
    assert settings.network_spec().filters == (30, 20)
    assert view.current().values["filters"] == "30,20"


def test_a_choice_whose_label_changes_stays_chosen(visit):
    visit({"run": "b"})
    before = settings.versioned("run").bound_choice({"": "none", "a": "● shapes", "b": "■ shapes"})
    session.st.session_state[before["key"]] = "b"
    assert (
        settings.versioned("run").bound_choice({"": "none", "a": "● shapes", "b": "■ shapes"})["key"] == before["key"]
    )
    session.st.session_state[before["key"]] = "a"
    after = settings.versioned("run").bound_choice({"": "none", "a": "■ shapes", "b": "● shapes"})
    assert after["key"] != before["key"]  # the old widget would still show "● shapes", now the label of b
    assert after["options"][after["index"]] == settings.current("run") == "a"


def test_sample_datasets_are_set_by_name_and_other_folders_by_path(visit):
    visit({"folder": "shapes"})
    assert settings.folder() == settings.SAMPLES / "shapes"
    visit({"folder": "/pictures/shapes"})
    assert str(settings.folder()) == "/pictures/shapes"
