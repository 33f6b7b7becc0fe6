"""What an agent would have preferred at every trial of recorded behavior."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_REWARD
from cogrnn_lab.tasks.agent import Agent
from cogrnn_lab.tasks.player_checks import check_logits, check_state
from cogrnn_lab.tasks.simulate import traced


def agent_logits(agent: Agent, dataset: Dataset) -> Float32[np.ndarray, "session trial arm"]:
    """Logits of an agent that is led along the recorded choices and rewards.

    Their softmax are its predictions. It learns from every choice that was made, also from those that are no
    targets (instructed); a missed trial leaves it as it was. Choices and rewards are the columns "choice" and
    "reward", or are taken from the targets and the input "previous reward" where there are no such columns.

    **Raises:** `ValueError` where the data set has neither.
    """
    if dataset.n_classes is None:
        raise ValueError("the data set is continuous; an agent's logits need recorded choices.")
    choice, reward = _recorded(dataset)
    return np.asarray(logits_along(traced(agent), choice, reward, dataset.n_classes))


@eqx.filter_jit
def logits_along(
    agent: Agent,
    choice: Int[Array | np.ndarray, "session trial"],
    reward: Float[Array | np.ndarray, "session trial"],
    n_arms: int,
) -> Float[Array, "session trial arm"]:
    """Logits before each choice. A choice of -1 is skipped. Differentiable in the agent."""

    def trial(state, outcome):
        choice, reward = outcome
        learned = agent.update(state, jnp.maximum(choice, 0), reward)
        check_state(learned, state, agent, "update", "initial_state")
        logits = agent.logits(state)
        check_logits(logits, agent, n_arms)
        kept = jax.tree.map(lambda new, old: jnp.where(choice < 0, old, new), learned, state)
        return kept, logits

    def trials(states, outcomes):
        return jax.vmap(trial)(states, outcomes)

    start = jax.vmap(lambda _: agent.initial_state(n_arms))(choice[:, 0])
    _, logits = jax.lax.scan(trials, start, (jnp.swapaxes(choice, 0, 1), jnp.swapaxes(reward, 0, 1)))
    return jnp.swapaxes(logits, 0, 1)


def _recorded(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Choices (-1: none) and rewards (0 where there is none)."""
    if "choice" in dataset.columns:
        choice = dataset.columns["choice"]
        choice = np.where(dataset.valid & np.isfinite(choice), choice, -1)
    else:
        choice = np.where(dataset.mask[..., 0], dataset.targets[..., 0], -1)
    if "reward" in dataset.columns:
        reward = dataset.columns["reward"]
    elif PREVIOUS_REWARD in dataset.input_names:
        after = dataset.inputs[:, 1:, dataset.input_names.index(PREVIOUS_REWARD)]
        reward = np.concatenate([after, np.zeros((dataset.n_sessions, 1))], axis=1)
    else:
        raise ValueError(
            f'the data set has no column "reward" and no input "{PREVIOUS_REWARD}", only the inputs '
            f"{', '.join(dataset.input_names)}; an agent cannot learn from it. Name the inputs with "
            "input_names."
        )
    reward = np.where((choice >= 0) & np.isfinite(reward), reward, 0.0)
    return choice.astype(np.int32), reward.astype(np.float32)
