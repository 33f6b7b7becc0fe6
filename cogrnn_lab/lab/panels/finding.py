"""The finding first: what is known so far in words, and the likelihood beside its yardsticks."""

from cogrnn_lab.lab.controls.order_button import order_button
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.engine.story import Told
from cogrnn_lab.lab.engine.worth import BEGIN, EQUATIONS_KIND, NETWORK_KIND, Mark, Worth, sentence, worth
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import BUSY, box, late, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View

HELP = (
    "How probable a choice is on average (geometric mean) to the network and to what it is compared with, "
    "all of the same sessions. Bars begin at the lowest of them."
)
KINDS = {NETWORK_KIND: "cog-of-network", EQUATIONS_KIND: "cog-of-equations"}
FIRST_SENTENCES = 2
OPEN_SECTIONS = 2  # of a story that are unfolded from the start: what it is, and its latents


@register
class FindingPanel(Panel):
    """Finding: sentences, and a bar for the network and each yardstick."""

    name, title, help = "finding", "What was found", HELP
    place, every, is_cheap = 0.0, 0.5, True
    is_first = True
    concerns = ("classical",)

    def __init__(self, state):
        super().__init__(state)
        self.words = text("", "cog-finding")
        self.bars = text("", "cog-worth")
        self.sessions = text("", "cog-dim", "cog-readout-finding")
        self.explain = order_button(state, "explain", "Explain", "tell what the network does, in sentences")
        self.save = order_button(state, "save_report", "Save report", "write the story with its figures")
        self.progress = text("", "cog-dim", "cog-telling")
        self.story = text("", "cog-finding", "cog-story")
        row = box([self.explain, self.save, self.progress], "cog-row-of-buttons")
        self.widget = self.frame([self.sessions], self.words, self.bars, row, self.story)

    def draw(self, run: LabRun, view: View) -> None:
        """Show what is known; nothing is analysed for it."""
        known = worth(run)
        self.sessions.value = f"likelihood of {known.sessions}" if known.marks else ""
        self.words.value = self._words(run)
        self.bars.value = _bars(known)
        self._show_story(run)

    def code(self, run: LabRun, view: View) -> str:
        """What the network is worth, by the public API."""
        if run.course.found is not None:
            return "cl.plots.plot_yardsticks(found.measured)"
        return "" if run.task is not None else f"cl.evaluate(model, {run.scored_name})"

    def make_first(self, first: FirstRun) -> None:
        """Say how to begin."""
        self.words.value = BEGIN
        self.explain.disabled, self.save.layout.display = True, "none"

    def _show_story(self, run: LabRun) -> None:
        """What is being told, and the story that was told last."""
        story, told = run.story, run.story.told
        begun = bool(run.curve.n_steps) or run.course.found is not None or bool(run.course.levels)
        self.explain.disabled = not begun
        self.explain.description = "Stop explaining" if story.now else "Explain"
        is_there = told is not None and told.explanation is not None
        self.save.layout.display = "" if is_there else "none"
        self.progress.value = join([BUSY, story.now]) if story.now else ""
        self.story.value = Markup("") if told is None else _story(told, run.curve.n_steps)

    def _words(self, run: LabRun) -> Markup:
        course, found = run.course, run.explanation.found
        if course.found is not None:
            return _verdict(list(course.found.sentences))
        said = [markup("<p>{}</p>", sentence(run))]
        if course.equations is not None:
            said = [markup("<p><b>{}</b></p>", _first_line(course.equations.text))]
        elif found is not None and found.equations is not None:
            first = _first_line(found.equations.text)
            said.append(markup("<p><b>{}</b> (equations of step {})</p>", first, f"{found.step:,}"))
        return join(said)


def _story(told: Told, step: int) -> Markup:
    """The story by its headings, all but the first folded; marked where the network has trained since."""
    is_late = told.step is not None and told.level < 0 and told.step != step
    stamp = f"The story of {told.of}, along {told.sessions}"
    said = [markup("<p>{}</p>", late(f"{stamp}; the network is at step {step:,}") if is_late else stamp)]
    if told.explanation is None:
        return join([*said, markup("<p>{}</p>", told.why)])
    for i, (heading, sentences) in enumerate(told.explanation.sections.items()):
        own = join(markup("<p>{}</p>", one) for one in sentences)
        opened = Markup(" open") if i < OPEN_SECTIONS else Markup("")
        said.append(markup("<details{}><summary>{}</summary>{}</details>", opened, heading, own))
    return join(said)


def _first_line(text_: str) -> str:
    return text_.partition("\n")[0]


def _verdict(sentences: list[str]) -> Markup:
    """The verdict; what follows its first sentences is unfolded where it is asked for."""
    first, rest = sentences[:FIRST_SENTENCES], sentences[FIRST_SENTENCES:]
    shown = [
        markup("<p><b>{}</b></p>", one) if i == 0 else markup("<p>{}</p>", one) for i, one in enumerate(first)
    ]
    if rest:
        more = join(markup("<p>{}</p>", one) for one in rest)
        shown.append(markup("<details><summary>more</summary>{}</details>", more))
    return join(shown)


def _bars(known: Worth) -> Markup:
    """A table with a bar for each, from the lowest likelihood at the left to the highest."""
    if len(known.marks) < 2:
        return Markup("")
    values = [mark.likelihood for mark in known.marks]
    edges = [edge for mark in known.marks for edge in (mark.low, mark.high) if edge is not None]
    low, high = values[0], max(values + edges)
    span = max(high - low, 1e-9)
    rows = join(_row(mark, low, span) for mark in reversed(known.marks))
    caption = f"likelihood per choice of {known.sessions}"
    return markup('<table class="cog-bars" aria-label="{}"><tbody>{}</tbody></table>', caption, rows)


def _row(mark: Mark, low: float, span: float) -> Markup:
    def at(value: float) -> str:
        return f"{100 * min(max((value - low) / span, 0.0), 1.0):.2f}%"

    reach, interval = Markup(""), ""
    if mark.low is not None and mark.high is not None and mark.low < mark.high:  # chance is known exactly
        width = f"{100 * min(max((mark.high - max(mark.low, low)) / span, 0.0), 1.0):.2f}%"
        reach = markup('<i class="cog-reach" style="left:{};width:{}"></i>', at(mark.low), width)
        interval = f"{mark.low:.4f} to {mark.high:.4f}"
    return markup(
        '<tr class="{kind}"><th scope="row">{name}</th><td class="cog-track"><span aria-hidden="true">'
        '<i class="cog-fill" style="width:{width}"></i>{reach}</span></td><td class="cog-number">{value}</td>'
        '<td class="cog-interval-text" title="95 % interval">{interval}</td></tr>',
        kind=KINDS.get(mark.kind, "cog-of-other"), name=mark.name, width=at(mark.likelihood), reach=reach,
        value=f"{mark.likelihood:.4f}", interval=interval,
    )  # fmt: skip
