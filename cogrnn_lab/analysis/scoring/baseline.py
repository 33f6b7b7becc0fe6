"""The baseline that a model of choices has to beat: repeating the last choice, more so after reward."""

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.scoring.evaluation import Evaluation, score_logits
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import recorded_outcomes, tells_rewards

STAY = "stay baseline"

# Likelihood by which a network predicts the sessions that it has seen better, where it knows them by heart.
KNOWN_BY_HEART = 0.02


def stay_baseline(train: Dataset, held_out: Dataset, *, by: str = "subject") -> Evaluation:
    """Score the probability of repeating the previous choice given whether it was rewarded.

    The two probabilities are counted for each subject or for all (with one imaginary stay and one switch).
    The other alternatives share the rest evenly, and where there is no previous choice (first trial, after a
    missed one) all are equal.

    Arguments:
        train: Sessions on which the probabilities are counted; needs `Dataset.choices` and `Dataset.rewards`.
        held_out: Sessions of the same subjects, which are scored.
        by: Who has probabilities of their own: each "subject", or "all" together, as where whole subjects are
            held out.

    Returns:
        An `Evaluation` of `held_out`.

    Raises:
        ValueError: A choice's reward is not known, or a subject has no training session.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=100)
        >>> cl.stay_baseline(*data.split()).n_targets
        200
    """
    return score_logits(jnp.asarray(stay_logits(train, held_out, by)), held_out)


def stay_logits(train: Dataset, held_out: Dataset, by: str = "subject") -> np.ndarray:
    """(session, trial, alternative), log probabilities of `stay_baseline`."""
    if by not in ("subject", "all"):
        raise ValueError(f'by = "{by}"; expected "subject" or "all".')
    number = {train.subject_names[i]: i for i in train.subjects}  # subjects are found by name
    places = np.array([number.get(name, -1) for name in held_out.subject_names])
    strangers = [held_out.subject_names[i] for i in held_out.subjects if places[i] < 0]
    if by == "subject" and strangers:
        names = ", ".join(strangers)
        raise ValueError(
            f"no training session of held-out subject {names}: its stay probability is unknown; "
            'by="all" counts those of all training subjects together'
        )
    stay_probability = _stay_probability(train, by)
    previous, rewarded = _previous_choice(held_out)
    n_classes = int(held_out.n_classes or 0)
    subject = places[held_out.subject] if by == "subject" else np.zeros_like(held_out.subject)
    stay = stay_probability[subject[:, None], rewarded.astype(int)][..., None]
    is_previous = np.arange(n_classes) == previous[..., None]
    probability = np.where(is_previous, stay, (1.0 - stay) / (n_classes - 1))
    probability = np.where(previous[..., None] < 0, 1.0 / n_classes, probability)
    return np.log(probability).astype(np.float32)


def _stay_probability(dataset: Dataset, by: str) -> np.ndarray:
    """(subject, not rewarded / rewarded); rows of subjects without a session are not used."""
    previous, rewarded = _previous_choice(dataset)
    owner = dataset.subject if by == "subject" else np.zeros_like(dataset.subject)
    counts = np.ones((int(owner.max()) + 1, 2, 2))
    counted = dataset.mask[..., 0] & (previous >= 0)
    stayed = (dataset.targets[..., 0] == previous)[counted].astype(int)
    subject = np.broadcast_to(owner[:, None], previous.shape)[counted]
    np.add.at(counts, (subject, rewarded[counted].astype(int), stayed), 1)
    return counts[..., 1] / counts.sum(-1)


def _previous_choice(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Previous choice (session, trial), -1 for none, and whether it was rewarded."""
    if dataset.n_classes is not None and not tells_rewards(dataset):
        missing = {"choice", "reward"} - set(dataset.columns)
        raise ValueError(
            f"the data set has no column {', '.join(sorted(missing))} and no input that shows the previous "
            "reward; the stay baseline needs choice and reward of every trial, as read_table and simulate "
            "keep them"
        )
    choice, reward = recorded_outcomes(dataset)
    previous = np.full_like(choice, -1)
    previous[:, 1:] = choice[:, :-1]
    rewarded = np.zeros(choice.shape, bool)
    rewarded[:, 1:] = reward[:, :-1] > 0
    return previous, rewarded
