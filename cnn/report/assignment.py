"""An assignment or a lesson: steps with questions."""

from dataclasses import dataclass
from math import inf

KINDS = ("assignment", "lesson")
QUESTION_KINDS = ("text", "number", "choice", "guess")
# What a step can need -> how an assignment writes it, after a number or a range of numbers.
UNITS = {
    "classes": "classes",
    "images": "images each",
    "new images": "new images per class",
    "epochs": "epochs",
    "pieces": "pieces of evidence",
}


@dataclass(frozen=True)
class Need:
    """What a step needs, and how much of it: low to high, both included. what: a key of UNITS, or "network": a trained
    network."""

    text: str
    what: str
    low: int = 1
    high: float = inf


@dataclass(frozen=True)
class Option:
    """One answer of a choice. feedback: shown to whoever chooses it. right: None if the file does not say."""

    text: str
    right: bool | None = None
    feedback: str = ""


@dataclass(frozen=True)
class Question:
    """kind: one of QUESTION_KINDS. text: the prompt, Markdown. options: of a choice; of a guess, if it is one of these.

    fact: the key of the right answer (or of the outcome of a guess) in cnn.report.facts; "" if there is none.
    answer, tolerance: the right number, and by how much an answer may differ. page, settings: where the answer can be
    seen. why: shown once the answer is right. points: at most; 0 if the question has none. rubric: for the teacher.
    """

    id: str
    kind: str
    title: str
    text: str = ""
    options: tuple[Option, ...] = ()
    fact: str = ""
    answer: float | None = None
    tolerance: float = 0.0
    unit: str = ""
    page: str = ""
    settings: str = ""
    why: str = ""
    points: float = 0.0
    rubric: str = ""
    line: int = 0

    @property
    def is_checked(self) -> bool:
        """Whether the product can tell a right answer from a wrong one."""
        return bool(self.fact) or self.answer is not None or any(option.right for option in self.options)


@dataclass(frozen=True)
class Step:
    """page, settings: a page to open, and the query of its link. also: pages whose evidence belongs here, too. after:
    the id of a question that must be answered before this step is shown; "" if there is none."""

    id: str
    title: str
    text: str = ""
    page: str = ""
    settings: str = ""
    also: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    after: str = ""
    questions: tuple[Question, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Assignment:
    """kind: one of KINDS. text: Markdown before the first step. aim, minutes, level, notes: for the teacher."""

    title: str
    kind: str = "assignment"
    text: str = ""
    aim: str = ""
    minutes: str = ""
    level: str = ""
    notes: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for step in self.steps for question in step.questions)

    @property
    def is_about_images(self) -> bool:
        """Whether all its steps are on the Data page, so that it needs no network."""
        return bool(self.steps) and all(step.page == "data" and not step.also for step in self.steps)

    def question(self, id: str) -> Question | None:
        return next((one for one in self.questions if one.id == id), None)

    def step(self, id: str) -> Step | None:
        return next((one for one in self.steps if one.id == id), None)
