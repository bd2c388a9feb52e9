"""How a run ended, in words."""

from collections.abc import Iterator

import streamlit as st

from cnn.duration import duration_text
from cnn.percent import percent
from cnn.store.advice import advice, dead
from cnn.store.run import Run
from cnn.store.verdict import Verdict
from pages.shared import run_choice
from pages.shared.text import count


def draw(run: Run) -> None:
    """How the run ended, or how it is going."""
    if run.active:
        _so_far(run)
    match run.status:
        case "finished":
            if run.message:
                st.error(run.message, icon=":material/error:")
            _finished(run)
        case "stopped":
            progress = run_choice.store().history(run.id).live().progress
            step = progress.step if progress else 0
            if run.message:
                st.error(run.message, icon=":material/error:")
            st.info(f"Stopped after step {step:,}. Everything up to that step is kept.", icon=":material/stop:")
        case "interrupted":
            advice = (
                "You can continue it. If this soon happens again, the run probably needs too much memory: train a new "
                "run with a smaller batch size, fewer filters or smaller images."
            )
            st.warning(f"{run.message} {advice}", icon=":material/power_off:")
        case "failed":
            st.error(run.message, icon=":material/error:")


def _finished(run: Run) -> None:
    epochs = run_choice.store().history(run.id).epochs()
    seconds = duration_text(sum(epoch.seconds for epoch in epochs))
    if not epochs or epochs[-1].val_accuracy is None:
        st.success(
            f"Finished in {seconds}. No images were held out, so its accuracy on new images is unknown.",
            icon=":material/check:",
        )
        return
    verdict = Verdict(run, epochs)
    early = f" after epoch {epochs[-1].epoch}, because the held-out loss no longer fell" if verdict.ended_early else ""
    text = " ".join([f"Finished in {seconds}{early}.", *verdict.sentences(), *_held_against_guess(verdict)])
    if verdict.knows_something and not verdict.one_sided():
        st.success(text, icon=":material/check:")
    else:
        st.warning(text, icon=":material/casino:")
    if found := list(advice(verdict)):
        listed = found[0] if len(found) == 1 else "\n".join(f"- {sentence}" for sentence in found)
        st.info(listed, icon=":material/lightbulb:")


def _held_against_guess(verdict: Verdict) -> Iterator[str]:
    """How far the user's guess was from the outcome, if there was a guess."""
    if guess := verdict.run.facts.get("guess"):
        off = round(100 * verdict.accuracy.value) - guess
        apart = f"{count(abs(off), 'point', 'points')} too {'low' if off > 0 else 'high'}"
        yield f"You guessed {percent(guess / 100)}: {apart if off else 'well guessed'}."


def _so_far(run: Run) -> None:
    """The newest accuracy, and warnings during training."""
    epochs = run_choice.store().history(run.id).epochs(at_most=1)
    if not epochs or epochs[-1].val_accuracy is None:
        return
    verdict = Verdict(run, epochs)
    accuracy = verdict.accuracy
    low, high = accuracy.interval
    others = "less" if verdict.copies else f"{percent(low)} to {percent(high)}"
    st.markdown(
        f"After epoch {epochs[-1].epoch}: {percent(accuracy.value, 1)} of the held-out images are right. On others of "
        f"this kind, expect {others}."
    )
    for sentence in filter(None, [verdict.one_sided(), dead(verdict)]):
        st.caption(f":material/warning: {sentence}")
