"""Base of the networks of gated units: a layer of hidden units that recurs, and a linear readout."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from cogrnn_lab.models.fast_path import way_of
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore, read_columns
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.recurrence import Cell, recurrence, with_ones
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.trial_shapes import check_one_state


class HiddenNetwork(Network):
    """Base class of networks with a `core` of weights; each kind defines one step plainly and once fast.

    `next_state` is the definition. `rollout` runs the kind's `cell` for all sessions at once; the tests
    compare both. A subclass with another `next_state` and no `cell` of its own runs step by step.
    """

    core: eqx.AbstractVar[RecurrentCore]

    fast_path: ClassVar[tuple[str, ...]] = ("rollout_with_draws", "cell", "cell_weights")
    fast_path_parts: ClassVar[tuple[type, ...]] = (RecurrentCore,)
    part_names: ClassVar[Mapping[str, str]] = {
        "w_in": "core.input_weight",
        "w_rec": "core.recurrent_weight",
        "w_out": "core.out_weight",
        "b_rec": "core.bias",
        "b_out": "core.out_bias",
        "start": "core.start",
    }

    @property
    @abstractmethod
    def cell(self) -> Cell:
        """Fast form of `next_state`; its state is a tuple of which the first array is the activity."""

    @abstractmethod
    def cell_weights(self) -> PyTree[Float[Array, "..."]]:
        """Give the weights as the cell takes them."""

    @property
    def n_parts(self) -> int:
        """Arrays that make up the state, one below the other in the state vector."""
        return 1

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return self.core.start.size

    def initial_state(self, subject: Any = None) -> Float[Array, " state"]:
        """Give the state before the first trial (learned; it starts at 0).

        Arguments:
            subject: Not used.

        Returns:
            State (state,).
        """
        return self.core.start

    def readout(self, state: Float[Array, " state"], *, subject: Any = None) -> Float[Array, " output"]:
        """Compute the outputs from the activity of the hidden units.

        Arguments:
            state: State (state,).
            subject: Not used.

        Returns:
            Outputs (output,).
        """
        check_one_state(self, state)
        return self.core.read(jnp.split(state, self.n_parts)[0])

    def l2(self) -> Float[Array, ""]:
        """Sum the squared recurrent weights of all gates (the others and the biases don't count)."""
        return jnp.sum(self.core.recurrent_weight**2)

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: dict[str, Array] | None = None,
        noise: float | Array = 1.0,
        *,
        subject: Int[Array, "session *time"] | None = None,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Run the fast path; these networks have no noise and know no subjects.

        Arguments:
            inputs: Inputs (session, time, input).
            draws: Not used.
            noise: Not used.
            subject: Not used.
            begins: True (session, time) where another session begins inside a row.

        Returns:
            A `Rollout`.
        """
        columns = jnp.broadcast_to(self.core.start[:, None], (self.n_latents, inputs.shape[0]))
        states = recurrence(
            self.cell,
            self.cell_weights(),
            with_ones(inputs),
            tuple(jnp.split(columns, self.n_parts)),
            None if begins is None else begins.T,
        )
        outputs = read_columns(self.core.out_weight, self.core.out_bias, states[0])
        return Rollout(outputs, jnp.transpose(jnp.concatenate(states, axis=1), (2, 0, 1)), {})

    def transition(
        self,
        states: Float[Array, "point state"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point state"]:
        """Compute states after one trial, for many states and inputs at once.

        Arguments:
            states: States (point, state) before the trial.
            inputs: Inputs (point, input).
            subject: Not used.

        Returns:
            States (point, state) after the trial.
        """
        if way_of(self, within_call=True) != "fast":
            return super().transition(states, inputs, subject=subject)
        seen = with_ones(inputs[:, None])[0]
        new, _ = self.cell.step(self.cell_weights(), tuple(jnp.split(states.T, self.n_parts)), seen)
        return jnp.concatenate(new).T
