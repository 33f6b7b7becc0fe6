"""What moves what in a network: its latents, nudged one at a time where the data have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from cogrnn_lab.analysis.flow.conditions import previous_choices_and_wins
from cogrnn_lab.analysis.reading.observations import typical_observations
from cogrnn_lab.data import Dataset
from cogrnn_lab.models.network_at_hand import RunsAsNetwork

# States of the data at which a network is asked.
N_STATES = 96
# Trials that tell what whole data sets would, in a fraction of the time.
ENOUGH_TRIALS = 3000
# Quantiles between which the data have a latent or an input.
SPAN = (0.02, 0.98)


@dataclass(frozen=True)
class Probed:
    """Answers of a network at states that the data have, in each latent's own units.

    Fields:
        before: (state, latent) latents at which it was asked.
        after: (observation, state, latent) latents a trial later.
        slopes: (observation, state, from latent, to latent) change of a latent by that of one before.
        by_input: (input, state, latent) change of a latent where an input goes from low to high.
        readout: (state, latent, output) slope of each output.
        logits: (state, output).
        span: (latent,) between the quantiles of its values in the data.
        outcomes: (observation, 2) previous choice and win; None where the data have no such.
    """

    before: Float[np.ndarray, "state latent"]
    after: Float[np.ndarray, "observation state latent"]
    slopes: Float[np.ndarray, "observation state latent latent2"]
    by_input: Float[np.ndarray, "input state latent"]
    readout: Float[np.ndarray, "state latent output"]
    logits: Float[np.ndarray, "state output"]
    span: Float[np.ndarray, " latent"]
    outcomes: np.ndarray | None

    def turn(self, latents: Sequence[int]) -> Float[np.ndarray, " latent"]:
        """Sign of each of these latents in the log odds of the last of two alternatives; 1 of all others.

        It is that of a linear fit over the states: a slope tells nothing of a latent that takes two values.
        """
        turn = np.ones(self.before.shape[1])
        if self.logits.shape[1] >= 2 and len(latents):
            design = np.c_[self.before[:, latents] / self.span[list(latents)], np.ones(len(self.before))]
            found, *_ = np.linalg.lstsq(design, self.logits[:, 1] - self.logits[:, 0], rcond=1e-6)
            turn[list(latents)] = np.where(found[:-1] < 0, -1.0, 1.0)
        return turn


def probed(model: RunsAsNetwork, dataset: Dataset, states: Float[np.ndarray, "trial latent"]) -> Probed:
    """Ask a network; the data are as it knows them, and `states` its latents on their valid trials."""
    inputs = np.asarray(dataset.inputs)[dataset.valid]
    rng = np.random.default_rng(0)
    # The same number whatever the data, so that the compiled function serves them all.
    trials = rng.choice(len(states), N_STATES, replace=len(states) < N_STATES)
    observations, outcomes = outcome_observations(dataset)
    low, high = np.quantile(evenly_spaced(states), SPAN, axis=0)
    span = np.where(high > low, high - low, 1e-6)
    ends = np.stack([inputs.min(0), inputs.max(0)])
    arrays = (states[trials], inputs[trials], ends, 0.05 * span, observations)
    answers = jax.device_get(_asked(model, *(np.asarray(array, np.float32) for array in arrays)))
    after, slopes, by_input, readout, logits = (np.asarray(own, float) for own in answers)
    return Probed(states[trials], after, slopes, by_input, readout, logits, span, outcomes)


def evenly_spaced(trials: np.ndarray) -> np.ndarray:
    """Trials (trial, ...) as far apart as leaves enough of them for quantiles and for what an input tells."""
    return trials[:: max(len(trials) // ENOUGH_TRIALS, 1)]


def outcome_observations(dataset: Dataset) -> tuple[Float[np.ndarray, "observation input"], Any]:
    """The usual inputs after each combination of choice and win, and those; else typical inputs, and None."""
    inputs = np.asarray(dataset.inputs)
    if dataset.n_classes == 2:
        choice, won = previous_choices_and_wins(dataset)
        if won is not None:
            outcomes = [(c, w) for c in (0, 1) for w in (False, True)]
            here = [dataset.valid & (choice == c) & (won == w) for c, w in outcomes]
            if all(own.any() for own in here):
                usual = [np.median(evenly_spaced(inputs[own]), axis=0) for own in here]
                return np.stack(usual), np.array(outcomes, int)
    return typical_observations(dataset), None


@eqx.filter_jit
def _asked(
    model: Any,
    states: Float[Array | np.ndarray, "state latent"],
    inputs: Float[Array | np.ndarray, "state input"],
    ends: Float[Array | np.ndarray, "2 input"],
    nudge: Float[Array | np.ndarray, " latent"],
    observations: Float[Array | np.ndarray, "observation input"],
) -> tuple[Array, ...]:
    states, inputs, ends, nudge, observations = map(jnp.asarray, (states, inputs, ends, nudge, observations))
    n_states, n_latents = states.shape
    nudged = jnp.stack([states[None] + sign * jnp.diag(nudge)[:, None] for sign in (-1.0, 1.0)])
    everywhere = jnp.concatenate([states[None], nudged.reshape(-1, n_states, n_latents)])

    def after(seen: Array) -> Array:
        given = jnp.broadcast_to(seen, (len(everywhere), n_states, seen.shape[-1]))
        flat = model.transition(everywhere.reshape(-1, n_latents), given.reshape(-1, seen.shape[-1]))
        return flat.reshape(everywhere.shape)

    moved = jax.lax.map(after, observations[:, None])  # (observation, nudge, state, latent)
    slopes = _slope(moved[:, 1 : n_latents + 1], moved[:, n_latents + 1 :], nudge, 1)

    def with_input(i: Array) -> Array:
        low, high = (
            model.transition(states, inputs.at[:, i].set(jnp.take(own, i))) for own in (ends[0], ends[1])
        )
        return high - low

    by_input = jax.lax.map(with_input, jnp.arange(inputs.shape[1]))
    out = model.readouts(everywhere.reshape(-1, n_latents)).reshape(*everywhere.shape[:2], -1)
    readout = _slope(out[1 : n_latents + 1], out[n_latents + 1 :], nudge, 0)
    return moved[:, 0], jnp.moveaxis(slopes, 1, 2), by_input, jnp.moveaxis(readout, 0, 1), out[0]


def _slope(low: Array, high: Array, nudge: Array, axis: int) -> Array:
    shape = [1] * low.ndim
    shape[axis] = -1
    return (high - low) / (2 * nudge.reshape(shape))
