"""The path from a folder of images to the inside of one's own network: what is done, and what comes next."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from cnn.model.layers import NetworkError
from pages.shared import run_choice, settings
from pages.shared.navigation import go
from pages.shared.session import session

Steps = Mapping[str, Sequence[str]]  # a step of the path -> the names of its pages, all in the order of the path


def _has_own_run() -> bool:
    return run_choice.is_own(settings.current("run"))


def _fits() -> bool:
    """Whether the layers of the settings fit each other and the image."""
    try:
        settings.layers(n_classes=2)
    except NetworkError:
        return False
    return True


# Step -> whether it is done. A step without an entry is done once one of its pages was shown.
DONE: dict[str, Callable[[], bool]] = {
    "Data": lambda: settings.folder() is not None or _has_own_run(),
    "Network": lambda: ("network" in session().seen and settings.folder() is not None and _fits()) or _has_own_run(),
    "Train": _has_own_run,
}


def draw(steps: Steps, page: str) -> None:
    """A line of links, one for each step: a tick marks what is done, a colour what comes next. page: the one drawn."""
    session().seen.add(page)
    undone = [step for step, pages in steps.items() if not is_done(step, pages)]
    with st.container(key="path", horizontal=True, gap="small", vertical_alignment="center"):
        for number, (step, pages) in enumerate(steps.items(), 1):
            icon = f":material/counter_{number}:" if step in undone else ":material/check_circle:"
            label = f":primary[{step}]" if step in undone[:1] else step
            # Nothing but the label differs from page to page, so a link keeps the keyboard's focus.
            st.page_link(session().pages[pages[0]], label=f"**{label}**" if page in pages else label, icon=icon)


def is_done(step: str, pages: Sequence[str]) -> bool:
    return DONE[step]() if step in DONE else _has_own_run() and not session().seen.isdisjoint(pages)


def draw_next(steps: Steps, page: str, menu: Sequence[str]) -> None:
    """A button to the page of the path that comes after this one in the menu. After the last one, to the first step
    that is not done; if all are, back to the network. Pages before the path have their own ways on.

    menu: the names of all pages, in order."""
    order = [name for pages in steps.values() for name in pages]
    if menu.index(page) < menu.index(order[0]):
        return
    following = [name for name in menu[menu.index(page) + 1 :] if name in order]
    if following:
        target = following[0]
    else:
        skipped = [pages[0] for step, pages in steps.items() if page not in pages and not is_done(step, pages)]
        target = skipped[0] if skipped else ""
    label = f"Next: {session().pages[target].title}" if target else "Change the network and train it again"
    target = target or "network"
    st.button(
        label,
        key="next",
        icon=":material/arrow_forward:",
        icon_position="right",
        shortcut="n",
        on_click=go,
        args=(target,),
    )
