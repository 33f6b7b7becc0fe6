"""The switching linear recurrent network: one affine update of the latents for each observation.

Ji-An, Benna & Mattar, "Discovering cognitive strategies with tiny recurrent neural networks", Nature 2025.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.counts import checked_counts
from cogrnn_lab.models.fast_path import way_of
from cogrnn_lab.models.gated.recurrent_core import read_columns
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.recurrence import Cell, recurrence
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.trial_shapes import check_one_state, check_one_trial
from cogrnn_lab.random_numbers import KeyOrSeed, as_key

# Observations double with every binary input.
MOST_BINARY_INPUTS = 8


class SwitchingLinearRNN(Network):
    """Network that moves its latents by an affine map for each observation, read out linearly.

    An observation is a combination of the binary inputs, each of which is 1 above a half and 0 elsewhere;
    with `o` that of the trial, z ← A[o] z + C[o] u + b[o], and the outputs are W z + c. Inputs u that are
    amounts (rewards of 1 to 100, the strength of a stimulus) are named in `continuous`: they enter every map
    as terms of their own. `check_inputs` refuses data with other numbers in the binary ones.

    Matrices start diagonal with entries between 0.5 and 0.95, drives and readout Glorot uniform, start state
    and readout bias at 0.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of outputs.
        n_latents: Number of latents.
        continuous: Indices of the inputs that are amounts, from 0.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: A size is no whole number of at least 1, an index is no input, or more than 8 inputs are
            binary.

    Source:
        Ji-An, Benna & Mattar, Nature 2025.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.SwitchingLinearRNN(2, 2, 3, key=jax.random.key(0)).n_observations
        4
    """

    matrix: Float[Array, "observation latent latent2"]
    drive: Float[Array, "observation latent amount"]
    offset: Float[Array, "observation latent"]
    out_weight: Float[Array, "output latent"]
    out_bias: Float[Array, " output"]
    start: Float[Array, " latent"]
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    continuous: tuple[int, ...] = eqx.field(static=True)

    fast_path_of: ClassVar[tuple[str, ...]] = (*Network.fast_path_of, "observation")

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_latents: int,
        *,
        continuous: Sequence[int] = (),
        key: KeyOrSeed | None = None,
    ):
        n_inputs, n_outputs, n_latents = checked_counts(
            n_inputs=n_inputs, n_outputs=n_outputs, n_latents=n_latents
        )
        self.n_inputs, self.n_outputs = n_inputs, n_outputs
        self.continuous = _checked_places(continuous, n_inputs)
        n_observations, n_amounts = 2 ** len(self.binary), len(self.continuous)
        keep_key, drive_key, offset_key, out_key = jax.random.split(as_key(key, "a SwitchingLinearRNN"), 4)
        kept = jax.random.uniform(keep_key, (n_observations, n_latents), minval=0.5, maxval=0.95)
        self.matrix = kept[:, :, None] * jnp.eye(n_latents)[None]
        glorot = jax.nn.initializers.glorot_uniform(in_axis=-1, out_axis=-2, batch_axis=0)
        self.drive = (
            glorot(drive_key, (n_observations, n_latents, n_amounts))
            if n_amounts
            else jnp.zeros((n_observations, n_latents, 0))
        )
        self.offset = 0.1 * jax.random.normal(offset_key, (n_observations, n_latents))
        self.out_weight = jax.nn.initializers.glorot_uniform(-1, -2)(out_key, (n_outputs, n_latents))
        self.out_bias, self.start = jnp.zeros(n_outputs), jnp.zeros(n_latents)

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return self.start.shape[0]

    @property
    def binary(self) -> tuple[int, ...]:
        """Places of the inputs whose combinations are the observations."""
        return tuple(i for i in range(self.n_inputs) if i not in self.continuous)

    @property
    def n_observations(self) -> int:
        """Number of maps."""
        return 2 ** len(self.binary)

    def check_inputs(self, inputs: Float[np.ndarray, "session time input"], names: Sequence[str]) -> None:
        """Check that the binary inputs of data are 0 or 1.

        Arguments:
            inputs: Inputs (session, time, input).
            names: Name of each input, for the message.

        Raises:
            ValueError: A binary input holds another number.
        """
        for place in self.binary:
            values = np.unique(inputs[..., place])
            if not np.isin(values, (0.0, 1.0)).all():
                raise ValueError(
                    f'input {place} ("{names[place]}") holds {", ".join(f"{v:g}" for v in values[:5])}'
                    f"{', ...' if len(values) > 5 else ''}, but a SwitchingLinearRNN has one map for each "
                    "combination of inputs that are 0 or 1. If the numbers are amounts, make the network "
                    f"with continuous=({place},); if they are codes, give each of them an input of 0 and 1."
                )

    def observation(self, inputs: Float[Array, "*many input"]) -> Int[Array, "*many"]:
        """Compute the index of the observation; the first binary input is the highest bit.

        Arguments:
            inputs: Inputs (..., input).

        Returns:
            (...,) indices from 0.
        """
        bits = (inputs[..., np.array(self.binary, int)] > 0.5).astype(jnp.int32)
        return bits @ jnp.asarray(2 ** np.arange(len(self.binary))[::-1], jnp.int32)

    def initial_state(self, subject: Any = None) -> Float[Array, " latent"]:
        return self.start

    def next_state(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: KeyOrSeed | None = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " latent"]:
        check_one_trial(self, state, inputs)
        o = self.observation(inputs)
        amounts = inputs[np.array(self.continuous, int)]
        return self.matrix[o] @ state + self.drive[o] @ amounts + self.offset[o]

    def readout(self, state: Float[Array, " latent"], *, subject: Any = None) -> Float[Array, " output"]:
        check_one_state(self, state)
        return self.out_weight @ state + self.out_bias

    def l2(self) -> Float[Array, ""]:
        """Compute the sum of the squared entries of the matrices."""
        return jnp.sum(self.matrix**2)

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: dict[str, Array] | None = None,
        noise: float | Array = 1.0,
        *,
        subject: Int[Array, "session *time"] | None = None,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Run the fast path; the network has no noise and knows no subjects.

        Arguments:
            inputs: Inputs (session, time, input).
            draws: Not used.
            noise: Not used.
            subject: Not used.
            begins: True (session, time) where another session begins inside a row.

        Returns:
            A `Rollout`.
        """
        start = jnp.broadcast_to(self.start[:, None], (self.n_latents, inputs.shape[0]))
        states = recurrence(
            _CELL, self._weights(), self._seen(inputs), start, None if begins is None else begins.T
        )
        outputs = read_columns(self.out_weight, self.out_bias, states)
        return Rollout(outputs, jnp.transpose(states, (2, 0, 1)), {})

    def _weights(self) -> Float[Array, "row source"]:
        """The maps of all observations one below the other, on latents, amounts and 1."""
        parts = [self.matrix, self.drive, self.offset[..., None]]
        return jnp.concatenate(parts, axis=-1).reshape(self.n_observations * self.n_latents, -1)

    def _seen(self, inputs: Float[Array, "session time input"]) -> Float[Array, "time source session"]:
        """The observation as one-hot, the amounts, and 1."""
        which = jax.nn.one_hot(self.observation(inputs), self.n_observations, dtype=inputs.dtype)
        amounts = inputs[..., np.array(self.continuous, int)]
        ones = jnp.ones((*inputs.shape[:2], 1), inputs.dtype)
        return jnp.transpose(jnp.concatenate([which, amounts, ones], axis=-1), (1, 2, 0))

    def transition(
        self,
        states: Float[Array, "point latent"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point latent"]:
        if way_of(self, within_call=True) != "fast":
            return super().transition(states, inputs, subject=subject)
        return _CELL.step(self._weights(), states.T, self._seen(inputs[:, None])[0])[0].T


def _checked_places(continuous: Sequence[int], n_inputs: int) -> tuple[int, ...]:
    places = tuple(sorted(int(place) for place in continuous))
    if len(set(places)) < len(places) or not set(places) <= set(range(n_inputs)):
        raise ValueError(
            f"continuous is {tuple(continuous)}, expected different places of the {n_inputs} inputs, counted "
            f"from 0 to {n_inputs - 1}"
        )
    if n_inputs - len(places) > MOST_BINARY_INPUTS:
        raise ValueError(
            f"{n_inputs - len(places)} binary inputs make {2 ** (n_inputs - len(places))} observations; "
            f"expected at most {MOST_BINARY_INPUTS} such inputs. Name those that are amounts in continuous, "
            "or leave some out."
        )
    return places


def _split(weights: Array, state: Array, seen: Array) -> tuple[Array, Array]:
    """The one-hot observation (observation, 1, session), and what the maps read (source, session)."""
    n_observations = weights.shape[0] // state.shape[0]
    return seen[:n_observations, None], jnp.concatenate([state, seen[n_observations:]])


def _step(weights, state, seen):
    which, read = _split(weights, state, seen)
    moved = (weights @ read).reshape(which.shape[0], *state.shape)
    return (which * moved).sum(0), None


def _pullback(weights, transposed, state, seen, saved, d_new):
    which, read = _split(weights, state, seen)
    d_moved = (which * d_new[None]).reshape(weights.shape[0], -1)
    d_read = transposed @ d_moved
    # which observation it is is no number that could be a little different
    d_seen = jnp.concatenate([jnp.zeros_like(which[:, 0]), d_read[state.shape[0] :]])
    return d_moved @ read.T, d_read[: state.shape[0]], d_seen


_CELL = Cell(_step, _pullback)
