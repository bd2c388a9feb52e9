"""The choice of a snapshot, and playing all of them."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app import control
from tests.conftest import execute_sql


def reruns_itself(app: AppTest) -> bool:
    """Whether a part of the page will rerun by itself."""
    return any(element.proto.component_name == "cnn_rerun" for element in app.get("bidi_component"))


def test_the_best_snapshot_is_shown_and_the_last_is_a_click_away(open_page, image_folder, trained, store):
    execute_sql(store, "UPDATE epochs SET val_loss = 0.1 * epoch + 0.5 * (epoch = 1)")  # epoch 2 of 3 is the best
    app = open_page("filters", folder=image_folder, run=trained)
    slider = control(app.select_slider, "Snapshot")
    assert (slider.value, [name for name in slider.options if "best" in name]) == (10, ["epoch 2 (best)"])
    control(app.button, "Last").click().run()
    assert control(app.select_slider, "Snapshot").value == 15 and app.query_params["step"] == "15"
    control(app.button, "Best").click().run()
    assert control(app.select_slider, "Snapshot").value == 10


def test_snapshots_play_from_the_first_to_the_last(open_page, image_folder, trained, store):
    app = open_page("filters", folder=image_folder, run=trained)
    names = app.select_slider[0].options
    last, best = store.history(trained).snapshots()[-1].step, store.history(trained).best_step()
    assert len(names) > 2 and app.select_slider[0].value == best
    app.button(key="play").click().run()
    for name in names[:-1]:
        assert app.get("progress")[0].proto.text == f"Snapshot: {name}"
        assert reruns_itself(app) and app.button(key="play").label == "Stop"
        app.run()
    assert app.select_slider[0].value == last
    assert not reruns_itself(app) and app.button(key="play").label == "Play"


def test_stopping_keeps_the_snapshot_that_was_playing(open_page, image_folder, trained, store):
    app = open_page("filters", folder=image_folder, run=trained)
    app.button(key="play").click().run().run()
    app.button(key="play").click().run()
    assert not reruns_itself(app) and not app.exception
    assert app.select_slider[0].value == store.history(trained).snapshots()[1].step


def test_before_training_nothing_is_said_about_what_training_changed(open_page, image_folder, trained):
    app = open_page("filters", folder=image_folder, run=trained)
    texts = [caption.value for caption in app.caption]
    assert any("One colour scale for all three" in text for text in texts) and any("moved by" in text for text in texts)
    app = open_page("filters", folder=image_folder, run=trained, step=0)
    texts = [caption.value for caption in app.caption]
    assert "This is the filter before training." in texts
    assert any("One colour scale for all snapshots" in text for text in texts)
    assert not any("in training" in text or "moved by" in text for text in texts)


@pytest.mark.parametrize(("step", "expected"), [("0", "untrained"), ("1", "after step 1"), ("5", "held-out accuracy")])
def test_the_line_says_how_far_the_network_is_trained(open_page, image_folder, trained, step, expected):
    app = open_page("filters", folder=image_folder, run=trained, step=step)
    [line] = [one for one in app.get("bidi_component") if one.proto.component_name == "cnn_subject"]
    assert expected in str(line.proto)
