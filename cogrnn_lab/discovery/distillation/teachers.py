"""What teachers say of recorded trials, and the sessions that they play themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.behavioral.closed_loop import played
from cogrnn_lab.analysis.scoring.predictor import as_predictor
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED


def teachers_of(teacher: Any) -> tuple[Any, ...]:
    """One teacher or several as a tuple; each is something that predicts choices."""
    several = tuple(teacher) if isinstance(teacher, list | tuple) else (teacher,)
    if not several:
        raise ValueError("there is no teacher; expected a model that predicts choices, or several")
    for one in several:
        as_predictor(one)
    return several


def probabilities_of(
    teachers: Sequence[Any], dataset: Dataset
) -> Float[np.ndarray, "session trial alternative"]:
    """Mean over the teachers of the probability that each gives to each alternative, along the data.

    Raises:
        ValueError: A teacher has fewer outputs than there are alternatives, or gives no alternative of a
            choice that counts a probability.
    """
    n = int(dataset.n_classes or 0)
    total = np.zeros((*dataset.valid.shape, n))
    for number, teacher in enumerate(teachers, 1):
        logits = np.asarray(as_predictor(teacher).outputs(dataset), np.float64)[..., :n]
        if logits.shape != total.shape:
            raise ValueError(
                f"teacher {number} gives logits of shape {logits.shape}; expected (session, trial, "
                f"alternative) = {total.shape}"
            )
        total += softmax(logits, dataset.action_mask)
    shares = total / len(teachers)
    counts = np.asarray(dataset.mask)[..., 0]
    if not (np.isfinite(shares).all(-1) & (shares.sum(-1) > 0.5))[counts].all():
        raise ValueError(
            "the model's probabilities are no probabilities on some trials that count; has it been fitted?"
        )
    return np.where(counts[..., None], shares, 0.0)


def softmax(logits: np.ndarray, available: np.ndarray | None) -> np.ndarray:
    """Probabilities of logits (..., alternative) among what is on offer."""
    if available is not None:
        logits = np.where(available, logits, -np.inf)
    top = logits.max(-1, keepdims=True)
    shares = np.exp(logits - np.where(np.isfinite(top), top, 0.0))
    return shares / np.maximum(shares.sum(-1, keepdims=True), np.finfo(float).tiny)


def with_probabilities(dataset: Dataset, shares: Float[np.ndarray, "session trial alternative"]) -> Dataset:
    """The data set with the probability of each alternative as further targets, for `soft_choice_nll`."""
    targets = np.concatenate([dataset.targets[..., :1], shares.astype(np.float32)], -1)
    mask = np.broadcast_to(dataset.mask[..., :1], targets.shape)
    return dataset._replace(targets=targets, mask=np.ascontiguousarray(mask))


def made_choices(dataset: Dataset) -> Float[np.ndarray, "session trial alternative"]:
    """All probability on the choice that was made, 0 where it does not count."""
    counts = np.asarray(dataset.mask)[..., :1]
    return np.where(counts, np.arange(dataset.n_classes or 0) == dataset.targets[..., :1], 0.0)


def played_by(
    teachers: Sequence[Any], dataset: Dataset, times: int, environment: Any, seed: int
) -> tuple[list[Dataset], str]:
    """Play all sessions of the data so many times, the teachers in turn; and say what was played.

    Raises:
        TypeError: A teacher cannot play.
        ValueError: No environment can be made, or the data have inputs that nobody tells a player.
    """
    made, how = [], ""
    for i in range(times):
        own, how = played(teachers[i % len(teachers)], dataset, environment, seed=seed + i)
        made.append(_read_as(own, dataset))
    return made, how


def _read_as(own: Dataset, dataset: Dataset) -> Dataset:
    """What was played with the inputs of the data: nothing is missed where these tell of missed trials."""
    if own.input_names == dataset.input_names:
        return own
    names, inputs = own.input_names, own.inputs
    if dataset.input_names == (*names, PREVIOUS_MISSED):
        zeros = np.zeros((*inputs.shape[:2], 1), np.float32)
        return own._replace(inputs=np.concatenate([inputs, zeros], -1), input_names=dataset.input_names)
    raise ValueError(
        f"the data have the inputs {', '.join(dataset.input_names)}, but what plays is told "
        f"{', '.join(names)} alone; leave played out"
    )
