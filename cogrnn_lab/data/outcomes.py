"""Choice and reward of each trial: one answer for agents, baselines, figures and tables."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Int32

from cogrnn_lab.data.checks import near_whole
from cogrnn_lab.data.previous_trial import PREVIOUS_REWARD

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset


def choices(dataset: "Dataset") -> Int32[np.ndarray, "session trial"]:
    """Index of the choice on each trial, -1 where none is known; see `Dataset.choices`."""
    if dataset.n_classes is None:
        raise ValueError("the data set is continuous; it has no choices, only numbers as targets.")
    counted = np.where(dataset.mask[..., 0], dataset.targets[..., 0], np.float32(-1))
    column = dataset.columns.get("choice")
    made = counted if column is None else np.where(np.isfinite(column), column, counted)
    made = near_whole(np.where(dataset.valid, made, -1))
    odd = (made != np.round(made)) | (made >= dataset.n_classes)
    if odd.any():
        session, trial = np.argwhere(odd)[0]
        raise ValueError(
            f'column "choice" holds {made[session, trial]:g} in session {session}, trial {trial}; expected '
            f"an index 0 to {dataset.n_classes - 1} of the {dataset.n_classes} alternatives, or -1 for none."
        )
    return np.maximum(made, -1).astype(np.int32)


def rewards(dataset: "Dataset") -> Float32[np.ndarray, "session trial"]:
    """Reward of each trial, NaN where none is known; see `Dataset.rewards`."""
    known = np.full(dataset.valid.shape, np.nan, np.float32)
    if PREVIOUS_REWARD in dataset.input_names:
        shown = dataset.inputs[:, 1:, dataset.input_names.index(PREVIOUS_REWARD)]
        known[:, :-1] = np.where(dataset.valid[:, 1:], shown, np.float32(np.nan))
    column = dataset.columns.get("reward")
    if column is not None:
        known = np.where(np.isfinite(column), column, known)
    return np.where(dataset.valid, known, np.nan).astype(np.float32)


def recorded_outcomes(
    dataset: "Dataset",
) -> tuple[Int32[np.ndarray, "session trial"], Float32[np.ndarray, "session trial"]]:
    """Choices (-1: none) and rewards (0 where nothing was chosen), as a learner needs them.

    **Raises:** `ValueError` where the data set has no choices, or a choice whose reward is not known is
    followed by another trial.
    """
    if dataset.n_classes is None:
        raise ValueError("the data set is continuous; an agent's logits need recorded choices.")
    if not tells_rewards(dataset):
        raise ValueError(
            f'the data set has no column "reward" and no input "{PREVIOUS_REWARD}", only the inputs '
            f"{', '.join(dataset.input_names)}; an agent cannot learn from it. Name the inputs with "
            "input_names."
        )
    choice, reward = dataset.choices, dataset.rewards
    unknown = (choice >= 0) & np.isnan(reward)
    matters = unknown[:, :-1] & dataset.valid[:, 1:]  # nothing is learned from the last trial of a session
    if matters.any():
        session, trial = np.argwhere(matters)[0]
        name = dataset.subject_names[dataset.subject[session]]
        raise ValueError(
            f"the reward of {matters.sum()} choices is not known, the first in session "
            f'"{dataset.session_names[session]}" of subject "{name}", trial {trial + 1}; expected a number '
            'in the column "reward" for every choice. Was a data set joined to this one that has no rewards?'
        )
    return choice, np.where(unknown | (choice < 0), np.float32(0), reward)


def tells_rewards(dataset: "Dataset") -> bool:
    """Whether there is a column of rewards or an input that shows them a trial later."""
    return "reward" in dataset.columns or PREVIOUS_REWARD in dataset.input_names
