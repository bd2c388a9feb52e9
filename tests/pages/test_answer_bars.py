import numpy as np
import pytest

from cnn.figures import charts
from pages.shared.inside import answer_bars


def test_of_many_classes_those_likeliest_in_any_answer_are_drawn_in_their_colours(monkeypatch):
    drawn = []
    monkeypatch.setattr(answer_bars, "maps", lambda bars, **_: drawn.extend(bars))
    now, before = np.full(9, 0.01), np.full(9, 0.02)
    now[[8, 1]], before[[5, 0]] = (0.6, 0.3), (0.5, 0.4)
    answer_bars.answer_bars({"now": now, "before": before}, tuple("abcdefghi"), "bars")
    assert [one.name for one in drawn] == ["now", "before"]
    assert drawn[0].labels == drawn[1].labels == ("a", "b", "c", "d", "f", "i")
    assert drawn[0].colors[-1] == charts.class_color(8)
    assert drawn[0].values == pytest.approx([1, 30, 1, 1, 1, 60])
