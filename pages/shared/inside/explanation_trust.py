"""How sure the network is at all: what stands above its explanations."""

import streamlit as st

from cnn.explain import trust
from cnn.explain.trust import Trust
from pages.shared.inside import explanation_text, model_choice
from pages.shared.inside.chooser import Subject
from pages.shared.text import plain


def show_trust(subject: Subject) -> None:
    """Says how good the network is on held-out images, and how sure it is of this answer."""
    model, dataset = subject.model, subject.dataset
    predicted = int(subject.probabilities.argmax())
    probability, name = float(subject.probabilities[predicted]), plain(model.classes[predicted])
    is_right = None if subject.truth is None else predicted == subject.truth
    answer = explanation_text.answer(name, probability, is_right, None)
    if dataset is None:
        st.markdown(answer)
        return
    if not len(dataset.val):
        st.markdown(f"**Nobody knows how good this network is: no image is held out.** {answer}")
        return
    predictions = model_choice.predictions(model, dataset, dataset.val, "Predicting the held-out images", "trust")
    if predictions is None:
        return
    accuracy, guess = trust.accuracy_of(predictions), trust.guess_of(predictions)
    found, largest = trust.trust(accuracy, guess), trust.named_by_guess(predictions)
    alike = trust.answers_as_sure(predictions, probability)
    texts = [
        explanation_text.worth(found, accuracy, guess, "" if largest is None else plain(model.classes[largest])),
        explanation_text.answer(name, probability, is_right, alike),
    ]
    if found == Trust.LITTLE:
        texts.insert(0, ":orange[:material/warning:]")
    st.markdown(" ".join(texts))  # not a box: the same height whatever the network knows
