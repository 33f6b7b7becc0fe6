"""Latents of two networks matched by their time courses, and compared by their rules."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import linear_sum_assignment

from cogrnn_lab.analysis import latent_contributions, latents, typical_observations
from cogrnn_lab.data import Dataset
from cogrnn_lab.models.own_step import check_readout

# Trials at which rules are compared, and values that a latent is given there, as quantiles of its own.
N_TRIALS = 100
QUANTILES = (0.05, 0.275, 0.5, 0.725, 0.95)


@dataclass(frozen=True)
class Course:
    """Course of a network along a data set.

    `states` (trial, latent) of all latents on valid trials; `counted` indices of the latents that tell
    something, the largest share of the choices first; `logits` (trial, alternative) centered.
    """

    model: Any
    states: np.ndarray
    counted: np.ndarray
    logits: np.ndarray

    @classmethod
    def of(cls, model: Any, dataset: Dataset) -> "Course":
        """Run the network along the sessions, without noise."""
        check_readout(model)  # its rules are compared in states that no trial has made
        along = latents(model, dataset)
        found = latent_contributions(model, dataset, along)
        order = np.argsort(-found.share, kind="stable")
        valid = np.asarray(dataset.valid)
        return cls(
            model=model,
            states=np.asarray(along.states, float)[valid],
            counted=order[found.counted[order]],
            logits=_centered(np.asarray(along.outputs, float)[valid][:, : along.n_classes]),
        )

    @property
    def told(self) -> np.ndarray:
        """(trial, counted latent)"""
        return self.states[:, self.counted]


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(latent, latent) squared correlation of time courses (trial, latent), whatever their sign and scale."""
    scaled = [
        varying / np.maximum(np.sqrt((varying**2).sum(0)), 1e-12)
        for varying in (courses - courses.mean(0) for courses in (one, other))
    ]
    return np.clip((scaled[0].T @ scaled[1]) ** 2, 0.0, 1.0)


def matched(one: Course, other: Course) -> list[tuple[int, int, float]]:
    """Pairs of counted latents (of one, of the other, likeness), so that the likeness of all is greatest."""
    if not len(one.counted) or not len(other.counted):
        return []
    alike = likeness(one.told, other.told)
    pairs = zip(*linear_sum_assignment(-alike), strict=True)
    return [(int(one.counted[i]), int(other.counted[j]), float(alike[i, j])) for i, j in pairs]


def span_likeness(one: Course, other: Course) -> float:
    """Compute how much of a network's latents a linear mixture of the other's tells: R², mean of both ways.

    It is 1 where networks hold the same variables in other coordinates, as a sum and a difference of values.
    """
    if not len(one.counted) or not len(other.counted):
        return 1.0 if len(one.counted) == len(other.counted) else 0.0
    both = []
    for target, source in ((one.told, other.told), (other.told, one.told)):
        target, source = (array - array.mean(0) for array in (target, source))
        target = target / np.maximum(target.std(0), 1e-12)
        residual = target - source @ np.linalg.lstsq(source, target, rcond=1e-8)[0]
        both.append(1.0 - (residual**2).sum() / (target**2).sum())
    return float(np.mean(both))


def rule_likeness(one: Course, other: Course, pair: tuple[int, int], dataset: Dataset) -> tuple[float, float]:
    """R² between the update rules, and between the choice rules, of a matched pair of latents.

    At trials of the data, each latent is given values over its range, and each typical observation follows:
    what becomes of the latent, and of the logits, is compared in the units of the first network. Everything
    else stands as each network had it on that trial.
    """
    mine, theirs = pair
    scale, shift = np.polyfit(one.states[:, mine], other.states[:, theirs], 1)
    rng = np.random.default_rng(0)
    trials = rng.choice(len(one.states), min(N_TRIALS, len(one.states)), replace=False)
    values = np.quantile(one.states[:, mine], QUANTILES)
    observations = typical_observations(dataset)
    states = [
        _with_values(course.states[trials], latent, given)
        for course, latent, given in ((one, mine, values), (other, theirs, scale * values + shift))
    ]
    change = [
        _changes(course.model, held, observations)[:, :, latent]
        for course, held, latent in zip((one, other), states, pair, strict=True)
    ]
    n_classes = one.logits.shape[1]
    logits = [
        _readouts(course.model, held, n_classes) for course, held in zip((one, other), states, strict=True)
    ]
    slope = scale if scale != 0 else np.inf
    return _r2(change[0], change[1] / slope), _r2(logits[0], logits[1])


def _with_values(states: np.ndarray, latent: int, values: np.ndarray) -> np.ndarray:
    """(value x trial, latent) states in which one latent has each of the values."""
    held = np.repeat(states[None], len(values), axis=0)
    held[:, :, latent] = values[:, None]
    return held.reshape(-1, states.shape[1]).astype(np.float32)


def _changes(model: Any, states: np.ndarray, observations: np.ndarray) -> np.ndarray:
    """(observation, point, latent) noiseless change of the latents."""
    shape = (len(states), observations.shape[1])
    after = [
        np.asarray(_transition(model, states, np.broadcast_to(own, shape).astype(np.float32)))
        for own in observations
    ]
    return np.stack(after) - states


def _readouts(model: Any, states: np.ndarray, n_classes: int) -> np.ndarray:
    return _centered(np.asarray(_logits(model, states), float)[:, :n_classes])


def _r2(truth: np.ndarray, other: np.ndarray) -> float:
    """R² of `other` for `truth`, at least 0."""
    total = ((truth - truth.mean()) ** 2).sum()
    return 1.0 if total == 0 else max(0.0, float(1.0 - ((truth - other) ** 2).sum() / total))


def _centered(logits: np.ndarray) -> np.ndarray:
    return logits - logits.mean(1, keepdims=True)


@eqx.filter_jit
def _transition(model: Any, states: Any, inputs: Any) -> jax.Array:
    return model.transition(jnp.asarray(states), jnp.asarray(inputs))


@eqx.filter_jit
def _logits(model: Any, states: Any) -> jax.Array:
    return model.readouts(jnp.asarray(states))
