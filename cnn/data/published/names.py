"""The names of the files that published sets consist of."""

import re

# train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz, emnist-letters-test-images-idx3-ubyte
IDX = re.compile(
    r"(?P<prefix>.*?)[-_.]?(?P<part>train|t10k|test)[-_.](?P<content>images|labels)[-_.]idx[13][-_.]ubyte(?P<packed>\.gz)?",
    re.IGNORECASE,
)
NPZ = re.compile(r".+\.npz", re.IGNORECASE)
CIFAR = re.compile(
    r"data_batch_\d+(\.bin)?|test_batch(\.bin)?|(train|test)(\.bin)?|batches\.meta(\.txt)?|meta|(fine|coarse)_label_names\.txt"
)
CIFAR_ARCHIVE = re.compile(r"cifar.*\.(tar|tgz|tar\.gz)", re.IGNORECASE)

MAX_FILE_BYTES = 1_000_000_000

_ALL = (IDX, NPZ, CIFAR, CIFAR_ARCHIVE)
# All of them, as a regular expression of JavaScript that ignores capitals.
IN_BROWSER = "|".join(pattern.pattern.replace("(?P<", "(?<") for pattern in _ALL)


def may_be_published(name: str) -> bool:
    """Whether a file of this name may be part of a published set."""
    return any(pattern.fullmatch(name) for pattern in _ALL)
