"""Which network fits which data, and switching to one that does when the kind of data changes."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.data.sources import is_of_clicks
from cogrnn_lab.lab.settings.catalog import CONSTRAINED, MODELS, MULTISUBJECT, NEURO, OF_CHOICES
from cogrnn_lab.lab.settings.state import CLICKS, MYSTERY, SIMULATED, TASK

FIRST = next(iter(MODELS))


@dataclass(frozen=True)
class Nature:
    """The traits of data that decide which networks can be trained on them."""

    on_task: bool = False
    has_signal: bool = False
    several_subjects: bool = False
    of_clicks: bool = False


def nature_of_settings(data: Any) -> Nature | None:
    """As far as a `DataState` tells; None where only the data themselves can."""
    if data.source == TASK:
        return Nature(on_task=True)
    if data.source == MYSTERY:
        return Nature()
    if data.source == CLICKS:
        return Nature(of_clicks=True)
    if data.source == SIMULATED:
        return Nature(has_signal=data.signal != "none", several_subjects=data.n_subjects > 1)
    return None


def nature_of(dataset: Dataset, *, on_task: bool) -> Nature:
    """Tell the nature of a data set."""
    has_signal = not on_task and dataset.kind == "mixed"
    return Nature(on_task, has_signal, len(dataset.subjects) > 1, is_of_clicks(dataset))


def misfit(kind: str, nature: Nature) -> str:
    """Why a kind of network is not for these data, "" where it is."""
    if nature.on_task and kind in OF_CHOICES:
        return f"a {kind} explains choices, and a task made of trials has targets in time"
    if kind == CONSTRAINED and not nature.on_task:
        return f"a {kind} lives in physical time, which choices have not"
    if kind == NEURO and not nature.has_signal:
        return f"a {kind} predicts recorded signals beside the choices, and these data have none"
    if kind == MULTISUBJECT and not nature.several_subjects:
        return f"a {kind} tells subjects apart, and these data are of one"
    return ""


class NetworkChoice:
    """Switches to a network that fits a new kind of data, and switches back when the old kind returns.

    A network that somebody picks is left alone until then, whether it fits or not. `nature` is that of the
    data that the settings name at the beginning, as far as they tell.
    """

    def __init__(self, model: Any, nature: Nature | None = None):
        self._model = model
        self.nature = Nature()
        self._picked = {False: FIRST, True: CONSTRAINED}  # by hand; on choices, and on tasks
        nature = nature or self.nature
        if not misfit(model.kind, nature):
            self._picked[nature.on_task] = model.kind
        self._by_hand = True
        model.observe(self._note, "kind")

    def follow(self, nature: Nature) -> str:
        """Pick a network for data of this nature; a sentence where that is another one than before."""
        if nature == self.nature:
            return ""
        before, self.nature = self._model.kind, nature
        wanted = self._picked[nature.on_task]
        others = CONSTRAINED if nature.on_task else FIRST
        kind = others if misfit(wanted, nature) else wanted
        if kind == before:
            return ""
        with self.not_by_hand():
            self._model.kind = kind
        reason = misfit(before, nature) or "these data can be explained by it again"
        return f"The network is now a {kind}: {reason}."

    def take(self, nature: Nature) -> None:
        """The network that is picked belongs to data of this nature, as in a saved run."""
        self.nature = nature
        self._picked[nature.on_task] = self._model.kind

    @contextlib.contextmanager
    def not_by_hand(self) -> Iterator[None]:
        """Take a network that is picked meanwhile for nobody's choice."""
        self._by_hand = False
        try:
            yield
        finally:
            self._by_hand = True

    def _note(self, change) -> None:
        if self._by_hand:
            self._picked[self.nature.on_task] = change.new
