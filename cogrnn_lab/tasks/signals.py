"""Activity recorded while an agent plays, such as dopamine that follows its prediction errors."""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree, UInt32

from cogrnn_lab.argument_words import told
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.data.signal_ceiling import NOISELESS
from cogrnn_lab.random_numbers import keys_of, normals_of, uniforms
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import parameters_for, warn_of_scale
from cogrnn_lab.tasks.agents.leading import lead_along
from cogrnn_lab.tasks.agents.recorded_trials import RecordedTrials, recorded_trials
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters, Values
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter

_FIRST_PURPOSE = 3  # the keys of the purposes before are those of the choices and the environment


class Signal(eqx.Module):
    """Base class of recorded signals: baseline + gain · (a variable of the agent) + noise.

    Arguments:
        noise: Standard deviation of the Gaussian noise of each trial, in units of the recording.
        gain: Units of the recording per unit of the variable.
        baseline: The recording where the variable is 0.
        missing: Fraction of trials, at random, without a recording.
        name: Name of the target and of its column.

    Example:
        A subclass computes the variable:

        >>> import cogrnn_lab as cl
        >>> class Reward(cl.Signal):
        ...     name: str = "reward_response"
        ...
        ...     def quantity(self, agent, state, choice, reward):
        ...         return reward
        >>> data = cl.simulate(
        ...     cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=50, signals=Reward(noise=0.5)
        ... )
        >>> data.kind, data.target_names
        ('mixed', ('choice', 'reward_response'))
    """

    noise: Parameter = parameter(0.1)
    gain: Parameter = parameter(1.0)
    baseline: Parameter = parameter(0.0)
    missing: Parameter = parameter(0.0)
    name: str = eqx.field(static=True, default="signal")

    def __check_init__(self):
        check_range(self.noise, "noise", 0.0, math.inf, "It is a standard deviation")
        check_range(self.gain, "gain", -math.inf, math.inf)
        check_range(self.baseline, "baseline", -math.inf, math.inf)
        check_range(self.missing, "missing", 0.0, 1.0, "It is the fraction of trials without a recording")

    def quantity(
        self, agent: Agent, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, ""]:
        """Compute the variable that the signal follows.

        Arguments:
            agent: The agent.
            state: The agent's state before it learns from this trial.
            choice: Index of the chosen arm.
            reward: Reward of the trial.

        Returns:
            A scalar.
        """
        raise NotImplementedError(f"{type(self).__name__} needs quantity(agent, state, choice, reward).")


class RewardPredictionError(Signal):
    """Reward minus the reward that the agent expected of its choice, as dopamine neurons signal it.

    Arguments:
        noise, gain, baseline, missing, name: As in `Signal`.

    Source:
        Schultz, Dayan and Montague, Science 1997; Bayer and Glimcher, Neuron 2005.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.RewardPredictionError(noise=0.2).name
        'reward_prediction_error'
    """

    name: str = eqx.field(static=True, default="reward_prediction_error")

    def quantity(
        self, agent: Agent, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, ""]:
        """The prediction error."""
        return reward - agent.expected_reward(state, choice)


class ChosenValue(Signal):
    """Reward that the agent expected of the choice that it made.

    Arguments:
        noise, gain, baseline, missing, name: As in `Signal`.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.ChosenValue(gain=2.0).gain
        2.0
    """

    name: str = eqx.field(static=True, default="chosen_value")

    def quantity(
        self, agent: Agent, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, ""]:
        """The expectation."""
        return agent.expected_reward(state, choice)


