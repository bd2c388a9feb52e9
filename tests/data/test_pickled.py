"""Reading CIFAR's pickles without running what is in them."""

import pickle
import pickletools
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from cnn.data.published.pickled import Array, NotPlainPickle, Stored, read_pickle
from tests.published import python_2, python_3

VALUES = {
    "labels": [0, 255, 256, 70_000, -1, 2**40],
    "names": ["cat", "é"],
    "nested": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), None, True, False],
    "same": [["cat"]] * 3,
}
PIXELS = np.arange(600, dtype=np.uint8).reshape(2, 300)


@pytest.mark.parametrize("dump", [python_2, python_3])
def test_plain_data_is_what_pickle_reads(dump):
    data = dump(VALUES)
    assert read_pickle(data) == pickle.loads(data, encoding="latin-1") == VALUES


@pytest.mark.parametrize("dump", [python_2, python_3])
def test_an_array_is_where_its_bytes_are(dump):
    data = dump({"data": PIXELS})
    found = read_pickle(data)["data"]
    assert isinstance(found, Array) and (found.shape, found.type, found.in_rows) == ((2, 300), "u1", True)
    stored = data[found.data.start : found.data.start + found.data.size]
    assert (stored.decode().encode("latin-1") if found.data.is_text else stored) == PIXELS.tobytes()
    assert found.data.is_text == (dump is python_3)


def test_text_of_more_than_255_bytes_stays_where_it_is():
    assert read_pickle(python_2(["x" * 300])) == [Stored(10, 300, False)]


class Hostile:
    """Calls a function when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def leave_a_mark(path: str) -> None:
    Path(path).write_text("run")


def test_nothing_in_a_pickle_is_run(tmp_path):
    mark = tmp_path / "mark"
    for protocol in (0, 1, 2, 3, 4, 5):
        hostile = pickle.dumps({"data": Hostile(leave_a_mark, str(mark)), "labels": [1]}, protocol)
        with pytest.raises(NotPlainPickle):
            read_pickle(hostile)
        assert not mark.exists()
        pickle.loads(hostile)
        assert mark.exists()  # so the pickle would have done it
        mark.unlink()


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Hostile(eval, "1 + 1"), 2),
        pickle.dumps(Hostile(getattr, "x", "upper"), 2),
        pickle.dumps(Hostile(np.dtype, "u1"), 2).replace(b"numpy\ndtype", b"numpy\nload"),
        b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00rot\x86R.",  # another codec
        b"\x80\x02cnumpy\nndarray\n)R.",
        b"\x80\x02cnumpy\nndarray\n}b.",
        b"\x80\x02cnumpy\nndarray\n)\x81.",  # NEWOBJ
        b"\x80\x02X\x01\x00\x00\x00aQ.",  # an object outside of the pickle
        b"\x80\x02\x82\x01.",  # an extension
        b"(S'ls'\nios\nsystem\n.",  # INST
    ],
)
def test_hostile_pickles_are_refused(data):
    with pytest.raises(NotPlainPickle):
        read_pickle(data)


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\x02", b".", b"\x80\x02N", b"\x80\x02NN.", b"\x80\x02h\x00.", b"q\x00."]
)
def test_broken_pickles_are_refused(data):
    with pytest.raises(NotPlainPickle):
        read_pickle(data)


def test_a_claimed_size_beyond_the_end_takes_no_memory():
    for opcode in (b"T", b"B", b"X"):
        with pytest.raises(NotPlainPickle, match="its end is missing"):
            read_pickle(b"\x80\x02" + opcode + b"\xff\xff\xff\x7f" + b"abc")


def test_any_damage_gives_plain_data_or_a_refusal():
    whole = python_2({**VALUES, "data": PIXELS})
    codes = [opcode.code.encode("latin-1") for opcode in pickletools.opcodes]
    chance = random.Random(3)
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            data[place : place + 1] = chance.choice([b"", chance.choice(codes), bytes([chance.randrange(256)])])
        with suppress(NotPlainPickle):
            read_pickle(bytes(data))
