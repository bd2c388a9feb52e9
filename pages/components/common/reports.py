"""What a component reports while something on it moves: one report on its way at a time, then the latest.

Each has a number, which Python sends back when it draws the component, and only then comes the next report. So a
component that reports is drawn after all that is drawn from what it reports: a report that came earlier would cut the
script short, and one after another nothing would ever be drawn. The browser's side is reporter.js.
"""

from pathlib import Path

SCRIPT = (Path(__file__).parent / "reporter.js").read_text("utf-8")


def last_report(state: dict | None) -> tuple[int, object]:
    """The number and the value of the last report, in the state that Streamlit keeps for a component; 0 and None before
    the first.

    The value is whatever a browser sent.
    """
    report = state.get("report") if state else None
    match report:
        case {"number": int(number), "value": value}:
            return number, value
    return 0, None
