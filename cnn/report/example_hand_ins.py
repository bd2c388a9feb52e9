"""Hand-ins of made-up students, for a teacher who wants to see the Hand-ins page before there are real ones."""

from cnn.explain.trust import guess_of
from cnn.figures.curves import accuracies
from cnn.figures.evidence_pictures import curves_picture, network_picture
from cnn.model.layers import total_parameters
from cnn.report.exported_run import ExportedRun, results_of
from cnn.report.exports import Export
from cnn.report.report import Evidence, Report
from cnn.store.runs import RunStore
from cnn.training.batches import Report as Progress

TITLE = "An example: cats and dogs"
ASSIGNMENT = f"""\
# {TITLE}

## The network {{#network}}

### How many parameters does it have? {{#parameters}}
kind: number
fact: parameters
points: 2

How many numbers does training change?

### Why does it have convolutions? {{#convolutions}}
points: 4
rubric: The same filter is used at each place, so few weights are needed. (2) A filter finds its pattern anywhere. (2)

Compare them with a dense layer.

## Results {{#results}}

### How good is it? {{#good}}
points: 4
rubric: Names the held-out accuracy, (2) and says how far it can be trusted. (2)

Give numbers, and say how sure they are.
"""
STUDENTS = ("Student A", "Student B", "Student C")


def example_hand_ins(store: RunStore, run_id: str, progress: Progress | None = None) -> dict[str, bytes]:
    """Hand-in files, name -> content, without their documents. run_id: a finished run with held-out images. Raises
    RunError if it is gone or damaged."""
    results = results_of(store, run_id)
    files = {}
    for done, (student, answers) in enumerate(zip(STUDENTS, _answers(results), strict=True)):
        steps = ("network", "results") if "good" in answers else ("network",)
        pieces = tuple(piece for piece in _evidence(results) if piece.step in steps)
        report = Report(student, ASSIGNMENT, TITLE, "", student, run_id, answers, pieces)
        files[f"{student}.zip"] = Export(report, results).without_documents()
        if progress:
            progress((done + 1) / len(STUDENTS))
    return files


def _answers(results: ExportedRun) -> list[dict[str, str | float]]:
    """One for each student: all right; thin; and not all answered."""
    parameters, found = total_parameters(results.model.layers), results.predictions
    good = "" if found is None else f"{int(found.right.sum())} of {len(found)} held-out images are right"
    epochs = results.epochs
    return [
        {
            "parameters": parameters,
            "convolutions": "A filter has **few weights**, and all places of the image use the same ones. A dense "
            "layer would need a weight for each pixel and unit.\n\nAn eye is found wherever it is.",
            "good": f"{good}. With so few images, another {len(found or ())} could give a few points more or less.",
        },
        {
            "parameters": parameters,
            "convolutions": "Because they are better for images.",
            "good": f"{100 * epochs[-1].train_accuracy:.0f} % after {len(epochs)} epochs.",
        },
        {"parameters": parameters // 1000, "convolutions": "They look for *edges*, like eyes do."},
    ]


def _evidence(results: ExportedRun) -> tuple[Evidence, ...]:
    run, model, epochs = results.run, results.model, list(results.epochs)
    chance = 0.0 if results.predictions is None else guess_of(results.predictions)
    curves = curves_picture([accuracies(epochs, len(epochs), chance)], f"{run.name}: {len(epochs)} epochs.")
    network = network_picture(list(model.layers), model.classes)
    caption = "The *training* images are learned better."
    return (
        Evidence("network", "network", "network", "The network and its layers", "", "", run.id, run.name, network),
        Evidence("curves", "results", "train", "Learning curves", "", caption, run.id, run.name, curves),
    )
