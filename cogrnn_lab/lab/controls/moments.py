"""A slider along the steps of a run, whose networks can be looked at and trained on from."""

from typing import Any

import ipywidgets as w

from cogrnn_lab.lab.controls.order_button import order_button
from cogrnn_lab.lab.markup import markup
from cogrnn_lab.lab.page.style import box, text


class Moments:
    """The slider over the kept steps, at whose right end is the present one, and a button to branch.

    The present step has the value 0, and those before it negative ones; while one of these is shown no
    further ones are offered. So the value changes only where somebody moves it: a page that sends an older
    value late, as a busy one does, can't pick another step by it.
    """

    def __init__(self, state: Any):
        self.state = state
        self.steps: list[int] = []
        tip = "earlier step whose network all figures show; at the right end the present one"
        self.slider = w.IntSlider(min=0, max=0, readout=False, description="step", tooltip=tip)
        self.slider.add_class("cog-set-step")
        self.slider.observe(self._moved, "value")
        self.shown = text("", "cog-shown-level")
        self.now = w.Button(description="Present step", tooltip="show the network in training in all figures")
        self.now.add_class("cog-small")
        self.now.on_click(lambda _: setattr(state, "step", -1))
        tip = "begin a run with the network that is shown, trained on with the penalties as they are set"
        self.branch = order_button(state, "branch", "Train from here", tip)
        self.widget = box([self.slider, self.shown, self.branch, self.now], "cog-along")
        self.widget.layout.display = "none"
        self._is_following = False

    def show(self, trainer: Any) -> None:
        """Offer the kept steps before the present one, and show which is picked."""
        kept, picked = [step for step in sorted(trainer.kept) if step < trainer.step_count], self.state.step
        is_past = picked in kept
        if not is_past or picked not in self.steps:
            self.steps = kept
        n = len(self.steps)
        self.widget.layout.display = "" if n else "none"
        self._is_following = True
        try:
            with self.slider.hold_sync():
                self.slider.min = -n
                self.slider.value = self.steps.index(picked) - n if is_past else 0
        finally:
            self._is_following = False
        for button in (self.branch, self.now):
            button.layout.display = "" if is_past else "none"
        self.shown.value = markup("All figures show <b>step {}</b>", f"{picked:,}") if is_past else ""

    def _moved(self, change) -> None:
        if not self._is_following:
            self.state.step = self.steps[change.new] if change.new < 0 else -1
