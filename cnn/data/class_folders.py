"""The images in class folders, and what the folders inside these say.

Imports neither torch nor Streamlit.
"""

from collections.abc import Sequence

from cnn.data.class_names import class_key
from cnn.data.folder_names import TRAIN, is_masks, is_neutral, splits_of
from cnn.data.layout import Layout, without_masks
from cnn.data.reading import Group
from cnn.data.walk import FoundImage, Skipped, Tree, join, shown


def class_folders(tree: Tree, folders: Sequence[tuple[str, str]], skipped: list[Skipped]) -> list[Group]:
    """The images in folders given as (class name, path)."""
    found = []
    for name, path in folders:
        images, left_out = tree.below(path)
        images, masks = without_masks(images, path)
        skipped += [*left_out, *masks]
        unreadable = left_out and left_out[-1].path == shown(path)
        if images:
            found.append(Group(name, None, images))
        elif not unreadable:
            skipped.append(Skipped(shown(path), "contains no images"))
    return found


def splits_inside(tree: Tree, classes: list[Group], layout: Layout) -> list[Group]:
    """The images of class folders that each hold split folders (cat/train, cat/test); empty if they do not."""
    groups = []
    for group in classes:
        path = join(layout.base, group.class_name)
        splits = splits_of(tree.looked_into(path).folders)
        by_split: dict[str, list[FoundImage]] = {}
        for image in group.images:
            by_split.setdefault(splits.get(image[0][len(path) + 1 :].split("/")[0], ""), []).append(image)
        if TRAIN not in by_split or not by_split.keys() <= {"train", "val", "test"}:
            return []
        groups += [Group(group.class_name, split, images) for split, images in by_split.items()]
    return groups


def same_inside(tree: Tree, layout: Layout) -> list[str]:
    """The names of the folders inside the class folders, if all have the same ones, at least two, and no images
    besides; empty if not. Masks and names that say nothing do not count."""
    found = []
    for name in layout.classes:
        contents = tree.looked_into(join(layout.base, name))
        if contents.images:
            return []
        found.append([inner for inner in contents.folders if not (is_masks(inner) or is_neutral(inner))])
    if len(found) < 2 or len({frozenset(map(class_key, names)) for names in found}) > 1 or len(found[0]) < 2:
        return []
    return [] if splits_of(found[0]) else found[0]
