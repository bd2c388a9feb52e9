"""t-SNE: a map on which neighbours stay neighbours."""

import numpy as np
import pytest

from cnn.explain.tsne import tsne


@pytest.fixture(scope="module")
def groups():
    """Features of 90 points in three groups far from each other, and their groups."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(3), 30)
    return (10 * np.eye(3)[group] + rng.normal(size=(90, 3))).astype(np.float32), group


def test_points_of_a_group_stay_together_and_groups_part(groups):
    features, group = groups
    points = tsne(features)
    assert points.shape == (90, 2) and points.dtype == np.float32
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    same = group[:, None] == group
    assert apart[same].max() < apart[~same].min()


def test_close_neighbours_stay_closer_than_by_chance():
    rng = np.random.default_rng(1)
    line = rng.uniform(size=100).astype(np.float32)  # a curve through 5 dimensions: neighbours on it are known
    points = tsne(np.stack([np.cos(k * line) for k in range(1, 6)], 1))
    nearest = np.argsort(np.linalg.norm(points[:, None] - points, axis=2), axis=1)[:, 1]
    ranks = np.argsort(np.argsort(np.abs(line[:, None] - line), axis=1), axis=1)
    assert np.median(ranks[np.arange(100), nearest]) <= 3


def test_the_same_features_give_the_same_map_and_progress_is_told(groups):
    told = []
    first = tsne(groups[0][::3], progress=told.append)
    assert np.array_equal(first, tsne(groups[0][::3]))
    assert told == sorted(told) and told[-1] == 1


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 12])
@pytest.mark.parametrize("alike", [True, False])
def test_few_or_equal_points_have_a_place_on_the_map(n, alike):
    features = np.zeros((n, 4)) if alike else np.random.default_rng(2).normal(size=(n, 4))
    assert np.isfinite(tsne(features.astype(np.float32))).all()
