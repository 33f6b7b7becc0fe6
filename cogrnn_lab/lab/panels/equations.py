"""Equations of the network in training, or of the level that a discovery has chosen."""

from typing import Any

import ipywidgets as w
import numpy as np
import traitlets as t

from cogrnn_lab.analysis import Equations
from cogrnn_lab.discovery.yardsticks import EQUATIONS, NETWORK
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.markup import Markup, join, markup
from cogrnn_lab.lab.page.first_widgets import FirstRun
from cogrnn_lab.lab.page.style import BUSY, late, text
from cogrnn_lab.lab.panel import Panel, register
from cogrnn_lab.lab.view import View

HELP = (
    "The few numbers that explain the same choices, with 95 % intervals. Rates are fractions of the way that "
    "a latent moves on a trial, from 0 to 1; weights are in log odds, around 0."
)
RATE = "fraction a trial"
WAIT = "The network is put into equations when its training pauses or ends, and now and then while it trains."
OFF = "Tick search to have the network put into equations whenever its training pauses or ends."


@register
class EquationsPanel(Panel):
    """Equations: sentences, and a row for each number with its interval."""

    name, title, help = "equations", "Equations", HELP
    place, every, is_cheap = 2.0, 0.5, True
    under, is_first = "finding", True
    concerns = ("level", "equations")

    def __init__(self, state):
        super().__init__(state)
        self.search = w.Checkbox(
            value=state.equations, description="search", indent=False,
            tooltip="search for equations when training pauses or ends, and now and then while it trains",
        )  # fmt: skip
        self.search.add_class("cog-set-equations")
        t.link((state, "equations"), (self.search, "value"))
        self.readout = text("", "cog-dim", "cog-readout-equations")
        self.words = text("", "cog-finding", "cog-words-equations")
        self.numbers = text("", "cog-numbers")
        self.fidelity = text("", "cog-dim", "cog-fidelity")
        self.widget = self.frame([self.readout, self.search], self.words, self.numbers, self.fidelity)

    def draw(self, run: LabRun, view: View) -> None:
        """Show what the searches have found; nothing is searched for here."""
        course = run.course
        if self.state.level >= 0 and (course.equations is not None or course.found is not None):
            self._show_of_discovery(course)
        else:
            self._show_of_training(run)

    def code(self, run: LabRun, view: View) -> str:
        """The same numbers by the public API."""
        found = run.course.found
        if found is not None and found.equations is not None:
            return "cl.plots.plot_equations(found.equations)"
        return "cl.plots.plot_equations(cl.equations(model, train))"

    def make_first(self, first: FirstRun) -> None:
        """Say when there will be some."""
        self.words.value = WAIT

    def _show_of_training(self, run: LabRun) -> None:
        found, busy, step = run.explanation.found, run.explanation.busy, run.curve.n_steps
        said: list[Any] = []
        if found is not None:
            said.append(f"of step {found.step:,}")
            if found.step != step:
                said.append(late(f"out of date: the network is at step {step:,}"))
        if run.course.is_at_work:
            said.append(join([BUSY, "a discovery is looking for its own"]))
        elif busy:
            said.append(join([BUSY, "searching" if found is not None else f"searching: {busy}"]))
        self.readout.value = join(said, " · ")
        if found is None:
            self._show(None, WAIT if self.state.equations else OFF, [])
            return
        beside = []
        if found.likelihood is not None and found.network is not None:
            beside.append(_beside(found.sessions, found.likelihood, found.network))
        if found.equations is not None:
            beside += [f"Searched in {found.source}, from {found.equations.source}"]
        self._show(found.equations, found.why, beside)

    def _show_of_discovery(self, course: Any) -> None:
        """Those of the chosen level, whichever level the figures show."""
        if course.equations is None:
            why = course.found.without_equations
            self.readout.value = f"of level {int(course.chosen)}, the chosen one"
            self._show(None, why, [])
            return
        chosen, said = int(course.chosen), []
        said.append(f"of level {chosen}, the chosen one")
        if self.state.level != chosen:
            said.append(late(f"figures show level {self.state.level}"))
        self.readout.value = join(said, " · ")
        found, beside = course.found, []
        if found is not None and EQUATIONS in found.measured.nll:
            sessions = f"{found.measured.units.name} that nothing saw"
            pair = (found.measured.likelihood(name) for name in (EQUATIONS, NETWORK))
            beside.append(_beside(sessions, *pair))
        elif np.isfinite(course.equations.fidelity.choosing):
            fidelity = course.equations.fidelity
            beside.append(_beside("sessions chosen by", fidelity.choosing, fidelity.network))
        self._show(course.equations, "", [*beside, f"Start: {course.equations.source}"])

    def _show(self, equations: Equations | None, why: str, beside: list[str]) -> None:
        lines = [why] if equations is None else equations.text.split("\n")
        bold = equations is not None
        said = [
            markup("<p><b>{}</b></p>" if bold and i == 0 else "<p>{}</p>", line)
            for i, line in enumerate(lines)
        ]
        self.words.value = join(said)
        self.numbers.value = Markup("") if equations is None else numbers_table(equations)
        self.fidelity.value = join(markup("<p>{}</p>", one) for one in beside)


def _beside(sessions: str, equations: float, network: float) -> str:
    relation = "more" if equations > network else "less"
    return (
        f"Likelihood of {sessions}: equations {equations:.4f}, network {network:.4f} "
        f"({abs(equations - network):.4f} {relation})."
    )


def numbers_table(equations: Equations) -> Markup:
    """A row for each number: its name, where it is with its interval, and both as text."""
    numbers = equations.numbers
    if not len(numbers):
        return Markup("")
    weights = numbers[numbers.unit != RATE][["low", "value", "high"]].to_numpy(float)
    finite = np.abs(weights[np.isfinite(weights)])
    most = float(finite.max()) if finite.size else 1.0
    rows = join(_row(one, most or 1.0) for one in numbers.itertuples())
    head = join(
        markup('<th scope="col">{}</th>', name) for name in ("number", "", "value", "95 % interval", "unit")
    )
    return markup(
        '<table class="cog-bars" aria-label="numbers of the equations"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        head, rows,
    )  # fmt: skip


def _row(one: Any, most: float) -> Markup:
    is_rate = one.unit == RATE
    low, high = (0.0, 1.0) if is_rate else (-most, most)

    def at(value: float) -> float:
        place = (value - low) / (high - low)
        return 100 * min(max(place, 0.0), 1.0) if np.isfinite(place) else 0.0

    interval = "" if np.isnan(one.low) else f"{one.low:.3g} to {one.high:.3g}"
    left, right = at(one.low), 100.0 if np.isposinf(one.high) else at(one.high)
    return markup(
        '<tr class="{kind}"><th scope="row">{name}</th><td class="cog-track cog-of-points">'
        '<span aria-hidden="true">{zero}<i class="cog-reach" style="left:{left};width:{width}"></i>'
        '<i class="cog-point" style="left:{point}"></i></span></td><td class="cog-number">{value}</td>'
        '<td class="cog-interval-text">{interval}</td><td class="cog-unit">{unit}</td></tr>',
        kind="cog-of-rate" if is_rate else "cog-of-weight",
        name=one.name,
        zero=Markup("") if is_rate else Markup('<i class="cog-zero"></i>'),
        left=f"{left:.2f}%", width=f"{max(right - left, 0.0):.2f}%", point=f"{at(one.value):.2f}%",
        value=f"{one.value:.3g}", interval=interval, unit=one.unit,
    )  # fmt: skip
