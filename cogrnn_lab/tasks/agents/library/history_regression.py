"""Logistic regression of choices on the choices and rewards of past trials."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from cogrnn_lab.argument_kinds import Numbers
from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.agents.agent import SCALED, Agent, one_hot
from cogrnn_lab.tasks.parameters import weight


class History(NamedTuple):
    """The last trials, the latest first: choices (one-hot) and rewards at the chosen arm."""

    choices: Float[Array, "back arm"]
    rewards: Float[Array, "back arm"]


class HistoryRegression(Agent):
    """Logistic regression of choices on the last trials.

    The log odds of two arms are the sum over trials back of `reward_weights` × (reward from the one - reward
    from the other) + `choice_weights` × (chosen the one - chosen the other); with more arms, each arm has
    such a sum (conditional logit). Trials before the first of the session count 0. Combine with `SideBias`
    for a constant preference.

    Arguments:
        n_back: Number of trials back, 1 or more.
        reward_weights: (back,), log odds for a reward of 1, the latest trial first; 0 by default.
        choice_weights: (back,), log odds for a choice, the latest trial first; 0 by default.

    Raises:
        ValueError: Where the weights are not one for each trial back.

    Source:
        Lau and Glimcher, J Exp Anal Behav 2005.

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> agent = cl.HistoryRegression(2, reward_weights=(1.5, 0.5), choice_weights=(0.2, 0.0))
        >>> state = agent.update(agent.initial_state(2), jnp.asarray(1), jnp.asarray(1.0))
        >>> [round(float(logit), 2) for logit in agent.logits(state)]
        [0.0, 1.7]
    """

    reward_weights: Float[Array, " reward_back"] = weight(None)
    choice_weights: Float[Array, " choice_back"] = weight(None)

    def __init__(self, n_back: int = 5, reward_weights: Numbers = None, choice_weights: Numbers = None):
        n_back = checked_count(n_back, "n_back")
        self.reward_weights = _one_for_each_trial(reward_weights, n_back, "reward_weights")
        self.choice_weights = _one_for_each_trial(choice_weights, n_back, "choice_weights")

    @property
    def unimodal(self) -> bool:
        """The logits are linear in the weights."""
        return True

    @property
    def n_back(self) -> int:
        """Number of past trials: the length of the longer list of weights."""
        return max(jnp.shape(self.reward_weights)[-1], jnp.shape(self.choice_weights)[-1])

    @property
    def reward_units(self) -> str:
        """Weights are of a full reward, 1, and nothing is 0."""
        return SCALED

    def initial_state(self, n_arms: int) -> History:
        """Nothing chosen and nothing rewarded."""
        nothing = jnp.zeros((self.n_back, n_arms))
        return History(nothing, nothing)

    def logits(self, state: History) -> Float[Array, " arm"]:
        """Weighted sums over the trials back."""
        of_rewards, of_choices = self._padded(self.reward_weights), self._padded(self.choice_weights)
        return (of_rewards[:, None] * state.rewards + of_choices[:, None] * state.choices).sum(0)

    def update(self, state: History, choice: Int[Array, ""], reward: Float[Array, ""]) -> History:
        """This trial comes first, the oldest is dropped."""
        chosen = one_hot(choice, state.choices.shape[1])[None]
        return History(
            jnp.concatenate([chosen, state.choices[:-1]]),
            jnp.concatenate([reward * chosen, state.rewards[:-1]]),
        )

    def _padded(self, weights: Float[Array, " given"]) -> Float[Array, " back"]:
        """The weights with zeros for trials further back; no operation where there are none."""
        missing = self.n_back - jnp.shape(weights)[-1]
        return jnp.append(weights, jnp.zeros(missing)) if missing else weights


def _one_for_each_trial(weights: Any, n_back: int, name: str) -> Float[Array, " back"]:
    array = jnp.zeros(n_back) if weights is None else jnp.asarray(weights, jnp.float32)
    if array.shape != (n_back,):
        raise ValueError(
            f"{name} has shape {array.shape}; expected ({n_back},), one for each of n_back trials."
        )
    return array
