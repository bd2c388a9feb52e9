"""Writes small published sets in each format: IDX, gzipped IDX, Keras' .npz, CIFAR's pickles, binary files and
archives."""

import gzip
import pickle
import struct
import tarfile
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np

Digits = dict[str, tuple[np.ndarray, np.ndarray]]  # "train" and "test" -> images, labels
FILES = {"train": "train", "test": "t10k"}


def digits(train: int = 40, test: int = 20, side: int = 9, classes: int = 10) -> Digits:
    """Pictures of noise, each different, whose labels go round."""
    noise = np.random.default_rng(train)
    return {
        split: (
            noise.integers(0, 256, (count, side, side)).astype(np.uint8),
            (np.arange(count) % classes).astype(np.uint8),
        )
        for split, count in (("train", train), ("test", test))
    }


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


def write_idx(folder: Path, made: Digits, packed: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for split, (images, labels) in made.items():
        for name, array in (
            (f"{FILES[split]}-images-idx3-ubyte", images),
            (f"{FILES[split]}-labels-idx1-ubyte", labels),
        ):
            data = idx(array)
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    return folder


def write_npz(file: Path, made: Digits) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays = {f"{x}_{split}": array for split, pair in made.items() for x, array in zip("xy", pair, strict=True)}
    np.savez_compressed(file, **arrays)
    return file.parent


class _Python2(pickle._Pickler):  # type: ignore[name-defined]
    """Writes bytes and text as Python 2 did, which wrote the files of CIFAR."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)  # type: ignore[attr-defined]

    def save_string(self, value) -> None:
        data = value.encode("latin-1") if isinstance(value, str) else value
        short = len(data) < 256
        self.write((b"U" + bytes([len(data)]) if short else b"T" + struct.pack("<i", len(data))) + data)
        self.memoize(value)

    dispatch[bytes] = dispatch[str] = save_string


def python_2(value) -> bytes:
    """A pickle as Python 2 wrote it with protocol 2."""
    file = BytesIO()
    _Python2(file, 2).dump(value)
    return file.getvalue()


def python_3(value) -> bytes:
    return pickle.dumps(value, protocol=2)


def planar(images: np.ndarray) -> np.ndarray:
    """uint8 (N, 3072), as in CIFAR: all red, then all green, then all blue values."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2).reshape(len(images), -1))


def cifar_10() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """File -> images, uint8 (N, 32, 32, 3), and labels."""
    noise = np.random.default_rng(7)
    counts = {**{f"data_batch_{i}": 20 for i in range(1, 6)}, "test_batch": 30}
    return {
        name: (noise.integers(0, 256, (count, 32, 32, 3)).astype(np.uint8), np.arange(count) % 10)
        for name, count in counts.items()
    }


NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def write_pickles(folder: Path, made: dict, dump=python_2) -> Path:
    """CIFAR-10 for Python."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (images, labels) in made.items():
        values = {"batch_label": "x", "labels": labels.tolist(), "data": planar(images), "filenames": ["a.png"] * 3}
        (folder / name).write_bytes(dump(values))
    (folder / "batches.meta").write_bytes(dump({"label_names": list(NAMES), "num_vis": 3072}))
    return folder


def write_binary(folder: Path, made: dict) -> Path:
    """CIFAR-10 in binary files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (images, labels) in made.items():
        (folder / f"{name}.bin").write_bytes(np.hstack([labels[:, None].astype(np.uint8), planar(images)]).tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(NAMES) + "\n\n")
    return folder


def write_archive(file: Path, folder: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as archive:
        archive.add(folder, folder.name)
    return file.parent
