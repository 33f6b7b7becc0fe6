"""Pages that are opened while the lab is at work."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ipywidgets as w
from ipywidgets.widgets.widget_style import Style

NAMES_MODEL = "_model_name"


class Openings:
    """Hears that a page has been opened, and tells it the state of everything once more.

    A page asks for the state of all widgets, and then makes them one by one. What changes meanwhile is sent
    to widgets that are not there yet, and lost: the page would show what is no longer so.

    `root` is the widget that all others are in, `hidden` those that are put there now and then, or what lists
    them at the moment.
    """

    def __init__(self, root: w.Widget, hidden: Iterable[w.Widget] | Callable[[], Iterable[w.Widget]] = ()):
        self._root, self._hidden = root, hidden
        self.widget = w.Text("")
        self.widget.add_class("cog-hidden")
        # The link is made in the page as soon as `root` is, which is after all widgets within, and then sets
        # this text. It is set back at once, so that the next page that is opened sets it again.
        self._link = w.jsdlink((root, NAMES_MODEL), (self.widget, "value"))
        self.widget.observe(self._knocked, "value")

    def close(self) -> None:
        """Forget the lab: a link to a widget that is closed has no state that a page could be told."""
        self._link.close()

    def _knocked(self, change) -> None:
        if change.new:
            self.widget.value = ""
            hidden = self._hidden() if callable(self._hidden) else self._hidden
            for one in parts((self._root, *hidden)):
                one.send_state()


def parts(roots: Iterable[w.Widget]) -> Iterator[w.Widget]:
    """All widgets within `roots`, these included, whose state may have changed; each once."""
    found: dict[int, w.Widget] = {}
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one
            waiting += [inside for name in one.keys for inside in _widgets(getattr(one, name, None))]
    for one in found.values():
        # the lab changes no style, and of layouts only what is shown
        if not isinstance(one, Style) and (not isinstance(one, w.Layout) or one.display is not None):
            yield one


def _widgets(value: Any) -> Iterator[w.Widget]:
    if isinstance(value, w.Widget):
        yield value
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from _widgets(inside)
    elif isinstance(value, dict):
        yield from _widgets(list(value.values()))
