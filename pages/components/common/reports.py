"""Reports of a component while something on it moves: one at a time, then the latest.

Each report has a number. Python sends the number back when it draws the component; only then the browser sends the next
report. So draw a reporting component after everything that depends on its report: a report during the script would
restart it, and with many of them nothing would ever be drawn. The browser's side is reporter.js.
"""


def last_report(state: dict | None) -> tuple[int, object]:
    """The number and the value of the last report in a component's state; 0 and None before the first.

    The value comes unchecked from the browser.
    """
    report = state.get("report") if state else None
    match report:
        case {"number": int(number), "value": value}:
            return number, value
    return 0, None
