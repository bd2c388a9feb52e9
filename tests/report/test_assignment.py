import pytest

from cnn.report.assignment import Need, Option
from cnn.report.assignment_check import check
from cnn.report.assignment_file import AssignmentError, parse
from pages.shared.report.report_start import wrong_setting

SOURCE = """# Filters

What it is about.

## Look {#look}
page: data
settings: ?size=50
needs: 3 to 10 classes
needs: At least 1,500 images each

Look at them.

```python
## not a step
```

### What do you see? {#see}
points: 2

Describe it.

### How many? {#many}
kind: number
fact: training images

## Train {#train}
after: many
page: train
also: compare, experiments
needs: a trained network

### Which is larger? {#larger}
kind: choice

Think first.

- [x] The first -> Yes.
- [ ] The second

## Notes for teachers

They find this hard.
"""


def mistakes(source, **checks):
    with pytest.raises(AssignmentError) as caught:
        parse(source, **checks)
    return [(one.line, one.text) for one in caught.value.mistakes]


def test_a_file_becomes_steps_with_needs_and_questions():
    found = parse(SOURCE)
    look, train = found.steps
    assert (found.title, found.kind, found.text, found.notes) == (
        "Filters", "assignment", "What it is about.", "They find this hard.",
    )  # fmt: skip
    assert (look.id, look.page, look.settings) == ("look", "data", "size=50")
    assert look.text == "Look at them.\n\n```python\n## not a step\n```"
    assert look.needs == (
        Need("3 to 10 classes", "classes", 3, 10),
        Need("At least 1,500 images each", "images", 1500),
    )
    see, many = look.questions
    assert (see.kind, see.title, see.text, see.points, see.is_checked) == (
        "text", "What do you see?", "Describe it.", 2, False,
    )  # fmt: skip
    assert (many.kind, many.fact, many.is_checked) == ("number", "training images", True)
    assert (train.after, train.needs) == ("many", (Need("a trained network", "network"),))
    assert (train.page, train.also) == ("train", ("compare", "experiments"))
    larger = found.question("larger")
    assert larger.text == "Think first."
    assert larger.options == (Option("The first", True, "Yes."), Option("The second", False))


def test_a_title_without_an_id_gives_one():
    assert parse("# A\n## Load the images!\n### Why?").steps[0].id == "load-the-images"


@pytest.mark.parametrize(
    "lines, line, part",
    [
        ("# B", 3, "has one title"),
        ("pages: data", 3, "not a field of a step"),
        ("needs: 1500 pictures", 3, "not a need"),
        ("needs: 10 to 3 classes", 3, "not a need"),
        ("page: nowhere", 3, "no page"),
        ("also: data, nowhere", 3, "no page “nowhere”"),
        ("settings: a=b", 3, "belong to a page"),
        ("after: later", 2, "no question of an earlier step"),
        ("### Q {#Not right}", 3, "small letters"),
        ("### Q\nkind: essay", 4, "none of text, number"),
        ("### Q\nkind: number\nanswer: many", 5, "not a number"),
        ("### Q\nkind: number\nfact: unknown", 5, "no fact"),
        ("### Q\nkind: number\nkind: text", 5, "twice"),
        ("### Q\nkind: choice\n\n- [x] one", 3, "two or more"),
        ("### Q\nkind: choice\n\n- one\n- two", 3, "marked as right"),
        ("### Q\nkind: choice\n\n- [x] one\n- [ ] one", 7, "twice"),
        ("### Q {#q}\n### R {#q}", 4, "already that of line 3"),
        ("### Q\nfact: known", 3, "cannot be checked"),
    ],
)
def test_a_mistake_is_told_with_its_line(lines, line, part):
    source = f"# A\n## S\n{lines}"
    found = mistakes(source, is_page=lambda name: name == "data", is_fact=lambda key: key == "known")
    assert [number for number, _ in found] == [line]
    assert part in found[0][1]


def test_all_mistakes_are_told_at_once():
    with pytest.raises(AssignmentError) as caught:
        parse("# A\n## S\nneeds: much\npage: x\n### Q\nkind: y", is_page=lambda name: False)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["Line 3", "Line 4", "Line 6"]


@pytest.mark.parametrize("source", ["", "   \n", "# A", "## S", "text only", "Text\n# A\n## S"])
def test_what_is_no_assignment_is_refused(source):
    assert mistakes(source)


