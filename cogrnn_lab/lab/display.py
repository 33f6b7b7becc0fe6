"""Which panels are out of date, and drawing them a little at a time, from analyses of the model as it is."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import ipywidgets as w

from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.figures.tabs import Tabs
from cogrnn_lab.lab.page.pacing import Pacing
from cogrnn_lab.lab.page.style import box
from cogrnn_lab.lab.panel import Panel, registered
from cogrnn_lab.lab.settings.state import ViewState
from cogrnn_lab.lab.view import View

LONG_AGO = -1e9


def _at_once(drawing: Callable[[], None]) -> None:
    drawing()


class Display:
    """The panels of the lab, by name in `panels`.

    `mark` says that some are out of date; `draw` brings one of them up to date. Which panels there are, and
    all that is particular to one, is said by the panel itself.
    """

    def __init__(
        self,
        state: ViewState,
        clock: Callable[[], float] = time.monotonic,
        panels: Iterable[type[Panel]] = (),
    ):
        self.state: Any = state
        self.view = View(state)
        self._clock = clock
        self.panels: dict[str, Panel] = {kind.name: kind(state) for kind in registered(panels)}
        for name, panel in self.panels.items():
            panel.ask = partial(self._ask, name)
        tabbed = {panel.tab: panel.widget for panel in self.panels.values() if panel.tab is not None}
        self.tabs = Tabs(state, tabbed)
        self.widget = box([], "cog-right")
        self.pacing = Pacing(clock)
        self.wake: Callable[[], None] = lambda: None  # set by the lab: have what is due drawn
        self._due: set[str] = set()
        self._begun: set[str] = set()  # panels that this run was drawn in
        self._drawn_at: dict[str, float] = dict.fromkeys(self.panels, LONG_AGO)
        self._run: LabRun | None = None
        self._pictured: LabRun | None = None  # the same with another network, where one is looked at
        # before there is a run, those that have something to show of the first one
        self._shown = [name for name, panel in self.panels.items() if panel.is_in_first_run]
        self._arrange()

    def __getitem__(self, name: str) -> Any:
        return self.panels[name]

    @property
    def widgets(self) -> list[w.Widget]:
        """The widgets of all panels, also of those that are not up."""
        return [*(panel.widget for panel in self.panels.values()), self.tabs.widget]

    @property
    def concerns(self) -> list[str]:
        """Traits of the view's state whose change puts a panel out of date."""
        return sorted({trait for panel in self.panels.values() for trait in panel.concerns})

    def mark(self, *names: str) -> None:
        """These panels have to be drawn again, at once."""
        shown = [name for name in names if name in self._shown]
        for name in shown:
            self._drawn_at[name] = LONG_AGO
        self._due.update(shown)

    def mark_concerned(self, trait: str) -> None:
        """A trait of the view's state has changed, or what it stands for."""
        self.mark(*(name for name, panel in self.panels.items() if trait in panel.concerns))

    def mark_trained(self) -> None:
        """The model has changed: everything has to be drawn again, when its time comes."""
        self._due.update(self._shown)

    def show_run(self, run: LabRun) -> None:
        """Another run: forget what belonged to the one before."""
        self._run, self._pictured = run, None
        self._due.clear()
        self._begun.clear()
        self._shown = self._for(run)
        self.tabs.offer(tuple(tab for name in self._shown if (tab := self.panels[name].tab) is not None))
        self._arrange()
        self.view.begin(run)
        for name in self._shown:
            self.panels[name].begin(run, self.view)
        self.mark(*self._shown)

    def rearrange(self) -> None:
        """Put up panels that have become for the present run, and take down those that are not any more."""
        if self._run is None:
            return
        before, self._shown = self._shown, self._for(self._run)
        if self._shown != before:
            self._arrange()
            for name in self._shown:
                if name not in before:
                    self.panels[name].begin(self._run, self.view)
                    self.mark(name)

    def picture(self, run: LabRun | None) -> None:
        """Show in all panels the present run as if it had another network; None: as it is."""
        if self._run is None:
            return
        self._pictured = run
        self.view.picture(run or self._run)
        self.mark(*self._shown)

    def draw(self, *, all_of_it: bool, make: Callable[[Callable[[], None]], None] = _at_once) -> bool:
        """Bring one panel up to date; True where another one is due.

        While training, each waits for its time. `make` does what makes widgets, as a panel's first drawing.
        """
        if self._run is None or not self._due:
            return False
        now = self._clock()
        if not all_of_it and not self.pacing.is_ready():
            return False
        in_view = [name for name in self._shown if self.panels[name].tab in (None, self.state.tab)]
        for name in self._by_turn(in_view):
            panel = self.panels[name]
            if name in self._due and (all_of_it or now - self._drawn_at[name] >= panel.every):
                self._due.discard(name)
                self._drawn_at[name] = now
                self._draw(name, self._pictured or self._run, make)
                self.pacing.note_drawn()
                if not panel.is_cheap:  # else something else may follow in the same turn
                    break
        return all_of_it and bool(self._due & set(in_view))

    def _by_turn(self, names: list[str]) -> list[str]:
        """Cheap panels, then those that waited longest; else a slow machine would draw the first alone."""
        return sorted(names, key=lambda name: (not self.panels[name].is_cheap, self._drawn_at[name]))

    def _draw(self, name: str, run: LabRun, make: Callable[[Callable[[], None]], None]) -> None:
        panel = self.panels[name]

        def drawing() -> None:
            panel.draw(run, self.view)
            code = panel.code(run, self.view)
            panel.show_code("\n".join(filter(None, (self.view.network_code, code))) if code else "")

        if name in self._begun:
            drawing()
        else:
            make(drawing)
            self._begun.add(name)

    def _ask(self, name: str) -> None:
        self.mark(name)
        self.wake()

    def _for(self, run: LabRun) -> list[str]:
        return [name for name, panel in self.panels.items() if panel.is_for(run)]

    def _arrange(self) -> None:
        """Put up the panels of this run; those with tabs share the place of the first of them."""
        shown = [self.panels[name] for name in self._shown]
        places = dict.fromkeys(panel.widget if panel.tab is None else self.tabs.widget for panel in shown)
        children = tuple(places)
        if self.widget.children != children:
            self.widget.children = children
