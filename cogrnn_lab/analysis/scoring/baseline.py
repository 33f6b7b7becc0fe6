"""The least that a model of choices has to beat: repeating the last choice, more so after reward."""

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.scoring.evaluation import Evaluation, score_logits
from cogrnn_lab.data import Dataset

STAY = "stay baseline"

# Likelihood by which a network predicts the sessions that it has seen better, where it knows them by heart.
KNOWN_BY_HEART = 0.02


def stay_baseline(train: Dataset, held_out: Dataset) -> Evaluation:
    """Score the probability of repeating the previous choice given whether it was rewarded.

    The two probabilities are counted for each subject on `train` (with one imaginary stay and one switch
    each) and scored on `held_out`; the other alternatives share the rest evenly, and where there is no
    previous choice (first trial, after a missed one) all are equal. Needs the columns "choice" and "reward",
    as `read_table` and `simulate` make them. Raises `ValueError` where they are missing, or a subject has no
    training session.
    """
    strangers = np.setdiff1d(held_out.subjects, train.subjects)
    if strangers.size:
        names = ", ".join(held_out.subject_names[i] for i in strangers)
        raise ValueError(f"no training session of held-out subject {names}: its stay probability is unknown")
    stay_probability = _stay_probability(train)
    previous, rewarded = _previous_choice(held_out)
    n_classes = int(held_out.n_classes or 0)
    stay = stay_probability[held_out.subject[:, None], rewarded.astype(int)][..., None]
    is_previous = np.arange(n_classes) == previous[..., None]
    probability = np.where(is_previous, stay, (1.0 - stay) / (n_classes - 1))
    probability = np.where(previous[..., None] < 0, 1.0 / n_classes, probability)
    return score_logits(jnp.asarray(np.log(probability), jnp.float32), held_out)


def _stay_probability(dataset: Dataset) -> np.ndarray:
    """(subject, not rewarded / rewarded); rows of subjects without a session are not used."""
    previous, rewarded = _previous_choice(dataset)
    counts = np.ones((int(dataset.subject.max()) + 1, 2, 2))
    counted = dataset.mask[..., 0] & (previous >= 0)
    stayed = (dataset.targets[..., 0] == previous)[counted].astype(int)
    subject = np.broadcast_to(dataset.subject[:, None], previous.shape)[counted]
    np.add.at(counts, (subject, rewarded[counted].astype(int), stayed), 1)
    return counts[..., 1] / counts.sum(-1)


def _previous_choice(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Previous choice (session, trial), -1 for none, and whether it was rewarded."""
    missing = {"choice", "reward"} - set(dataset.columns)
    if missing:
        raise ValueError(
            f"the data set has no column {', '.join(sorted(missing))}; "
            "the stay baseline needs choice and reward of every trial, as read_table and simulate keep them"
        )
    choice = np.nan_to_num(np.asarray(dataset.columns["choice"], float), nan=-1).astype(int)
    reward = np.nan_to_num(np.asarray(dataset.columns["reward"], float))
    previous = np.full_like(choice, -1)
    previous[:, 1:] = choice[:, :-1]
    rewarded = np.zeros(choice.shape, bool)
    rewarded[:, 1:] = reward[:, :-1] > 0
    return previous, rewarded
