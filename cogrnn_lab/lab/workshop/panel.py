"""The questions of a workshop, one after the other, with their checks."""

from typing import Any

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.controls.order_button import order_button
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.panel import Panel
from cogrnn_lab.lab.view import View
from cogrnn_lab.lab.workshop.answers import LONGEST_ANSWER
from cogrnn_lab.lab.workshop.question import NUMBER, ONE, SOME, Verdict

HELP = (
    "Answer the questions one after the other, or in an order of your own. Check compares an answer with the "
    "network and the data in the lab. What was right stays so."
)
NAME_TIP = "your name: answers are kept under it, and you go on where you stopped"
HELD_BACK = "What was found, Wiring and Equations would tell the answer: they are shown once it is given."
MOST_OPTIONS = 8  # of a question with several answers


class WorkshopPanel(Panel):
    """Workshop: the question, what it is answered with, Check, and how far one is."""

    name, title, help = "workshop", "Workshop", HELP
    place, every, is_cheap, is_wide, is_first = -1.0, 0.5, True, True, True

    def __init__(self, state):
        super().__init__(state)
        self.workshop: Any = state.workshop
        self._verdicts: dict[int, Markup] = {}  # of this visit, by question
        self._hinted: set[int] = set()
        self.student = w.Text(placeholder="your name", continuous_update=False, tooltip=NAME_TIP)
        self.student.add_class("cog-set-student")
        t.link((self.workshop, "student"), (self.student, "value"))
        self.progress = text("", "cog-dim", "cog-readout-workshop")
        self.question = text("", "cog-question")
        self.hint, self.verdict = text("", "cog-hint"), text("", "cog-verdict")
        self.kept = text("", "cog-dim", "cog-kept")
        self.held_back = text("", "cog-dim", "cog-held-back")
        self.steps = [self._step(i) for i in range(len(self.workshop.questions))]
        self._make_answers()
        controls = box([*self._make_buttons(), self.kept], "cog-along")
        self.widget = self.frame(
            [self.progress, self.student], box(self.steps, "cog-steps"), self.question, self.answers,
            controls, self.hint, self.verdict, self.held_back,
        )  # fmt: skip
        self.workshop.observe(self._seated, "student")
        self.workshop.observe(lambda _: self.show(), ["question", "student"])
        self.show()

    def _seated(self, change: Any) -> None:
        """Keep from another student what was said to the one before; what nobody had signed stays."""
        if change.old.strip():
            self._verdicts.clear()
            self._hinted.clear()

    def make_first(self, first: FirstRun) -> None:
        """It is there before its network is: the question was put already."""

    def draw(self, run: LabRun, view: View) -> None:
        """Ask the question anew, as another run may be there; nothing is analysed for it."""
        self.show()

    def show(self) -> None:
        """Ask the question, offer what it can be answered with, and tell how far the student is."""
        workshop, number = self.workshop, self.workshop.question
        n, asked = len(workshop.questions), workshop.asked
        self.progress.value = f"{workshop.n_right} of {n} answered"
        self.question.value = markup("<p><b>{}. {}.</b> {}</p>", number + 1, asked.title, asked.text)
        for i, step in enumerate(self.steps):
            step.description = f"✓ {i + 1}" if workshop.is_right(i) else str(i + 1)
            step.button_style = "primary" if i == number else ""
        self._offer(asked.kind, self.state.orders["options"]())
        self._show_open(asked)
        self.back.disabled, self.next.disabled = number == 0, number == n - 1
        self.hint.value = markup("<p>{}</p>", asked.hint) if number in self._hinted else ""
        self.verdict.value = self._verdicts.get(number) or self._before(number)
        self.kept.value = workshop.kept
        self.held_back.value = HELD_BACK if self.state.orders["withheld"]() else ""

    def show_verdict(self, number: int, verdict: Verdict) -> None:
        """Say whether the answer to a question, counted from 0, was right, and why."""
        kind, word = ("cog-is-right", "Right.") if verdict.is_right else ("cog-late", "Not yet.")
        if not verdict.counts:
            word = "Not checked."
        said = markup('<span class="{}">{}</span> {}', kind, word, verdict.sentence)
        self._verdicts[number] = markup('<p role="status">{}</p>', said)
        self.show()

    def _make_answers(self) -> None:
        self.one = w.RadioButtons(options=[], tooltip="your answer")
        # with words from the start, as the page names a field without any by what stands around it
        self.some = [w.Checkbox(description=f"answer {i + 1}", indent=False) for i in range(MOST_OPTIONS)]
        self._offered: list[str] = []  # by `some`
        self.number = w.Text(placeholder="a number", continuous_update=True, tooltip="your answer: a number")
        self.number.on_msg(self._entered)
        self._several = box(self.some, "cog-answer-some")
        self.one.add_class("cog-answer-one")
        self.number.add_class("cog-answer-number")
        self.answers = w.VBox((self.one, self._several, self.number))

    def _make_buttons(self) -> list[w.Widget]:
        self.check = _button("Check", "compare the answer with the network and the data in the lab", "check")
        self.check.button_style = "primary"
        self.check.on_click(lambda _: self._check())
        self.tell = _button("Hint", "tell where to look", "hint")
        self.tell.on_click(lambda _: self._tell_hint())
        self.back = _button("Back", "the question before", "back-question")
        self.next = _button("Next", "the next question", "next-question")
        for button, by in ((self.back, -1), (self.next, 1)):
            button.on_click(lambda _, by=by: self._go(self.workshop.question + by))
        self.open = order_button(
            self.state, "open_asked", "Open", "show the network of this question; answers stay"
        )
        self.open.add_class("cog-way-out")
        return [self.check, self.tell, self.back, self.next, self.open]

    def _step(self, number: int) -> w.Button:
        button = _button(
            str(number + 1), f"question {number + 1}: {self.workshop.questions[number].title}", "step-to"
        )
        button.on_click(lambda _: self._go(number))
        return button

    def _go(self, number: int) -> None:
        if 0 <= number < len(self.workshop.questions):  # clicks that came too fast
            self.workshop.question = number

    def _offer(self, kind: str, options: list[str]) -> None:
        if kind == SOME:
            options = options[:MOST_OPTIONS]
        if kind == ONE and list(self.one.options) != options:
            self.one.options = options
            self.one.value = None
        if kind == SOME and self._offered != options:
            self._offered = options
            for one, words in zip(self.some, self._offered, strict=False):
                one.description, one.value = words, False
        for i, one in enumerate(self.some):
            one.layout.display = "" if i < len(self._offered) else "none"
        self.one.layout.display = "" if kind == ONE and options else "none"
        self._several.layout.display = "" if kind == SOME and options else "none"
        self.number.layout.display = "" if kind == NUMBER else "none"

    def _show_open(self, asked: Any) -> None:
        """The button that opens the network of the question, where figures show another run."""
        is_there = asked.network is None or self.state.orders["shown"]() == asked.network.name
        self.open.layout.display = "none" if is_there else ""
        if asked.network is not None:
            self.open.description = f"Open {asked.network.name}"

    def _before(self, number: int) -> Markup:
        """What was answered at an earlier visit."""
        given = self.workshop.given(number)
        if given is None:
            return Markup("")
        told = ", ".join(given.answer) if isinstance(given.answer, list) else given.answer
        answer = "" if told is None else f" Your answer: {str(told)[:LONGEST_ANSWER]}."
        word = (
            markup('<span class="cog-is-right">{}</span>', "Answered.")
            if given.is_right
            else "Not yet right."
        )
        return join([word, answer])

    def _tell_hint(self) -> None:
        self._hinted.add(self.workshop.question)
        self.show()

    def _entered(self, _: Any, content: Any, buffers: Any) -> None:
        """Enter in the field of a number is as good as Check."""
        if isinstance(content, dict) and content.get("event") == "submit":
            self._check()

    def _check(self) -> None:
        self.state.orders["answer_later"](self._answer())

    def _answer(self) -> Any:
        kind = self.workshop.asked.kind
        if kind == SOME:
            return [words for one, words in zip(self.some, self._offered, strict=False) if one.value]
        return {ONE: self.one.value, NUMBER: self.number.value}.get(kind)


def _button(words: str, tip: str, name: str) -> w.Button:
    button = w.Button(description=words, tooltip=tip)
    button.add_class("cog-small")
    button.add_class(f"cog-{name}")
    return button
