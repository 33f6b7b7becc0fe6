"""Figures that share one place, one of them shown at a time."""

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.page.style import box


class Tabs:
    """Buttons over the figure that is shown; the others are off the page, where they would be too small."""

    def __init__(self, view, figures: dict[str, w.Widget]):
        self.view, self.figures = view, figures
        self.buttons = w.ToggleButtons(options=list(figures), value=view.tab, tooltips=list(figures))
        self.buttons.add_class("cog-tabs")
        t.link((view, "tab"), (self.buttons, "value"))
        self.place = w.VBox((figures[view.tab],))
        view.observe(lambda _: self._show(), "tab")
        self.head = box([self.buttons], "cog-head")
        self.widget = w.VBox((self.head, self.place))
        self.widget.add_class("cog-wide")
        self.offer(tuple(figures)[:1])

    def offer(self, names: tuple[str, ...]) -> None:
        """Which of the figures can be shown; with one alone there are no buttons."""
        if self.view.tab not in names:
            self.view.tab = names[0]
        if tuple(self.buttons.options) != names:
            self.buttons.options = names
            self.buttons.value = self.view.tab
        self.head.layout.display = "" if len(names) > 1 else "none"

    def _show(self) -> None:
        if self.place.children != (self.figures[self.view.tab],):
            self.place.children = (self.figures[self.view.tab],)
