import os

import pytest

from cnn.system import typed_path as module
from cnn.system.typed_path import typed_path


@pytest.fixture
def pets(tmp_path, monkeypatch):
    folder = tmp_path / "My pets"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MY HOME", str(tmp_path))
    return str(folder)


@pytest.mark.parametrize(
    "typed",
    [
        *("{}", " {}\n", '"{}"', "'{}'", "“{}”", "\u202a{}", ' "{}" ', "\"'{}'\"", "{}\u00a0"),
        *("~/My pets", "$HOME/My pets", "${{HOME}}/My pets", "%USERPROFILE%/My pets", "%MY HOME%/My pets"),
        *("$env:USERPROFILE/My pets", "$ENV:USERPROFILE/My pets", '"~/My pets"'),
    ],
)
def test_a_path_is_understood_however_it_is_pasted(pets, typed):
    assert typed_path(typed.format(pets)) == pets


@pytest.mark.parametrize("url", ["file://{}", "file://localhost{}", "FILE://{}", '"file:{}"'])
def test_a_url_is_understood(pets, monkeypatch, url):
    monkeypatch.setattr(module.sys, "platform", "linux")
    path = pets.replace("\\", "/").replace(" ", "%20")
    assert os.path.samefile(typed_path(url.format(path if path.startswith("/") else f"/{path}")), pets)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        *(("file:///C:/My%20pets/a%23b", "C:/My pets/a#b"), ("file:///C:/cats%20&%20dogs?", "C:/cats & dogs")),
        *(("file://server/share/My%20pets", "//server/share/My pets"), ("file:///c:\\pets", "c:/pets")),
    ],
)
def test_a_url_on_windows(monkeypatch, url, path):
    monkeypatch.setattr(module.sys, "platform", "win32")
    assert typed_path(url) == path


def test_a_name_that_exists_is_taken_as_it_is(pets, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("'quoted'", "$HOME", "%USERPROFILE%", "100 %", "~", "a\\ b" if os.sep == "/" else "a b"):
        (tmp_path / name).mkdir()
        assert typed_path(name) == name


@pytest.mark.parametrize("text", ["$NOT_SET_HERE/pets", "%NOT_SET_HERE%/pets", "100%/50%", "a$", "\0", "file://[x", ""])
def test_what_is_not_understood_stays(text):
    assert typed_path(text) == text


@pytest.mark.skipif(os.sep != "/", reason="the sign between folders there")
def test_blanks_that_a_shell_of_unix_has_escaped(pets):
    assert typed_path(pets.replace(" ", "\\ ")) == pets
    assert typed_path(pets.replace(" ", "\\ ") + "\\ 2") == pets.replace(" ", "\\ ") + "\\ 2"
