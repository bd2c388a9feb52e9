import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from cnn.figures.story_picture import MOST_ROWS, RIGHT, WRONG, story_picture
from cnn.training.learned import EARLY, FORGOTTEN, GROUPS, LATE, NEVER, Story, last_right, learned_at


def story(*rows: str) -> Story:
    """A row for each image: at each snapshot 1 for right, 0 for wrong; the first is untrained."""
    right = np.array([[int(one) for one in row] for row in rows], bool).T
    labels = np.zeros(right.shape[1], np.int64)
    steps = np.arange(len(right)) * 10
    return Story(steps, np.where(right, 0, 1).astype(np.int16), right * 0.5 + 0.25, labels, np.arange(len(labels)))


def test_groups_are_those_told_by_hand():
    told = story("00111", "11111", "00011", "01110", "10000", "00000", "10101")
    assert told.group(EARLY).tolist() == [1, 0]  # the one that was right from the start first
    assert told.group(LATE).tolist() == [2, 6]
    assert told.group(FORGOTTEN).tolist() == [3]
    assert told.group(NEVER).tolist() == [4, 5]  # a lucky guess of the untrained network does not count
    assert told.times_forgotten().tolist() == [0, 0, 0, 1, 1, 0, 2]


@given(some.integers(1, 6), some.integers(1, 8), some.randoms())
def test_each_image_is_in_one_group_and_the_times_are_those_of_a_loop(snapshots, images, chance):
    rows = ["".join(chance.choice("01") for _ in range(snapshots)) for _ in range(images)]
    told = story(*rows)
    assert sorted(np.concatenate([told.group(name) for name in GROUPS]).tolist()) == list(range(images))
    for i, row in enumerate(rows):
        assert learned_at(told.right)[i] == len(row.rstrip("1"))
        assert last_right(told.right)[i] == row.rfind("1")


def test_the_picture_has_the_colour_of_each_answer_and_at_most_some_rows():
    right = np.array([[True, False]])
    picture = story_picture(right, np.array([[1.0, 0.0]], np.float32))
    assert picture.shape == (2, 1, 3) and picture[0, 0].tolist() == RIGHT.tolist()
    assert picture[1, 0].tolist() == WRONG.tolist()
    unsure = story_picture(right, np.array([[0.4, 0.4]], np.float32))
    assert (unsure > picture).all()
    assert story_picture(np.ones((3, 5000), bool), np.ones((3, 5000), np.float32)).shape == (MOST_ROWS, 3, 3)


@pytest.mark.parametrize("group", GROUPS)
def test_one_untrained_snapshot_teaches_nothing(group):
    told = story("1", "0")
    assert told.group(group).tolist() == {EARLY: [0], NEVER: [1]}.get(group, [])
