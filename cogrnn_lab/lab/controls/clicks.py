"""Numbers of the clicks that are played, and of the accumulator that listens to them."""

import ipywidgets as w

from cogrnn_lab.lab.controls.fields import field
from cogrnn_lab.lab.controls.one_of import one_of
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.settings.state import LabState

OF_ACCUMULATOR = {
    "leak": ("leak (1/s)", "-λ: above 0 it forgets, below 0 it is unstable"),
    "diffusion_variance": ("diffusion σ²/s", "variance of the accumulator's own noise, per second"),
    "click_variance": ("per click σ²", "variance of the noise that each click brings"),
    "initial_variance": ("initial σ²", "variance of where the accumulator starts"),
    "bound": ("bound (clicks)", "where the accumulator sticks"),
    "adaptation": ("adaptation φ", "factor on the next clicks: below 1 depression, 1 none"),
    "adaptation_time": ("recovery (s)", "time constant of the recovery from adaptation"),
    "bias": ("bias (clicks)", "positive towards the left"),
    "lapse": ("lapse", "fraction of trials with a choice by chance"),
}
OF_CLICKS = {
    "total_rate": ("clicks per s", "both sides together"),
    "gammas": ("log ratios right : left", "one of these ratios of the two rates on each trial"),
    "duration": ("lasts (s)", "shortest and longest stimulus"),
    "bin_width": ("bin (s)", "one step of the network"),
    "stereo_click": ("stereo click", "one click on both sides at the start"),
}


def click_controls(state: LabState) -> w.VBox:
    """The fields of simulated clicks."""
    data = state.data
    sizes = [
        field(data, "n_click_trials", "trials", description="how many trials of clicks are simulated"),
        field(data, "seed", description="seed of the simulation"),
    ]
    return w.VBox(
        (
            text("bounded accumulator", "cog-dim"),
            one_of(data.accumulator, "accumulator", 3, OF_ACCUMULATOR),
            text("clicks on the left and on the right", "cog-dim"),
            one_of(data.clicks, "clicks", 3, OF_CLICKS),
            box(sizes, "cog-grid", "cog-grid-3"),
        )
    )
