"""The folders in which people keep their images."""

import os
import re
from pathlib import Path

NAMES = ("Pictures", "Downloads", "Desktop", "Documents")


def usual_folders() -> dict[str, Path]:
    """Name -> folder: Home, and those of Pictures, Downloads, Desktop, Documents and Keras' datasets that exist.

    They may be called otherwise, or lie elsewhere: on Linux as ~/.config/user-dirs.dirs says (xdg-user-dirs); on
    Windows perhaps in the folder of OneDrive.
    """
    home = Path.home()
    found = {"Home": home}
    renamed = _renamed(home)
    for name in NAMES:
        places = [renamed.get(name), home / name]
        if one_drive := os.environ.get("ONEDRIVE"):
            places.insert(0, Path(one_drive, name))
        folder = next((place for place in places if place is not None and place.is_dir()), None)
        if folder is not None and folder not in found.values():
            found[name] = folder
    # https://keras.io/api/datasets: Keras keeps there what its load_data() downloads.
    keras = Path(os.environ.get("KERAS_HOME") or home / ".keras") / "datasets"
    return found | ({"Keras": keras} if keras.is_dir() else {})


def _renamed(home: Path) -> dict[str, Path]:
    """The folders in the settings of a Linux desktop, such as XDG_PICTURES_DIR="$HOME/Bilder"."""
    try:
        text = (home / ".config" / "user-dirs.dirs").read_text("utf-8")
    except (OSError, ValueError):
        return {}
    keys = {name.removesuffix("s").upper() if name == "Downloads" else name.upper(): name for name in NAMES}
    lines = re.findall(r'^XDG_(\w+)_DIR="([^"]*)"', text, re.MULTILINE)
    return {keys[key]: Path(path.replace("$HOME", str(home))) for key, path in lines if key in keys}
