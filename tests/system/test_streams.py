import io
import sys

import pytest

from cnn.system.streams import as_shown, escape_unknown_characters


def test_characters_that_the_encoding_lacks_are_escaped(monkeypatch):
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", write_through=True)  # of Windows in western Europe
    monkeypatch.setattr(sys, "stdout", pipe)
    with pytest.raises(UnicodeEncodeError):
        print("猫")
    escape_unknown_characters()
    print("猫 café 3 × 3")
    assert pipe.buffer.getvalue().decode("cp1252").split() == ["\\u732b", "café", "3", "×", "3"]


def test_streams_that_are_not_files_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)  # as in a program without a console
    escape_unknown_characters()


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "█é"), ("cp437", "█é"), ("cp1252", "\\u2588é"), ("ascii", "\\u2588\\xe9")]
)
def test_what_an_encoding_can_show(encoding, shown):
    assert as_shown(io.TextIOWrapper(io.BytesIO(), encoding=encoding), "█é") == shown
