"""The panels of a lab, each made when it is first asked for or first seen."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import ipywidgets as w

from cogrnn_lab.lab.page.style import plain
from cogrnn_lab.lab.panel import Panel

if TYPE_CHECKING:
    from cogrnn_lab.lab.engine.run import LabRun
    from cogrnn_lab.lab.settings.state import ViewState

LATER = "cog-later"  # the style class by which the page finds what it has not been shown yet


class PanelsOnDemand(Mapping[str, Panel]):
    """The panels by name: `panels["learning"]` makes the panel where it was not made yet.

    What a page has not shown yet costs nothing but a button in its place, which the page presses when it is
    scrolled to. `made` are those that exist; nothing else makes one.

    Arguments:
        kinds: The classes by their names.
        state: What is looked at.
        take_on: Called with the name of a panel that was just made because it was asked for.
        shown: Called with the name of a panel whose place is seen, or whose button is pressed.
    """

    def __init__(
        self,
        kinds: Mapping[str, type[Panel]],
        state: "ViewState",
        take_on: Callable[[str], None],
        shown: Callable[[str], None],
    ):
        self.kinds, self.made = dict(kinds), dict[str, Panel]()
        self._state, self._take_on, self._seen = state, take_on, shown
        self._places: dict[str, w.Button] = {}
        self._unmade: dict[str, Panel] = {}

    def __getitem__(self, name: str) -> Panel:
        if name not in self.made:
            self.make(name)
            self._take_on(name)
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def make(self, name: str) -> Panel:
        """Make a panel and nothing else; the same one where it is there already."""
        if name not in self.made:
            self.made[name] = self.kinds[name](self._state)
            self._unmade.pop(name, None)
            place = self._places.pop(name, None)
            if place is not None:
                place.close()
        return self.made[name]

    def is_for(self, name: str, run: "LabRun") -> bool:
        """Whether the panel has anything to show of a run, also where it was not made yet."""
        return (self.made.get(name) or self._without_widgets(name)).is_for(run)

    def widget(self, name: str) -> w.Widget:
        """What stands in the place of a panel: itself, or a button that says what would be there."""
        return self.made[name].widget if name in self.made else self._place(name)

    def _without_widgets(self, name: str) -> Panel:
        """The panel as far as it is one without its figure, which can say what it is for."""
        if name not in self._unmade:
            kind = self.kinds[name]
            one = kind.__new__(kind)
            Panel.__init__(one, self._state)
            self._unmade[name] = one
        return self._unmade[name]

    def _place(self, name: str) -> w.Button:
        if name not in self._places:
            kind = self.kinds[name]
            place = w.Button(description=kind.title, tooltip=f"show {kind.title}", **plain(w.Button))
            for style_class in ("cog-panel", LATER, *kind.classes()):
                place.add_class(style_class)
            place.on_click(lambda _: self._seen(name))
            self._places[name] = place
        return self._places[name]
