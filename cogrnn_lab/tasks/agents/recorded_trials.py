"""What was recorded of each trial, as an agent needs it: choice, outcome, and the stimulus before."""

from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Int, Int32, PyTree

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.tasks.agents.agent import REWARD_ALONE, Agent, Outcome

# How a table is read so that it has the column.
_READ_BY = {
    "foregone": 'read_table(..., foregone="...")',
    "second_state": "read_two_step(...)",
    "second_choice": "read_two_step(...)",
}


class RecordedTrials(NamedTuple):
    """Choices (-1: none), what followed, and the stimuli shown (None for an agent that is shown none).

    `reward` is an array of numbers, or an `Outcome` of such arrays; all are (session, trial).
    """

    choice: Int32[np.ndarray, "session trial"]
    reward: Any
    stimulus: Int32[np.ndarray, "session trial"] | None


def recorded_trials(agent: Agent, dataset: Dataset) -> RecordedTrials:
    """The trials of a data set as this agent is led along them.

    **Raises:** `ValueError` where the data set does not hold what the agent learns from, or has another
    number of stimuli.
    """
    choice, reward = recorded_outcomes(dataset)
    if agent.learns_from != REWARD_ALONE:
        further = {name: _further(agent, dataset, name, choice) for name in agent.learns_from[1:]}
        reward = Outcome(reward, **further)
    return RecordedTrials(choice, reward, _stimulus(agent, dataset, choice))


def number_paid(reward: Any) -> Any:
    """The reward of an outcome."""
    return reward.reward if isinstance(reward, Outcome) else reward


def no_outcome(agent: Agent) -> tuple[PyTree[Any], Any]:
    """An outcome and a stimulus of zeros of the kinds that this agent is given."""
    zero = np.float32(0)
    whole = {"second_state", "second_choice"}
    further = {name: np.int32(0) if name in whole else zero for name in agent.learns_from[1:]}
    return Outcome(zero, **further) if further else zero, np.int32(0) if agent.stimuli > 1 else None


def shown(agent: Agent, state: PyTree[Any], stimulus: Int[Array, ""] | None) -> PyTree[Any]:
    """The state after a stimulus is shown, if one is."""
    return state if stimulus is None else agent.see(state, stimulus)


def trial_first(reward: Any) -> Any:
    """(session, trial) arrays as (trial, session)."""
    return jax.tree.map(lambda array: array.swapaxes(0, 1), reward)


def trials_in_words(agent: Agent, dataset: Dataset) -> tuple[str, ...]:
    """What an agent makes of a data set's stimuli and foregone outcomes, where there are any."""
    said = []
    if agent.stimuli > 1:
        said.append(f"values are kept for each of {agent.stimuli} stimuli")
    elif dataset.n_stimuli > 1:
        said.append(
            f"the {dataset.n_stimuli} stimuli are not told apart; cl.PerStimulus(agent, data.n_stimuli), or "
            "cl.classical_models(data), keeps values for each"
        )
    if "foregone" in agent.learns_from:
        said.append("foregone outcomes are learned from")
    elif "foregone" in dataset.columns:
        said.append("nothing is learned from the foregone outcomes")
    return tuple(said)


def _further(agent: Agent, dataset: Dataset, name: str, choice: np.ndarray) -> np.ndarray:
    """A column that the agent learns from; 0 where nothing was chosen, as such trials are skipped."""
    kind = type(agent).__name__
    if name not in dataset.columns:
        raise ValueError(
            f'{kind} learns from the column "{name}", which the data set does not have; its columns are '
            f"{', '.join(dataset.columns) or 'none'}. {_READ_BY[name]} reads it from a table."
        )
    values = np.asarray(dataset.columns[name], np.float32)
    unknown = (choice >= 0) & ~np.isfinite(values)
    if (unknown[:, :-1] & dataset.valid[:, 1:]).any():
        raise ValueError(
            f'{kind} learns from the column "{name}", which holds no number for {int(unknown.sum()):,} '
            "choices; expected one for every choice. Was a data set joined to this one that lacks it?"
        )
    known = np.where(unknown | (choice < 0), np.float32(0), values)
    return known if name == "foregone" else known.astype(np.int32)


def _stimulus(agent: Agent, dataset: Dataset, choice: np.ndarray) -> np.ndarray | None:
    if agent.stimuli == 1:
        return None
    if dataset.n_stimuli != agent.stimuli:
        raise ValueError(
            f"{type(agent).__name__} keeps values for {agent.stimuli} stimuli, but the data set has "
            f"{dataset.n_stimuli if dataset.n_stimuli > 1 else 'none'}. read_table(..., "
            'stimulus="...") reads them; PerStimulus(agent, data.n_stimuli) keeps values for each.'
        )
    unknown = (choice >= 0) & (dataset.stimuli < 0)
    if unknown.any():
        raise ValueError(
            f"{int(unknown.sum()):,} choices have no stimulus; expected one before every choice."
        )
    return np.maximum(dataset.stimuli, 0).astype(np.int32)
