"""A workshop under way: its questions, and who has answered which."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import traitlets as t

from cogrnn_lab.lab.workshop.answers import Answer, Answers, checked_name, file_of, read_answers
from cogrnn_lab.lab.workshop.bandit import QUESTIONS
from cogrnn_lab.lab.workshop.question import DO, NUMBER, ONE, SOME, NotAnswered, Question, Verdict
from cogrnn_lab.lab.workshop.shipped import NETWORKS, is_of

WORKSHOPS: dict[str, tuple[Question, ...]] = {"bandit": QUESTIONS}
NOT_KEPT = "Type your name, so that your answers are kept."


class Workshop(t.HasTraits):
    """The questions of a workshop, and the answers of the student who sits at the lab.

    Arguments:
        name: One of `WORKSHOPS`.
        room: Folder in which the answers of everybody in the room are kept.

    Traits:
        question: Index of the question that is asked, from 0.
        student: Under whose name answers are kept; "": they are not.
        more: Whether the controls are shown that a workshop folds away.

    Raises:
        ValueError: There is no such workshop.
    """

    question: Any = t.Int(0, min=0)
    student: Any = t.Unicode("")
    more: Any = t.Bool(False)

    def __init__(self, name: str, room: str | Path):
        if name not in WORKSHOPS:
            raise ValueError(f'workshop="{name}"; expected {", ".join(WORKSHOPS)}')
        super().__init__()
        self.name, self.room = name, Path(room)
        self.questions = WORKSHOPS[name]
        self.answers = Answers(name, "")
        self.kept = NOT_KEPT  # where answers are, or why they are nowhere

    @property
    def asked(self) -> Question:
        """The question that is asked."""
        return self.questions[self.question]

    @property
    def n_right(self) -> int:
        """How many of the questions have a right answer."""
        return sum(self.is_right(i) for i in range(len(self.questions)))

    def is_right(self, number: int) -> bool:
        """Tell whether a question, counted from 0, has a right answer."""
        answer = self.given(number)
        return answer is not None and answer.is_right

    def given(self, number: int) -> Answer | None:
        """The last answer to a question, counted from 0."""
        return self.answers.answers.get(self.questions[number].name)

    def take(self, lab: Any, number: int, answer: Any) -> Verdict:
        """Check an answer to a question, counted from 0, against the lab as it is.

        It is kept, in the file of the student who gave it where there is one, whatever is asked and whoever
        has come when it is checked.
        """
        question, answers = self.questions[number], self.answers
        try:
            if question.network is not None and self.shown(lab) != question.network.name:
                raise NotAnswered(
                    f"This is about {question.network.name}, and figures show another run: press Open "
                    f"{question.network.name}."
                )
            given = _understood(question, _options(question, lab), answer)
            verdict = question.check(lab, given)
        except NotAnswered as told:
            return Verdict(False, str(told), counts=False)
        answers.note(question.name, given, is_right=verdict.is_right)
        if answers.student:
            self.kept = self._saved(answers)
        return verdict

    def options(self, lab: Any) -> list[str]:
        """What the question that is asked can be answered with; nothing where figures show another run."""
        return _options(self.asked, lab)

    def shown(self, lab: Any) -> str:
        """Name of the shipped network whose discovery the figures are of, "" for any other run."""
        return _network_of(lab.runner.run)

    def withheld(self, run: Any) -> tuple[str, ...]:
        """Names of the panels that would tell the answer to the question, in the figures of this run."""
        network = self.asked.network
        is_about = network is not None and _network_of(run) == network.name
        return self.asked.withheld if is_about and not self.is_right(self.question) else ()

    @t.validate("question")
    def _asked(self, proposal: Any) -> int:
        n = len(WORKSHOPS[self.name]) if hasattr(self, "name") else 1
        if not 0 <= proposal.value < n:
            raise t.TraitError(f"question is {proposal.value}, expected 0 to {n - 1}")
        return proposal.value

    @t.observe("student")
    def _seated(self, _: Any) -> None:
        """Go on with what a student of this name has answered; what nobody had signed is signed now."""
        unsigned = None if self.answers.student else self.answers
        self.answers, self.kept = Answers(self.name, ""), NOT_KEPT
        if not self.student.strip():
            return
        try:
            name = checked_name(self.student)
            path = file_of(self.room, name)
            known = read_answers(path) if path.is_file() else Answers(self.name, name)
            if known.workshop != self.name:
                raise ValueError(f'there are answers of {name} to the workshop "{known.workshop}"')
        except (OSError, ValueError) as error:
            self.kept = f"Answers are not kept: {error}"
            self.answers = unsigned or self.answers
            return
        is_known = bool(known.answers)
        if unsigned is not None:
            known.add(unsigned)
        self.answers = known
        self.kept = self._saved(known)
        if is_known and self.kept.startswith("Kept"):
            self.kept = f"Welcome back, {name}. {self.kept}"

    def _saved(self, answers: Answers) -> str:
        """Write somebody's answers; what became of it."""
        try:
            answers.save(self.room)
        except (OSError, ValueError) as error:
            return f"Answers are not kept: {error}"
        return f"Kept under {answers.student}."


def _options(question: Question, lab: Any) -> list[str]:
    try:
        return question.options(lab)
    except NotAnswered:
        return []


def _network_of(run: Any) -> str:
    """Name of the shipped network whose discovery a run has, "" for any other run."""
    if run is None or run.course.found is None or run.branch is not None:
        return ""
    return next((name for name, network in NETWORKS.items() if is_of(network, run.settings)), "")


def _understood(question: Question, options: Sequence[str], answer: Any) -> Any:
    """An answer as a check takes it; `NotAnswered` where it is none to this question."""
    if question.kind == DO:
        return None
    if question.kind == NUMBER:
        try:
            number = float(answer)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise NotAnswered(f"{str(answer)[:40]!r} is no number: write one such as 0.3, with a point.")
        return number
    if question.kind == ONE and answer not in options:
        raise NotAnswered("Pick one of the answers." if not answer else f"{answer!r} is none of the answers.")
    if question.kind == SOME:
        given = [answer] if isinstance(answer, str) else list(answer or ())
        strange = [one for one in given if one not in options]
        if strange or not given:
            raise NotAnswered(f"{strange[0]!r} is none of the answers." if strange else "Pick some answers.")
        return [one for one in options if one in given]
    return answer
