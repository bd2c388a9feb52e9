"""The glossary has an entry for every technical word of the pages."""

import re
from collections.abc import Iterator
from functools import cache
from types import CodeType

import pytest

from cnn.explain.methods import METHODS
from cnn.fields import Choice
from cnn.model.activation_functions import ACTIVATIONS
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from pages.shared.glossary import entries
from tests.conftest import ROOT

# Words of the field that nobody knows from school. Where a text of a page has one of them, the glossary explains it.
TECHNICAL = (
    *("logit", "softmax", "receptive field", "flatten", "Grad-CAM", "saliency", "occlusion", "integrated gradients"),
    *("RMSprop", "SGD", "Adam", "AdamW", "momentum", "weight decay", "snapshot", "multiply-add", "epoch", "batch"),
    *("held-out", "overfit", "gradient", "kernel", "filter", "stride", "padding", "pooling", "dropout"),
    *("ReLU", "sigmoid", "tanh", "convolution", "dense layer", "activation map", "batch norm", "label smoothing"),
    *("learning rate", "optimiser", "augmentation", "transfer learning", "fine-tune", "frozen", "dead unit", "bias"),
    *("standard deviation", "principal component", "entropy", "seed", "schedule", "logits", "parameter", "SmoothGrad"),
    *("confusion matrix", "precision", "recall"),
)


def names() -> set[str]:
    return {name.lower() for entry in entries() for name in entry.names}


def has_entry(text: str) -> bool:
    """Whether the glossary explains a word of the text."""
    return any(re.search(rf"\b{re.escape(name)}s?\b", text.lower()) for name in names())


def texts_in(constant) -> Iterator[str]:
    """The texts in a constant, such as code."""
    # Without `ast`: beside other threads, Python 3.11.7 can fail to make a tree (its issue 106905).
    if isinstance(constant, str):
        yield constant
    inner = constant.co_consts if isinstance(constant, CodeType) else constant
    for one in inner if isinstance(inner, tuple | frozenset) else ():
        yield from texts_in(one)


@cache
def page_texts() -> str:
    """All texts in the code and the lessons of the pages, and the descriptions of the settings."""
    texts = [path.read_text("utf-8") for path in (ROOT / "pages" / "lessons").glob("*.md") if path.stem != "glossary"]
    for folder in ("pages", "cnn/specs", "cnn/model", "cnn/store", "cnn/explain", "cnn/figures"):
        for path in (ROOT / folder).rglob("*.py"):
            texts += texts_in(compile(path.read_text("utf-8"), path, "exec"))
    return "\n".join(texts).lower()


@pytest.mark.parametrize("word", TECHNICAL)
def test_a_technical_word_on_a_page_has_an_entry(word):
    assert word.lower() in page_texts()
    assert any(word.lower() in name for name in names())


@pytest.mark.parametrize("spec", [NetworkSpec, TrainingSpec, DatasetSpec])
def test_every_setting_of_a_network_and_its_training_has_an_entry(spec):
    shown = [one for one in spec.settings().values() if not one.hidden and one.group not in ("reading", "classes")]
    everyday = {"Image size", "Channels", "Images per class"}
    assert [one.label for one in shown if one.label not in everyday and not has_entry(one.label)] == []
    options = [text for one in shown if isinstance(one, Choice) and one.drop_down for text in one.options.values()]
    assert [text for text in options if text != "none" and not has_entry(text.replace("_", " "))] == []


def test_every_activation_function_and_method_of_explanation_has_an_entry():
    labels = [function.label for function in ACTIVATIONS.values()] + [method.name for method in METHODS]
    assert [label for label in labels if not has_entry(label)] == []


def test_entries_are_short_in_order_and_explain_each_word_once():
    words = [entry.word.lower() for entry in entries()]
    assert words == sorted(words)
    every = [name for entry in entries() for name in entry.names]
    assert len(every) == len(set(every))
    for entry in entries():
        assert entry.text.endswith(".") and len(entry.text) <= 230, entry.word
