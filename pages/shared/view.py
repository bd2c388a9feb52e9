"""The view: a page, the settings, and the parts below. Links hold its address, and Back returns to it.

A page calls `part` or `among` when it draws the widget of a part; the address holds all these parts. Only then does a
part read its value from the link, or after Back: some pages know their images or layers only when their dataset is
read.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnn.errors import UserError
from cnn.fields import Choice, Names, Number, Setting, Switch, Text, Whole
from pages.components.address import address
from pages.shared import settings
from pages.shared.address import from_text, to_text
from pages.shared.session import Versioned, session


@dataclass(frozen=True)
class Part:
    """A part of the view.

    default: its value until the user chooses one; None: the page decides. is_sight: whether a change of its value makes
    an entry in the browser's history. is_completed: whether the address also holds a value that the page chose.
    """

    described: Setting
    default: Any = None
    is_sight: bool = False
    is_completed: bool = False


def one_of(label: str, *options: str) -> Choice:
    return Choice(label=label, options={option: option for option in options})


# Name in the address -> part. In the address, parts come after the settings.
PARTS: dict[str, Part] = {
    "step": Part(Whole(label="Snapshot", low=0, high=10**12), is_completed=True),
    "source": Part(one_of("Source", "dataset", "upload", "camera"), "dataset", is_sight=True),
    "image": Part(
        Text(label="Image", pattern="[0-9a-f]{32}", expected="32 hex digits"), is_sight=True, is_completed=True
    ),
    "picture": Part(Whole(label="Picture", low=0, high=10**4), is_sight=True, is_completed=True),
    "class": Part(Text(label="Class"), ""),
    "which": Part(one_of("Images", "all", "wrong ones", "right ones"), "all"),
    "split": Part(one_of("Split", "held-out", "training")),
    "find": Part(Text(label="File name"), ""),
    "order": Part(one_of("Order", "worst first", "best first", "as in the folder"), "worst first"),
    "side": Part(one_of("Images", "all", "training", "held-out"), "all"),
    "layer": Part(Text(label="Layer"), is_sight=True, is_completed=True),
    "unit": Part(Whole(label="Unit", low=0, high=10**9), is_sight=True),
    "one_scale": Part(Switch(label="One scale"), True),
    "layer_scale": Part(Switch(label="One scale for a layer"), False),
    "all_maps": Part(Switch(label="All maps"), False),
    "target": Part(Text(label="Class"), "", is_sight=True),
    "method": Part(Text(label="Method"), is_sight=True),
    "guess_first": Part(Switch(label="Guess first"), is_completed=True),
    "covered": Part(Whole(label="Percent to cover", low=1, high=50), 10),
    "cover": Part(one_of("Cover", "mean colour", "blur"), "mean colour"),
    "mode": Part(one_of("Change", "Switch filters off", "Edit a filter"), "Switch filters off"),
    "filter": Part(Whole(label="Filter", low=0, high=10**9), 0),
    "channel": Part(Whole(label="Input", low=0, high=10**9), 0),
    "changes": Part(Text(label="Changes"), ""),
    "amounts": Part(Text(label="Amounts"), ""),
    "curve": Part(Text(label="Curve"), ""),
    "pooling": Part(one_of("Your guess", "less", "about as much", "more")),
    "map": Part(one_of("Map", "most different", "classes apart", "groups")),
    "cell": Part(
        Text(label="Cell", pattern=r"\d{0,4}\.\d{0,4}", expected="two numbers of classes, as in 2.5"), is_sight=True
    ),
    "judged": Part(one_of("Images", "held-out", "training", "test", "new"), is_sight=True),
    "set": Part(Text(label="Set"), is_completed=True),
    "learned": Part(one_of("Images", "early", "late", "forgotten", "never")),
    "numbers": Part(one_of("Numbers", "counts", "% of the class", "% of the answer"), "counts"),
    "list": Part(one_of("List", "worst first", "best first", "most unsure", "surest mistakes"), "worst first"),
    "doubt": Part(
        one_of("Look at", "suspicious labels", "surest mistakes", "near copies"), "suspicious labels", is_sight=True
    ),
    "lesson": Part(Text(label="Lesson"), "", is_sight=True),
    "learner": Part(Text(label="Learner", pattern="[0-9a-f]{8}", expected="8 hex digits"), is_completed=True),
    "runs": Part(Names(label="Runs"), is_sight=True, is_completed=True),
    "compared": Part(one_of("Compare", "curves", "two runs", "many runs"), "curves", is_sight=True),
    "first": Part(Text(label="The first run")),
    "second": Part(Text(label="The second run")),
    "look": Part(Text(label="Compare by")),
    "setting": Part(Text(label="Setting")),
    "along": Part(one_of("Along", "epoch", "step", "seconds"), "epoch"),
    "curves_of": Part(one_of("Images", "held-out", "training", "single steps"), "held-out"),
    "smoothing": Part(Number(label="Smoothing", low=0, high=0.9, step=0.1), 0.0),
    "find_run": Part(Text(label="Search the runs"), ""),
    "of_dataset": Part(Text(label="Dataset"), ""),
    "experiment": Part(Text(label="Experiment"), is_sight=True, is_completed=True),
    "plan": Part(Text(label="Experiment")),
    "vary": Part(Text(label="Setting")),
    "guess": Part(Whole(label="Your guess", low=0, high=100), 0),
    "report": Part(
        Text(label="Report", pattern="[0-9a-f]{16}", expected="16 hex digits"), is_sight=True, is_completed=True
    ),
    "task": Part(Text(label="Step"), is_sight=True, is_completed=True),
    "assignment": Part(Text(label="Assignment"), ""),
    "transfer": Part(one_of("Guess", "", "both are better", "one is better, one is worse", "both are worse"), ""),
    "hand_ins": Part(Text(label="Hand-ins"), "", is_sight=True),
    "marking": Part(one_of("Show", "students", "one question"), "students", is_sight=True),
    "hand_in_title": Part(Text(label="Assignment"), is_sight=True),
    "question": Part(Text(label="Question"), is_sight=True),
}
_NEW_SIGHTS = ("folder", "run")  # settings whose change makes an entry in the history
# Parts of one page that matter on all: a cookie remembers them, so a reload of another page does not forget them. They
# are not in its address: whoever gets a link to a picture should not be able to write in the report.
_REMEMBERED = ("report", "learner")


@dataclass(frozen=True)
class View:
    """page: the name of its file. values: name -> text in the address, for everything that differs from its default."""

    page: str
    values: Mapping[str, str]

    @property
    def query(self) -> str:
        """The query string with its question mark; empty if everything is at its default."""
        return f"?{urlencode(self.values)}" if self.values else ""


def load(page: str) -> None:
    """Call before drawing a page: updates what the session remembers; on its first run, and after Back or Forward, from
    the address."""
    remembered = session()
    is_first = not remembered.settings
    if is_first or is_back_or_forward():
        link = st.query_params.to_dict()
        if is_first:
            link = _remembered(link) | link
        settings.restore(link, report)
        remembered.link, remembered.read_from_link = link, set()
        remembered.folder_dialog, remembered.choosing_classes = ("", ""), False  # dialogs close
    elif remembered.page != page:
        remembered.link, remembered.next_link = remembered.next_link, None
        remembered.read_from_link, remembered.is_drawn = set(), False
    settings.read_widgets()
    remembered.page, remembered.shown = page, {}


def _remembered(link: Mapping[str, str]) -> dict[str, str]:
    """What the browser remembers of an earlier session, name -> text in the address, besides what the link says. The
    session has it as if the user had chosen it."""
    found = {}
    for name in _REMEMBERED:
        text = st.context.cookies.get(_cookie(name), "")
        if text and name not in link and "assignment" not in link:  # such a link begins another report
            with suppress(UserError):
                session().parts[(name,)] = Versioned(name, from_text(text, PARTS[name].described))
                found[name] = text
    return found


def _cookie(name: str) -> str:
    return f"cnn_{name}"


def open_link(page: str, query: str, keep: bool = False) -> None:
    """Shows a page next as a link to it shows it; for the `on_click` of a button. keep: settings that are not in the
    query stay as they are."""
    link = dict(parse_qsl(query.lstrip("?")))
    settings.restore(settings.texts() | link if keep else link, report)
    session().next_link, session().next_page = link, page


def is_back_or_forward() -> bool:
    """Whether the user pressed Back or Forward, so the address is that of an older entry in the history."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def is_of_old_first_page() -> bool:
    """Whether the address is an old link: the Data page used to be the first page, at the address "/"."""
    return not session().settings and "folder" in st.query_params and "picture" not in st.query_params


