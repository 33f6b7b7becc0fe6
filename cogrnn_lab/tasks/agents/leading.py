"""An agent led along choices that were made: it learns from each as if it had made it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.subject_parameters import Values, for_each_session
from cogrnn_lab.tasks.player_checks import check_state


def lead_along(
    read: Callable[[Agent, Any, Array, Array], PyTree],
    agent: Agent,
    values: Values,
    choice: Int[Array, "session trial"],
    reward: Float[Array, "session trial"],
    n_arms: int,
) -> PyTree[Array]:
    """What `read(agent, state, choice, reward)` gives on each trial, before the agent learns from it.

    Leaves are (session, trial, ...). A choice of -1 is skipped: the state stays, and `read` is given 0. In
    the parameters `values`, (session,) each, the sessions differ. For compiled code; differentiable in the
    agent.
    """

    def trial(agent: Agent, state: PyTree, choice: Array, reward: Array) -> tuple[PyTree, PyTree]:
        return after_trial(agent, state, choice, reward), read(agent, state, jnp.maximum(choice, 0), reward)

    trials = for_each_session(trial, agent, values)
    start = for_each_session(lambda agent, _: agent.initial_state(n_arms), agent, values)(choice[:, 0])
    outcomes = jnp.swapaxes(choice, 0, 1), jnp.swapaxes(reward, 0, 1)
    _, seen = jax.lax.scan(lambda states, outcome: trials(states, *outcome), start, outcomes)
    return jax.tree.map(lambda array: jnp.swapaxes(array, 0, 1), seen)


def after_trial(
    agent: Agent, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]
) -> PyTree[Any]:
    """The state after a trial, which a choice of -1 leaves as it was."""
    learned = agent.update(state, jnp.maximum(choice, 0), reward)
    check_state(learned, state, agent, "update", "initial_state")
    return jax.tree.map(lambda new, old: jnp.where(choice < 0, old, new), learned, state)
