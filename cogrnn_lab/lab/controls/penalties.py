"""One logarithmic slider per bottleneck group of the model, for l2 and for the noise.

And one for all groups.
"""

import math

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.controls.log_slider import LogSlider
from cogrnn_lab.lab.page.style import box, panel, text, title
from cogrnn_lab.lab.settings.state import LabState

HELP = (
    "How much every nat of information that passes a bottleneck costs. Move a slider while training: it "
    "acts at "
    "once and leaves a mark on the learning curve. Far left is off."
)
NAMES = {
    "latent": ("latents", "information kept in each latent from trial to trial"),
    "update_input": ("inputs → update", "information that the update networks read from the inputs"),
    "update_latent": ("latents → update", "information that the update networks read from the latents"),
    "choice_latent": ("latents → choice", "information that the choice network reads from the latents"),
    "subject": ("subject", "information kept about the subject"),
    "update_subject": ("subject → update", "information that the update networks read about the subject"),
    "choice_subject": ("subject → choice", "information that the choice network reads about the subject"),
    "neural": ("→ neural", "information that the network of neural activity reads"),
    "l2": ("l2 of weights", "sum of squared hidden-layer weights"),
    "l1_input": ("|input weights|", "mean absolute weight from the inputs"),
    "l1_recurrent": ("|recurrent|", "mean absolute weight between units"),
    "l1_output": ("|output weights|", "mean absolute weight to the outputs"),
    "l2_input": ("input weights²", "mean squared weight from the inputs"),
    "l2_recurrent": ("recurrent²", "mean squared weight between units"),
    "l2_output": ("output weights²", "mean squared weight to the outputs"),
    "rates": ("firing rates²", "mean squared firing rate of the units"),
}


class PenaltyControls:
    """The panel; `show(groups, others, has_noise)` makes the sliders that a model has."""

    def __init__(self, state: LabState, groups: tuple[str, ...]):
        self.state = state
        self.sliders: dict[str, LogSlider] = {}
        self.all = LogSlider("β for all", 0.0, description="gives every bottleneck group the same penalty")
        self.all.widget.add_class("cog-set-beta")
        self.all.observe(self._move_all, "value")
        self._following = False
        self.rows = w.VBox()
        self.widget = panel(title("Penalties", HELP), self.rows)
        self._links: list[t.link] = []
        self.groups: tuple[str, ...] = ()
        self._shown: tuple | None = None
        self.noise = self._noise_row()
        state.penalties.observe(lambda _: self._follow(), t.All)
        self.show(groups)

    def show(
        self, groups: tuple[str, ...], others: tuple[str, ...] = ("l2",), has_noise: bool = True
    ) -> None:
        """Sliders for these bottleneck groups, the other penalties, and the noise."""
        if (groups, others, has_noise) == self._shown:
            return
        self._shown = (groups, others, has_noise)
        for link in self._links:
            link.unlink()
        self.groups = groups
        self._links = []
        self.sliders = {}
        for name in (*groups, *others):
            label, description = NAMES.get(name, (name.replace("_", " "), name.replace("_", " ")))
            slider = LogSlider(
                label, getattr(self.state.penalties, name), description=f"penalty on {description}"
            )
            slider.widget.add_class(f"cog-set-{name.replace('_', '-')}")
            self._links.append(t.link((self.state.penalties, name), (slider, "value")))
            self.sliders[name] = slider
        beta = (self.all.widget,) if groups else ()
        noise = (self.noise,) if has_noise else ()
        self.rows.children = (*beta, *(slider.widget for slider in self.sliders.values()), *noise)
        self._follow()

    def _noise_row(self) -> w.Box:
        tip = "scale of the bottlenecks' noise after the warm-up: 1 is the model, 0 none"
        slider = w.FloatSlider(min=0, max=1, step=0.01, readout=False, tooltip=tip)
        number = w.BoundedFloatText(min=0, max=1, step=None, tooltip=tip)
        for control in (slider, number):
            t.link((self.state.penalties, "noise"), (control, "value"))
        row = box((text("noise", "cog-name"), slider, number), "cog-row")
        row.add_class("cog-set-noise")
        return row

    def _move_all(self, change) -> None:
        if not self._following:
            self.state.penalties.set_quietly(**dict.fromkeys(self.groups, change.new))

    def _follow(self) -> None:
        """Show on "β for all" what the groups have in common: their geometric mean, 0 where all are off."""
        values = [getattr(self.state.penalties, name) for name in self.groups]
        on = [value for value in values if value > 0]
        self._following = True
        try:
            mean = math.exp(sum(map(math.log, on)) / len(on)) if on else 0.0
            self.all.value = values[0] if len(set(values)) == 1 else float(f"{mean:.2g}")
        finally:
            self._following = False
