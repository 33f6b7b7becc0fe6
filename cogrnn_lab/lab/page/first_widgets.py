"""The widgets of the first run, made together with the lab."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from cogrnn_lab.analysis.reading.update_rules import value_limit
from cogrnn_lab.data.previous_trial import previous_trial_names
from cogrnn_lab.lab.data.session_columns import SessionColumns
from cogrnn_lab.lab.figures.session_preview import SessionPreview
from cogrnn_lab.lab.settings.state import LabState

if TYPE_CHECKING:
    from cogrnn_lab.lab.panel import Panel

CLASSES = ("0", "1")


@dataclass(frozen=True)
class FirstRun:
    """A default run before there is one: an untrained network, and a session of two trials."""

    model: Any
    input_names: tuple[str, ...]
    session: SessionColumns
    class_names: tuple[str, ...] = CLASSES

    @property
    def n_latents(self) -> int:
        """Number of latents of the network."""
        return self.model.n_latents

    @property
    def order(self) -> list[int]:
        """The latents."""
        return list(range(self.n_latents))

    @cached_property
    def ends(self) -> np.ndarray:
        """The lowest and highest value of a latent on the axes."""
        return np.array([-1.0, 1.0]) * value_limit(self.model)


def make_first_widgets(state: LabState, panels: "Iterable[Panel]", preview: SessionPreview) -> None:
    """Draw every panel of a default run once, so that its widgets exist when the page opens.

    A page that is being opened cannot take in widgets that are made meanwhile: they refer to others that it
    does not know yet, and all that they are in stays empty. The first run is prepared at just that time.
    """
    names = previous_trial_names(CLASSES)
    kind, make = next(iter(state.model.constructors.items()))  # what runs of choices begin with
    sizes = state.model.by_kind[kind].to_dict()
    model = make(n_inputs=len(names), n_outputs=len(CLASSES), **sizes, key=jax.random.key(0))
    p_reward = {f"p_reward_{i + 1}": np.full(2, 0.5) for i in range(len(CLASSES))}
    session = SessionColumns(np.array([0, 1]), np.zeros(2), p_reward, CLASSES)
    preview.draw(session)
    first = FirstRun(model, names, session)
    for panel in panels:
        panel.make_first(first)
