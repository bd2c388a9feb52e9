"""HTML, PDF and marks: what they hold, and that no text is taken for markup."""

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from cnn.errors import UserError
from cnn.report import exported_sets
from cnn.report.assignment import Option, Question
from cnn.report.document import answer_text, document_of, file_name, on_paper, sections_of
from cnn.report.exported_run import results_of
from cnn.report.exported_sets import sets_in
from cnn.report.exports import Export
from cnn.report.hand_in import HandIn
from cnn.report.html import cell_text, html_of
from cnn.report.marking import (
    WHOLE,
    Mark,
    Marked,
    Marks,
    assignment_of,
    feedback_files,
    load_marks,
    rubric_of,
    save_mark,
    table_of,
)
from cnn.report.pdf import pdf_of, pictures_as_png
from cnn.report.recomputed import Recomputed
from cnn.report.report import Evidence, Table
from cnn.report.written import as_html, as_typst
from cnn.store.image_sets import find_set
from tests.report.examples import evidence, keep_new_images, picture, report

# Markup of Typst, Markdown and HTML, and what ends a string, a block or a comment in any of them.
ODD = """#panic("x") $a$ `]` *b* _c_ </p>

" \\ // /* @here <b> [x](#y) ] ) } ~ \u202e \0 | - |

```
#import "x"
```

1. a

> q"""
TABLE = "| a | b |\n|---|---|\n| 1 | `#x` |\n\n~~gone~~ [link](https://example.org) ![alt](x.png)\n\n---\n\n# Head"


