"""What a user chooses about the images."""

from dataclasses import dataclass

from cnn.fields import MAX_SEED, Choice, Decisions, Names, Number, Spec, Text, Whole, setting


@dataclass(frozen=True)
class DatasetSpec(Spec):
    """How a folder of images is read and split.

    image_size: side in pixels of the square the network sees.
    channels: 1 for grayscale, 3 for colour.
    max_per_class: at most this many images of each class are used.
    val_fraction: about this fraction of each class is held out, unless the folders themselves define a split.
    seed: of the random split.
    fold: which part of the images is held out: with a fraction of 1/k, each image is in one of the folds 0 to k - 1.
    classes: the names of the classes that take part; empty: all.
    split: how the split is made: by "content", or by "order" in old runs (see cnn.data.split). Users cannot set it.
    reading: the name of the way to take classes and splits from the folder (see cnn.data.readings); "": the first that
        is certain.
    test_images: the use of a test folder's images if there is no validation folder: "test" keeps them for the final
        test, and images of the training folder are held out; "held_out" holds them out.
    decisions: about labels (see `cnn.data.decisions`). Users make them on a page of their own.
    """

    image_size: int = setting(
        50,
        Whole(label="Image size", low=16, high=128, help="Every image is resized to a square of this many pixels."),
    )
    channels: int = setting(
        1,
        Choice(
            label="Channels",
            options={1: "Grayscale", 3: "Colour"},
            help="Grayscale has one number per pixel, colour has three.",
            flags={1: "--grayscale", 3: "--color"},
        ),
    )
    max_per_class: int = setting(
        2500,
        Whole(
            label="Images per class",
            low=1,
            high=1_000_000,
            step=100,
            help="At most this many images of each class are used.",
        ),
    )
    val_fraction: float = setting(
        0.2,
        Number(
            label="Held-out images",
            low=0,
            high=0.9,
            step=0.05,
            percent=True,
            group="held out",
            help="About this share of each class is held out. The network never trains on these images, so they show "
            "whether it has learned something general or only remembers. Adding images does not move the others.",
        ),
    )
    seed: int = setting(
        0,
        Whole(
            label="Seed",
            low=0,
            high=MAX_SEED,
            group="held out",
            link="split_seed",
            help="Another seed holds out different images.",
        ),
    )
    fold: int = setting(
        0,
        Whole(
            label="Fold",
            low=0,
            high=99,
            group="fold",
            help="Another part of the images is held out. With 20 % held out, folds 0 to 4 hold out each image once.",
        ),
    )
    classes: tuple[str, ...] = setting(
        (),
        Names(
            label="Classes",
            least=2,
            group="classes",
            help="Only these classes take part, by default all of the folder.",
        ),
    )
    split: str = setting(
        "content", Choice(label="Split", options={"content": "content", "order": "order"}, hidden=True)
    )
    reading: str = setting(
        "",
        Text(
            label="Read as",
            group="reading",
            help="How the folder gives classes and splits, by the name that “scan” lists; by default the way that is "
            "certain.",
        ),
    )
    test_images: str = setting(
        "test",
        Choice(
            label="Test images",
            options={"test": "For the final test", "held_out": "Held out"},
            group="test",
            help="If the folder has test images but no validation images: keep the test images for the final test, and "
            "hold out some of the training images; or hold out the test images, and have no final test.",
        ),
    )
    decisions: tuple[tuple[str, str, str], ...] = setting((), Decisions(label="Labels", hidden=True))
