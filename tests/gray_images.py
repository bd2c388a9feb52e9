"""Images of one gray value each, which tells the file of a row of the array."""

from pathlib import Path

from PIL import Image

from cnn.data import readers as readers_module
from cnn.specs import DatasetSpec

SPEC = DatasetSpec(image_size=16, channels=1)


def save(path: Path, value: int, size=(12, 10)) -> None:
    """An image of one gray value, which identifies the file of a row of the array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, value).save(path)


def values(dataset) -> list[int]:
    return dataset.images[:, 0, 0, 0].tolist()


def count_decoding(monkeypatch) -> list:
    decoded = []
    read_picture = readers_module.read_picture
    monkeypatch.setattr(
        readers_module, "read_picture", lambda path, *rest: decoded.append(path) or read_picture(path, *rest)
    )
    return decoded
