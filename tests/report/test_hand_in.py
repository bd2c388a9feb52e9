"""A hand-in: what is in it, and that it opens again, whatever somebody has put into the file."""

import io
import json
import zipfile

import numpy as np
import pytest
import torch

from cnn.figures.svg import size_of
from cnn.report import hand_in
from cnn.report.document import document_of
from cnn.report.exported_run import results_of
from cnn.report.exports import Export
from cnn.report.hand_in import HandInError, open_files, open_folder, read_hand_in
from cnn.report.html import html_of
from cnn.report.recomputed import recompute
from cnn.report.report_store import HEAD
from tests.report.examples import answers, changed, packed, report


@pytest.fixture(scope="session")
def handed_in(ready_made) -> bytes:
    """The content of a hand-in file of a small trained run."""
    store, run_id = ready_made
    return Export(report(run_id), results_of(store, run_id)).content("hand-in")


def test_a_hand_in_holds_what_a_teacher_and_another_program_need(handed_in, ready_made, tmp_path):
    with zipfile.ZipFile(io.BytesIO(handed_in)) as archive:
        archive.extractall(tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {"report.ipynb", "report.pdf", "report.html", "answers.json", "settings.json", "weights.pt"} <= files
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    store, run_id = ready_made
    model = results_of(store, run_id).model
    weights = torch.load(tmp_path / "weights.pt", weights_only=True)
    assert weights["state_dict"].keys() == model.network.state_dict().keys()
    assert weights["classes"] == ["dark", "light"]
    with np.load(tmp_path / "images.npz") as images:
        assert images["images"].shape == (4, 16, 16, 1)


def test_what_is_handed_in_is_read_back(handed_in):
    found = read_hand_in(handed_in, "ada.zip")
    own = report(found.report.run)
    assert found.whole_report() == own
    assert found.claimed is not None
    # Until a picture is wanted, only its beginning is unpacked.
    for place, piece in enumerate(own.evidence):
        assert found.picture(place) == piece.picture
        head = found.report.evidence[place].picture
        assert piece.picture.startswith(head) and len(head) < len(piece.picture) and size_of(head) == (400, 220)
    assert found.picture(len(own.evidence)) == found.picture(-1) == ""


def test_a_picture_that_could_grow_without_bounds_is_left_out(handed_in):
    bomb = b'<svg viewBox="0 0 9 9"/>' + b" " * HEAD + b'<!ENTITY a "b">'
    found = read_hand_in(changed(handed_in, evidence_001_svg=bomb), "a.zip")
    assert found.picture(0) == found.whole_report().evidence[0].picture == "" and found.picture(1)


def test_the_accuracy_is_recomputed_from_weights_and_images(handed_in, ready_made):
    store, run_id = ready_made
    predictions = results_of(store, run_id).predictions
    found = recompute(read_hand_in(handed_in, "ada.zip"))
    assert (found.right, found.images, found.problem) == (int(predictions.right.sum()), 4, "")
    # Somebody states more than is true.
    settings = json.loads(zipfile.ZipFile(io.BytesIO(handed_in)).read("settings.json"))
    settings["judged"]["right"] = 4
    boasting = read_hand_in(changed(handed_in, settings_json=json.dumps(settings).encode()), "a.zip")
    assert boasting.claimed == (4, 4)
    assert recompute(boasting).right == found.right


def test_a_folder_of_hand_ins_opens_and_what_is_none_is_named(handed_in, tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "hand-in.zip").write_bytes(handed_in)
    (tmp_path / "notes.zip").write_bytes(b"no zip")
    (tmp_path / "twice.zip").write_bytes(handed_in)
    opened, problems = open_folder(tmp_path)
    assert [one.file.replace("\\", "/") for one in opened] == ["ada/hand-in.zip"]
    assert list(problems) == ["notes.zip", "twice.zip"]
    assert "the same file as" in problems["twice.zip"] and "hand-in.zip" in problems["twice.zip"]
    assert "not a .zip" in problems["notes.zip"]


def test_hand_ins_that_are_too_many_are_named(handed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(hand_in, "MOST_HAND_INS", 1)
    names = ["Ada_1/hand-in.zip", "Grace_2/hand-in.zip"]
    for name in names:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(handed_in)
    (first,), problems = open_folder(tmp_path)
    assert [first.file.replace("\\", "/")] == names[:1]
    assert [name.replace("\\", "/") for name in problems] == names[1:]
    (first,), problems = open_files({"all.zip": packed(dict.fromkeys(names, handed_in))})
    assert first.file == f"all.zip: {names[0]}" and list(problems) == [f"all.zip: {names[1]}"]


def test_a_zip_of_hand_ins_opens(handed_in):
    other = changed(handed_in, answers_json=answers(handed_in, students="Grace Hopper"))
    outer = packed({"Ada_1/hand-in.zip": handed_in, "Grace_2/hand-in.zip": other, "Bad_3/x.zip": b"nothing"})
    opened, problems = open_files({"all.zip": outer})
    assert sorted(one.report.students.split("\n")[0] for one in opened) == ["Ada Lovelace", "Grace Hopper"]
    assert list(problems) == ["all.zip: Bad_3/x.zip"]


HOSTILE = {
    "empty": lambda content: b"",
    "no zip": lambda content: b"PK\x03\x04" + b"\0" * 200,
    "cut": lambda content: content[: len(content) // 2],
    "no answers": lambda content: changed(content, answers_json=None),
    "another zip": lambda content: packed({"cat/1.jpg": b"x"}),
    "broken JSON": lambda content: changed(content, answers_json=b'{"id": '),
    "deep JSON": lambda content: changed(content, answers_json=b"[" * 200_000),
    "half a character": lambda content: changed(content, answers_json=answers(content, students="\ud800")),
    "a list": lambda content: changed(content, answers_json=b"[1, 2]"),
    "numbers for texts": lambda content: changed(content, answers_json=answers(content, title=5)),
    "evidence of no kind": lambda content: changed(content, answers_json=answers(content, evidence=[{"a": 1}])),
    "a newer format": lambda content: changed(content, hand_in_json=b'{"format": 99}'),
    "a bomb": lambda content: changed(content, answers_json=b" " * 60_000_000),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_is_no_hand_in_gives_a_sentence(handed_in, kind):
    with pytest.raises(HandInError, match=r"^[“A-Z].*\.$"):
        read_hand_in(HOSTILE[kind](handed_in), "a.zip")


def test_paths_that_lead_elsewhere_are_never_followed(handed_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pieces = json.loads(answers(handed_in))["evidence"]
    pieces[0]["picture"] = "../../etc/passwd"
    content = changed(handed_in, answers_json=answers(handed_in, evidence=pieces), **{"../evil.svg": b"<svg/>"})
    found = read_hand_in(content, "a.zip")
    assert found.report.evidence[0].picture == ""
    assert list(tmp_path.iterdir()) == []


def array(values) -> bytes:
    written = io.BytesIO()
    np.save(written, values, allow_pickle=True)
    return written.getvalue()


def claims(shape) -> bytes:
    """The start of an array that says it is this large."""
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(written, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return written.getvalue()


def with_images(content: bytes, images: bytes, labels: bytes) -> bytes:
    return changed(content, images_npz=packed({"images.npy": images, "labels.npy": labels}))


def pickled() -> bytes:
    class Evil:
        def __reduce__(self):
            return pytest.fail, ("Something in a hand-in was run.",)

    written = io.BytesIO()
    torch.save({"state_dict": Evil()}, written)
    return written.getvalue()


BLACK = np.zeros((4, 16, 16, 1), np.uint8)
LABELS = array(np.zeros(4, np.int64))
DAMAGED = {
    "no weights": lambda content: changed(content, weights_pt=None),
    "weights that run": lambda content: changed(content, weights_pt=pickled()),
    "weights of nothing": lambda content: changed(content, weights_pt=b"x" * 100_000),
    "no images": lambda content: changed(content, images_npz=None),
    "images that claim to be huge": lambda content: with_images(content, claims((10**6, 10**4, 10**4, 3)), LABELS),
    "objects for images": lambda content: with_images(content, array(np.array([{}], object)), LABELS),
    "other images": lambda content: with_images(content, array(np.zeros((4, 8, 8, 1), np.uint8)), LABELS),
    "other labels": lambda content: with_images(content, array(BLACK), array(np.full(4, 9))),
    "no settings": lambda content: changed(content, settings_json=b"{}"),
    "an empty pickle": lambda content: changed(content, weights_pt=_without_a_value(content)),
    "a huge network": lambda content: changed(content, settings_json=_huge(content)),
}  # fmt: skip


def _without_a_value(content: bytes) -> bytes:
    """The weights with a pickle that ends before it has made a value."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        weights = zipfile.ZipFile(io.BytesIO(archive.read("weights.pt")))
    damaged = io.BytesIO()
    with weights, zipfile.ZipFile(damaged, "w") as written:
        for name in weights.namelist():
            written.writestr(name, b"." if name.endswith("data.pkl") else weights.read(name))
    return damaged.getvalue()


def _huge(content: bytes) -> bytes:
    settings = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("settings.json"))
    settings["spec"]["dense"] = [4096, 4096, 4096]
    return json.dumps(settings).encode()


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_weights_and_images_give_a_sentence_and_run_nothing(handed_in, kind):
    found = recompute(read_hand_in(DAMAGED[kind](handed_in), "a.zip"))
    assert found.images == 0
    assert found.problem.endswith(".")


def test_html_in_answers_stays_text():
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://example.org/y.png) <img src=x onerror=1>"
    shown = html_of(document_of(report(answers={"notice": evil}, students=evil), None)).decode()
    assert "<script" not in shown
    assert "<img src=x" not in shown
    assert 'href="javascript' not in shown
    assert 'src="https' not in shown
