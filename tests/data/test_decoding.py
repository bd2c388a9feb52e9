import json
import logging
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnn.data import readers as readers_module
from cnn.data.dataset import read_dataset
from cnn.data.decoding import BLACK, GRAY, STANDARD, WHITE, Decoding, Traits, decoding_for
from cnn.data.images import read_image, read_picture
from cnn.data.version import DatasetVersion, read_version, save_version
from cnn.errors import UserError
from cnn.specs import DatasetSpec

SPEC = DatasetSpec(image_size=16)


def scene(seed: int) -> np.ndarray:
    """A random picture of 16 x 16 values from 0 to 1."""
    return np.random.default_rng(seed).random((16, 16))


def save(path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


@pytest.fixture
def twelve_bits(tmp_path):
    """Ten scenes in two classes, of 1,000 to 3,000 in 16-bit files."""
    for i in range(10):
        save(tmp_path / f"deep/{'ab'[i % 2]}/{i}.png", (1000 + 2000 * scene(i)).astype(np.uint16))
    return tmp_path / "deep"


def test_twelve_bits_in_sixteen_use_the_whole_range_of_pixels_on_one_scale(twelve_bits, tmp_path):
    dataset = read_dataset(twelve_bits, SPEC, tmp_path / "cache")
    for path, pixels in zip(dataset.paths, dataset.images, strict=True):
        expected = 255 * scene(int(path[2:-4]))
        assert np.abs(pixels[..., 0] - expected).max() < 3
    assert "1,0" in dataset.decoding.text and "becomes black" in dataset.decoding.text
    again = read_dataset(twelve_bits, SPEC, tmp_path / "cache")
    assert again.decoding == dataset.decoding and (again.images == dataset.images).all()


def test_one_scale_keeps_darker_images_darker(tmp_path):
    for i, top in enumerate((1000, 4000, 1000, 4000)):
        save(tmp_path / f"x/{'ab'[i % 2]}/{i}.png", (top * scene(0)).astype(np.uint16))
    dataset = read_dataset(tmp_path / "x", SPEC, tmp_path / "cache")
    dark, bright = dataset.images[0].astype(float).mean(), dataset.images[2].astype(float).mean()
    assert bright == pytest.approx(4 * dark, rel=0.05)


def test_a_run_keeps_its_scale_when_brighter_images_are_added(twelve_bits, tmp_path):
    cache, file = tmp_path / "cache", tmp_path / "images.json.gz"
    first = save_version(file, read_dataset(twelve_bits, SPEC, cache))
    for i in range(10):
        save(twelve_bits / f"a/brighter{i}.png", np.full((16, 16), 60_000, np.uint16))
    assert read_dataset(twelve_bits, SPEC, cache).decoding != first.decoding
    again = read_version(file, first.fingerprint, twelve_bits, SPEC, cache)
    assert again.decoding == first.decoding and (again.images == first.images).all()


def test_a_version_from_before_scales_keeps_the_pixels_it_was_trained_on(twelve_bits, tmp_path):
    file = tmp_path / "images.json.gz"
    old = read_dataset(twelve_bits, SPEC, tmp_path / "cache", decoding=STANDARD)
    assert old.images.max() == 3000 >> 8 or old.images.max() == 2999 >> 8
    saved = save_version(file, old)
    assert b"decoding" not in DatasetVersion.load(file)._json()
    again = read_version(file, saved.fingerprint, twelve_bits, SPEC, tmp_path / "cache")
    assert (again.images == old.images).all() and again.fingerprint == saved.fingerprint


def test_reader_processes_find_the_same_scale(twelve_bits, tmp_path, monkeypatch):
    here = read_dataset(twelve_bits, SPEC, tmp_path / "cache")
    monkeypatch.setattr("cnn.data.decode.MIN_FILES", 1)
    there = read_dataset(twelve_bits, SPEC, tmp_path / "other cache")
    assert there.decoding == here.decoding and (there.images == here.images).all()


def test_plain_files_are_decoded_once(tmp_path, monkeypatch):
    for i in range(6):
        save(tmp_path / f"x/{'ab'[i % 2]}/{i}.png", (255 * scene(i)).astype(np.uint8))
    read, count = readers_module.read_picture, []
    monkeypatch.setattr(readers_module, "read_picture", lambda *args: count.append(1) or read(*args))
    dataset = read_dataset(tmp_path / "x", SPEC, tmp_path / "cache")
    assert len(count) == 6 and dataset.decoding == STANDARD and dataset.decoding.text == ""


def test_a_damaged_file_does_not_turn_the_others_black():
    usual = [Traits(100.0, 4000.0)] * 200
    assert decoding_for([*usual, Traits(0.0, 65535.0)]) == Decoding(100.0, 4000.0)


def test_images_of_one_value_have_a_scale():
    assert decoding_for([Traits(7.0, 7.0)]) == Decoding(0.0, 8.0)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32])
