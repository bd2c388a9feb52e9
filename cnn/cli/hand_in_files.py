"""The commands `report`, which writes a report as files, and `hand-ins`, which reads what students handed in."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn.cli.terminal import bar, clear_bar, percent, print_json, print_table, printable, reading_bar
from cnn.errors import UserError
from cnn.store.runs import RunError, RunStore

if TYPE_CHECKING:  # it loads torch
    from cnn.report.exports import Export


def report(options) -> int:
    """Writes a report, or a run alone, as a notebook, a PDF, an HTML page and a hand-in file."""
    from cnn.report.exports import FORMATS

    store = RunStore(options.runs)
    if options.name is None:
        return _list(options, store)
    export = _export(options, store)
    forms = options.format or [form for form in FORMATS if export.report or form != "hand-in"]
    folder = Path(options.to).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    written: list[dict[str, Any]] = []
    for done, form in enumerate(forms):
        path = folder / f"{export.name}{FORMATS[form]}"
        path.write_bytes(export.content(form))
        bar(options, (done + 1) / len(forms), "writing")
        written.append({"format": form, "file": str(path), "bytes": path.stat().st_size})
    clear_bar(options)
    if options.json:
        print_json(written)
    else:
        print_table(["file", "kB"], [[str(one["file"]), f"{one['bytes'] / 1e3:,.0f}"] for one in written])
    return 0


def _list(options, store: RunStore) -> int:
    from cnn.report.report_store import Reports

    found = Reports(store).all()
    if options.json:
        print_json([{"report": id, "title": title, "changed": changed} for id, title, changed in found])
        return 0
    rows = [[id, printable(title), time.strftime("%Y-%m-%d %H:%M", time.localtime(when))] for id, title, when in found]
    print_table(["report", "title", "changed"], rows)
    print("\nTo write one as files: python -m cnn report REPORT --to DIR")
    return 0


def _export(options, store: RunStore) -> "Export":
    """The report of that id with its run, or the run of that id."""
    from cnn.report.exported_run import results_of
    from cnn.report.exported_sets import sets_in, too_large_text
    from cnn.report.exports import Export
    from cnn.report.report import ReportError
    from cnn.report.report_store import Reports

    try:
        found = Reports(store).get(options.name)
    except ReportError:
        if "hand-in" in (options.format or ()):
            raise UserError(
                f"There is no report {options.name!r}, and only a report can be handed in. python -m cnn report lists "
                "them."
            ) from None
        return Export(None, results_of(store, options.name, reading_bar(options)))
    if not found.run:
        return Export(found, None)
    try:
        results = results_of(store, found.run, reading_bar(options), sets=sets_in(found) or None)
        if text := too_large_text(results.too_large):
            print(f"warning: {text}", file=sys.stderr)
        return Export(found, results)
    except RunError as error:  # it was deleted, or has no weights yet: the answers can still be written
        print(f"warning: the network is left out. {error}", file=sys.stderr)
        return Export(found, None)


def hand_ins(options) -> int:
    """Prints a table of the hand-ins in a folder, with the accuracy recomputed from their weights."""
    from cnn.report.document import names_of
    from cnn.report.hand_in import open_folder
    from cnn.report.marking import Marked, answered, assignment_of, load_marks, rubric_id, rubric_of, table_of
    from cnn.report.recomputed import recompute

    store = RunStore(options.runs)
    opened, problems = open_folder(options.folder)
    marked = []
    for done, hand_in in enumerate(opened):
        rubric = rubric_of(assignment_of(hand_in), load_marks(store, rubric_id(hand_in.report.assignment)))
        marked.append(Marked(hand_in, load_marks(store, hand_in.id), rubric, recompute(hand_in)))
        bar(options, (done + 1) / len(opened), "computing the accuracies")
    clear_bar(options)
    if options.csv:
        # The mark at the start tells spreadsheets that the text is UTF-8.
        Path(options.csv).expanduser().write_text(table_of(marked), encoding="utf-8-sig", newline="")
    facts: list[dict[str, Any]] = [
        {
            "file": one.hand_in.file,
            "title": one.hand_in.report.title,
            "names": names_of(one.hand_in.report),
            "answers": dict(one.hand_in.report.answers),
            "evidence": len(one.hand_in.report.evidence),
            "answered": answered(one.hand_in, assignment_of(one.hand_in).questions),
            "questions": len(assignment_of(one.hand_in).questions),
            "points": one.marks.points,
            "stated": one.hand_in.claimed[0] / one.hand_in.claimed[1] if one.hand_in.claimed else None,
            "recomputed": one.recomputed.accuracy if one.recomputed else None,
            "problem": one.recomputed.problem if one.recomputed else "",
        }
        for one in marked
    ]
    if options.json:
        print_json({"hand_ins": facts, "not_opened": problems})
        return 0
    rows = [
        [
            printable(fact["names"] or fact["file"]),
            printable(fact["title"]),
            f"{fact['answered']}/{fact['questions']}",
            percent(fact["stated"]),
            percent(fact["recomputed"]),
            printable(fact["problem"]),
        ]
        for fact in facts
    ]
    print_table(["students", "assignment", "answers", "accuracy stated", "recomputed", "remark"], rows)
    if problems:
        print("\nNot opened:")
        print_table(["file", "why"], [[printable(name), printable(why)] for name, why in problems.items()])
    return 0
