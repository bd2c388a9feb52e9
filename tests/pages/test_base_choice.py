"""Starting from another run, on the pages."""

import pytest

from cnn.engine import launch
from cnn.engine.trainer import train_run
from cnn.specs import NetworkSpec
from tests.app import control, go_to, sentences


def texts(app) -> str:
    return "\n".join(element.value for element in [*app.info, *app.caption, *app.markdown])


def metrics(app) -> dict[str, tuple[str, str]]:
    return {one.label: (one.value, one.delta) for one in app.metric}


@pytest.fixture
def base(store, trained) -> str:
    """The id of a finished run called shades."""
    store.label(trained, "shades")
    return trained


def test_the_network_page_takes_the_settings_of_the_base_and_counts_frozen_parameters_apart(
    open_page, image_folder, store, base
):
    app = open_page("network", folder=image_folder, filters="8,8", kernel_size=5)
    start = control(app.selectbox, "Start from")
    assert start.value == "" and not control(app.segmented_control, "Kernel size").disabled
    start.select(base).run()
    fields = {field.label: (field.value, field.disabled) for field in app.text_input}
    expected = {"Kernel size": "3 × 3", "Filters per block": "3", "Batch normalisation": "on", "Pixels": "standardised"}
    assert expected.items() <= {label: value for label, (value, _) in fields.items()}.items()
    assert all(disabled for _, disabled in fields.values())
    convolutions, dense = (9 + 1) * 3 + 2 * 3, (3 * 7 * 7 + 1) * 16 + (16 + 1) * 2
    assert metrics(app)["Parameters"] == (f"{dense:,}", f"to train; {convolutions} frozen")
    assert "The convolutions come from **shades**" in texts(app)
    assert "what they make of an image is computed once" in texts(app)
    assert "63.9 %" not in texts(app)  # a guess comes first
    control(app.selectbox, "What is your guess?").select("both are better").run()
    assert "63.9 %" in texts(app)
    held = "you guessed that both are better. In fact one is better, one is worse."
    assert held in texts(app)
    assert "'conv1', 'norm1'" in app.code[0].value and base in app.code[0].value
    # Fine-tuned, all parameters are trained.
    control(app.toggle, "Fine-tune the convolutions").set_value(True).run()
    assert metrics(app)["Parameters"] == (f"{dense + convolutions:,}", "")
    assert "All layers are trained, the convolutions with 0.1 of the learning rate." in texts(app)
    # Without the base, the user's own settings are back.
    control(app.selectbox, "Start from").select("").run()
    assert control(app.segmented_control, "Kernel size").value == 5
    assert control(app.slider, "Filters in block 1").value == 8


def test_a_run_started_from_the_train_page_starts_from_the_base(open_page, image_folder, store, base, monkeypatch):
    monkeypatch.setattr(launch, "start", train_run)  # at once, in this process
    guess = "one is better, one is worse"
    app = open_page("network", folder=image_folder, base=base, epochs=1, mirror="on", transfer=guess)
    app = go_to(app, "train").run()
    assert "Starts from **shades**. " in texts(app)
    assert "With augmentation, what they make of an image is computed each time." in texts(app)
    control(app.button, "Train a new network").click().run()
    run = store.all()[0]
    assert (run.status, run.facts["base"]["name"]) == ("finished", "shades")
    assert run.network_spec.base_step == store.history(base).best_step()
    assert run.facts["transfer_guess"] == guess and f"you guessed that {guess}. You were right." in texts(app)
    assert "The convolutions are those of the run “shades”" in texts(app)


def test_the_images_have_the_size_that_the_base_takes(open_page, image_folder, base):
    app = open_page("data", folder=image_folder, base=base, image_size=40)
    assert control(app.text_input, "Image size").value == "16"
    assert "The network: 16 × 16, 256 numbers" in texts(app)


def test_a_base_that_is_gone_is_an_error_with_a_way_on(open_page, image_folder, base):
    app = open_page("network", folder=image_folder, base="gone")
    assert "There is no run 'gone'" in sentences(app)
    app = go_to(app, "train").run()
    assert "Choose another run as its base." in sentences(app)
    control(app.button, "Start with random weights").click().run()
    assert "There is no run" not in sentences(app)


def test_only_runs_with_convolutions_can_be_a_base(open_page, image_folder, store, base, create_run):
    flat = create_run(network=NetworkSpec(filters=(), dense=(3,)), epochs=1)
    assert train_run(store, flat) == "finished"
    app = open_page("network", folder=image_folder)
    assert control(app.selectbox, "Start from").options == ["random weights", "✓ shades"]
