"""Recorded trials as equations see them: what the outcome of the trial before was to each alternative."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.outcomes import recorded_outcomes
from cogrnn_lab.data.previous_trial import previous_trial_inputs, previous_trial_names

# What a trial was to an alternative: it was chosen or another was, and nothing or a reward came of it.
BINARY_RELATIONS = ("chosen, no reward", "chosen, reward", "other chosen, no reward", "other chosen, reward")
AMOUNT_RELATIONS = ("chosen", "other chosen")
NONE = -1  # no choice that could move anything: first trial, missed, padding

FEWEST_CHOICES = 50


class Trials(NamedTuple):
    """Trials along which equations are led; trials first, sessions last.

    `relation` what the trial before was to each alternative (NONE: nothing happened); `amount` of the reward
    before, in units of `unit` (0 where rewards are in the relations); `target` the choice that counts, or
    NONE; `available` alternatives, None where all are; `inputs` that are neither previous choice nor reward.
    """

    relation: Int[Array, "time alternative session"]
    amount: Float[Array, "time session"]
    target: Int[Array, "time session"]
    available: Bool[Array, "time alternative session"] | None
    inputs: Float[Array, "time input session"]


class Recorded(NamedTuple):
    """Trials with what is known of them: names of relations, of further inputs, unit of rewards, counts."""

    trials: Trials
    relations: tuple[str, ...]
    input_names: tuple[str, ...]
    unit: float
    n_choices: Int[np.ndarray, " session"]

    @property
    def has_amounts(self) -> bool:
        """Whether rewards are amounts instead of nothing or a reward."""
        return self.relations == AMOUNT_RELATIONS

    def every(self, step: int) -> "Recorded":
        """Every `step`-th session alone."""
        trials: Any = [None if part is None else part[..., ::step] for part in self.trials]
        return self._replace(trials=Trials(*trials), n_choices=self.n_choices[::step])


def recorded(dataset: Dataset, like: Recorded | None = None) -> Recorded:
    """The trials of a data set; `like` other data whose relations and unit are to be kept.

    **Raises:** `ValueError` where there are no choices, too few, or only one alternative was ever chosen.
    """
    if dataset.kind == "continuous":
        raise ValueError("the data set is continuous; equations are found from choices.")
    choice, reward = recorded_outcomes(dataset)
    n_classes = int(dataset.n_classes or 0)
    if like is None:
        _check_enough(dataset)
    relations, unit = _coding(reward[choice >= 0]) if like is None else (like.relations, like.unit)
    before = np.full_like(choice, NONE)
    before[:, 1:] = choice[:, :-1]
    gained = np.zeros(reward.shape, np.float32)
    gained[:, 1:] = reward[:, :-1]
    binary = relations == BINARY_RELATIONS
    if binary and not np.isin(gained, (0.0, 1.0)).all():
        raise ValueError(
            "these rewards are amounts, but those that the equations were found from were 0 or 1."
        )
    other = before[:, None] != np.arange(n_classes)[:, None]
    relation = 2 * other + (gained[:, None] > 0) if binary else other.astype(int)
    relation = np.where(before[:, None] < 0, NONE, relation)
    places = _further(dataset, choice, reward)
    targets = np.where(dataset.mask[..., 0], dataset.targets[..., 0], NONE)
    masks = dataset.action_mask
    trials = Trials(
        relation=jnp.asarray(np.transpose(relation, (2, 1, 0)), jnp.int32),
        amount=jnp.asarray(np.zeros_like(gained).T if binary else gained.T / unit),
        target=jnp.asarray(targets.T, jnp.int32),
        available=None if masks is None else jnp.asarray(np.transpose(masks, (1, 2, 0))),
        inputs=jnp.asarray(np.transpose(dataset.inputs[..., places], (1, 2, 0))),
    )
    names = tuple(dataset.input_names[place] for place in places)
    return Recorded(trials, relations, names, unit, dataset.mask[..., 0].sum(1))


def _coding(reward: Float[np.ndarray, " trial"]) -> tuple[tuple[str, ...], float]:
    """Relations, and the unit in which rewards are told."""
    if np.isin(reward, (0.0, 1.0)).all():
        return BINARY_RELATIONS, 1.0
    return AMOUNT_RELATIONS, float(np.abs(reward).max())


def _further(
    dataset: Dataset, choice: Int[np.ndarray, "session trial"], reward: Float[np.ndarray, "session trial"]
) -> list[int]:
    """Places of inputs that tell of more than the trial before, by their names and by what they hold."""
    n_classes = int(dataset.n_classes or 0)
    told = previous_trial_inputs(choice, reward, n_classes, valid=dataset.valid, missed=True)
    names = dataset.class_names or tuple(str(i) for i in range(dataset.n_classes or 0))
    known = (*previous_trial_names(names, missed=True), *previous_trial_names(("0", "1"), missed=True))
    return [
        i
        for i, name in enumerate(dataset.input_names)
        if name not in known and not (dataset.inputs[..., i, None] == told).all((0, 1)).any()
    ]


def _check_enough(dataset: Dataset) -> None:
    counted = dataset.targets[..., 0][dataset.mask[..., 0]]
    n_chosen = len(np.unique(counted))
    if n_chosen < 2:
        raise ValueError(
            f"all {len(counted)} choices that count are of one alternative; there is nothing to explain. "
            "Was the choice column the one that was meant?"
        )
    if len(counted) < FEWEST_CHOICES:
        raise ValueError(
            f"{len(counted)} choices count; equations need {FEWEST_CHOICES} at least, and hundreds for each "
            "number that they are to tell."
        )
