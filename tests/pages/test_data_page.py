import shutil

from streamlit.testing.v1 import AppTest

from cnn.data.dataset import TRAIN, read_dataset
from cnn.specs import DatasetSpec
from tests.app import control
from tests.conftest import draw_images


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def labels(app: AppTest) -> set[str]:
    return {widget.label for widget in (*app.select_slider, *app.number_input, *app.slider)}


def test_test_images_are_kept_for_the_final_test_or_held_out_as_the_user_chooses(open_page, tmp_path):
    for part in ("train", "test"):
        draw_images(tmp_path / "set" / part)
    app = open_page("data", folder=tmp_path / "set")
    kept = next(text.value for text in app.markdown if "images** in 2 classes" in text.value)
    assert "24 test images set aside" in kept and "as the folders split" not in kept
    control(app.segmented_control, "Test images").set_value("held_out").run()
    held_out = next(text.value for text in app.markdown if "images** in 2 classes" in text.value)
    assert "24 to train on, 24 held out (as the folders split them)" in held_out and "set aside" not in held_out


def test_how_to_draw_held_out_images_is_only_asked_if_the_folders_do_not_say_it(open_page, tmp_path):
    for part in ("train", "test"):
        draw_images(tmp_path / "set" / part)
    app = open_page("data", folder=tmp_path / "set")
    held_out = {"Held-out images", "Seed"}
    assert held_out <= labels(app)
    control(app.segmented_control, "Test images").set_value("held_out").run()
    assert not held_out & labels(app)
    assert "The folders say which images are held out." in [text.value for text in app.caption]
    control(app.segmented_control, "Test images").set_value("test").run()
    assert held_out <= labels(app)


def test_the_data_page_warns_with_the_images_behind(open_page, own_folder):
    shutil.copy(own_folder / "dark" / "0.png", own_folder / "light" / "copy.png")
    app = open_page("data", folder=own_folder)
    assert "2 warnings below" in texts(app)
    said = [expander.label for expander in app.expander]
    assert said[0].startswith("2 images are in two classes") and said[1].startswith("Few images are held out")


def test_the_data_page_says_what_the_network_gets_for_pixels(open_page, image_folder, tmp_path):
    app = open_page("data", folder=image_folder)
    dataset = read_dataset(image_folder, DatasetSpec(), tmp_path)
    pixels = dataset.images[dataset.splits == TRAIN].astype(float)
    assert any(f"{pixels.mean():.0f} and {pixels.std():.0f} (all pixels)" in text.value for text in app.caption)
    unit = open_page("data", folder=image_folder, preprocessing="unit")
    assert any("each pixel divided by 255" in text.value for text in unit.caption)
