"""Pages that are opened while the lab is at work."""

import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ipywidgets as w
import traitlets as t
from ipywidgets.widgets.widget_style import Style

NAMES_MODEL = "_model_name"
SLOWEST = 300.0  # seconds that a page may take from asking for all states to having made the widgets


class Doorbell(w.Text):
    """Text that is never seen, and notes when a page asks for the states of all widgets.

    A page asks each widget, in the order in which they were made: what a widget that was made after this one
    tells, it tells later than at the moment that is noted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.asked: list[float] = []
        self._clock = clock
        super().__init__("")
        self.add_class("cog-hidden")
        self.asked.clear()  # when it was made, it told its own

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """Give the state, and note when somebody wanted all of it."""
        if key is None:
            self.asked.append(self._clock())
        return super().get_state(key, drop_defaults)


class Openings:
    """Hears that a page has been opened, and tells it once more what it may have missed.

    A page asks for the state of all widgets, and then makes them one by one. What changes meanwhile is sent
    to widgets that are not there yet, and lost: the page would show what is no longer so. So the states of
    those that have changed since it asked are sent again; where it has not asked, those of all.

    `root` is the widget that all others are in, `hidden` those that are put there now and then, or what lists
    them at the moment, `bell` was made before all of them.
    """

    def __init__(
        self,
        root: w.Widget,
        hidden: Iterable[w.Widget] | Callable[[], Iterable[w.Widget]] = (),
        bell: Doorbell | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._root, self._hidden, self._clock = root, hidden, clock
        self._changed_at: weakref.WeakKeyDictionary[w.Widget, float] = weakref.WeakKeyDictionary()
        self.widget = Doorbell(clock) if bell is None else bell
        # The link is made in the page as soon as `root` is, which is after all widgets within, and then sets
        # this text. It is set back at once, so that the next page that is opened sets it again.
        self._link = w.jsdlink((root, NAMES_MODEL), (self.widget, "value"))
        self.widget.observe(self._knocked, "value")
        self._watch(self._parts())

    def close(self) -> None:
        """Forget the lab: a link to a widget that is closed has no state that a page could be told."""
        self._link.close()

    def _parts(self) -> list[w.Widget]:
        hidden = self._hidden() if callable(self._hidden) else self._hidden
        return list(parts((self._root, *hidden)))

    def _watch(self, widgets: Iterable[w.Widget]) -> None:
        """Note from now on when one of these changes."""
        for one in widgets:
            if one not in self._changed_at:
                self._changed_at[one] = self._clock()
                one.observe(self._note, t.All)

    def _note(self, change: Any) -> None:
        self._changed_at[change.owner] = self._clock()

    def _knocked(self, change: Any) -> None:
        if not change.new:
            return
        self.widget.value = ""
        asked, now = self.widget.asked, self._clock()
        since = min(asked, default=float("-inf"))
        # One that asked before may have closed, or knock later: which of them knocks now is not known.
        asked[:] = [at for at in asked[:-1] if now - at < SLOWEST]
        widgets = self._parts()
        for one in widgets:
            if self._changed_at.get(one, now) >= since:  # one that is not watched yet may have changed
                one.send_state()
        self._watch(widgets)


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
