"""What an environment is: something that answers a choice with a reward."""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key, PyTree, Shaped


class Environment(eqx.Module):
    """Base class of tasks with `n_arms` alternatives on every trial.

    An environment is an Equinox module whose fields are its parameters. Its functions are written for one
    session and have to be traceable by JAX; the state is any pytree of arrays. Only `n_arms`, `reset` and
    `step` are required.

    Two arms of fixed reward probability that swap with a certain hazard:

    >>> import jax
    >>> import cogrnn_lab as cl
    >>> class Reversals(cl.Environment):
    ...     hazard: float = 0.05
    ...     n_arms: int = 2
    ...
    ...     def reset(self, key):
    ...         return jax.random.permutation(key, jax.numpy.array([0.8, 0.2]))
    ...
    ...     def step(self, state, choice, key):
    ...         reward_key, swap_key = jax.random.split(key)
    ...         reward = jax.random.bernoulli(reward_key, state[choice])
    ...         swap = jax.random.bernoulli(swap_key, self.hazard)
    ...         return reward, jax.numpy.where(swap, state[::-1], state)
    ...
    ...     def describe(self, state):
    ...         return {"p_reward_1": state[0], "p_reward_2": state[1]}
    >>> data = cl.simulate(cl.QLearning(), Reversals(), n_sessions=3, n_trials=100)
    >>> sorted(data.columns)
    ['choice', 'p_choice', 'p_reward_1', 'p_reward_2', 'reward']
    """

    if TYPE_CHECKING:  # each class has its own field; one declared here would come before all others

        @property
        def n_arms(self) -> int: ...

    def reset(self, key: Key[Array, ""]) -> PyTree[Any]:
        """State before the first trial of a session."""
        raise NotImplementedError(f"{type(self).__name__} needs reset(key).")

    def step(
        self, state: PyTree[Any], choice: Int[Array, ""], key: PyTree[Any]
    ) -> tuple[Shaped[Array, ""], PyTree[Any]]:
        """Reward of `choice` on this trial, and the state on the next."""
        raise NotImplementedError(f"{type(self).__name__} needs step(state, choice, key).")

    def instruct(self, state: PyTree[Any], key: PyTree[Any]) -> Int[Array, ""]:
        """The arm that has to be chosen on this trial, or -1 where the agent is free."""
        return jnp.full((), -1, jnp.int32)

    def describe(self, state: PyTree[Any]) -> dict[str, Shaped[Array, ""]]:
        """Numbers about this trial that go along as columns, such as reward probabilities."""
        return {}

    def start(self, session: Int[Array, ""], key: Key[Array, ""]) -> PyTree[Any]:
        """State before the first trial of session number `session`: `reset`, unless sessions differ."""
        return self.reset(key)

    def check_sizes(self, n_sessions: int, n_trials: int) -> None:
        """Raise `ValueError` where the environment cannot be played for so many sessions or trials."""

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[PyTree[Any], PyTree[Any]]:
        """What `instruct` and what `step` get as `key` on each trial: leaves with `n_trials` first.

        Keys, unless this is overridden to draw the random numbers of a whole session at once, which is many
        times faster than one draw per trial; `step` and `instruct` then receive those numbers.
        """
        instruct_key, step_key = jax.random.split(key)
        return jax.random.split(instruct_key, n_trials), jax.random.split(step_key, n_trials)