def test_values_of_other_types_are_on_the_scale_of_the_dataset(dtype):
    file = BytesIO()
    Image.fromarray(np.array([[50, 100, 150, 300]], np.float32 if dtype is np.float32 else np.int32)).save(file, "TIFF")
    pixels, _ = read_image(file.getvalue(), None, 1, Decoding(100, 200))
    assert pixels[0, :, 0].tolist() == [0, 0, 128, 255]


def test_numbers_that_are_not_finite_are_black_and_do_not_count():
    file = BytesIO()
    Image.fromarray(np.array([[np.nan, 1, 2, np.inf]], np.float32)).save(file, "TIFF")
    picture = read_picture(file.getvalue(), None, 1, Decoding(1, 2))
    assert picture.pixels[0, :, 0].tolist() == [0, 0, 255, 0]
    assert (picture.traits.low, picture.traits.high) == (1, 2)


# Transparent drawings


def logo(gray: int, seed: int) -> Image.Image:
    shape = np.random.default_rng(seed).random((16, 16)) < 0.3
    return Image.fromarray(np.dstack([np.full((16, 16, 3), gray, np.uint8), 255 * shape.astype(np.uint8)]))


@pytest.mark.parametrize(
    "grays, background",
    [((0, 0), WHITE), ((255, 255), BLACK), ((0, 255), GRAY), ((100, 160), WHITE), ((250, 200), BLACK)],
)
def test_transparent_drawings_get_a_background_they_can_be_seen_on(tmp_path, grays, background):
    for i in range(8):
        path = tmp_path / f"x/{'ab'[i % 2]}/{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        logo(grays[i % 2], i).save(path)
    dataset = read_dataset(tmp_path / "x", SPEC, tmp_path / "cache")
    assert dataset.decoding.background == background
    assert all(np.ptp(pixels) >= 24 for pixels in dataset.images)
    assert bool(dataset.decoding.text) == (background != WHITE)


def test_opaque_pictures_need_nothing_from_a_background():
    file = BytesIO()
    Image.fromarray(np.full((8, 8, 4), 255, np.uint8)).save(file, "PNG")
    assert read_picture(file.getvalue(), 16, 3).traits == Traits()


# To JSON and back


def test_a_decoding_survives_json_and_damage_is_an_error():
    for decoding in (STANDARD, Decoding(1.5, 9.0, GRAY, 13)):
        assert Decoding.from_dict(json.loads(json.dumps(decoding.to_dict()))) == decoding
    for values in (
        {"black": 1},
        {"black": 2, "white": 1},
        {"black": "a", "white": "b"},
        {"background": 300},
        {"bands": "x"},
        {"x": 1},
        {"black": float("nan"), "white": 1.0},
    ):
        with pytest.raises(UserError):
            Decoding.from_dict(values)


def test_reading_odd_files_logs_nothing(caplog):
    caplog.set_level(logging.WARNING)
    file = BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(file, "TIFF")
    read_image(file.getvalue(), 16, 1)
    assert not caplog.records
