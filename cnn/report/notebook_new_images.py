"""The code of a notebook that judges the network on new images: the sets that come with a hand-in, and others."""

from cnn.report.exported_run import ExportedRun

FOLDER = "new_images"  # of a hand-in, with the sets


def listing(results: ExportedRun) -> str:
    """Every image of the sets of new ones: the number of its class, its file."""
    lines = []
    for one in results.sets:
        rows = zip(one.predictions.labels.tolist(), one.paths, strict=True)
        lines += [f"    {one.name!r}: [", *(f"        ({label}, {path!r})," for label, path in rows), "    ],"]
    return "\n".join(
        [
            f"NEW_IMAGES = Path({FOLDER!r})  # beside this notebook in the hand-in file",
            "# Sets of images from elsewhere. Each image: the number of its class, its file.",
            "NEW_SETS = {",
            *lines,
            "}",
        ]
    )


JUDGE = """\
network.eval()
for name, listed in NEW_SETS.items():
    if not all((NEW_IMAGES / path).is_file() for _, path in listed):
        print(f"The images of {name} are not here: the hand-in file has them.")
        continue
    pictures = np.stack([read_image(NEW_IMAGES / path) for _, path in listed])
    pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        found = torch.cat([torch.softmax(network(standardize(part)), 1) for part in pixels.split(250)]).numpy()
    new_truth, new_answers = np.array([label for label, _ in listed]), found.argmax(1)
    right = new_answers == new_truth
    print(f"{name}: {right.sum():,} of {len(listed):,} new images are right: {100 * right.mean():.2f} %")
    for label, class_name in enumerate(CLASSES):
        of_class = new_truth == label
        if of_class.any():
            print(f"{class_name:20.20} {right[of_class].sum():8,} of {of_class.sum():,}")
    shown = list(zip(new_truth, new_answers, found.max(1)))[:60]
    show(pictures[:60], [f"{CLASSES[true]}: {CLASSES[given]} {100 * share:.0f} %" for true, given, share in shown])"""

MORE = """\
MORE_IMAGES = Path("more_images")  # a folder for each class, with other images from elsewhere
more = [(file, label) for label, name in enumerate(CLASSES)
        for file in sorted((MORE_IMAGES / name).glob("*")) if file.is_file()]
if more:
    pixels = torch.from_numpy(np.stack([read_image(file) for file, _ in more])).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        more_answers = network(standardize(pixels)).argmax(1).numpy()
    print(f"{100 * np.mean(more_answers == [label for _, label in more]):.1f} % of {len(more)} images are right")
    for (file, label), answer in zip(more, more_answers):
        print(f"{file.name:40.40} {CLASSES[label]:15.15} -> {CLASSES[answer]}")
else:
    print(f"To judge images of your own, put them into {MORE_IMAGES}, with a folder for each class: "
          f"{', '.join(CLASSES)}.")"""
