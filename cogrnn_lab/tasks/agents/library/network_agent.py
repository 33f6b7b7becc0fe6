"""A trained network that plays a task itself."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.data.previous_trial import n_outcome_inputs, outcome_inputs
from cogrnn_lab.tasks.agents.agent import Agent


class NetworkState(NamedTuple):
    """The network after it was shown the trial before."""

    latents: PyTree[Any]
    logits: Float[Array, " arm"]


class NetworkAgent(Agent):
    """Chooses by the outputs of a network that is shown each previous choice and reward, without noise.

    **Arguments:**

    - `model`: a network of this package whose inputs are those that `simulate` makes, such as a `DisRNN`.
    - `subject`: index of the subject whose behavior a multisubject network should show.
    - `other_inputs`: numbers for the inputs after these, held throughout, such as 0 for "previous trial
        missed".
    """

    model: Any
    subject: int | None = eqx.field(static=True, default=None)
    other_inputs: tuple[float, ...] = eqx.field(static=True, default=(), converter=tuple)

    def initial_state(self, n_arms: int) -> NetworkState:
        """The network at the first trial of a session, whose inputs are zeros."""
        self._check_sizes(n_arms)
        inputs = jnp.zeros(n_outcome_inputs(n_arms))
        return self._shown(self.model.initial_state(self.subject), inputs, n_arms)

    def logits(self, state: NetworkState) -> Float[Array, " arm"]:
        """The outputs for the present trial."""
        return state.logits

    def update(self, state: NetworkState, choice: Int[Array, ""], reward: Float[Array, ""]) -> NetworkState:
        """The network is shown the choice and the reward."""
        n_arms = state.logits.size
        return self._shown(state.latents, outcome_inputs(choice, reward, n_arms), n_arms)

    def _shown(self, latents: PyTree[Any], inputs: Float[Array, " outcome"], n_arms: int) -> NetworkState:
        inputs = jnp.concatenate([inputs, jnp.asarray(self.other_inputs, jnp.float32)])
        latents, outputs, _ = self.model.step(latents, inputs, subject=self.subject, key=None, noise=0.0)
        return NetworkState(latents, outputs[:n_arms])

    def _check_sizes(self, n_arms: int) -> None:
        own = n_outcome_inputs(n_arms)
        given = own + len(self.other_inputs)
        if self.model.n_inputs != given:
            raise ValueError(
                f"the network has {self.model.n_inputs} inputs; a task with {n_arms} arms gives {own} "
                f"(previous choice and reward) and other_inputs {len(self.other_inputs)}. Values for the "
                "rest, held throughout, go to other_inputs, such as (0.0,) for a network fitted to data with "
                "missed trials."
            )
        if self.model.n_outputs < n_arms:
            raise ValueError(f"the network has {self.model.n_outputs} outputs; the task has {n_arms} arms.")
