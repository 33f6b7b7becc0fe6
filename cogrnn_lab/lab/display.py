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
from cogrnn_lab.lab.panels_on_demand import PanelsOnDemand
from cogrnn_lab.lab.settings.state import ViewState
from cogrnn_lab.lab.view import View

LONG_AGO = -1e9
AT_ONCE = 0.25  # seconds of drawing what was asked for, before training goes on


def _at_once(drawing: Callable[[], None]) -> None:
    drawing()


class Display:
    """The panels of the lab, by name in `panels`.

    `mark` says that some are out of date; `draw` brings one of them up to date. Which panels there are, and
    all that is particular to one, is said by the panel itself.

    Arguments:
        state: What is looked at.
        clock: Seconds that never go back.
        panels: Kinds of panels beside those that are registered.
        later: Whether a panel is made when a page first shows it, or Python asks for it, instead of at once.
    """

    def __init__(
        self,
        state: ViewState,
        clock: Callable[[], float] = time.monotonic,
        panels: Iterable[type[Panel]] = (),
        *,
        later: bool = False,
    ):
        self.state: Any = state
        self.view = View(state)
        self._clock = clock
        self.kinds: dict[str, type[Panel]] = {kind.name: kind for kind in registered(panels)}
        self.panels = PanelsOnDemand(self.kinds, state, self._asked_for, self.show_panel)
        self.tabs = Tabs(state, [kind.tab for kind in self.kinds.values() if kind.tab is not None])
        self.widget = box([], "cog-right")
        self.pacing = Pacing(clock)
        self.wake: Callable[[], None] = lambda: None  # set by the lab: have what is due drawn
        self._due: set[str] = set()
        self._begun: set[str] = set()  # panels that this run was drawn in
        self._drawn_at: dict[str, float] = dict.fromkeys(self.kinds, LONG_AGO)
        self._run: LabRun | None = None
        self._pictured: LabRun | None = None  # the same with another network, where one is looked at
        self._stacks: dict[str, w.VBox] = {}
        for name, kind in self.kinds.items():
            if kind.is_first or not later:
                self._make(name)
            else:  # a page that is being opened cannot take in places that are made with the first run
                self.panels.widget(name)
            if kind.under:
                self._stack(kind.under)
        # before there is a run, those that have something to show of the first one
        self._shown = [name for name, kind in self.kinds.items() if kind.is_in_first_run()]
        self._arrange()

    def __getitem__(self, name: str) -> Any:
        return self.panels[name]

    @property
    def widgets(self) -> list[w.Widget]:
        """The widgets of all panels that were made, also of those that are not up."""
        return [*(panel.widget for panel in self.panels.made.values()), self.tabs.widget, self.widget]

    @property
    def concerns(self) -> list[str]:
        """Traits of the view's state whose change puts a panel out of date."""
        return sorted({trait for kind in self.kinds.values() for trait in kind.concerns})

    def mark(self, *names: str) -> None:
        """These panels have to be drawn again, at once."""
        shown = [name for name in names if name in self._present]
        for name in shown:
            self._drawn_at[name] = LONG_AGO
        self._due.update(shown)

    def mark_concerned(self, trait: str) -> None:
        """A trait of the view's state has changed, or what it stands for."""
        self.mark(*(name for name, kind in self.kinds.items() if trait in kind.concerns))

    def mark_trained(self) -> None:
        """The model has changed: everything has to be drawn again, when its time comes."""
        self._due.update(self._present)

    def show_run(self, run: LabRun) -> None:
        """Another run: forget what belonged to the one before."""
        self._run, self._pictured = run, None
        self._due.clear()
        self._begun.clear()
        self._shown = self._for(run)
        self.tabs.offer(tuple(tab for name in self._shown if (tab := self.kinds[name].tab) is not None))
        self._arrange()
        self.view.begin(run)
        for name in self._present:
            self.panels.made[name].begin(run, self.view)
        self.mark(*self._present)

    def rearrange(self) -> None:
        """Put up panels that have become for the present run, and take down those that are not any more."""
        if self._run is None:
            return
        before, self._shown = self._shown, self._for(self._run)
        if self._shown != before:
            self._arrange()
            for name in self._shown:
                if name not in before and name in self.panels.made:
                    self.panels.made[name].begin(self._run, self.view)
                    self.mark(name)

    def picture(self, run: LabRun | None) -> None:
        """Show in all panels the present run as if it had another network; None: as it is."""
        if self._run is None:
            return
        self._pictured = run
        self.view.picture(run or self._run)
        self.mark(*self._present)

    def show_panel(self, name: str) -> None:
        """Make a panel whose place a page shows; it is drawn when its turn comes."""
        if name not in self.panels.made:
            self._make(name)
            self._begin(name)
            self._arrange()
            self.wake()

    def draw(self, *, all_of_it: bool, make: Callable[[Callable[[], None]], None] = _at_once) -> bool:
        """Bring one panel up to date, or all that somebody has asked for; True where another one is due.

        While training, each waits for its time, and what was asked for takes `AT_ONCE` of it at most. `make`
        does what makes widgets, as a panel's first drawing.
        """
        if self._run is None or not self._due:
            return False
        now = self._clock()
        if not all_of_it and not self.pacing.is_ready():
            return False
        self.view.pace.rests = all_of_it
        in_view = [name for name in self._present if self.kinds[name].tab in (None, self.state.tab)]
        is_full = False  # no panel follows in the same turn, but for one that was asked for
        for name in self._by_turn(in_view):
            panel, was_asked = self.panels.made[name], self._drawn_at[name] == LONG_AGO
            if is_full and not (was_asked and self._clock() - now < AT_ONCE):
                break
            if name in self._due and (all_of_it or now - self._drawn_at[name] >= panel.every):
                self._due.discard(name)
                self._drawn_at[name] = now
                self._draw(name, self._pictured or self._run, make)
                self.pacing.note_drawn()
                is_full = is_full or not panel.is_cheap
        return all_of_it and bool(self._due & set(in_view))

    def _by_turn(self, names: list[str]) -> list[str]:
        """Cheap panels, then those that waited longest; else a slow machine would draw the first alone."""
        return sorted(names, key=lambda name: (not self.kinds[name].is_cheap, self._drawn_at[name]))

    def _draw(self, name: str, run: LabRun, make: Callable[[Callable[[], None]], None]) -> None:
        panel = self.panels.made[name]

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

    @property
    def _present(self) -> list[str]:
        """Panels of this run that were made."""
        return [name for name in self._shown if name in self.panels.made]

    def _for(self, run: LabRun) -> list[str]:
        withheld = self.state.withheld(run)
        return [name for name in self.kinds if name not in withheld and self.panels.is_for(name, run)]

    def _make(self, name: str) -> None:
        panel = self.panels.make(name)
        panel.ask = partial(self._ask, name)
        if panel.tab is not None:
            self.tabs.put(panel.tab, panel.widget)

    def _asked_for(self, name: str) -> None:
        """Python has asked for a panel that no page has shown yet: it gets it drawn."""
        self._make(name)
        self._begin(name)
        self._arrange()
        if name in self._due and self._run is not None:
            self._due.discard(name)
            self._draw(name, self._pictured or self._run, _at_once)

    def _begin(self, name: str) -> None:
        if self._run is not None and name in self._shown:
            self.panels.made[name].begin(self._run, self.view)
            self.mark(name)

    def _arrange(self) -> None:
        """Put up the panels of this run; those with tabs share the place of the first of them."""
        for name in self._shown:
            tab = self.kinds[name].tab
            if tab is not None:
                self.tabs.put(tab, self.panels.widget(name))
        places: dict[str, list[w.Widget]] = {}
        for name in self._shown:
            kind = self.kinds[name]
            if kind.tab is not None:
                places.setdefault("tabs", [self.tabs.widget])
            elif kind.under in places:
                places[kind.under].append(self.panels.widget(name))
            else:
                places[name] = [self.panels.widget(name)]
        children = tuple(self._stacked(name, widgets) for name, widgets in places.items())
        if self.widget.children != children:
            self.widget.children = children

    def _stacked(self, name: str, widgets: list[w.Widget]) -> w.Widget:
        """What stands in one place: a panel, or several below each other."""
        if len(widgets) == 1:
            return widgets[0]
        stack = self._stack(name)
        if stack.children != tuple(widgets):
            stack.children = tuple(widgets)
        return stack

    def _stack(self, name: str) -> w.VBox:
        if name not in self._stacks:
            self._stacks[name] = w.VBox()
            self._stacks[name].add_class("cog-stack")
        return self._stacks[name]