STEP = "# T\n\n## S {#s}\n"


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("# T\n\n##S\n\n## R\n", 3, "A heading has a space"),
        (STEP + "###\n", 4, "no title"),
        (STEP + "### Why? {why}\n", 4, "{#why}"),
        (STEP + "\n```\n### Q\n", 5, "never ends"),
        (STEP + "Page: data\n", 4, "“page: data”"),
        (STEP + "  page: data\n", 4, "“page: data”"),
        (STEP + "### Q\n\nkind: choice\n\n- [x] a\n- [ ] b\n", 6, "“kind: choice”"),
        (STEP + "### Q\npoints 3\n", 5, "“points: 3”"),
        (STEP + "### Q\n\n- [x] a\n- [ ] b\n", 6, "Only a choice"),
        (STEP + "### Q\nkind: number\nfact: parameters\nanswer: 5\n", 4, "not both"),
        (STEP + "### Q\nkind: number\ntolerance: 2\n", 4, "belongs to an “answer”"),
        (STEP + "### Q\npoints: -2\n\n## R\n", 4, "0 or more"),
        (STEP + "page: train\nsettings: epochs=5&epcohs=5\n", 5, "setting “epcohs”"),
        (STEP + "page: train\nsettings: folder=x&epochs=many\n", 5, "“epochs=many”"),
        (STEP + "### Q\nkind: choice\n\n- [] a\n- [x] b\n- [ ] c\n", 7, "“- [x] right”"),
        (STEP + "### Q\nkind: choice\n\n- [x] b\n- [ ] c\n- [v] a\n", 9, "“- [x] right”"),
        (STEP + "### Q\nkind: choice\n\n- [x] b\n- [ ] c\n-[x] a\n", 9, "“- [x] right”"),
        (STEP + "### Q\nkind: choice\n\n- [x] a\n- [ ] b\n- c\n", 4, "“c” has no mark"),
    ],
)
def test_what_is_probably_meant_otherwise_is_told_with_its_line(source, line, text):
    with pytest.raises(AssignmentError) as caught:
        check(source, wrong_setting=wrong_setting)
    (found,) = [one for one in caught.value.mistakes if text in one.text]
    assert found.line == line
    parse(source)  # a report with such an assignment still opens


@pytest.mark.parametrize(("typed", "number"), [("1,5", 1.5), ("1.5", 1.5), ("1,200", 1200), ("−4", -4), ("93 %", 93)])
def test_numbers_are_read_as_those_of_students(typed, number):
    assert parse(STEP + f"### Q\nkind: number\nanswer: {typed}\n").questions[0].answer == number


def test_what_follows_an_arrow_is_said_to_whoever_chooses_the_answer():
    options = parse(STEP + "### Q\nkind: choice\n\n- [x] a -> yes\n- [ ] b → no\n").questions[0].options
    assert [(one.text, one.feedback) for one in options] == [("a", "yes"), ("b", "no")]


def test_ordinary_text_is_no_mistake():
    text = "\n\nLook at: this. kind of: yes\n\n```\n#x\nkind: y\n```\n\n#1 of 5 \\#tag\n\n- [ ] to do\n"
    found = check(STEP + "needs: 3 classes\nneeds: 5 epochs" + text)
    assert len(found.steps[0].needs) == 2 and found == parse(STEP + "needs: 3 classes\nneeds: 5 epochs" + text)


def test_what_stands_in_a_block_of_code_is_code():
    shorter = "````md\n```\n## no step\n- [x] no answer\n```\n### no question\n````\n"
    source = STEP + "### Q\nkind: choice\n\n" + shorter + "\n``` in a line ```\n\n- [x] a\n- [ ] b\n\n### R\n"
    found = check(source)
    assert [step.id for step in found.steps] == ["s"] and [one.id for one in found.questions] == ["q", "r"]
    assert [one.text for one in found.questions[0].options] == ["a", "b"]
    assert shorter.strip() in found.questions[0].text


def test_the_settings_of_a_step_may_be_a_whole_address():
    step = "page: train\nsettings: http://localhost:8501/train?epochs=5&batch_size=8\n"
    assert check(STEP + step).steps[0].settings == "epochs=5&batch_size=8"
