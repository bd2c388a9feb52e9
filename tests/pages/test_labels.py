"""The name, tags and note of a run: edited on the Train page, shown in the sidebar and on Storage."""

from tests.app import control, go_to, sentences


def save(app, name: str, tags: str, note: str = ""):
    control(app.text_input, "Name").set_value(name)
    control(app.text_area, "Note").set_value(note)
    control(app.text_input, "Tags").set_value(tags)
    return control(app.button, "Save").click().run()


def test_a_run_has_its_new_name_everywhere(open_page, store, image_folder, trained):
    app = open_page("train", folder=image_folder, run=trained)
    save(app, "With *dropout*", "small, gray", "Less sure,\nmore right.")
    assert not app.exception and not app.error
    assert (store.get(trained).given_name, store.get(trained).tags) == ("With *dropout*", ("small", "gray"))
    assert store.get(trained).note == "Less sure,\nmore right."
    assert "✓ With *dropout*" in control(app.sidebar.selectbox, "Run").options
    go_to(app, "storage").run()
    (table,) = (frame.value for frame in app.dataframe if "run" in frame.value)
    assert table["run"].tolist() == ["With *dropout*"] and table["tags"].tolist() == ["small gray"]


def test_without_a_name_a_run_is_called_by_its_time_and_folder(open_page, store, image_folder, trained):
    store.label(trained, "Mine", ["one"])
    app = open_page("train", folder=image_folder, run=trained)
    assert control(app.text_input, "Name").value == "Mine" and control(app.text_input, "Tags").value == "one"
    save(app, "", "")
    run = store.get(trained)
    assert (run.given_name, run.tags) == ("", ()) and run.name.endswith(image_folder.name)


def test_a_tag_that_is_too_long_gives_an_error_and_changes_nothing(open_page, store, image_folder, trained):
    app = open_page("train", folder=image_folder, run=trained)
    save(app, "Mine", "x" * 25)
    assert "A tag is one word of at most 24 characters" in sentences(app)
    assert (store.get(trained).given_name, store.get(trained).tags) == ("", ())


def test_runs_of_the_same_name_have_different_names_in_the_list(open_page, store, image_folder, create_run, trained):
    other = create_run()
    for run_id in (trained, other):
        store.label(run_id, "Twin")
    app = open_page("train", folder=image_folder, run=trained)
    options = control(app.sidebar.selectbox, "Run").options
    assert len(set(options)) == len(options) == 3 and sum("Twin, " in option for option in options) == 2
