"""Which mystery agent plays, and in what."""

import ipywidgets as w

from cogrnn_lab.lab.controls.fields import field
from cogrnn_lab.lab.controls.one_of import one_of
from cogrnn_lab.lab.page.style import box, text
from cogrnn_lab.lab.settings.state import LabState

WORDS = (
    "A hidden agent with hidden numbers made the choices. Find out from the figures what it is, guess in the "
    "panel Mystery agent, and have it revealed."
)


def mystery_controls(state: LabState) -> w.VBox:
    """The fields of a mystery agent, of which none tells what it is."""
    data = state.data
    fields = [
        field(data, "mystery", "agent no.", description="each number stands for another hidden agent"),
        field(data, "n_sessions", "sessions"),
        field(data, "n_trials", "trials each"),
        field(data, "seed", description="seed of the simulation"),
    ]
    return w.VBox(
        (
            text(WORDS, "cog-dim"),
            one_of(data.environment, "environment", columns=3),
            box(fields, "cog-grid", "cog-grid-4"),
        )
    )
