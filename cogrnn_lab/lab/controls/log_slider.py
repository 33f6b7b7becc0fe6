"""A slider over powers of ten whose left end is zero, beside the number itself."""

import math

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.page.style import box, plain
from cogrnn_lab.lab.page.style import label as label_of

STEPS_PER_DECADE = 20


class LogSlider(t.HasTraits):
    """A non-negative number on a logarithmic slider. `value` is the number, `widget` what is shown.

    The slider's left end stands for 0 ("off"), the rest for `low` to `high`, which is the largest number. A
    value set from Python or typed in is kept exactly, however coarse the slider is.
    """

    value = t.Float(0.0, min=0.0)

    def __init__(self, label: str, value: float, *, low: float = 1e-6, high: float, description: str = ""):
        self.high, self._low = high, math.log10(low)
        last = round((math.log10(high) - self._low) * STEPS_PER_DECADE) + 1
        # Whole numbers: a slider of fractions rounds what it is set to and sends that back as if moved.
        self.slider = w.IntSlider(min=0, max=last, readout=False, tooltip=description, **plain(w.IntSlider))
        self.number = w.BoundedFloatText(
            min=0.0, max=high, step=None, tooltip=description, **plain(w.BoundedFloatText)
        )
        self.widget = box((label_of(label, "cog-name"), self.slider, self.number), "cog-row")
        super().__init__(value=value)
        self._show()
        self.slider.observe(self._moved, "value")
        self.number.observe(self._typed, "value")

    def position(self, value: float) -> int:
        """Where the slider stands for a number."""
        if value <= 0:
            return 0
        nearest = round((math.log10(value) - self._low) * STEPS_PER_DECADE) + 1
        return min(max(nearest, 1), self.slider.max)

    def _moved(self, change) -> None:
        if change.new != self.position(self.value):
            power = self._low + (change.new - 1) / STEPS_PER_DECADE
            self.value = 0.0 if change.new == 0 else float(f"{10.0**power:.2g}")

    def _typed(self, change) -> None:
        self.value = change.new

    @t.validate("value")
    def _within(self, proposal) -> float:
        if not proposal.value <= self.high:  # nor NaN
            raise t.TraitError(f"got {proposal.value:g}; expected 0 to {self.high:g}")
        return proposal.value

    @t.observe("value")
    def _changed(self, _) -> None:
        if hasattr(self, "widget"):
            self._show()

    def _show(self) -> None:
        self.slider.value = self.position(self.value)
        self.number.value = self.value
