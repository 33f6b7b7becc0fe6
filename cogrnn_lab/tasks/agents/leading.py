"""Leading an agent along recorded choices: it learns from each as if it had made it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.recorded_trials import number_paid, shown, trial_first
from cogrnn_lab.tasks.agents.subject_parameters import Values, for_each_session
from cogrnn_lab.tasks.player_checks import check_state


def lead_along(
    read: Callable[[Agent, Any, Array, Array], PyTree],
    agent: Agent,
    values: Values,
    choice: Int[Array, "session trial"],
    reward: Any,
    n_arms: int,
    stimulus: Int[Array, "session trial"] | None = None,
) -> PyTree[Array]:
    """Values of `read(agent, state, choice, reward)` on each trial, before the agent learns from it.

    Leaves are (session, trial, ...). A choice of -1 is skipped: the state stays, and `read` is given 0.
    `reward` and `stimulus` as in `RecordedTrials`. In the parameters `values`, (session,) each, the sessions
    differ. For compiled code; differentiable in the agent.
    """

    def trial(
        agent: Agent, state: PyTree, choice: Array, reward: Any, stimulus: Any
    ) -> tuple[PyTree, PyTree]:
        state = shown(agent, state, stimulus)
        seen = read(agent, state, jnp.maximum(choice, 0), number_paid(reward))
        return after_trial(agent, state, choice, reward), seen

    trials = for_each_session(trial, agent, values)
    start = for_each_session(lambda agent, _: agent.initial_state(n_arms), agent, values)(choice[:, 0])
    outcomes = trial_first((choice, reward, stimulus))
    _, seen = jax.lax.scan(lambda states, outcome: trials(states, *outcome), start, outcomes)
    return jax.tree.map(lambda array: jnp.swapaxes(array, 0, 1), seen)


def after_trial(agent: Agent, state: PyTree[Any], choice: Int[Array, ""], reward: Any) -> PyTree[Any]:
    """The state after a trial, which a choice of -1 leaves as it was."""
    learned = agent.update(state, jnp.maximum(choice, 0), reward)
    check_state(learned, state, agent, "update", "initial_state")
    return jax.tree.map(lambda new, old: jnp.where(choice < 0, old, new), learned, state)
