"""Reports that a component sends while the user moves something on it: one at a time, then the latest.

Each report has a number. Python sends the number back when it draws the component; only then does the browser send the
next report. So draw the component after everything that depends on its report: a report during a run restarts the run,
and many of them would keep the page from ever being drawn. The browser's side is reporter.js.
"""


def last_report(state: dict | None) -> tuple[int, object]:
    """The number and the value of the last report in a component's state; 0 and None before the first.

    The value is what the browser sent, unchecked.
    """
    report = state.get("report") if state else None
    match report:
        case {"number": int(number), "value": value}:
            return number, value
    return 0, None
