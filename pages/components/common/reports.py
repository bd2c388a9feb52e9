"""What a component reports while something on it moves: one report on its way at a time, then the latest.

Each report has a number. Python sends it back when it draws the component, and only then the next report comes. So a
component that reports is drawn after everything that depends on its report: an earlier report would cut the script
short, and with one after another nothing would ever be drawn. The browser's side is reporter.js.
"""


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
