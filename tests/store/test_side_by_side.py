"""Two runs on the images that both hold out, and over seeds."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cnn.engine.trainer import train_run
from cnn.errors import UserError
from cnn.store.side_by_side import DifferentImages, Seeds, judge_both, left_out_text, over_seeds
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from tests.conftest import ROOT, SMALL_DATA, execute_sql


@pytest.fixture
def create_trained(store, create_run):
    def create(**settings) -> str:
        run_id = create_run(epochs=1, **settings)
        assert train_run(store, run_id) == "finished"
        return run_id

    return create


def unseen(share: float) -> None:
    """Takes the progress."""


def test_both_runs_are_judged_on_the_images_that_both_hold_out(store, create_trained):
    first = create_trained(data=replace(SMALL_DATA, val_fraction=0.5))
    second = create_trained(data=replace(SMALL_DATA, val_fraction=0.5, seed=1, image_size=20))
    pair = judge_both(store, store.get(first), store.get(second), unseen)
    held_out = [{judged.dataset.hashes[i] for i in judged.dataset.val} for judged in (pair.first, pair.second)]
    common = held_out[0] & held_out[1]
    assert 0 < len(common) < min(map(len, held_out))
    for judged, predictions in ((pair.first, pair.paired.first), (pair.second, pair.paired.second)):
        assert {judged.dataset.hashes[i] for i in predictions.indices} == common
        model = load_model(store, judged.run, judged.step)
        expected = predict(model, judged.dataset.images, judged.dataset.labels, predictions.indices)
        np.testing.assert_allclose(predictions.logits, expected.logits, rtol=1e-5, atol=1e-6)
    hashes = [
        [judged.dataset.hashes[i] for i in side.indices]
        for judged, side in ((pair.first, pair.paired.first), (pair.second, pair.paired.second))
    ]
    assert hashes[0] == hashes[1]
    assert f"Only the {len(common)} that both hold out are compared" in left_out_text(pair)


def test_runs_that_hold_out_the_same_images_leave_none_out(store, create_trained):
    first, second = create_trained(), create_trained(learning_rate=0.1)
    assert left_out_text(judge_both(store, store.get(first), store.get(second), unseen)) == ""


def test_without_common_images_a_sentence_says_what_to_do(store, create_trained):
    shapes = create_trained(folder=ROOT / "sample_data" / "shapes", data=replace(SMALL_DATA, max_per_class=6))
    first, second = create_trained(), shapes
    with pytest.raises(DifferentImages, match="Train both on the same folder with the same seed"):
        judge_both(store, store.get(first), store.get(second), unseen)


def test_a_run_without_weights_cannot_be_compared(store, create_run, create_trained):
    with pytest.raises(UserError, match=r"no snapshot|no weights|yet"):
        judge_both(store, store.get(create_trained()), store.get(create_run()), unseen)


def test_runs_with_equal_settings_but_their_seeds_are_compared_in_pairs(store, create_run):
    accuracies = {}
    for rate, values in ((0.01, (0.8, 0.82, 0.84)), (0.1, (0.9, 0.88))):
        for seed, value in enumerate(values):
            run_id = create_run(learning_rate=rate, seed=seed)
            accuracies[rate, seed] = run_id
            execute_sql(
                store,
                "INSERT INTO epochs VALUES (?, 1, 4, 0.5, 0.5, 0.5, ?, 1.0, 80.0, '[]', '[]', '[]')",
                run_id,
                value,
            )
            store.set_status(run_id, "finished")
    found = over_seeds(store, store.get(accuracies[0.01, 0]), store.get(accuracies[0.1, 0]))
    assert found is not None
    assert sorted(found.first) == [0.8, 0.82, 0.84] and sorted(found.second) == [0.88, 0.9]
    assert sorted(found.pairs) == [(0.8, 0.9), (0.82, 0.88)]
    assert found.chance == 0.5  # of four ways to choose two signs, two are as extreme
    assert "3 runs with the settings of A get 82.0\xa0%" in found.sentence("A", "B")
    assert "does not show" in found.sentence("A", "B") and "more seeds" in found.sentence("A", "B")
    assert over_seeds(store, store.get(accuracies[0.01, 0]), store.get(accuracies[0.01, 1])) is None


def test_six_pairs_that_all_agree_speak_against_luck():
    values = tuple((0.8 + i / 100, 0.9 + i / 90) for i in range(6))
    seeds = Seeds(tuple(a for a, _ in values), tuple(b for _, b in values), values)
    assert seeds.chance == pytest.approx(stats.wilcoxon([a - b for a, b in values]).pvalue)
    assert "the settings very likely make the difference" in seeds.sentence("A", "B")
    assert Seeds((0.8,), (0.9, 0.8), ()).sentence("A", "B") == ""
