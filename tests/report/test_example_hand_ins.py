"""The made-up hand-ins: they open as those of students do."""

from cnn.report.example_hand_ins import STUDENTS, TITLE, example_hand_ins
from cnn.report.hand_in import open_files
from cnn.report.marking import answered, assignment_of
from cnn.report.recomputed import recompute


def test_they_open_and_their_accuracy_is_that_of_their_weights(store, trained):
    done = []
    hand_ins, problems = open_files(example_hand_ins(store, trained, done.append))
    assert not problems and [one.report.students for one in hand_ins] == list(STUDENTS) and done[-1] == 1
    assert [one.report.title for one in hand_ins] == [TITLE] * 3
    assert [answered(one, assignment_of(one).questions) for one in hand_ins] == [3, 3, 2]
    assert [len(one.report.evidence) for one in hand_ins] == [2, 2, 1]
    found = recompute(hand_ins[0])
    assert not found.problem and (found.right, found.images) == hand_ins[0].claimed
