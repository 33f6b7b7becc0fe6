"""The baseline that a model of choices has to beat: repeating the last choice, more so after reward."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.analysis.scoring.evaluation import Evaluation, score_logits
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcome_scale import OutcomeScale, checked_scale, warn_of_other_rewards
from cogrnn_lab.data.outcomes import recorded_outcomes, tells_rewards

STAY, STAY_AT_STIMULUS = "stay baseline", "stay baseline, per stimulus"

# Likelihood by which a network predicts the sessions that it has seen better, where it knows them by heart.
KNOWN_BY_HEART = 0.02


def stay_baseline(
    train: Dataset,
    held_out: Dataset,
    *,
    by: str = "subject",
    outcomes: Any = None,
    per_stimulus: bool = False,
) -> Evaluation:
    """Score the probability of repeating the previous choice given whether it was rewarded.

    The two probabilities are counted for each subject or for all (with one imaginary stay and one switch).
    The other alternatives share the rest evenly, and where there is no previous choice (first trial, after a
    missed one) all are equal.

    Arguments:
        train: Sessions on which the probabilities are counted; needs `Dataset.choices` and `Dataset.rewards`.
        held_out: Sessions of the same subjects, which are scored.
        by: Who has probabilities of their own: each "subject", or "all" together, as where whole subjects are
            held out.
        outcomes: Which rewards are wins: an `OutcomeScale`, or (low, high, win_above); None: as
            `train.outcomes` says.
        per_stimulus: Whether the choice that is repeated is that of the last trial of the same stimulus,
            given its reward, instead of that of the trial before.

    Returns:
        An `Evaluation` of `held_out`.

    Raises:
        ValueError: A choice's reward is not known, or a subject has no training session; or there are no
            stimuli (`Dataset.stimulus_inputs`) and `per_stimulus` is True.

    Warns:
        UserWarning: Held-out rewards lie outside the range of the others.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=100)
        >>> cl.stay_baseline(*data.split()).n_targets
        200
    """
    logits = stay_logits(train, held_out, by, outcomes, per_stimulus=per_stimulus)
    return score_logits(jnp.asarray(logits), held_out)


def stay_baselines(train: Dataset, held_out: Dataset, *, by: str = "subject") -> dict[str, Evaluation]:
    """Each stay baseline of these data by its name: that of stimuli as well where they show any."""
    return {
        name: stay_baseline(train, held_out, by=by, per_stimulus=per_stimulus)
        for name, per_stimulus in ways_to_stay(train)
    }


def ways_to_stay(dataset: Dataset) -> tuple[tuple[str, bool], ...]:
    """Names of the baselines that these data have, and whether the one is of stimuli."""
    plain = ((STAY, False),)
    return (*plain, (STAY_AT_STIMULUS, True)) if dataset.n_stimuli > 1 else plain


def stay_logits(
    train: Dataset,
    held_out: Dataset,
    by: str = "subject",
    outcomes: Any = None,
    *,
    per_stimulus: bool = False,
) -> np.ndarray:
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
    scale = checked_scale(outcomes) or train.outcomes
    warn_of_other_rewards(scale, held_out, "the stay baseline")
    stay_probability = _stay_probability(train, by, scale, per_stimulus=per_stimulus)
    previous, rewarded = _previous_choice(held_out, scale, per_stimulus=per_stimulus)
    n_classes = int(held_out.n_classes or 0)
    subject = places[held_out.subject] if by == "subject" else np.zeros_like(held_out.subject)
    stay = stay_probability[subject[:, None], rewarded.astype(int)][..., None]
    is_previous = np.arange(n_classes) == previous[..., None]
    probability = np.where(is_previous, stay, (1.0 - stay) / (n_classes - 1))
    probability = np.where(previous[..., None] < 0, 1.0 / n_classes, probability)
    return np.log(probability).astype(np.float32)


def _stay_probability(dataset: Dataset, by: str, scale: OutcomeScale, *, per_stimulus: bool) -> np.ndarray:
    """(subject, not rewarded / rewarded); rows of subjects without a session are not used."""
    previous, rewarded = _previous_choice(dataset, scale, per_stimulus=per_stimulus)
    owner = dataset.subject if by == "subject" else np.zeros_like(dataset.subject)
    counts = np.ones((int(owner.max()) + 1, 2, 2))
    counted = dataset.mask[..., 0] & (previous >= 0)
    stayed = (dataset.targets[..., 0] == previous)[counted].astype(int)
    subject = np.broadcast_to(owner[:, None], previous.shape)[counted]
    np.add.at(counts, (subject, rewarded[counted].astype(int), stayed), 1)
    return counts[..., 1] / counts.sum(-1)


def _previous_choice(
    dataset: Dataset, scale: OutcomeScale, *, per_stimulus: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Previous choice (session, trial), -1 for none, and whether it was a win."""
    if dataset.n_classes is not None and not tells_rewards(dataset):
        missing = {"choice", "reward"} - set(dataset.columns)
        raise ValueError(
            f"the data set has no column {', '.join(sorted(missing))} and no input that shows the previous "
            "reward; the stay baseline needs choice and reward of every trial, as read_table and simulate "
            "keep them"
        )
    choice, reward = recorded_outcomes(dataset)
    before = _last_of_the_stimulus(dataset) if per_stimulus else np.arange(choice.shape[1])[None] - 1
    before = np.broadcast_to(before, choice.shape)
    there = np.maximum(before, 0)
    previous = np.where(before < 0, -1, np.take_along_axis(choice, there, 1))
    return previous, (before >= 0) & scale.is_win(np.take_along_axis(reward, there, 1))


def _last_of_the_stimulus(dataset: Dataset) -> np.ndarray:
    """(session, trial) the last trial before that showed the same stimulus, -1 for none."""
    if dataset.n_stimuli < 2:
        raise ValueError(
            "the data set shows no stimuli, of which the stay baseline could be; read_table(..., "
            'stimulus="...") reads them, or leave out per_stimulus'
        )
    shown = dataset.stimuli
    session, trial = (index.ravel() for index in np.indices(shown.shape))
    order = np.lexsort((trial, shown.ravel(), session))
    earlier, later = order[:-1], order[1:]
    same = (session[earlier] == session[later]) & (shown.ravel()[earlier] == shown.ravel()[later])
    same &= shown.ravel()[later] >= 0
    before = np.full(shown.size, -1)
    before[later[same]] = trial[earlier[same]]
    return before.reshape(shown.shape)
