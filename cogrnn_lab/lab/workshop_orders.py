"""The lab's orders in a workshop."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.engine.kept.storage import RunFolder
from cogrnn_lab.lab.panel import Panel
from cogrnn_lab.lab.twin_orders import TwinOrders
from cogrnn_lab.lab.workshop.panel import WorkshopPanel
from cogrnn_lab.lab.workshop.question import Verdict
from cogrnn_lab.lab.workshop.shipped import NETWORKS, SHIPPED
from cogrnn_lab.lab.workshop.workshop import WORKSHOPS, Workshop

ROOM = "workshop"  # folder of the answers, within that of the runs
FOLDED, UNFOLDED = "More controls", "Fewer controls"


class WorkshopOrders(TwinOrders):
    """The part of `Lab` that asks the questions of a workshop."""

    workshop: Workshop | None = None
    _folded: tuple[w.Widget, ...] = ()

    def answer(self, answer: Any = None) -> Verdict:
        """Answer the question that is asked, that of `workshop.question`.

        Arguments:
            answer: An option, a list of options or a number; None where the question asks to do something.

        Returns:
            The `Verdict`, which the page shows, too.

        Raises:
            ValueError: This lab is no workshop.
        """
        return self._answered(self._workshop().question, answer)

    def _answered(self, number: int, answer: Any) -> Verdict:
        """Answer a question, counted from 0."""
        verdict = self._workshop().take(self, number, answer)
        self.display["workshop"].show_verdict(number, verdict)
        if verdict.is_right:
            self.display.rearrange()  # what would have told the answer is shown
        return verdict

    def open_network(self, name: str) -> None:
        """Open a network that is shipped with the workshops, with its discovery; answers stay.

        Arguments:
            name: "animal A", "animal B" or "animal C".

        Raises:
            ValueError: There is no such network.
        """
        if name not in NETWORKS:
            raise ValueError(f'no network "{name}" is shipped; expected {", ".join(NETWORKS)}')
        run = NETWORKS[name].run
        self.runner.do(lambda: self._open(RunFolder(SHIPPED).open(run)))

    # --- inside -------------------------------------------------------------------------------------

    def _workshop(self) -> Workshop:
        if self.workshop is None:
            raise ValueError(
                f'this lab is no workshop; make one by cl.Lab(workshop="{next(iter(WORKSHOPS))}")'
            )
        return self.workshop

    def _begin_workshop(
        self, name: str | None, room: str | Path | None, panels: Iterable[type[Panel]]
    ) -> tuple[type[Panel], ...]:
        """Begin the workshop, where there is one; the kinds of panels with it."""
        if name is None:
            if room is not None:
                raise ValueError('room is that of a workshop; pass workshop="bandit" beside it')
            return tuple(panels)
        self.workshop = Workshop(name, self.folder.root / ROOM if room is None else room)
        view = self.state.view
        view.workshop, view.withheld = self.workshop, self.workshop.withheld
        self.workshop.observe(self._asked_another, ["question", "student"])
        view.orders |= {
            "answer_later": self._answer_later,
            "open_asked": self._open_asked,
            "options": lambda: [] if self.runner_or_none is None else self._workshop().options(self),
            "withheld": lambda: () if self.runner_or_none is None else view.withheld(self.runner.run),
            "shown": lambda: "" if self.runner_or_none is None else self._workshop().shown(self),
        }
        self.add_class("cog-workshop")
        return (WorkshopPanel, *panels)

    def _asked_another(self, _: Any) -> None:
        if self.runner_or_none is not None:
            self.runner.do(self.display.rearrange)

    def _answer_later(self, answer: Any) -> None:
        """Answer the question of now between two chunks of training, where nothing else is drawn."""
        number = self._workshop().question
        self.runner.do(lambda: self._answered(number, answer))

    def _open_asked(self) -> None:
        network = self._workshop().asked.network
        if network is not None:
            self.open_network(network.name)

    def _begin_first(self) -> None:
        """Make the first run, or open the one that the first question is about."""
        if self.workshop is None:
            self.reset()
        else:
            self._open_asked()

    def _controls(self, panels: tuple[w.Widget, ...]) -> tuple[w.Widget, ...]:
        """What a workshop needs is in view; a button unfolds the rest."""
        if self.workshop is None:
            return super()._controls(panels)
        needed = self.penalty_controls.widget
        rest = self._folded = tuple(one for one in panels if one is not needed)
        more = w.ToggleButton(description=FOLDED, icon="sliders", tooltip="data, network, training and runs")
        more.add_class("cog-more-controls")
        place = w.VBox(())
        place.add_class("cog-unfolded")
        t.link((self.workshop, "more"), (more, "value"))

        def fold(_: Any = None) -> None:
            is_unfolded = bool(more.value)
            more.description = UNFOLDED if is_unfolded else FOLDED
            place.children = rest if is_unfolded else ()

        more.observe(fold, "value")
        fold()
        return needed, more, place
