"""Base class of environments, which answer a choice with a reward."""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree, Shaped

from cogrnn_lab.random_numbers import uniforms


class Environment(eqx.Module):
    """Base class of tasks with `n_arms` alternatives on every trial.

    An environment is an Equinox module whose fields are its parameters. Its functions are written for one
    session and must be traceable by JAX; the state is any pytree of arrays. Only `n_arms`, `reset` and `step`
    are required.

    Example:
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
        """Make the state before the first trial of a session.

        Arguments:
            key: A random key.

        Returns:
            A pytree of arrays.
        """
        raise NotImplementedError(f"{type(self).__name__} needs reset(key).")

    @property
    def stimuli(self) -> int:
        """How many stimuli it shows before choices; 1: none."""
        return 1

    def stimulus(self, state: PyTree[Any]) -> Int[Array, ""]:
        """Give the stimulus of a trial, which is shown before the choice.

        Arguments:
            state: The state on this trial.

        Returns:
            Its index, 0, 1, ...; only asked for where there are `stimuli`.
        """
        return jnp.zeros((), jnp.int32)

    def step(
        self, state: PyTree[Any], choice: Int[Array, ""], key: PyTree[Any]
    ) -> tuple[Shaped[Array, ""], PyTree[Any]]:
        """Answer a choice.

        Arguments:
            state: The state on this trial.
            choice: Index of the chosen arm, 0, 1, ...
            key: A random key, or the random numbers of this trial where `draw` makes them.

        Returns:
            The reward, and the state on the next trial.
        """
        raise NotImplementedError(f"{type(self).__name__} needs step(state, choice, key).")

    def instruct(self, state: PyTree[Any], key: PyTree[Any]) -> Int[Array, ""]:
        """Prescribe a choice.

        Arguments:
            state: The state on this trial.
            key: A random key, or the random numbers of this trial where `draw` makes them.

        Returns:
            Index of the arm that must be chosen on this trial, -1 where the agent is free.
        """
        return jnp.full((), -1, jnp.int32)

    def describe(self, state: PyTree[Any]) -> dict[str, Shaped[Array, ""]]:
        """Describe a trial by numbers, such as reward probabilities, which become columns of the data set.

        Arguments:
            state: The state on this trial.

        Returns:
            Scalars by the name of the column.
        """
        return {}

    def start(self, session: Int[Array, ""], key: Key[Array, ""]) -> PyTree[Any]:
        """Make the state before the first trial of a numbered session: `reset`, unless sessions differ.

        Arguments:
            session: Index of the session within its subject.
            key: A random key.

        Returns:
            A pytree of arrays.
        """
        return self.reset(key)

    def check_sizes(self, n_sessions: int, n_trials: int) -> None:
        """Refuse numbers of sessions or trials for which the environment cannot be played.

        Arguments:
            n_sessions: Sessions of each subject.
            n_trials: Trials of each session.

        Raises:
            ValueError: Where it cannot be played for as many.
        """

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[PyTree[Any], PyTree[Any]]:
        """Draw what `instruct` and `step` get as `key` on each trial.

        These are keys, unless a subclass overrides this to draw the random numbers of a whole session at
        once, which is many times faster than one draw per trial.

        Arguments:
            key: The random key of a session.
            n_trials: Trials of the session.

        Returns:
            For `instruct` and for `step`, a pytree whose leaves have `n_trials` as their first axis.
        """
        instruct_key, step_key = jax.random.split(key)
        return jax.random.split(instruct_key, n_trials), jax.random.split(step_key, n_trials)


def uniforms_of(
    key: Key[Array, ""] | Float[Array, "*number"], shape: tuple[int, ...]
) -> Float[Array, "*number"]:
    """Uniform numbers of one trial: as `draw` made them for the whole session, or drawn now from a key."""
    return uniforms(key, shape) if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else key
