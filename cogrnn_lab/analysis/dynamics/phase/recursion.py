"""Agents as recursions: the state of a learning rule as a vector that a trial moves, like a network's."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.data.previous_trial import PREVIOUS_CHOICE, PREVIOUS_REWARD
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import network_of
from cogrnn_lab.tasks import Agent
from cogrnn_lab.tasks.agents.agent import REWARD_ALONE


class AgentRecursion(Network):
    """An agent as a network that reads the choice before (its index, -1: none) and the reward before."""

    agent: Agent
    n_outputs: int = eqx.field(static=True)
    n_inputs: int = eqx.field(static=True, default=2)

    def initial_state(self, subject: Any = None) -> Float[Array, " latent"]:
        """Give the agent's state before the first trial, as a vector."""
        return ravel_pytree(self._start())[0].astype(jnp.float32)

    def next_state(
        self,
        state: Float[Array, " latent"],
        inputs: Float[Array, " input"],
        *,
        subject: Any = None,
        key: Any = None,
        noise: float | Array = 1.0,
    ) -> Float[Array, " latent"]:
        """Compute the state after a choice and its reward; the same state where nothing was chosen."""
        choice = inputs[0].astype(jnp.int32)
        new = self.agent.update(self._unravel(state), jnp.maximum(choice, 0), inputs[1])
        return jnp.where(choice < 0, state, ravel_pytree(new)[0].astype(jnp.float32))

    def readout(self, state: Float[Array, " latent"], *, subject: Any = None) -> Float[Array, " output"]:
        """Compute the logits of the agent in a state."""
        return self.agent.logits(self._unravel(state))

    def _start(self) -> Any:
        return jax.tree.map(jnp.asarray, self.agent.initial_state(self.n_outputs))

    def _unravel(self, state: Array) -> Any:
        return ravel_pytree(self._start())[1](state)


def recursion_of(model: Any, dataset: Dataset) -> tuple[Any, Dataset]:
    """Give the network that is meant and the data as it reads them; an agent becomes an `AgentRecursion`.

    Raises:
        TypeError: The model is no network and no agent.
        ValueError: The agent learns from more than choices and rewards, or its state is not made of numbers
            that can change by little.
    """
    agent = model if isinstance(model, Agent) else getattr(model, "agent", None)
    if not isinstance(agent, Agent) or hasattr(agent, "model"):
        return network_of(model), dataset
    if agent.learns_from != REWARD_ALONE or agent.stimuli > 1:
        raise ValueError(
            f"{type(agent).__name__} learns from more than the last choice and its reward (stimuli, foregone "
            "outcomes, second stages), so that one observation is no constant input of its recursion; give "
            "an agent of choices and rewards, or a network"
        )
    if not dataset.n_classes:
        raise ValueError("an agent makes choices, but the data set has none")
    n_classes = int(dataset.n_classes)
    leaves = jax.tree.leaves(jax.eval_shape(lambda: agent.initial_state(n_classes)))
    if not all(jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in leaves):
        raise ValueError(
            f"the state of {type(agent).__name__} holds whole numbers, which nothing changes by little; "
            "give an agent whose state is made of real numbers"
        )
    recursion: Any = AgentRecursion  # the checker takes `n_outputs` of networks to come first
    return recursion(agent, n_classes), _as_read(dataset)


def _as_read(dataset: Dataset) -> Dataset:
    choice, reward = recorded_outcomes(dataset)
    inputs = np.zeros((*choice.shape, 2), np.float32)
    inputs[:, 0] = -1.0, 0.0
    inputs[:, 1:, 0] = choice[:, :-1]
    inputs[:, 1:, 1] = np.nan_to_num(np.asarray(reward))[:, :-1]
    inputs[~dataset.valid] = 0.0
    return dataset._replace(inputs=inputs, input_names=(PREVIOUS_CHOICE, PREVIOUS_REWARD), stimulus_inputs=())
