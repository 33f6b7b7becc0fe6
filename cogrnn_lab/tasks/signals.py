"""Activity that is recorded while an agent plays, such as dopamine that follows its prediction errors."""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree, UInt32

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.signal_ceiling import NOISELESS
from cogrnn_lab.random_numbers import keys_of, normals_of, uniforms
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import parameters_for, recorded_outcomes
from cogrnn_lab.tasks.agents.leading import lead_along
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters, Values
from cogrnn_lab.tasks.agents.tracing import traced
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter

_FIRST_PURPOSE = 3  # the keys of the purposes before are those of the choices and the environment


class Signal(eqx.Module):
    """Base class of recorded signals: baseline + gain · (something in the agent's mind) + noise.

    **Arguments:**

    - `noise`: standard deviation of the Gaussian noise of each trial.
    - `gain`, `baseline`: what turns the quantity into the units of the recording.
    - `missing`: fraction of trials, at random, on which nothing was recorded.
    - `name`: that of the target and of its column.

    A subclass says what the quantity is:

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
        """What the signal follows, from the agent's state before it learns from `choice` and `reward`."""
        raise NotImplementedError(f"{type(self).__name__} needs quantity(agent, state, choice, reward).")


class RewardPredictionError(Signal):
    """Reward minus the reward that the agent expected of its choice, as dopamine neurons signal it.

    Schultz, Dayan and Montague, Science 1997; Bayer and Glimcher, Neuron 2005.
    """

    name: str = eqx.field(static=True, default="reward_prediction_error")

    def quantity(
        self, agent: Agent, state: PyTree[Any], choice: Int[Array, ""], reward: Float[Array, ""]
    ) -> Float[Array, ""]:
        """The prediction error."""
        return reward - agent.expected_reward(state, choice)


class ChosenValue(Signal):
    """The reward that the agent expected of the choice that it made."""

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
    """Adds signals in the mind of `agent` to choices that were made, its own or those of an animal.

    The agent is led along the choices and rewards as in `agent_logits`.

    **Returns:** a mixed `Dataset`: its targets are the choice and then the signals. Row t of a session has
    the previous choice and reward as inputs, the choice of trial t, and the activity at the outcome of trial
    t - 1, which is what a network like `NeuroDisRNN` has just been shown. So no signal counts on the first
    trial of a session, nor after a missed one. The columns named like the signals and "_noiseless" hold them
    without noise, NaN where nothing happened; `Dataset.generating_r2` compares the two.

    **Raises:** `ValueError` where two signals have one name or the data set has signals already,
    `NotImplementedError` where the agent has no expectation.
    """
    signals = (signals,) if isinstance(signals, Signal) else tuple(signals)
    _check_names(dataset, signals)
    choice, reward = recorded_outcomes(dataset)
    shared, values = parameters_for(agent, dataset)
    players = shared, tuple(traced(signal) for signal in signals)
    keys = _signal_keys(dataset, seed, len(signals))
    n_arms = dataset.n_classes or 0
    clean, noisy, known = jax.device_get(_recorded(players, values, choice, reward, keys, n_arms))

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
    choice: Int[np.ndarray | Array, "session trial"],
    reward: Float[np.ndarray | Array, "session trial"],
    keys: UInt32[np.ndarray | Array, "signal session 2"],
    n_arms: int,
) -> tuple[Array, Array, Array]:
    """Signals without noise, with it, and whether they were recorded, at the outcome of each trial."""
    agent, signals = players
    n_trials = choice.shape[1]

    def quantities(agent: Agent, state: PyTree, choice: Array, reward: Array) -> Array:
        each = [signal.quantity(agent, state, choice, reward) for signal in signals]
        return jnp.stack([jnp.asarray(one, jnp.float32) for one in each])

    seen = lead_along(quantities, agent, values, jnp.asarray(choice), jnp.asarray(reward), n_arms)
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