def report(name: str, text: str, error: UserError) -> None:
    """Tells the user that the address has an invalid value."""
    st.toast(f"The link says {name} = {text!r}, which is not possible. {error}", icon=":material/link_off:")


def options(name: str) -> dict:
    """Value -> label, for a part with a few choices."""
    described = PARTS[name].described
    assert isinstance(described, Choice)
    return described.options


def part(name: str, *scope: str, described: Part | None = None) -> Versioned:
    """The Versioned of a part. scope: what the value belongs to, such as a run. described: for a part not in PARTS."""
    described, remembered = described or PARTS[name], session()
    key = (name, *scope)
    is_linked = remembered.link is not None and name not in remembered.read_from_link
    start = _linked(name, described) if is_linked else described.default
    remembered.read_from_link.add(name)
    kept = remembered.parts.setdefault(key, Versioned(" ".join(key), start))
    if kept.current() != start and is_linked:
        kept.replace(start)
    show(name, kept.value, described.default)
    return kept


def value(name: str, *scope: str) -> Any:
    """The value of a part that another page draws. scope: see `part`."""
    kept = session().parts.get((name, *scope))
    return kept.value if kept else PARTS[name].default


def among(
    name: str, options: Iterable, default: Any, *scope: str, described: Part | None = None
) -> tuple[Versioned, Any]:
    """The Versioned of a part, and its value: one of the options, or the default if none is chosen."""
    described = described or PARTS[name]
    kept, options = part(name, *scope, described=described), list(options)
    if kept.value is not None and kept.value not in options:
        text = to_text(kept.value)
        if (session().link or {}).get(name) == text:
            report(
                name, text, UserError(f"It is one of {', '.join(str(option) for option in options if option != '')}.")
            )
        kept.value = None
    is_chosen, value = kept.value is not None, kept.start_at(default)
    show(name, value if is_chosen or described.is_completed else None, described.default)
    return kept, value


