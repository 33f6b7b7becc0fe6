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
        if self.place.children != (self.figures[self.view.tab],):
            self.place.children = (self.figures[self.view.tab],)
