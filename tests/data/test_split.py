"""Which images are held out: by their content; in older runs, by their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.data.content import content_hash
from cnn.data.split import _mix, held_out_by_content, held_out_by_order

TWO_TO_64 = 2**64
shares = st.floats(0, 0.9)
seeds = st.integers(0, 2**31 - 1)


def hashes(contents) -> list[str]:
    return [content_hash(str(content).encode()) for content in contents]


def split_mix(number: int) -> int:
    """SplitMix64, as its authors write it, in whole numbers."""
    number = (number + 0x9E3779B97F4A7C15) % TWO_TO_64
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 % TWO_TO_64
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB % TWO_TO_64
    return number ^ (number >> 31)


def number_of(content: str, seed: int) -> float:
    """From 0 to 1."""
    return split_mix((int(content[:16], 16) + split_mix(seed)) % TWO_TO_64) / TWO_TO_64


# By content


def test_the_hash_is_split_mix_64():
    assert _mix(np.array([0, 1], np.uint64)).tolist() == [0xE220A8397B1DCDAF, split_mix(1)]  # as published, for 0


@given(seed=seeds, share=st.floats(0.05, 0.9))
def test_an_image_is_held_out_if_its_hash_is_below_the_fraction(seed, share):
    contents = hashes(range(200))
    expected = [number_of(content, seed) < share for content in contents]
    assert held_out_by_content(np.zeros(200, int), contents, share, seed).tolist() == expected


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_about_the_chosen_fraction_of_each_class_is_held_out(share):
    labels = np.repeat([0, 1], 4000)
    held_out = held_out_by_content(labels, hashes(range(8000)), share, seed=0)
    for label in (0, 1):
        assert held_out[labels == label].mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))


@given(seed=seeds, folds=st.integers(2, 10))
def test_folds_hold_out_each_image_once(seed, folds):
    contents, labels = hashes(range(200)), np.zeros(200, int)
    found = [held_out_by_content(labels, contents, 1 / folds, seed, fold) for fold in range(folds)]
    assert np.sum(found, axis=0).tolist() == [1] * 200


@given(seed=seeds, share=st.floats(0.2, 0.8))
def test_adding_an_image_moves_no_other(seed, share):
    contents = hashes(range(300))
    labels = np.arange(300) % 3
    fewer = held_out_by_content(labels[:-1], contents[:-1], share, seed)
    assert (held_out_by_content(labels, contents, share, seed)[:-1] == fewer).all()


@given(
    images=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=40), seed=seeds, share=shares
)
def test_files_with_the_same_content_are_on_the_same_side_in_any_class(images, seed, share):
    labels, contents = np.array([label for label, _ in images]), hashes(content for _, content in images)
    held_out = held_out_by_content(labels, contents, share, seed)
    assert all(len(set(held_out[np.array(contents) == content])) == 1 for content in contents)
    for label in np.unique(labels):
        assert not held_out[labels == label].all()


@given(
    images=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=30), seed=seeds, share=shares
)
def test_no_side_of_a_class_is_empty_if_there_is_a_choice(images, seed, share):
    """The classes share no content here."""
    labels, contents = np.array([label for label, _ in images]), hashes(images)
    held_out = held_out_by_content(labels, contents, share, seed)
    for label in np.unique(labels):
        choice = len({content for content, own in zip(contents, labels, strict=True) if own == label}) > 1
        assert held_out[labels == label].any() == (choice and share > 0)
        assert not held_out[labels == label].all()


def test_an_empty_side_gets_the_image_with_the_lowest_or_highest_hash():
    contents = hashes(range(5))
    numbers = [number_of(content, 3) for content in contents]
    low, high = np.argmin(numbers), np.argmax(numbers)
    assert max(numbers) < 0.9
    assert np.flatnonzero(held_out_by_content(np.zeros(5, int), contents, 1e-9, 3)).tolist() == [low]
    assert np.flatnonzero(~held_out_by_content(np.zeros(5, int), contents, 0.9, 3)).tolist() == [high]


def test_with_fraction_zero_nothing_is_held_out():
    assert not held_out_by_content(np.zeros(50, int), hashes(range(50)), 0.0, 0).any()


def test_a_larger_fraction_adds_images_and_another_seed_takes_others():
    labels, contents = np.zeros(500, int), hashes(range(500))
    small, large = (held_out_by_content(labels, contents, share, 0) for share in (0.2, 0.3))
    assert (large | small == large).all() and large.sum() > small.sum()
    other = held_out_by_content(labels, contents, 0.2, 1)
    assert 0.1 < other[small].mean() < 0.35  # as independent as two draws are


# By order


def test_the_order_of_older_runs_stays_the_same():
    """The numbers are those of the version before the split by content."""
    labels = np.repeat([0, 1], [10, 5])
    assert np.flatnonzero(held_out_by_order(labels, 0.2, 0)).tolist() == [4, 6, 11]
    assert np.flatnonzero(held_out_by_order(labels, 0.5, 7)).tolist() == [0, 1, 3, 7, 8, 10, 13]


@pytest.mark.parametrize("share, counts", [(0, [0, 0, 0, 0]), (0.01, [1, 1, 0, 1]), (0.9, [9, 4, 0, 1])])
def test_by_order_exactly_the_fraction_is_held_out_and_no_side_is_empty(share, counts):
    labels = np.repeat([0, 1, 2, 3], [10, 5, 1, 2])
    assert np.bincount(labels, held_out_by_order(labels, share, 0)).tolist() == counts
