from pathlib import Path

import pytest

from cnn.data.archive import unpack
from cnn.errors import UserError
from tests.archives import nothing_is_left
from tests.gray_images import save


@pytest.fixture
def uploads(tmp_path) -> Path:
    return tmp_path / "runs" / "uploads"


@pytest.fixture
def refused(uploads):
    """Unpacks what must not be unpacked, sees that nothing is left of it, and returns the sentence."""

    def of(file) -> str:
        around = set(uploads.parent.parent.rglob("*"))
        with pytest.raises(UserError) as error:
            unpack(file, uploads / "pets")
        assert nothing_is_left(uploads)
        assert set(uploads.parent.parent.rglob("*")) - around <= {uploads.parent, uploads, uploads / ".unpacking"}
        sentence = str(error.value)
        assert sentence.endswith(".") and "\n" not in sentence
        return sentence

    return of


@pytest.fixture
def folder(tmp_path):
    """Ten cats of gray 1-10 and five dogs of gray 101-105."""
    for i in range(1, 11):
        save(tmp_path / f"images/cat/{i}.png", i, size=(i, 2 * i))
    for i in range(1, 6):
        save(tmp_path / f"images/dog/{i}.png", 100 + i)
    return tmp_path / "images"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"
