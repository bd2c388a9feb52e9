"""Change the image: the network beside itself with global average pooling."""

import json

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.explain.global_pooling import Ending, with_global_pooling
from cnn.explain.image_changes import Response, shift
from cnn.specs import NetworkSpec
from cnn.store.snapshots import load_model
from cnn.training.accuracy import Accuracy
from cnn.training.evaluation import probabilities
from pages.shared.inside import pooling_text
from tests.app import control

GUESS = "With global average pooling, it would change"


def texts(app) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def figure(app) -> dict:
    (drawn,) = (one.proto for one in app.get("bidi_component") if one.proto.component_name == "cnn_chart")
    return json.loads(drawn.json)["figure"]


def test_both_networks_are_compared_after_a_guess(open_page, wait, store, image_folder, trained):
    app = open_page("change_image", folder=image_folder, run=trained, curve="shift right")
    wait(lambda: not app.run().exception and control(app.segmented_control, GUESS) if app.segmented_control else None)
    assert len(figure(app)["data"]) == 2 and "flatten by" not in texts(app)  # a line for each class
    control(app.segmented_control, GUESS).set_value("more").run()
    wait(lambda: "held-out images" in texts(app.run()))
    run = store.get(trained)
    model, dataset = load_model(store, run), read_dataset(str(image_folder), run.dataset_spec, store.cache)
    image = np.asarray(dataset.images[dataset.hashes.index(app.query_params["image"])])
    shifted = np.stack([shift(image, right=amount) for amount in np.linspace(-24, 24, 41)])
    label = probabilities(model, image[None])[0].argmax()
    lines = figure(app)["data"]
    assert [line["name"] for line in lines] == ["flatten", "global average pooling"]
    for line, one in zip(lines, (model, with_global_pooling(model, dataset)), strict=True):
        assert line["y"] == pytest.approx(100 * probabilities(one, shifted)[:, label], abs=0.01)
    assert f"of {len(dataset.val)} held-out images are right" in texts(app)


@pytest.mark.parametrize(
    ("flat", "pooled", "found"), [(0.3, 0.1, "less"), (0.1, 0.3, "more"), (0.2, 0.215, "about as much")]
)
def test_the_sentence_says_what_was_found(flat, pooled, found):
    given = Response(flat, 30, 41), Response(pooled, 20, 41)
    said = pooling_text.outcome("cat", *given, "less")
    assert f"changes **{found}** ({'as you guessed' if found == 'less' else 'you guessed less'})" in said
    assert "at 20 of 41 shifts, with flatten at 30" in said


def test_the_accuracies_have_their_intervals():
    said = pooling_text.accuracies(Accuracy(9, 10), Accuracy(5, 10))
    assert "With global average pooling, 50\xa0% (24\xa0% to 76\xa0%) of 10 held-out images are right" in said
    assert "with flatten, 90\xa0% (60\xa0% to 98\xa0%)" in said


def test_a_network_that_pools_already_says_so(open_page, wait, create_run, image_folder, store):
    from cnn.engine.trainer import train_run

    run = create_run(network=NetworkSpec(filters=(3,), dense=(4,), global_average=True), epochs=1)
    assert train_run(store, run) == "finished"
    app = open_page("change_image", folder=image_folder, run=run, curve="shift down")
    wait(lambda: pooling_text.WITHOUT_PLACES[Ending.POOLED] in texts(app.run()))
    assert not app.segmented_control
