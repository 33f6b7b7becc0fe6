"""Sizes of the network, made from its constructor's own arguments."""

import ipywidgets as w

from cogrnn_lab.lab.controls.one_of import one_of
from cogrnn_lab.lab.page.style import panel, text, title
from cogrnn_lab.lab.settings.catalog import CONSTRAINED
from cogrnn_lab.lab.settings.constrained import WORDS
from cogrnn_lab.lab.settings.state import LabState

HELP = (
    "The network that learns to predict each choice. In a DisRNN every latent has its own small update "
    "network, "
    "and every connection passes a bottleneck that can close."
)


class ModelControls:
    """The panel.

    `show_count(n)` writes the number of parameters, `fix(name)` shows a model that was handed over.
    """

    def __init__(self, state: LabState):
        self.count = text("", "cog-dim")
        time = text("dt and tau (ms) are those of the task, in the Data panel", "cog-dim")
        self.fields = w.VBox((one_of(state.model, "network", columns=3, words=WORDS), time))

        def show(_=None) -> None:
            time.layout.display = "" if state.model.kind == CONSTRAINED else "none"

        state.model.observe(show, "kind")
        show()
        self.widget = panel([title("Model", HELP), self.count], self.fields)

    def show_count(self, n_parameters: int) -> None:
        """Number of parameters of the model that is trained."""
        self.count.value = f"{n_parameters:,} parameters"

    def fix(self, name: str) -> None:
        """A model given from Python: there are no sizes to choose."""
        self.fields.children = (text(f"{name}, given from Python", "cog-dim"),)
