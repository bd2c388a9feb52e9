import pytest

from cnn.system import places


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(places.Path, "home", lambda: tmp_path)
    monkeypatch.delenv("ONEDRIVE", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    return tmp_path


def test_only_folders_that_exist_are_named(home):
    (home / "Downloads").mkdir()
    (home / "Desktop").write_text("a file")
    assert places.usual_folders() == {"Home": home, "Downloads": home / "Downloads"}


def test_a_linux_desktop_in_another_language(home):
    (home / "Bilder").mkdir()
    (home / "Downloads").mkdir()
    (home / ".config").mkdir()
    lines = ["# comment", 'XDG_PICTURES_DIR="$HOME/Bilder"', 'XDG_DOWNLOAD_DIR="$HOME/Downloads"']
    (home / ".config" / "user-dirs.dirs").write_text("\n".join([*lines, 'XDG_DESKTOP_DIR="$HOME"']))
    assert places.usual_folders() == {"Home": home, "Pictures": home / "Bilder", "Downloads": home / "Downloads"}


def test_folders_that_onedrive_has_taken_over(home, monkeypatch):
    for folder in ("OneDrive/Pictures", "Pictures", "Documents"):
        (home / folder).mkdir(parents=True)
    monkeypatch.setenv("ONEDRIVE", str(home / "OneDrive"))
    expected = {"Home": home, "Pictures": home / "OneDrive" / "Pictures", "Documents": home / "Documents"}
    assert places.usual_folders() == expected


def test_the_folder_where_keras_keeps_its_datasets(home, monkeypatch):
    (home / ".keras" / "datasets").mkdir(parents=True)
    assert places.usual_folders()["Keras"] == home / ".keras" / "datasets"
    monkeypatch.setenv("KERAS_HOME", str(home / "elsewhere"))
    assert "Keras" not in places.usual_folders()
