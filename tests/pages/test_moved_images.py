"""Runs whose images have moved, changed or gone."""

import shutil

import pytest

from cnn.engine.trainer import train_run
from tests.app import NEEDS_A_RUN, PAGES, control, sentences
from tests.conftest import draw_images, running_work


@pytest.mark.parametrize("page", PAGES)
def test_a_run_whose_images_are_gone_is_still_shown(open_page, own_folder, create_run, store, page):
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    shutil.rmtree(own_folder)
    app = open_page(page, run=run_id)
    if page in (*NEEDS_A_RUN, "train"):
        assert "no longer holds the images" in sentences(app)
    assert store.get(run_id).status == "finished"


def test_a_run_finds_its_images_in_a_changed_folder(open_page, own_folder, create_run, store):
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    (own_folder / "dark" / "0.png").rename(own_folder / "dark" / "renamed.png")
    shutil.copy(own_folder / "light" / "1.png", own_folder / "dark" / "copy.png")
    assert "no longer holds the images" not in sentences(open_page("neighbours", run=run_id))


def test_a_run_finds_its_images_in_the_chosen_folder_if_its_own_was_moved(open_page, own_folder, create_run, store):
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    moved = own_folder.rename(own_folder.parent / "moved")
    assert "no longer holds the images" not in sentences(open_page("neighbours", run=run_id, folder=moved))


@pytest.mark.parametrize("page", ["train", "activations", "filters"])
def test_the_page_asks_where_moved_images_are_and_the_run_can_then_continue(
    open_page, own_folder, create_run, store, page, tmp_path, trainers, wait
):
    run_id = create_run(folder=own_folder, epochs=1)
    train_run(store, run_id)
    if page == "train":  # the server has read the images before
        open_page("train", run=run_id)
    moved = own_folder.rename(own_folder.parent / "moved")
    app = open_page(page, run=run_id)
    assert "no longer holds the images" in sentences(app) and "more" not in [button.key for button in app.button]

    def answer(folder) -> None:
        control(app.text_input, "Where are they now?").set_value(str(folder)).run()
        wait(lambda: not running_work(app.run()))

    answer(draw_images(tmp_path / "other", per_class=6))
    assert "images of this run have changed or are missing" in sentences(app)
    assert store.get(run_id).folder == str(own_folder)
    answer(moved)
    assert "no longer holds the images" not in sentences(app) and store.get(run_id).folder == str(moved)
    if page == "train":
        app.button(key="more").click().run()
        wait(lambda: store.get(run_id).status == "finished")
        assert len(store.history(run_id).epochs()) == 6


def test_a_run_that_cannot_continue_says_why_and_keeps_its_verdict(open_page, own_folder, create_run, store):
    run_id = create_run(folder=own_folder, epochs=1)
    train_run(store, run_id)
    (own_folder / "dark" / "0.png").unlink()
    store.reopen(run_id, 1)
    train_run(store, run_id)
    said = sentences(open_page("train", run=run_id))
    assert "“dark/0.png”" in said and "Finished in" in said and "no longer holds the images" in said


def test_another_folder_does_not_replace_a_missing_one(open_page, own_folder, create_run, store, tmp_path):
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    shutil.rmtree(own_folder)
    other = draw_images(tmp_path / "other", per_class=6)
    assert "no longer holds the images" in sentences(open_page("neighbours", run=run_id, folder=other))
