"""Learning rate, batch size, lengths of both phases, seed and the held-out split."""

import ipywidgets as w

from cogrnn_lab.lab.controls.fields import field
from cogrnn_lab.lab.page.style import box, panel, title
from cogrnn_lab.lab.settings.state import SPLITS, TASK, WAYS, LabState

HELP = (
    "A warm-up without noise and penalties finds a good solution; the training after it, with both, "
    "closes every channel that the data do not need."
)


def training_controls(state: LabState) -> w.Widget:
    """The panel of the recipe."""
    section = state.training
    fields = [
        field(section, "warmup_steps", "warm-up steps", description="steps without noise and penalties"),
        field(section, "warmup_rate", "warm-up rate", description="learning rate of the warm-up"),
        field(section, "batch_size", description="sessions, or trials of a task, per training step"),
        field(section, "steps", "training steps", description="steps with noise and penalties"),
        field(section, "learning_rate", description="of Adam after the warm-up; acts at once"),
        field(section, "seed", "seed", description="seed of the start weights, the batches and the noise"),
        field(
            section,
            "held_out",
            "held-out",
            options=[(words, every) for every, words in SPLITS.items()],
            description="how much is kept for testing",
        ),
        field(
            section,
            "hold_out",
            "hold out",
            options=[(words, way) for way, words in WAYS.items()],
            description="what is kept for testing: sessions of each subject, whole subjects, or blocks of "
            "trials within each session; automatic: sessions, or blocks where a subject has one session",
        ),
        field(state.view, "seeds", "starts", description="how many networks Discover trains at each price"),
    ]
    of_choices = [
        fields[0],
        fields[1],
        *fields[-3:],
    ]  # on a task there is no warm-up, and all trials are fresh

    def show(_=None) -> None:
        for one in of_choices:
            one.layout.display = "none" if state.data.source == TASK else ""

    state.data.observe(show, "source")
    show()
    return panel(title("Training", HELP), box(fields, "cog-grid", "cog-grid-3"))
