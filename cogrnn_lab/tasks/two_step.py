"""The two-step task: a choice leads to one of two states, where a second choice is made and paid."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree, UInt32

from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import (
    SECOND_CHOICE,
    SECOND_STATE,
    previous_trial_inputs,
    previous_trial_names,
    second_state_names,
)
from cogrnn_lab.random_numbers import as_seed, normals_of, session_keys, uniforms
from cogrnn_lab.tasks.agents.agent import Agent, Outcome
from cogrnn_lab.tasks.agents.subject_parameters import (
    SubjectParameters,
    Values,
    for_each_session,
    subject_parameters,
)
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.parameters import check_range
from cogrnn_lab.tasks.player_checks import AGENT, check_player
from cogrnn_lab.tasks.simulation import scale_of_player

LOWEST, HIGHEST = 0.25, 0.75  # reward probabilities, between whose bounds they drift


class _Task(NamedTuple):
    """Numbers of the task."""

    p_common: Any
    drift: Any
    second_inverse_temperature: Any


def simulate_two_step(
    agent: Agent | SubjectParameters,
    *,
    n_sessions: int,
    n_trials: int,
    seed: int = 0,
    p_common: float = 0.7,
    drift: float = 0.025,
    second_inverse_temperature: float = 4.0,
) -> Dataset:
    """Let an agent play the two-step task.

    First choice k leads to state k with probability `p_common`, else to the other state. Each of the two
    choices there pays 1 or 0 with a probability that starts uniformly between 0.25 and 0.75 and drifts,
    reflected at these bounds.

    Arguments:
        agent: An agent with values of second choices, such as `TwoStepLearner`, alone or within others.
            Parameters that are arrays make several subjects, as in `simulate`.
        n_sessions: Sessions of each subject.
        n_trials: Trials of each session.
        seed: The same seed gives the same data.
        p_common: Probability of common transitions, 0.5 to 1.
        drift: Standard deviation of the steps of reward probabilities, 0 or more.
        second_inverse_temperature: Log odds of second choices for a difference of 1 in the agent's values.

    Returns:
        A categorical `Dataset` of first choices, with the inputs and columns of `read_two_step`, and the
        columns "p_choice" and "p_reward_11" (state 1, choice 1), "p_reward_12", "p_reward_21", "p_reward_22".

    Raises:
        TypeError: The agent is something else, such as its class.
        ValueError: A number is not allowed, or the agent learns from what the task does not tell.
        NotImplementedError: The agent has no values of second choices.

    Source:
        Daw, Gershman, Seymour, Dayan and Dolan, Neuron 2011.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate_two_step(cl.TwoStepLearner(), n_sessions=2, n_trials=30)
        >>> data.input_names[2:]
        ('previous second state = 0', 'previous second state = 1')
    """
    for size, name in ((n_sessions, "n_sessions"), (n_trials, "n_trials")):
        checked_count(size, name)
    check_range(float(p_common), "p_common", 0.5, 1.0, "It is the probability of common transitions")
    check_range(float(drift), "drift", 0.0, np.inf, "It is the standard deviation of the steps")
    check_player(agent, AGENT)
    players = subject_parameters(agent)
    _check_learns(players.agent)
    subject = np.repeat(np.arange(players.n_subjects, dtype=np.int32), n_sessions)
    keys = session_keys(as_seed(seed), n_sessions, 1, players.n_subjects)[0]
    task = _Task(*(np.float32(one) for one in (p_common, drift, second_inverse_temperature)))
    own = players.of_sessions(subject)
    time_major = jax.device_get(_played(traced(players.agent), task, own, keys, n_trials))
    columns = {name: np.swapaxes(values, 0, 1) for name, values in time_major.items()}
    scale = scale_of_player(players.agent, columns["reward"])
    return _dataset(columns, subject, n_sessions)._replace(outcome_scale=scale)


def _check_learns(agent: Agent) -> None:
    """Refuse an agent that learns from what the task does not tell, or waits for stimuli."""
    told = {"reward", SECOND_STATE, SECOND_CHOICE}
    unknown = set(agent.learns_from) - told | ({"stimuli"} if agent.stimuli > 1 else set())
    if unknown:
        raise ValueError(
            f"{type(agent).__name__} learns from {', '.join(sorted(unknown))}, which the two-step task does "
            "not tell; cl.simulate plays bandits, also with stimuli and foregone outcomes."
        )


def _dataset(columns: dict[str, np.ndarray], subject: np.ndarray, n_sessions: int) -> Dataset:
    choice, state = columns["choice"], columns[SECOND_STATE]
    before = np.pad(state[:, :-1], ((0, 0), (1, 0)), constant_values=-1)
    told = (before[..., None] == np.arange(2)).astype(np.float32)
    names = tuple(f"previous {name}" for name in second_state_names(("0", "1")))
    return Dataset(
        np.concatenate([previous_trial_inputs(choice, columns["reward"], 2), told], axis=-1),
        choice[..., None],
        n_classes=2,
        subject=subject,
        input_names=(*previous_trial_names(("0", "1")), *names),
        columns=columns,
        session_names=[str(1 + i % n_sessions) for i in range(len(subject))],
    )


@eqx.filter_jit
def _played(
    agent: Agent, task: _Task, own: Values, keys: UInt32[Array | np.ndarray, "session 2"], n_trials: int
) -> dict[str, Array]:
    """Columns of all sessions, (trial, session)."""
    chance = jax.vmap(lambda key: uniforms(key, (n_trials + 1, 8)))(
        jax.random.wrap_key_data(jnp.asarray(keys))
    )
    p_reward = LOWEST + (HIGHEST - LOWEST) * chance[:, 0, :4]
    state = for_each_session(lambda one, _: one.initial_state(2), agent, own)(p_reward)

    def trial(agent: Agent, carry: PyTree, drawn: Array) -> tuple[PyTree, dict[str, Array]]:
        return _trial(agent, task, carry, drawn)

    trials = for_each_session(trial, agent, own)
    drawn = jnp.swapaxes(chance[:, 1:], 0, 1)
    _, columns = jax.lax.scan(lambda carry, one: trials(carry, one), (state, p_reward), drawn)
    return columns


def _trial(
    agent: Agent, task: _Task, carry: tuple[Any, Array], drawn: Float[Array, "8"]
) -> tuple[PyTree, dict[str, Array]]:
    state, p_reward = carry
    p_first = jax.nn.softmax(agent.logits(state))
    choice = _chosen(p_first, drawn[0])
    reached = jnp.where(drawn[1] < task.p_common, choice, 1 - choice)
    values = agent.second_values(state, reached)
    second = _chosen(jax.nn.softmax(task.second_inverse_temperature * values), drawn[2])
    reward = (drawn[3] < p_reward[2 * reached + second]).astype(jnp.float32)
    after = agent.update(state, choice, Outcome(reward, second_state=reached, second_choice=second))
    record = {
        "choice": choice,
        "reward": reward,
        SECOND_STATE: reached,
        SECOND_CHOICE: second,
        **{f"p_reward_{1 + i // 2}{1 + i % 2}": p_reward[i] for i in range(4)},
        "p_choice": p_first[choice],
    }
    return (after, _reflected(p_reward + task.drift * normals_of(drawn[4:]))), record


def _chosen(probabilities: Float[Array, "2"], uniform: Float[Array, ""]) -> Int[Array, ""]:
    return (uniform >= probabilities[0]).astype(jnp.int32)


def _reflected(p: Float[Array, "4"]) -> Float[Array, "4"]:
    p = jnp.where(p > HIGHEST, 2 * HIGHEST - p, p)
    return jnp.clip(jnp.where(p < LOWEST, 2 * LOWEST - p, p), LOWEST, HIGHEST)
