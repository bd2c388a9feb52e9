"""The list of runs over a page that looks inside a network."""

from cnn.store import example
from cnn.store.run_summary import summary
from tests.app import control


def test_a_click_on_a_run_chooses_it_and_keeps_the_image_if_it_has_the_same(open_page, trained, create_run, store):
    other = create_run()
    app = open_page("filters", run=trained)
    session = app.session_state.session
    image = session.shown["image"]
    session.choosing_run = True
    app.run()
    captions = [caption.value for caption in app.caption]
    assert sum(summary(store.get(run), [])[:20] in caption for run in (trained, other) for caption in captions) >= 2
    app.button(f"look into {other}").click().run()
    assert session.settings["run"].value == other and not session.choosing_run
    assert session.parts["image", "dataset", other].value == image


def test_a_run_without_weights_is_told_apart_from_the_example_that_is_shown(open_page, create_run, store):
    example.add(store)
    app = open_page("take_apart", run=create_run())
    (note,) = (text.value for text in app.markdown if "**example**" in text.value)
    assert "has no weights yet" in note and app.metric
    assert app.session_state.session.settings["run"].value != example.ID
    assert "Example" in control(app.sidebar.selectbox, "Run").options[0]