def record_signals(
    agent: Agent | SubjectParameters,
    dataset: Dataset,
    signals: Signal | Sequence[Signal],
    *,
    seed: int = 0,
) -> Dataset:
    """Add signals of an agent to choices that were made, its own or an animal's.

    The agent is led along the choices and rewards as in `agent_logits`. Row t of a session has the previous
    choice and reward as inputs, the choice of trial t, and the activity at the outcome of trial t - 1, which
    is the outcome that a network such as `NeuroDisRNN` has just been given. So no signal counts on the first
    trial of a session, nor after a missed one. The columns named like the signals and "_noiseless" hold them
    without noise, NaN where there is none; `Dataset.generating_r2` compares the two.

    Arguments:
        agent: The agent whose variables are recorded.
        dataset: Choices and rewards.
        signals: One signal or several, with different names.
        seed: The same seed gives the same noise.

    Returns:
        A mixed `Dataset`, whose targets are the choice and then the signals.

    Raises:
        ValueError: Where two signals have one name or the data set already has signals.
        NotImplementedError: Where the agent has no expectation of reward.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
        >>> cl.record_signals(cl.QLearning(), data, cl.ChosenValue()).target_names
        ('choice', 'chosen_value')
    """
    signals = (signals,) if isinstance(signals, Signal) else tuple(signals)
    for one in signals:
        if not isinstance(one, Signal):
            raise TypeError(f"signals has {told(one)}; expected cl.ChosenValue(), or several such signals.")
    _check_names(dataset, signals)
    choice, _ = recorded_outcomes(dataset)
    shared, values = parameters_for(agent, dataset)
    warn_of_scale(shared, dataset)
    players = shared, tuple(traced(signal) for signal in signals)
    keys = _signal_keys(dataset, seed, len(signals))
    n_arms = dataset.n_classes or 0
    trials = recorded_trials(shared, dataset)
    clean, noisy, known = jax.device_get(_recorded(players, values, trials, keys, n_arms))

    happened = _one_trial_later((choice >= 0)[..., None]) & dataset.valid[..., None]
    counted = _one_trial_later(known) & happened
    clean = np.where(happened, _one_trial_later(clean), np.float32(np.nan))
    noisy = np.where(counted, _one_trial_later(noisy), np.float32(0))
    return dataset._replace(
        kind="mixed",
        targets=np.concatenate([dataset.targets, noisy], axis=-1),
        mask=np.concatenate([dataset.mask, counted], axis=-1),
        target_names=(*dataset.target_names, *(signal.name for signal in signals)),
        columns={
            **dataset.columns,
            **{f"{signal.name}{NOISELESS}": clean[..., i] for i, signal in enumerate(signals)},
        },
    )


@eqx.filter_jit
def _recorded(
    players: tuple[Agent, tuple[Signal, ...]],
    values: Values,
    trials: RecordedTrials,
    keys: UInt32[np.ndarray | Array, "signal session 2"],
    n_arms: int,
) -> tuple[Array, Array, Array]:
    """Signals without noise, with it, and whether they were recorded, at the outcome of each trial."""
    agent, signals = players
    n_trials = trials.choice.shape[1]
    choice, reward, stimulus = jax.tree.map(jnp.asarray, trials)

    def quantities(agent: Agent, state: PyTree, choice: Array, reward: Array) -> Array:
        each = [signal.quantity(agent, state, choice, reward) for signal in signals]
        return jnp.stack([jnp.asarray(one, jnp.float32) for one in each])

    seen = lead_along(quantities, agent, values, choice, reward, n_arms, stimulus)
    clean, noisy, known = [], [], []
    for i, (signal, words) in enumerate(zip(signals, keys, strict=True)):
        of_session = jax.random.wrap_key_data(jnp.asarray(words))
        drawn = jax.vmap(lambda key: uniforms(key, (n_trials, 2)))(of_session)
        clean.append(signal.baseline + signal.gain * seen[..., i])
        noisy.append(clean[-1] + signal.noise * normals_of(drawn[..., 0]))
        known.append(drawn[..., 1] >= signal.missing)
    return jnp.stack(clean, -1), jnp.stack(noisy, -1), jnp.stack(known, -1)


def _signal_keys(dataset: Dataset, seed: int, n_signals: int) -> UInt32[np.ndarray, "signal session 2"]:
    """Keys by the number of a session within its subject, so that other sessions change nothing."""
    session = np.zeros(dataset.n_sessions, np.int64)
    for one in dataset.subjects:
        of_subject = dataset.subject == one
        session[of_subject] = np.arange(of_subject.sum())
    purposes = range(_FIRST_PURPOSE, _FIRST_PURPOSE + n_signals)
    return np.stack([keys_of(seed, dataset.subject, session, purpose) for purpose in purposes])


def _one_trial_later(array: np.ndarray) -> np.ndarray:
    """(session, trial, signal) shifted by a trial, 0 on the first."""
    return np.concatenate([np.zeros_like(array[:, :1]), array[:, :-1]], axis=1)


def _check_names(dataset: Dataset, signals: Sequence[Signal]) -> None:
    if not signals:
        raise ValueError("no signal was given; expected one or several, such as cl.RewardPredictionError().")
    if dataset.kind != "categorical":
        raise ValueError(
            f"the data set is {dataset.kind}; expected choices alone. All signals are added in one call."
        )
    names = [signal.name for signal in signals]
    taken = {*dataset.target_names, *dataset.columns}
    twice = next((name for i, name in enumerate(names) if name in names[:i] or name in taken), None)
    if twice is not None:
        raise ValueError(
            f'two signals or columns are named "{twice}"; give each signal a name of its own, such as '
            f'name="{twice}_2".'
        )
