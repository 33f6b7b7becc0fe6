"""A drop-down whose options change with the run."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ipywidgets as w


class Picker:
    """A drop-down that tells what a person picks, and nothing of what it passes through itself.

    Arguments:
        on_pick: Called with the value that was picked.
        tooltip: What is said on hover.
        name: Style class of the widget, by which a test or a style finds it.
        options: Pairs of words and value.
        layout: Of the widget.
    """

    def __init__(
        self,
        on_pick: Callable[[Any], None],
        tooltip: str,
        name: str = "",
        options: Iterable[tuple[str, Any]] = (("", None),),
        layout: w.Layout | None = None,
    ):
        self._on_pick, self._quiet = on_pick, 0
        pairs = list(options)
        self.widget = w.Dropdown(
            options=pairs, value=pairs[0][1], tooltip=tooltip, layout=layout or w.Layout()
        )
        if name:
            self.widget.add_class(name)
        self.widget.observe(self._picked, "value")

    @property
    def value(self) -> Any:
        """Value that is picked; setting it is as if a person did."""
        return self.widget.value

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = value

    @property
    def options(self) -> tuple[tuple[str, Any], ...]:
        """Options that can be picked."""
        return tuple(self.widget.options)

    def offer(self, options: Iterable[tuple[str, Any]], value: Any) -> None:
        """Exchange the options, and show `value` as picked where it is one of them."""
        pairs = list(options)
        with self.quietly():
            if list(self.widget.options) != pairs:
                self.widget.options = pairs
            if value in [one for _, one in pairs]:
                self.widget.value = value

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """While options change, a drop-down passes through values that nobody picked."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def _picked(self, change) -> None:
        if not self._quiet and change.new is not None:
            self._on_pick(change.new)


def axis_picker(state: Any, trait: str, place: int, tooltip: str, what: str, **options: Any) -> Picker:
    """A picker of one axis of a plane: entry `place` of the pair in `trait`; picking ends the following."""

    def pick(value: int) -> None:
        pair = list(getattr(state, trait))
        pair[place] = value
        if trait == "pair":
            state.follow = False
        setattr(state, trait, tuple(pair))

    return Picker(pick, tooltip, options=[(f"{what} 1", 0)], **options)


def latent_options(order: Iterable[int]) -> list[tuple[str, int]]:
    """The latents as options, in this order."""
    return [(f"latent {i + 1}", int(i)) for i in order]
