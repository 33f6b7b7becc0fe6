"""Figures that share one place, one of them shown at a time."""

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.page.style import box


class Tabs:
    """Buttons over the figure that is shown; the others are off the page, where they would be too small.

    `put(tab, figure)` says what a tab shows.
    """

    def __init__(self, view, names: list[str]):
        self.view = view
        self.figures: dict[str, w.Widget] = {}
        self.buttons = w.ToggleButtons(options=names, value=view.tab, tooltips=names)
        self.buttons.add_class("cog-tabs")
        t.link((view, "tab"), (self.buttons, "value"))
        self.place = w.VBox()
        view.observe(lambda _: self._show(), "tab")
        self.head = box([self.buttons], "cog-head")
        self.widget = w.VBox((self.head, self.place))
        self.widget.add_class("cog-wide")
        self.offer(tuple(names)[:1])

    def put(self, tab: str, figure: w.Widget) -> None:
        """Show this figure under a tab from now on."""
        self.figures[tab] = figure
        self._show()

    def offer(self, names: tuple[str, ...]) -> None:
        """Offer those of the figures that can be shown; with one alone there are no buttons."""
        if not names:  # a run that has none of them
            return
        if tuple(self.buttons.options) != names:
            kept = self.view.tab
            self.buttons.options = names  # picks the first one
            self.buttons.value = kept if kept in names else names[0]
        self.view.offer("tab", names)
        self.head.layout.display = "" if len(names) > 1 else "none"

    def _show(self) -> None:
        shown = tuple(filter(None, [self.figures.get(self.view.tab)]))
        if self.place.children != shown:
            self.place.children = shown
