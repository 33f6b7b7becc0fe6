"""A slider over powers of ten whose left end is zero, beside the number itself."""

import math

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.style import box, text


class LogSlider(t.HasTraits):
    """A non-negative number on a logarithmic slider. `value` is the number, `widget` what is shown.

    The slider's left end stands for 0 ("off"), the rest for `low` to `high`. A value set from Python or typed
    in is kept exactly, however coarse the slider is.
    """

    value = t.Float(0.0, min=0.0)

    def __init__(
        self, label: str, value: float, *, low: float = 1e-6, high: float = 1.0, description: str = ""
    ):
        self._low, self._high = math.log10(low), math.log10(high)
        self._busy = False
        self.slider = w.FloatSlider(
            min=self._low - 0.25,
            max=self._high,
            step=0.05,
            readout=False,
            value=self._low,
            tooltip=description,
        )
        self.number = w.BoundedFloatText(min=0.0, max=10.0**self._high, step=None, tooltip=description)
        self.widget = box((text(label, "cog-name"), self.slider, self.number), "cog-row")
        super().__init__(value=value)
        self._show(value)
        self.slider.observe(self._moved, "value")
        self.number.observe(self._typed, "value")

    def _moved(self, change) -> None:
        if not self._busy:
            self.value = 0.0 if change.new < self._low - 0.01 else float(f"{10.0**change.new:.2g}")

    def _typed(self, change) -> None:
        if not self._busy:
            self.value = change.new

    @t.observe("value")
    def _changed(self, change) -> None:
        self._show(change.new)

    def _show(self, value: float) -> None:
        if not hasattr(self, "widget"):
            return
        self._busy = True
        try:
            at = self._low - 0.25 if value <= 0 else min(max(math.log10(value), self._low), self._high)
            if (
                value <= 0 or abs(at - self.slider.value) > 0.026
            ):  # else the thumb is already there: don't tug at it
                self.slider.value = at
            self.number.value = value
        finally:
            self._busy = False
