"""Logistic regression of choices on the choices and rewards of past trials."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import Agent, one_hot
from cogrnn_lab.tasks.parameters import weight


class History(NamedTuple):
    """The last trials, the latest first: what was chosen (one-hot), and what was rewarded by how much."""

    choices: Float[Array, "back arm"]
    rewards: Float[Array, "back arm"]


class HistoryRegression(Agent):
    """Logistic regression on the last trials (Lau and Glimcher, J Exp Anal Behav 2005).

    The log odds of two arms are the sum over trials back of `reward_weights` × (reward from the one - reward
    from the other) + `choice_weights` × (chosen the one - chosen the other); with more arms, each arm has its
    own such sum (conditional logit). A constant preference comes from `SideBias`.

    Arguments: `n_back` trials; `reward_weights` and `choice_weights` (back,), the latest trial first, 0
    without them. What lies before the session's first trial counts as nothing.

    Raises `ValueError` where the weights are not one for each trial back.
    """

    reward_weights: Float[Array, " back"] = weight(None)
    choice_weights: Float[Array, " back"] = weight(None)

    def __init__(self, n_back: int = 5, reward_weights=None, choice_weights=None):
        if n_back < 1:
            raise ValueError(f"n_back = {n_back}; expected 1 or more trials.")
        self.reward_weights = _one_for_each_trial(reward_weights, n_back, "reward_weights")
        self.choice_weights = _one_for_each_trial(choice_weights, n_back, "choice_weights")

    @property
    def unimodal(self) -> bool:
        """The logits are linear in the weights."""
        return True

    @property
    def n_back(self) -> int:
        """How many past trials count."""
        return jnp.shape(self.reward_weights)[-1]

    def initial_state(self, n_arms: int) -> History:
        """Nothing chosen and nothing rewarded."""
        nothing = jnp.zeros((self.n_back, n_arms))
        return History(nothing, nothing)

    def logits(self, state: History) -> Float[Array, " arm"]:
        """Weighted sums over the trials back."""
        weighted = self.reward_weights[:, None] * state.rewards + self.choice_weights[:, None] * state.choices
        return weighted.sum(0)

    def update(self, state: History, choice: Int[Array, ""], reward: Float[Array, ""]) -> History:
        """This trial comes first, the oldest is dropped."""
        chosen = one_hot(choice, state.choices.shape[1])[None]
        return History(
            jnp.concatenate([chosen, state.choices[:-1]]),
            jnp.concatenate([reward * chosen, state.rewards[:-1]]),
        )


def _one_for_each_trial(weights: Any, n_back: int, name: str) -> Float[Array, " back"]:
    array = jnp.zeros(n_back) if weights is None else jnp.asarray(weights, jnp.float32)
    if array.shape != (n_back,):
        raise ValueError(
            f"{name} has shape {array.shape}; expected ({n_back},), one for each of n_back trials."
        )
    return array