def component_key(name: str, *kept: Versioned) -> str:
    """The key of a component that edits parts of the view; a new one after they are set elsewhere, because the browser
    remembers the component's state by key."""
    versions = [one.version for one in kept]
    return " ".join([name, session().id, *map(str, versions)]) if any(versions) else name


def show(name: str, value: Any, default: Any = None) -> None:
    """Puts the value of a part into the address, unless it is None or the default."""
    shown = session().shown
    if value is None or value == default:
        shown.pop(name, None)
    else:
        shown[name] = to_text(value)


def shown(name: str) -> str | None:
    """The text of a part in the address of the last page drawn."""
    return session().shown.get(name)


def current() -> View:
    """The view of the last page drawn."""
    remembered = session()
    return View(remembered.page, settings.texts() | remembered.shown)


def save() -> None:
    """Writes the view into the address. Call it after everything is drawn, so one click makes at most one entry."""
    if session().is_drawn and st.query_params.to_dict() != (values := current().values):
        st.query_params.from_dict(values)


def close() -> None:
    """Call after drawing a page."""
    save()
    remembered = session()
    sights = {name: part for name, part in PARTS.items() if part.is_sight}
    chosen = [*_NEW_SIGHTS, *(name for name, part in sights.items() if not part.is_completed)]
    shown = [name for name, part in sights.items() if part.is_completed]
    path = remembered.pages[remembered.page].url_path
    cookies = {_cookie(name): to_text(value(name) or "") for name in _REMEMBERED}
    query = None if remembered.is_drawn else current().query
    address(chosen=chosen, shown=shown, path=path, query=query, cookies=cookies)
    remembered.is_drawn = True


def _linked(name: str, described: Part) -> Any:
    """The value of a part in the link; its default if the link has none, or an invalid one."""
    text = (session().link or {}).get(name)
    if text is None:
        return described.default
    try:
        return from_text(text, described.described)
    except UserError as error:
        report(name, text, error)
        return described.default
