"""The mystery agent: a guess, and once it is revealed, the answer, its numbers and the score."""

from collections.abc import Mapping
from typing import Any

import ipywidgets as w

from cogrnn_lab.lab.controls.one_of import one_of
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.settings.state import MYSTERY
from cogrnn_lab.lab.view import View
from cogrnn_lab.tasks import MysteryScore, mystery_agent

HELP = (
    "Guess which agent made the choices, and its numbers, from what the network found. Of 100 points, 40 are "
    "for the agent and 60 for its numbers; one that is off by half of its plausible range gets none."
)
RULES = "In Update rule, dashed lines are its true rules, as far as the latent follows them."


@register
class MysteryPanel(Panel):
    """Mystery agent: widgets of the guess, Reveal, and the answer."""

    name, title, help = "mystery", "Mystery agent: your guess", HELP
    place, every, is_cheap = 3.0, 1.0, True
    concerns = ("revealed",)

    def __init__(self, state):
        super().__init__(state)
        self.score: MysteryScore | None = None
        self.reveal = w.Button(description="Reveal", icon="eye", tooltip="take the guess, and tell the agent")
        self.reveal.add_class("cog-small")
        self.reveal.add_class("cog-reveal")
        self.reveal.on_click(lambda _: setattr(state, "revealed", True))
        self.answer = text("", "cog-answer")
        self.guess = w.VBox()  # filled when there is a mystery agent: its fields are many
        body = w.VBox((self.guess, box([self.reveal], "cog-store"), self.answer))
        self.widget = self.frame((), body)

    def is_for(self, run: LabRun) -> bool:
        """Runs on a mystery agent."""
        return run.settings["data"]["source"] == MYSTERY

    def begin(self, run: LabRun, view: View) -> None:
        """Hide what was revealed of another."""
        self.score = None
        if not self.guess.children:
            self.guess.children = (one_of(self.state.guess, "agent guessed", 4),)
        self._show_guessing(is_open=True)

    def draw(self, run: LabRun, view: View) -> None:
        """Show the answer where it is revealed: the guess of that moment counts."""
        if not self.state.revealed:
            self._show_guessing(is_open=True)
            self.score = None
        elif self.score is None:
            self._reveal(run)

    def _reveal(self, run: LabRun) -> None:
        mystery, guess = mystery_agent(run.settings["data"]["mystery"]), self.state.guess
        self.score = mystery.score(guess.kind, guess.parameters.to_dict())
        self.answer.value = answer_html(mystery.reveal().kind, guess.kind, self.score)
        self._show_guessing(is_open=False)

    def _show_guessing(self, *, is_open: bool) -> None:
        self.reveal.disabled = not is_open
        if is_open:
            self.answer.value = ""


def answer_html(kind: str, guessed: str, score: MysteryScore) -> Markup:
    """The answer in words, and a row for each hidden number."""
    right = "as you guessed" if score.is_right else f"not {guessed}"
    said = markup("<p>It is <b>{}</b>, {}. <b>{} of 100 points.</b> {}</p>", kind, right,
                  f"{score.points:.0f}", RULES)  # fmt: skip
    rows = join(_row(row) for row in score.table.to_dict("records"))
    head = "<thead><tr><th>number</th><th>true</th><th>guess</th><th>off by</th><th>points</th></tr></thead>"
    table = markup("<table class='cog-answers'>{}<tbody>{}</tbody></table>", Markup(head), rows)
    return join((said, table))


def _row(row: Mapping[Any, Any]) -> Markup:
    is_there = row["guess"] == row["guess"]
    guess = f"{row['guess']:.2f}" if is_there else "—"
    off = f"{row['off']:.0%} of its range" if is_there else "not in that agent"
    cells = row["name"].replace("_", " "), f"{row['true']:.2f}", guess, off, f"{row['points']:.0f}"
    return markup("<tr>{}</tr>", join(markup("<td>{}</td>", cell) for cell in cells))
