"""The widgets of the first run, made together with the lab."""

import jax
import numpy as np

from cogrnn_lab import analysis
from cogrnn_lab.analysis.reading.choice_rule import ChoiceRule
from cogrnn_lab.analysis.reading.observations import all_binary_observations, observation_labels
from cogrnn_lab.analysis.reading.update_rules import UpdateRule, value_limit
from cogrnn_lab.data.previous_trial import previous_trial_names
from cogrnn_lab.lab.data.session_columns import SessionColumns
from cogrnn_lab.lab.display import Display
from cogrnn_lab.lab.figures.session_preview import SessionPreview
from cogrnn_lab.lab.settings.state import LabState

CLASSES = ("0", "1")


def make_first_widgets(state: LabState, display: Display, preview: SessionPreview) -> None:
    """Draw what a run of the default settings has, with nothing learned in two trials.

    A page that is being opened cannot take in widgets that are made meanwhile: they refer to others that it
    does not know yet, and all that they are in stays empty. The first run is prepared at just that time; so
    it finds its widgets made.
    """
    names = previous_trial_names(CLASSES)
    model = state.model.make(n_inputs=len(names), n_outputs=len(CLASSES), key=jax.random.key(0))
    n, order = model.n_latents, list(range(model.n_latents))
    ends = np.array([-1.0, 1.0]) * value_limit(model)
    p_reward = {f"p_reward_{i + 1}": np.full(2, 0.5) for i in range(len(CLASSES))}
    session = SessionColumns(np.array([0, 1]), np.zeros(2), p_reward, CLASSES)
    preview.draw(session)
    display.bottlenecks.draw(analysis.bottlenecks(model, input_names=names))
    display.update_rules.draw(_update_rule(n, names, ends), n, order)
    logits = np.zeros((n, len(CLASSES) - 1, 2))
    display.choice_rule.draw(ChoiceRule(ends, logits, None, None), np.ones(n), order, CLASSES)
    display.trajectories.draw(session, np.zeros((2, n)), np.ones(n), order)


def _update_rule(n_latents: int, names: tuple[str, ...], ends: np.ndarray) -> UpdateRule:
    seen = all_binary_observations(len(names))
    others = tuple(range(1, n_latents))
    labels = observation_labels(seen, names, np.ones(len(names), bool))
    base = np.zeros((len(seen), 2))
    return UpdateRule(
        0, ends, seen, labels, base, others, np.zeros(1), np.zeros((len(others), 1, *base.shape))
    )
