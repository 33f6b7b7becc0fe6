"""What the networks of gated units share: a layer of hidden units that recurs, and a linear readout."""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from cogrnn_lab.models.gated.recurrent_core import RecurrentCore, read_columns
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.recurrence import Cell, recurrence, with_ones
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.side_by_side import by_sessions


class HiddenNetwork(Network):
    """A `Network` with a `core` of weights; each kind says how its units move, once plainly and once fast.

    `next_state` is the definition. `rollout` runs the kind's `cell` for all sessions at once; the tests hold
    it to the definition.
    """

    core: eqx.AbstractVar[RecurrentCore]

    @property
    @abstractmethod
    def cell(self) -> Cell:
        """The fast form of `next_state`; its state is a tuple of which the first array is the activity."""

    @abstractmethod
    def cell_weights(self) -> PyTree[Float[Array, "..."]]:
        """The weights as the cell takes them."""

    @property
    def n_parts(self) -> int:
        """Arrays that make up the state, one below the other in the state vector."""
        return 1

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return self.core.start.size

    def initial_state(self, subject: Any = None) -> Float[Array, " state"]:
        """State before the first trial (learned; it starts at 0)."""
        return self.core.start

    def readout(self, state: Float[Array, " state"], *, subject: Any = None) -> Float[Array, " output"]:
        """Outputs from the activity of the hidden units."""
        return self.core.read(jnp.split(state, self.n_parts)[0])

    def l2(self) -> Float[Array, ""]:
        """Sum of the squared recurrent weights of all gates (the others and the biases don't count)."""
        return jnp.sum(self.core.recurrent_weight**2)

    def rollout(
        self,
        inputs: Float[Array, "session time input"],
        *,
        subject: Int[Array, "session *time"] | None = None,
        key: PRNGKeyArray | None = None,
        noise: float | Array = 1.0,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Many sessions at once; see `cogrnn_lab.rollout`. It has no noise of its own."""
        return by_sessions(
            lambda model, given, _: model._rollout(*given), self, (inputs, begins), lambda _: None
        )

    def _rollout(
        self, inputs: Float[Array, "session time input"], begins: Bool[Array, "session time"] | None
    ) -> Rollout:
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
        """States after one trial, for many states and inputs at once."""
        seen = with_ones(inputs[:, None])[0]
        new, _ = self.cell.step(self.cell_weights(), tuple(jnp.split(states.T, self.n_parts)), seen)
        return jnp.concatenate(new).T
