"""Absurd links and command lines give an error message, never a traceback."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as some

from cnn.cli.commands import main
from cnn.data.listing import list_images
from cnn.errors import Cancelled
from pages.shared import session, settings
from tests.app import sentences

# Links


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("epochs", "many", "Epochs must be a whole number from 1 to 10,000, not 'many'."),
        ("epochs", "1.5", "Epochs must be a whole number from 1 to 10,000, not '1.5'."),
        ("batch_size", "", "Batch size must be a whole number from 1 to 4,096, not ''."),
        ("image_size", "9999", "Image size must be a whole number from 16 to 128, not 9999."),
        ("learning_rate", "fast", "Learning rate must be a number from 1e-07 to 10, not 'fast'."),
        ("filters", "16,x", "Each of the filters per block must be a whole number from 1 to 256, not 'x'."),
        ("val_fraction", "half", "Held-out images must be a number from 0 to 0.9, not 'half'."),
        ("split_seed", "x", "Seed must be a whole number from 0 to 2,147,483,647, not 'x'."),
        ("channels", "two", "Channels must be one of 1, 3, not 'two'."),
    ],
)
def test_an_invalid_number_in_a_link_gives_the_range(open_app, name, text, sentence):
    app = open_app(**{name: text}).run()
    assert not app.exception and sentence in sentences(app)


@effort(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    address=some.dictionaries(
        some.sampled_from([*settings.DEFAULTS, "other"]),
        some.text(max_size=12)
        | some.integers().map(str)
        | some.floats().map(str)
        | some.lists(some.integers(-1, 300).map(str), max_size=6).map(",".join)
        | some.sampled_from(("on", "off", "same", "adam", "none", "tanh", "max")),
        max_size=8,
    )
)
def test_any_link_gives_valid_settings_and_reports_invalid_ones(monkeypatch, address):
    reported = []

    def open_link(link: dict) -> dict:
        monkeypatch.setattr(session.st, "session_state", {})
        reported.clear()
        settings.restore(link, lambda name, text, error: reported.append((name, text, str(error))))
        return {name: settings.current(name) for name in settings.DEFAULTS}

    values = open_link(address)
    for name, (spec, field) in settings.FIELDS.items():
        spec.from_dict({field: values[name]})
    wrong = {name for name in address if name in settings.DEFAULTS and values[name] == settings.DEFAULTS[name]}
    assert {name for name, _, _ in reported} <= wrong
    assert all("must be" in error or "on or off" in error for _, _, error in reported)
    # The accepted settings give a link with the same settings.
    assert open_link(settings.texts()) == values and reported == []


# The command line


@pytest.mark.parametrize(
    ("option", "text", "sentence"),
    [
        ("--epochs", "many", "Epochs must be a whole number from 1 to 10,000, not 'many'."),
        ("--epochs", "0", "Epochs must be a whole number from 1 to 10,000, not 0."),
        ("--epochs", "1e3", "Epochs must be a whole number from 1 to 10,000, not '1e3'."),
        ("--batch-size", "4097", "Batch size must be a whole number from 1 to 4,096, not 4097."),
        ("--image-size", "-16", "Image size must be a whole number from 16 to 128, not -16."),
        ("--max-per-class", "0", "Images per class must be a whole number from 1 to 1,000,000, not 0."),
        ("--val-fraction", "1", "Held-out images must be a number from 0 to 0.9, not 1.0."),
        ("--filters", "0", "Each of the filters per block must be a whole number from 1 to 256, not 0."),
        ("--convs-per-block", "3", "Convolutions per block must be one of 1, 2, not 3."),
        ("--kernel-size", "4", "Kernel size must be one of 3, 5, 7, not 4."),
        ("--pooling", "min", "Pooling must be one of max, average, none, not 'min'."),
        ("--dense", "x", "Each of the dense widths must be a whole number from 1 to 256, not 'x'."),
        ("--dropout", "nan", "Dropout must be a number from 0 to 0.9, not nan."),
        ("--learning-rate", "fast", "Learning rate must be a number from 1e-07 to 10, not 'fast'."),
        ("--weight-decay", "-1", "Weight decay must be a number from 0 to 1, not -1.0."),
        ("--seed", "1.5", "Seed must be a whole number from 0 to 2,147,483,647, not '1.5'."),
    ],
)
def test_an_invalid_number_in_a_command_gives_the_range(store, image_folder, capsys, option, text, sentence):
    assert main(["train", str(image_folder), "--runs", str(store.directory), f"{option}={text}"]) == 2
    assert capsys.readouterr().err == f"error: {sentence}\n"
    assert store.all() == []


@pytest.mark.parametrize("epochs", ["many", "-1", "10000"])
def test_continuing_for_an_invalid_number_of_epochs_gives_the_range(store, trained, capsys, epochs):
    assert main(["train", "--resume", trained, "--runs", str(store.directory), f"--epochs={epochs}"]) == 2
    error = capsys.readouterr().err
    assert "must be a whole number" in error and "Traceback" not in error
    assert store.get(trained).status == "finished"


@pytest.mark.parametrize(
    ("option", "text"), [("--patch", "x"), ("--patch", "0"), ("--stride", "1.5"), ("--patch", "99")]
)
def test_an_invalid_patch_size_gives_an_error_message(store, image_folder, trained, capsys, tmp_path, option, text):
    image = image_folder / "dark" / "0.png"
    command = ["explain", trained, str(image), "--method=occlusion", f"{option}={text}", "--runs", str(store.directory)]
    assert main([*command, "--output", str(tmp_path / "out.npz")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "out.npz").exists()


@effort(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.dictionaries(
        some.sampled_from(("--epochs", "--batch-size", "--image-size", "--dropout", "--learning-rate", "--seed")),
        some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
        | some.integers(-10, 5000).map(str)
        | some.floats().map(str),
        min_size=1,
    )
)
def test_any_numbers_in_a_command_make_a_run_or_an_error_message(store, image_folder, capsys, monkeypatch, options):
    monkeypatch.setattr("cnn.cli.train._train", lambda *_: 0)
    command = ["train", str(image_folder), "--runs", str(store.directory)]
    try:
        status = main([*command, *(f"{name}={text}" for name, text in options.items())])
    except SystemExit as refused:  # argparse
        status = refused.code
    assert status in (0, 2)
    assert status == 0 or "error: " in capsys.readouterr().err


def test_listing_a_large_folder_can_be_cancelled(image_folder):
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        list_images(image_folder, lambda: next(asked))
