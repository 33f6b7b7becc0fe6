"""The data that the settings describe."""

from typing import Any

import jax
import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.clicks import LEFT, RIGHT
from cogrnn_lab.lab.data.published_sets import DOWNLOAD_FIRST
from cogrnn_lab.lab.data.table import Table
from cogrnn_lab.lab.settings.state import (
    CLICKS,
    GIVEN,
    MYSTERY,
    PUBLISHED,
    SIMULATED,
    TABLE,
    TASK,
    LabState,
)
from cogrnn_lab.tasks import mystery_agent, simulate, simulate_clicks

PREVIEWED_TRIALS = 64  # of a trial task, to look at


def make_dataset(
    state: LabState, table: Table | None, given: Dataset | None, downloaded: Dataset | None = None
) -> Dataset:
    """The data that the settings describe, of which some have to be at hand already.

    Raises `ValueError` with a sentence that says what to change.
    """
    data = state.data
    if data.source == SIMULATED:
        return simulated(data)
    if data.source == MYSTERY:
        sizes = {"n_sessions": data.n_sessions, "n_trials": data.n_trials, "seed": data.seed}
        return mystery_agent(data.mystery).simulate(data.environment.make(), **sizes)
    if data.source == CLICKS:
        accumulator, clicks = data.accumulator.make(), data.clicks.make()
        return simulate_clicks(accumulator, clicks, n_trials=data.n_click_trials, seed=data.seed)
    if data.source == TASK:
        return data.task.make().dataset(PREVIEWED_TRIALS, seed=data.seed)
    if data.source == PUBLISHED:
        return _at_hand(downloaded, DOWNLOAD_FIRST)
    if data.source == TABLE:
        if table is None:
            raise ValueError("No table yet: upload a file in the Data panel, one row per trial.")
        return table.read(data.table.to_dict())
    return _at_hand(given, f'There is no data set for "{GIVEN}": pass one, as in cl.Lab(dataset=...).')


def _at_hand(dataset: Dataset | None, otherwise: str) -> Dataset:
    if dataset is None:
        raise ValueError(otherwise)
    return dataset


def generating_agent(data: Any) -> Any:
    """The agent whose choices are simulated; with parameters of several subjects, where there are some."""
    parameters = data.agent.parameters.to_dict() | {"n_arms": data.environment.make().n_arms}
    truth = true_parameter(data)
    if truth is None:
        return data.agent.constructor(**parameters)
    name, values = truth
    each = [data.agent.constructor(**parameters | {name: float(value)}) for value in values]
    return jax.tree.map(_of_subjects, *each)


def simulated(data: Any) -> Dataset:
    """Sessions of one agent, or of several subjects that differ in one of its parameters."""
    environment, agent, n_sessions = data.environment.make(), generating_agent(data), data.n_sessions
    if true_parameter(data) is not None:
        n_sessions = max(2, round(n_sessions / data.n_subjects))
    signals = () if data.signal == "none" else data.recording.by_kind[data.signal].to_dict()
    if signals:
        signals = data.recording.constructors[data.signal](**signals)
    return simulate(
        agent,
        environment,
        n_sessions=n_sessions,
        n_trials=data.n_trials,
        seed=data.seed,
        signals=signals,
    )


def _of_subjects(*values: Any) -> Any:
    """One number where all subjects share it, else one for each."""
    return values[0] if len({np.asarray(value).tobytes() for value in values}) == 1 else np.array(values)


def true_parameter(data: Any) -> tuple[str, np.ndarray] | None:
    """The parameter in which simulated subjects differ and its value in each; None where they don't."""
    varied, names = data.varies(), data.can_vary()
    if data.n_subjects == 1 or data.source != SIMULATED:
        return None
    if not names:
        raise ValueError("the agent has nothing in which subjects could differ: set the subjects to 1")
    if varied not in names:
        raise ValueError(
            f'the agent has no parameter "{varied}" for subjects to differ in; it has {", ".join(names)}'
        )
    return varied, np.linspace(data.lowest, data.highest, data.n_subjects)


def is_of_clicks(dataset: Dataset) -> bool:
    """Tell whether every session is one trial of clicks, in time bins."""
    return {LEFT, RIGHT} <= set(dataset.input_names)
