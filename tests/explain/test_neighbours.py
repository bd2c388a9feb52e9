"""Images that the network finds similar, against distances and planes computed another way."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from cnn.errors import UserError
from cnn.explain.activations import activations
from cnn.explain.neighbours import class_plane, features, nearest, principal_plane
from cnn.model.layers import NetworkError, lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of

SPECS = {
    "dense": (NetworkSpec(dense=(6, 5)), "relu4"),
    "dense without activation": (NetworkSpec(dense=(6,), dense_activation=False, dropout=0.5), "dense1"),
    "no hidden dense layer": (NetworkSpec(filters=(3,), dense=(), activation="tanh"), "flatten"),
}


@pytest.fixture(params=SPECS)
def case(request, make_dataset):
    spec, last = SPECS[request.param]
    return model_of(lay_out(spec, 16, 1, 2), 3), last, make_dataset(train=30, val=10)


def test_features_are_the_inputs_of_the_output_layer(case, monkeypatch):
    monkeypatch.setattr("cnn.training.batches.EVALUATED_IMAGES", 8)
    model, last, dataset = case
    fractions, chosen = [], dataset.train[::-1]
    found = features(model, dataset.images, chosen, fractions.append)
    assert found.dtype == np.float32 and fractions == [8 / 30, 16 / 30, 24 / 30, 1]
    for row, i in zip(found, chosen, strict=True):
        assert row == pytest.approx(activations(model, dataset.images[i])[last], abs=1e-5)


def test_the_nearest_have_the_smallest_distances_and_an_image_is_nearest_to_itself(case):
    model, _, dataset = case
    found = features(model, dataset.images, dataset.train)
    places, distances = nearest(found, found[7], n=5)
    apart = [float(np.sqrt(((row.astype(float) - found[7]) ** 2).sum())) for row in found]
    assert places[0] == 7 and distances[0] == 0
    assert distances == pytest.approx(sorted(apart)[:5], rel=1e-4, abs=1e-6)
    assert [apart[place] for place in places] == pytest.approx(distances.tolist(), rel=1e-4, abs=1e-6)


def test_features_that_would_fill_the_memory_are_refused(case):
    model, _, dataset = case
    with pytest.raises(UserError, match="too many to compare"):
        features(model, dataset.images, np.broadcast_to(0, 10**9))


@pytest.mark.parametrize(("points", "width"), [(60, 7), (20, 300), (500, 40)])
def test_the_plane_agrees_with_numpys_singular_value_decomposition(points, width):
    rng = np.random.default_rng(0)
    spread = 0.8 ** np.arange(min(points, width))
    cloud = (rng.normal(size=(points, len(spread))) * spread) @ rng.normal(size=(len(spread), width)) + 3
    cloud = cloud.astype(np.float32)
    plane = principal_plane(cloud)
    centred = cloud - cloud.mean(0)
    _, strengths, directions = np.linalg.svd(centred, full_matrices=False)
    assert plane.shares == pytest.approx(strengths[:2] ** 2 / (strengths**2).sum(), rel=1e-3)
    assert np.abs((plane.axes * directions[:2]).sum(1)) == pytest.approx([1, 1], abs=1e-3)
    assert (np.take_along_axis(plane.axes, np.abs(plane.axes).argmax(1)[:, None], 1) > 0).all()
    coordinates = plane.coordinates(cloud)
    assert coordinates.shape == (points, 2) and coordinates.dtype == np.float32
    assert np.abs(coordinates) == pytest.approx(np.abs(centred @ directions[:2].T), rel=0.02, abs=0.02)
    assert plane.coordinates(cloud[3]) == pytest.approx(coordinates[3], abs=1e-4)


def test_the_plane_leaves_the_global_random_state_alone():
    cloud = np.random.default_rng(1).normal(size=(30, 12)).astype(np.float32)
    torch.manual_seed(1)
    first = principal_plane(cloud)
    drawn = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), drawn)
    torch.manual_seed(2)
    assert all((a == b).all() for a, b in zip(first, principal_plane(cloud), strict=True))


@pytest.mark.parametrize("cloud", [np.ones((5, 4)), np.ones((1, 4)), np.arange(6).reshape(6, 1), np.eye(2, 5)])
def test_nearly_equal_points_have_a_plane(cloud):
    plane = principal_plane(cloud.astype(np.float32))
    assert plane.axes.shape == (2, cloud.shape[1]) and np.isfinite(plane.coordinates(cloud.astype(np.float32))).all()
    assert plane.shares.sum() == pytest.approx(1 if np.ptp(cloud, 0).any() else 0, abs=1e-5)


@given(spec=...)
@settings(max_examples=15)
def test_every_network_has_neighbours(spec: NetworkSpec):
    try:
        layers = lay_out(spec, 24, 3, 100)
    except NetworkError:
        assume(False)
    images = np.random.default_rng(0).integers(0, 256, (5, 24, 24, 3), dtype=np.uint8)
    found = features(model_of(layers), images, np.arange(5))
    assert np.isfinite(principal_plane(found).coordinates(found)).all()
    assert nearest(found, found[2])[1][0] == 0


def test_the_class_plane_parts_classes_where_the_points_differ_more_in_another_direction():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 2
    cloud = rng.normal(size=(300, 4)) * [20, 0.3, 1, 1]
    cloud[:, 1] += 2 * labels
    cloud = cloud.astype(np.float32)
    plane = class_plane(cloud, labels)
    # With two classes, Fisher's axis has a closed form: inverse of the spread inside times difference of means.
    inside = sum(np.cov(cloud[labels == label].T) for label in (0, 1))
    axis = np.linalg.solve(inside, cloud[labels == 1].mean(0) - cloud[labels == 0].mean(0))
    assert abs(plane.axes[0] @ axis) / np.linalg.norm(axis) == pytest.approx(1, abs=0.01)
    assert plane.axes @ plane.axes.T == pytest.approx(np.eye(2), abs=1e-5)
    assert abs(plane.axes[1][0]) > 0.99  # otherwise, where they differ most
    x = plane.coordinates(cloud)[:, 0]
    right = ((x > x.mean()) == labels).mean()
    assert max(right, 1 - right) > 0.98


def test_three_classes_lie_apart_on_the_class_plane():
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 40)
    cloud = rng.normal(size=(120, 6)) * [30, 30, 1, 1, 1, 1]
    cloud[:, 2:5] += 8 * np.eye(3)[labels]
    points = class_plane(cloud.astype(np.float32), labels).coordinates(cloud.astype(np.float32))
    centres = np.stack([points[labels == label].mean(0) for label in range(3)])
    nearest = np.argmin(np.linalg.norm(points[:, None] - centres, axis=2), axis=1)
    assert (nearest == labels).all()


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_class_plane_of_points_that_hardly_differ_has_finite_coordinates(width):
    same = np.ones((10, width), np.float32)
    plane = class_plane(same, np.arange(10) % 2)
    assert plane.coordinates(same) == pytest.approx(np.zeros((10, 2)))
    assert plane.shares == pytest.approx([0, 0])


def test_classes_lie_apart_on_the_class_plane_of_wide_features_too():
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1, 2], 100)
    cloud = rng.normal(size=(300, 4000))
    cloud[:, :300] += 2 * np.repeat(np.eye(3), 100, 1)[labels]
    new = rng.normal(size=(300, 4000))  # not the points that the plane was found with
    new[:, :300] += 2 * np.repeat(np.eye(3), 100, 1)[labels]
    plane = class_plane(cloud.astype(np.float32), labels)
    assert plane.axes @ plane.axes.T == pytest.approx(np.eye(2), abs=1e-4)
    known, points = plane.coordinates(cloud.astype(np.float32)), plane.coordinates(new.astype(np.float32))
    centres = np.stack([known[labels == label].mean(0) for label in range(3)])
    nearest_centre = np.argmin(np.linalg.norm(points[:, None] - centres, axis=2), axis=1)
    assert (nearest_centre == labels).mean() > 0.95


def test_two_classes_far_from_zero_have_one_axis_and_the_widest_other_one():
    rng = np.random.default_rng(3)
    labels = np.arange(301) % 3 // 2  # two to one
    cloud = rng.normal(size=(301, 16)) * [50, *[0.5] * 15] + 1000 * np.linspace(-1, 1, 16)
    cloud[:, 3] += 2 * labels
    plane = class_plane(cloud.astype(np.float32), labels)
    assert abs(plane.axes[0][3]) > 0.9 and abs(plane.axes[1][0]) > 0.99
    assert plane.shares[1] > 0.95