TEXTS = {
    "odd": ODD,
    "table": TABLE,
    "none": "",
    "half": "\ud800 half a character",
    "long link": f"[a](https://example.org/{'x' * 9000})",
    "quotes in quotes": "> " * 60 + "a",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_can_be_laid_out(text):
    text = text.encode("utf-8", "replace").decode()
    own = report(students=text, answers={"notice": text}, title=text) if text else report(answers={})
    document = document_of(own, None)
    assert pdf_of(document).startswith(b"%PDF-")
    assert b"</html>" in html_of(document)


def test_markdown_becomes_html_and_typst():
    assert as_html("**a** _b_") == "<p><strong>a</strong> <em>b</em></p>\n"
    assert as_typst("**a** _b_").strip().replace('#""', "") == '#strong[#"a"]#" "#emph[#"b"]'


def test_a_picture_becomes_a_link_with_its_description():
    both = "![A *cat*](https://example.org/cat.png) ![](https://example.org/dog.png)"
    cat, dog = "https://example.org/cat.png", "https://example.org/dog.png"
    assert f'<a href="{cat}" rel="noopener noreferrer">A cat</a>' in as_html(both) and f">{dog}</a>" in as_html(both)
    assert "<img" not in as_html(both)
    assert f'#link("{cat}")' in as_typst(both) and f'#link("{dog}")[#"{dog}"]' in as_typst(both)
    inside = "[![A map](data:image/png;base64,AAAA)](https://example.org)"
    assert "A map" in as_html(inside) and "base64" not in as_html(inside)
    assert "A map" in as_typst(inside) and "base64" not in as_typst(inside)


def test_a_numbered_list_begins_with_its_own_number():
    assert '<ol start="3">' in as_html("3. c\n4. d") and "<ol>" in as_html("1. a")
    assert as_typst("3. c\n4. d").startswith("#enum(start: 3, ") and "#list([" in as_typst("- a")


def test_new_lines_and_long_words_stay_as_they_were_typed():
    assert as_html("a\nb").count("<br") == 1 and as_html("a\nb", is_students=False).count("<br") == 0
    assert "linebreak" in as_typst("a\nb") and "linebreak" not in as_typst("a\nb", is_students=False)
    word = "x" * 90
    assert as_typst(word).replace("\\u{200b}", "").strip() == f'#"{word}"' != as_typst(word).strip()


def test_a_run_alone_is_a_document(store, trained):
    document = document_of(None, results_of(store, trained))
    assert document.run is not None
    assert document.run.layers[-1][0] == "logits"
    assert all(svg.startswith("<svg") for _, svg in document.run.pictures) and len(document.run.pictures) == 3
    text = html_of(document).decode()
    assert document.run.accuracy in text


def test_a_wide_table_is_turned_so_that_it_fits_on_paper():
    wide = Table(("run", *"abcdefgh"), (("first", *range(8)), ("second", *range(8, 16))))
    turned = on_paper(Evidence("e", "data", "compare", "Runs", numbers=wide)).numbers
    assert turned.columns == ("run", "first", "second") and len(turned.rows) == 8 and turned.rows[1] == ("b", 1, 9)
    confusion = Table(("true class", *"abcdefghij"), tuple((name, *range(10)) for name in "abcdefghij"))
    assert on_paper(Evidence("e", "data", "results", "Confusion", numbers=confusion)).numbers == confusion


def test_a_lesson_does_not_show_the_ids_of_its_runs():
    source = "# Cats\nkind: lesson\n## Guess {#guess}\n### How many? {#many}\n"
    lesson = replace(report(pieces=0), assignment=source, answers={"many": "All.", "runs": "20261127-091739-5b67"})
    assert [section.title for section in sections_of(lesson)] == ["Guess"]


@pytest.mark.parametrize(
    "value, text", [(1070794, "1,070,794"), (1070794.4, "1,070,794"), (98.0654, "98.07"), (7, "7"), (None, "")]
)
def test_a_number_in_a_table_keeps_its_leading_digits(value, text):
    assert cell_text(value) == text


def test_a_report_that_is_not_finished_says_so_in_every_format(trained):
    half = replace(report(trained), answers={"classes": 2}, students="")
    said = "Not finished: 2 of 3 questions have no answer, no names."
    assert document_of(half, None).unfinished == said
    assert said in html_of(document_of(half, None)).decode()
    assert said in Export(half, None).content("notebook").decode()
    finished = document_of(report(trained), None)
    assert finished.unfinished == "" and "Not finished" not in html_of(finished).decode()
    assert len(pdf_of(document_of(half, None))) > len(pdf_of(replace(document_of(half, None), unfinished="")))


def test_negative_numbers_have_a_minus_sign():
    assert cell_text(-4.25) == "−4.25" and cell_text(-1234.0) == "−1,234"
    assert answer_text(Question("q", "number", "?"), {"q": -4}) == "−4"


def test_a_number_that_was_answered_keeps_all_digits():
    asked = Question("q", "number", "?", unit="%")
    assert answer_text(asked, {"q": 1070794}) == "1,070,794\xa0%" and answer_text(asked, {"q": 98.06}) == "98.06\xa0%"


def test_a_chosen_answer_is_markdown_and_a_class_is_not():
    marked = Question("q", "choice", "?", options=(Option("A *small* $x^2$", True), Option("none", False)))
    assert "<em>small</em>" in as_html(answer_text(marked, {"q": "A *small* $x^2$"}))
    of_classes = Question("q", "choice", "?", fact="hardest class")
    assert as_html(answer_text(of_classes, {"q": "1. *a* <b> $x$"})) == "<p>1. *a* &lt;b&gt; $x$</p>\n"
    assert "*a*" in as_typst(answer_text(of_classes, {"q": "1. *a* <b> $x$"}))


def test_a_number_has_the_unit_of_its_question_else_of_its_fact():
    for more, unit in (({}, "%"), ({"unit": "percent"}, "percent")):
        asked = Question("q", "number", "?", fact="held-out accuracy", **more)
        assert answer_text(asked, {"q": 93.4}) == f"93.4\xa0{unit}"


def test_new_images_that_a_report_shows_are_in_its_exports(store, trained, tmp_path, monkeypatch):
    for name in ("phone", "internet"):
        keep_new_images(store, tmp_path / name, name)
    own = report(trained)
    assert sets_in(own) == frozenset() and results_of(store, trained, sets=()).sets == ()
    assert [one.name for one in results_of(store, trained).sets] == ["internet", "phone"]
    with monkeypatch.context() as patch:
        patch.setattr(exported_sets, "MOST_BYTES", find_set(store, "internet").size)
        results = results_of(store, trained)
    assert [one.name for one in results.sets] == ["internet"] and results.too_large == ("phone",)
    assert "The set of new images “phone” is too large" in exported_sets.too_large_text(results.too_large)
    piece = replace(evidence(1), page="results", query="?judged=new&set=phone")
    own = replace(own, evidence=(piece,))
    results = results_of(store, trained, sets=sets_in(own))
    document = document_of(own, results)
    assert document.run is not None
    (shown,) = document.run.new_images
    found = results.sets[0].predictions
    assert shown.name == "phone" and shown.accuracy.startswith(f"{int(found.right.sum())} of the 10 new images")
    assert shown.picture.count("<image ") == 10 and "dark: " in shown.picture
    assert "New images: phone" in html_of(document).decode()
    with_one, with_none = (
        len(pdf_of(replace(document, run=run))) for run in (document.run, replace(document.run, new_images=()))
    )
    assert with_one > with_none


def test_a_run_whose_images_are_gone_is_exported_with_what_is_known(store, create_run, own_folder):
    import shutil

    from cnn.engine.trainer import train_run

    run_id = create_run(own_folder)
    train_run(store, run_id)
    shutil.rmtree(own_folder)
    shutil.rmtree(store.cache)
    results = results_of(store, run_id)
    assert results.dataset is None
    notebook = Export(None, results).content("notebook").decode()
    assert "epoch   3: loss" in notebook
    assert results.missing[:30] in notebook


def test_pictures_become_png_files():
    pages = pictures_as_png([picture(1), picture(2)])
    assert [page[:4] for page in pages] == [b"\x89PNG"] * 2
    assert pictures_as_png([]) == []


def test_names_of_files_are_allowed_everywhere():
    assert file_name('a/b\\c: "d"?\n<e>|*') == "a b c d e"
    assert file_name("...") == "report"
    assert file_name("Con") == "Con report"  # on Windows, con.pdf is a device


# Marks


@pytest.fixture
def marked() -> list[Marked]:
    own = report(students='=HYPERLINK("x")', group="2")
    marks = Marks({"notice": Mark(3.0, "More <b>on</b> *ears*"), "classes": Mark(2.0), WHOLE: Mark(None, "Good.")})
    hand_in = HandIn("id1", "a.zip", b"", own, {"judged": {"right": 3, "images": 4}})
    return [Marked(hand_in, marks, rubric_of(assignment_of(hand_in), Marks()), Recomputed(2, 4))]


def test_the_table_has_a_column_for_each_question_and_no_formulas(marked):
    head, row = csv.reader(io.StringIO(table_of(marked)))
    found = dict(zip(head, row, strict=True))
    assert found["students"] == '\'=HYPERLINK("x")'
    assert (found["points"], found["of"], found["What do you notice?"]) == ("5", "7", "3")
    assert (found["accuracy stated"], found["accuracy recomputed"], found["comment"]) == ("0.7500", "0.5000", "Good.")


def test_the_table_has_semicolons_and_decimal_commas_for_spreadsheets_that_write_numbers_so(marked):
    half = replace(marked[0], marks=Marks({"notice": Mark(2.5)}))
    head, row = csv.reader(io.StringIO(table_of([half], ",")), delimiter=";")
    found = dict(zip(head, row, strict=True))
    assert (found["points"], found["What do you notice?"], found["accuracy recomputed"]) == ("2,5", "2,5", "0,5000")
    assert found["students"] == '\'=HYPERLINK("x")'


def test_the_table_keeps_the_students_of_a_group_apart(marked):
    group = replace(marked[0], hand_in=replace(marked[0].hand_in, report=report(students="Ada  L\n\nAlan T")))
    assert "Ada L, Alan T" in table_of([group])


def test_feedback_is_a_file_for_each_student(marked):
    with zipfile.ZipFile(io.BytesIO(feedback_files(marked * 2))) as archive:
        names = archive.namelist()
        page = archive.read(names[0]).decode()
    assert names == ["HYPERLINK x group 2.html", "HYPERLINK x group 2 2.html"]
    assert "3 of 5" in page
    assert "5 of 7 points" in page
    assert "<em>ears</em>" in page
    assert "<b>" not in page


def test_marks_are_kept(store):
    save_mark(store, "h", "q", Mark(2.5, "Yes"))
    save_mark(store, "h", "q", Mark(None, "No"))
    assert load_marks(store, "h").of("q") == Mark(None, "No")
    assert load_marks(store, "other").of("q") == Mark()
    with pytest.raises(UserError, match="Points"):
        save_mark(store, "h", "q", Mark(-1))


def test_a_teacher_changes_what_the_assignment_says_a_question_is_worth(marked):
    own = assignment_of(marked[0].hand_in)
    assert rubric_of(own, Marks()).of("notice") == Mark(5.0, "Names one thing that could mislead the network.")
    assert rubric_of(own, Marks({"notice": Mark(8.0, "")})).points == 10
