"""The readings of a folder: by class folders, by the names of files, by a table of labels; each with or without split
folders. The first that is certain is taken; if none is, the user chooses.

Imports neither torch nor Streamlit.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cnn.data import file_names
from cnn.data.class_folders import class_folders, same_inside, splits_inside
from cnn.data.class_names import class_key
from cnn.data.file_names import Pattern, best_first, class_in
from cnn.data.folder_names import TRAIN, UNLABELLED, are_numbered_parts
from cnn.data.label_table import table_readings
from cnn.data.layout import Layout, Part, layout_of, without_masks
from cnn.data.published.find import published_readings
from cnn.data.reading import ROLES, Group, Reading, make_reading, quoted, unlabelled
from cnn.data.walk import FoundImage, Skipped, Tree, cause, join, shown

ALL_FOLDERS = "all folders"
INNER_FOLDERS = "inner folders"
OTHER_WAYS = "Other ways to read the folder"  # the heading of the list of readings
BESIDE = "is beside the class folders"


def readings(tree: Tree) -> Iterator[Reading]:
    """The ways to read a folder, the most likely first. Raises OSError if the folder cannot be opened."""
    tree.contents("")
    published = published_readings(tree)
    if not published:
        yield from _of_files(tree)
        return
    found = [*published, *_of_files(tree)]
    usual = [reading for reading in found if reading.published is None or not reading.published.is_relabelled]
    if len(usual) > 1:  # each is what someone may want
        names = quoted([reading.name for reading in published])
        others = " and other images" if len(found) > len(published) else ""
        doubt = f"This folder holds {names}{others}. Which do you want to use?"
        found = [replace(reading, doubt=reading.doubt or doubt) for reading in found]
    yield from found


def _of_files(tree: Tree) -> Iterator[Reading]:
    """The ways to read the image files of a folder."""
    layout = layout_of(tree)
    tables = list(table_readings(tree, layout))
    by_folders = _by_folders(tree, layout)
    if by_folders:
        yield _beside_tables(by_folders, tables)
    if (by_inner_folders := _by_inner_folders(tree, layout)) is not None:
        yield by_inner_folders
    by_names = _by_file_names(tree, layout)
    if by_folders is None:
        tables, by_names = _compared(tables, by_names)
    yield from tables
    yield from by_names
    if (everything := _by_all_folders(tree, layout)) is not None:
        yield everything


# Class folders


def _by_folders(tree: Tree, layout: Layout) -> Reading | None:
    skipped: list[Skipped] = []
    if not layout.parts:
        found = class_folders(tree, [(name, join(layout.base, name)) for name in layout.classes], skipped)
        inner = splits_inside(tree, found, layout)
        contents = tree.looked_into(layout.base)
        skipped += [*layout.special, *contents.others, *_loose(contents.images)]
        doubt = ""
        if are_numbered_parts(group.class_name for group in found):
            doubt = f"{quoted([group.class_name for group in found])} look like parts of one set. Are they classes?"
        if names := same_inside(tree, layout):
            doubt = f"Each of {quoted(layout.classes)} contains the folders {quoted(names)}. Which are the classes?"
            doubt += " (If the first are parts of a split, rename them to train, val and test.)"
        if inner:
            text = "Read as one folder per class, with split folders inside."
            return make_reading("folders", "folders", text, inner, skipped)
        where = f" in “{shown(layout.base)}”" if layout.base else ""
        text = f"Read as one folder per class{where}."
        notes = [layout.note] if layout.note else []
        return make_reading("folders", "folders", text, found, skipped, doubt, notes)

    groups: list[Group] = []
    for part in layout.parts:
        if part.split != UNLABELLED:
            contents = tree.looked_into(part.inside)
            folders = [(name, join(part.inside, name)) for name in contents.folders]
            groups += [group._replace(split=part.split) for group in class_folders(tree, folders, skipped)]
    groups += _named_like_classes(tree, layout.parts, groups, skipped)
    skipped += _beside_parts(tree, layout)
    text = _split_text("Read as one folder per class", layout.parts, groups)
    return make_reading("folders", "folders", text, groups, skipped, notes=list(_like_parts(tree, layout, groups)))


def _like_parts(tree: Tree, layout: Layout, groups: Sequence[Group]) -> Iterator[str]:
    """A sentence for each folder beside the parts of a split that would be one by its contents, but not by its name."""
    classes = {class_key(group.class_name) for group in groups}
    for name in layout.beside:
        inside = {class_key(inner) for inner in tree.looked_into(join(layout.base, name)).folders}
        if len(inside) > 1 and inside <= classes:
            yield (
                f"“{shown(join(layout.base, name))}” is not used: it contains the same classes, but does not have the "
                "name of a part of a split. To use it, rename it to val or test."
            )


def _by_inner_folders(tree: Tree, layout: Layout) -> Reading | None:
    """Each folder inside the folders as a class, if all of these contain the same ones: “apple” and “pear”, of both
    “colour” and “gray”."""
    names = same_inside(tree, layout)
    if not names:
        return None
    skipped: list[Skipped] = [*layout.special, *_loose(tree.looked_into(layout.base).images)]
    outer = [join(layout.base, name) for name in layout.classes]
    inner = [(name, join(path, name)) for path in outer for name in tree.looked_into(path).folders]
    groups = class_folders(tree, inner, skipped)
    doubt = f"{quoted(names)} lie in each of {quoted(layout.classes)}. Are they the classes?"
    text = f"Read as one class per folder inside {quoted(layout.classes)}."
    return make_reading(INNER_FOLDERS, "folders", text, groups, skipped, doubt)


def _loose(images: list[FoundImage]) -> list[Skipped]:
    return [Skipped(shown(path), BESIDE) for path, _ in images]


def _named_like_classes(
    tree: Tree, parts: Sequence[Part], groups: list[Group], skipped: list[Skipped]
) -> Iterator[Group]:
    """The loose images of parts, if the names of all of them begin with one of the classes ("A_test.jpg")."""
    keys = {class_key(group.class_name) for group in groups if group.split == TRAIN}
    in_folders = {group.split for group in groups}
    for part in parts:
        if part.split == UNLABELLED:
            continue
        contents = tree.looked_into(part.inside)
        if part.split in in_folders:
            skipped += _loose(contents.images)
        elif contents.images:
            yield from _named(part, contents.images, keys, skipped)


def _named(part: Part, images: list[FoundImage], keys: set[str], skipped: list[Skipped]) -> list[Group]:
    """The images of a part by the classes in their names, if all of them have a known one."""
    by_name: dict[str, list[FoundImage]] = {}
    for image in images:
        by_name.setdefault(class_in(file_names.PATTERNS[0], image[0]), []).append(image)
    if not {class_key(name) for name in by_name} <= keys:
        skipped.append(unlabelled(part.folder, len(images)))
        return []
    return [Group(name, part.split, images) for name, images in by_name.items()]


def _beside_parts(tree: Tree, layout: Layout) -> list[Skipped]:
    """What is left out around the parts of a split."""
    base = tree.looked_into(layout.base)
    skipped = [*layout.special, *base.others, *_loose(base.images)]
    skipped += [
        Skipped(shown(join(layout.base, name)), "is beside the train and validation folders") for name in layout.beside
    ]
    for part in layout.parts:
        if part.split == UNLABELLED:
            skipped.append(unlabelled(part.folder, len(tree.below(part.folder)[0])))
            continue
        try:
            skipped += tree.contents(part.inside).others
        except OSError as error:
            skipped.append(Skipped(shown(part.inside), cause(error)))
    return skipped


def _split_text(start: str, parts: Sequence[Part], groups: Sequence[Group]) -> str:
    """ "Read as one folder per class: “train” to train on, “val” held out." """
    with_images = {group.split for group in groups}
    used = [part for part in parts if part.split in with_images]
    if len({part.split for part in used}) < 2:
        return f"{start} in {quoted([part.folder for part in used])}."
    names = [
        f"“{shown(part.folder)}” {ROLES[part.split]}"
        for part in sorted(used, key=lambda part: ("train", "val", "test").index(part.split))
    ]
    return f"{start}: {', '.join(names)}."


def _by_all_folders(tree: Tree, layout: Layout) -> Reading | None:
    """Every folder as a class, even one named like a split or masks; None if there is no other folder."""
    folders = tree.looked_into(layout.base).folders
    usual = layout.beside if layout.parts else layout.classes
    strange = [name for name in folders if name not in usual]
    if not usual or not strange:
        return None
    skipped: list[Skipped] = []
    groups = class_folders(tree, [(name, join(layout.base, name)) for name in folders], skipped)
    contents = tree.looked_into(layout.base)
    skipped += [*contents.others, *_loose(contents.images)]
    doubt = f"{quoted(strange)}: the usual name of a part of a split or of masks. Is it a class here?"
    if len(strange) > 1:
        doubt = f"{quoted(strange)}: the usual names of parts of a split or of masks. Are they classes here?"
    return make_reading(ALL_FOLDERS, "folders", "Read as one folder per class, all of them.", groups, skipped, doubt)


# Names of files


def _by_file_names(tree: Tree, layout: Layout) -> list[Reading]:
    """A reading for each place of the class in the names of the files, the most likely first."""
    places = [part for part in layout.parts if part.split == TRAIN] or [Part(layout.base, layout.base, "")]
    images = [image for place in places for image in tree.looked_into(place.inside).images]
    patterns = best_first(path for path, _ in images)
    found = [_by_pattern(tree, layout, places, pattern) for pattern in patterns]
    return [reading for reading in found if reading is not None]


def _by_pattern(tree: Tree, layout: Layout, places: list[Part], pattern: Pattern) -> Reading | None:
    skipped: list[Skipped] = []
    groups: list[Group] = []
    for place in places:
        by_name: dict[str, list[FoundImage]] = {}
        images, masks = without_masks(tree.looked_into(place.inside).images, place.inside)
        skipped += masks
        for image in images:
            if name := class_in(pattern, image[0]):
                by_name.setdefault(name, []).append(image)
            else:
                skipped.append(Skipped(shown(image[0]), "has a name without a class"))
        groups += [Group(name, place.split or None, images) for name, images in by_name.items()]
    if not groups:
        return None
    keys = {class_key(group.class_name) for group in groups}
    for part in layout.parts:
        if part.split not in (TRAIN, UNLABELLED):
            groups += _part_of_named(tree, part, pattern, keys, skipped)
    most = max(len(group.images) for group in groups)
    path, name = min((min(group.images)[0], group.class_name) for group in groups if len(group.images) == most)
    file = path.rpartition("/")[2]
    about = f"The class is {pattern.about}: “{shown(name)}” in “{shown(file)}”."
    start = "Read by the names of the files"
    if layout.parts:
        skipped += _beside_parts(tree, layout)
        text = _split_text(start, layout.parts, groups)
    else:
        contents = tree.looked_into(layout.base)
        skipped += [*layout.special, *contents.others]
        skipped += [Skipped(shown(join(layout.base, name)), "is beside the images") for name in layout.classes]
        text = f"{start}{f' in “{shown(layout.base)}”' if layout.base else ''}."
    counts: Counter[str] = Counter()
    for group in groups:
        counts[class_key(group.class_name)] += len(group.images)
    return make_reading(pattern.name, "flat", f"{text} {about}", groups, skipped, file_names.doubt(counts))


def _part_of_named(tree: Tree, part: Part, pattern: Pattern, keys: set[str], skipped: list[Skipped]) -> list[Group]:
    """The images of a part with one of these classes, by its folders or the names of its files."""
    contents = tree.looked_into(part.inside)
    groups = class_folders(tree, [(name, join(part.inside, name)) for name in contents.folders], skipped)
    by_name: dict[str, list[FoundImage]] = {}
    for image in contents.images:
        by_name.setdefault(class_in(pattern, image[0]), []).append(image)
    groups += [Group(name, None, images) for name, images in by_name.items()]
    known = [group._replace(split=part.split) for group in groups if class_key(group.class_name) in keys]
    if others := sum(len(group.images) for group in groups) - sum(len(group.images) for group in known):
        skipped.append(unlabelled(part.folder, others))
    return known


# Tables against the rest


def _beside_tables(by_folders: Reading, tables: list[Reading]) -> Reading:
    """The reading by folders, with what tables say: if the folders are doubtful anyway, a table decides."""
    others = [table for table in tables if not same_labels(by_folders, table)]
    if not others or by_folders.doubt:
        return by_folders
    return replace(by_folders, notes=(*by_folders.notes, f"A table gives other labels; see “{OTHER_WAYS}”."))


def _compared(tables: list[Reading], by_names: list[Reading]) -> tuple[list[Reading], list[Reading]]:
    """Tables and file names: if both are certain but disagree, the user has to choose."""
    certain_names = [reading for reading in by_names[:1] if not reading.doubt]
    certain_tables = [reading for reading in tables if not reading.doubt]
    if not certain_names or not certain_tables:
        return tables, by_names
    if same_labels(certain_names[0], certain_tables[0]):
        return [], by_names
    doubt = "The table and the names of the files give different classes."
    return (
        [replace(reading, doubt=reading.doubt or doubt) for reading in tables],
        [replace(reading, doubt=reading.doubt or doubt) for reading in by_names],
    )


def same_labels(one: Reading, other: Reading) -> bool:
    """Whether two readings put the images that both know into the same classes, by whatever names."""
    ours, theirs = one.labels, other.labels
    pairs = {(ours[path], theirs[path]) for path in ours.keys() & theirs.keys()}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
