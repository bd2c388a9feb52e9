import io
import os
import shutil
import sys
from types import SimpleNamespace

import pytest

from cnn.cli.commands import main
from cnn.cli.terminal import bar, clear_bar
from tests.conftest import draw_images


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str):
        super().__init__(io.BytesIO(), encoding=encoding, newline="", write_through=True)

    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        """What one line of a terminal of Windows shows, which takes escape codes for characters."""
        line: list[str] = []
        column = 0
        for character in self.buffer.getvalue().decode(self.encoding):
            if character == "\r":
                column = 0
                continue
            line[column : column + 1] = character
            column += 1
        return "".join(line)


@pytest.mark.parametrize(("encoding", "full"), [("utf-8", "█"), ("cp1252", "#")])
def test_a_bar_replaces_the_last_one_on_any_terminal(monkeypatch, encoding, full):
    terminal = Terminal(encoding)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((60, 24)))
    options = SimpleNamespace(json=False)
    bar(options, 0.5, "reading 1 of 2 images" + "x" * 60)
    assert terminal.shown().startswith(15 * full) and len(terminal.shown()) == 59
    bar(options, 1, "done")
    assert terminal.shown().rstrip() == 30 * full + " done"
    clear_bar(options)
    assert terminal.shown().strip() == ""
    bar(SimpleNamespace(json=True), 1, "done")
    assert terminal.shown().strip() == ""


def test_class_names_that_the_output_cannot_show_are_escaped(tmp_path, store, monkeypatch):
    draw_images(tmp_path / "pets", classes=("猫", "dog"), per_class=6)
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", write_through=True)
    monkeypatch.setattr(sys, "stdout", pipe)
    assert main(["scan", str(tmp_path / "pets"), "--runs", str(store.directory)]) == 0
    assert pipe.buffer.getvalue().decode("cp1252").startswith("class   images\ndog     6\n\\u732b  6\n")
