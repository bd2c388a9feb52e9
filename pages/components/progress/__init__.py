"""The progress of work in the background, a preview of its result, and a button that cancels it.

The browser polls the server for progress and preview (see pages/server/work.py). Rerunning a fragment instead would
redraw everything that waits for the work.
"""

from pages.components.common.modules import component

_component = component("progress", "common/progress_bar.css", "progress/progress.css")


def progress(status: dict, *, key: str, source: str, every: float) -> None:
    """Draws the progress and keeps it up to date; reruns the page (or its fragment) when the work has ended.

    status: ended and cancelled (bool); progress, with share (0..1) and text, or None; preview, with image (an address)
    and caption, or None. source: an address of this server that answers with the newest status as JSON; posting to
    `source`/cancel cancels the work. every: seconds between requests.
    """
    data = {"status": status, "source": source, "every": 1000 * every}
    _component(key=key, data=data, on_ended_change=lambda: None)
