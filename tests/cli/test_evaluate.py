"""The command `evaluate` on new images, and the tables it writes."""

import csv
import zipfile

import numpy as np
from sklearn.metrics import confusion_matrix

from cnn.data.dataset import read_dataset
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict


def test_new_images_from_a_folder_and_a_zip_give_what_the_same_images_give_in_the_dataset(
    run, answer, trained, own_folder, tmp_path
):
    store, run_id = trained
    shown = store.get(run_id)
    model = load_model(store, shown, store.history(run_id).step_to_show(False))
    dataset = read_dataset(shown.folder, shown.dataset_spec, store.cache)
    expected = predict(model, dataset.images, dataset.labels, np.arange(len(dataset.labels)))
    (own_folder / "light").rename(own_folder / "LIGHT")
    (own_folder / "horse").mkdir()
    (own_folder / "dark" / "0.png").rename(own_folder / "horse" / "0.png")
    (own_folder / "broken.png").write_bytes(b"no image")
    left_out = dataset.paths.index("dark/0.png")
    (found,) = answer("evaluate", run_id, "--images", own_folder, "--runs", store.directory)
    right = np.delete(expected.right, left_out)
    assert (found["right"], found["images"]) == (right.sum(), len(right))
    matrix = confusion_matrix(np.delete(expected.labels, left_out), np.delete(expected.predicted, left_out))
    assert found["confusion"] == matrix.tolist()
    assert found["unmatched"] == {"horse": 1} and len(found["unread"]) == 1 and found["unlabelled"] == 0
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as archive:
        for file in own_folder.rglob("*.png"):
            archive.write(file, f"phone/{file.relative_to(own_folder)}")
    (packed,) = answer("evaluate", run_id, "--images", tmp_path / "new.zip", "--runs", store.directory)
    same = ("right", "images", "confusion", "unmatched", "interval")
    assert [packed[name] for name in same] == [found[name] for name in same]
    output = run("evaluate", run_id, "--images", own_folder, "--runs", store.directory)[1]
    assert "Left out: 1 images of horse, no class of this network." in output and "new images are right" in output


def test_images_without_a_class_of_the_network_are_an_error_that_names_its_classes(run, trained, own_folder):
    store, run_id = trained
    for name in ("dark", "light"):
        (own_folder / name).rename(own_folder / f"{name}er")
    status, _, errors = run("evaluate", run_id, "--images", own_folder, "--runs", store.directory)
    assert status == 2 and "Its classes are dark, light; those of the images: darker, lighter" in errors
    status, _, errors = run("evaluate", run_id, own_folder, "--images", own_folder, "--runs", store.directory)
    assert status == 2 and "not both" in errors


def test_tables_are_written(answer, trained, tmp_path):
    store, run_id = trained
    (found,) = answer("evaluate", run_id, "--runs", store.directory, "--csv", tmp_path / "tables")
    with open(tmp_path / "tables" / "confusion.csv", encoding="utf-8-sig") as file:
        _, *rows = csv.reader(file)
    assert [[int(one) for one in row[1:]] for row in rows] == found["confusion"]
    with open(tmp_path / "tables" / "images.csv", encoding="utf-8-sig") as file:
        images = list(csv.DictReader(file))
    assert len(images) == found["images"] and sum(int(row["right"]) for row in images) == found["right"]
    with open(tmp_path / "tables" / "calibration.csv", encoding="utf-8-sig") as file:
        assert sum(int(row["images"]) for row in csv.DictReader(file)) == found["images"]
