"""Subjects as draws from a population, whose mean and spread tell of those with few trials."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.choice_equations.groups.refit import Groups, Prior, Refitted

# With fewer subjects nothing is known of how they spread.
FEWEST_SUBJECTS = 3
MOST_ROUNDS, SETTLED = 40, 1e-3
# The least variance of a population (rates in log odds): subjects that differ by less are the same.
LEAST_VARIANCE = 1e-4


class Population(NamedTuple):
    """Numbers of each subject on their scale, with variances; mean and variance of the population.

    `alone` the numbers by maximum likelihood. `prior` None where subjects are too few for a population.
    """

    subjects: Refitted
    variance: Float[np.ndarray, "subject free"]
    alone: Refitted
    mean: Float[np.ndarray, " free"]
    spread: Float[np.ndarray, " free"]
    prior: Prior | None


def estimated(groups: Groups, free: Float[np.ndarray, " free"]) -> Population:
    """Expectation maximization with Laplace's approximation (Huys et al., PLoS Comput. Biol. 2011).

    In turn each subject's most probable numbers given the population, and the population's mean and variance
    given these and how sure they are: mean of u, and mean of u² + variance of u, less the mean squared.
    """
    start = np.broadcast_to(groups.scale.to(free), (groups.n, len(free))).copy()
    weak = Prior.almost_none(groups.scale)
    alone = groups.maximized(start, weak)
    if groups.n < FEWEST_SUBJECTS:
        mean, spread = alone.scaled.mean(0), alone.scaled.std(0)
        return Population(alone, _variances(alone, weak), alone, mean, spread, None)
    mean, variance = groups.scale.to(free), np.ones(len(free))
    subjects = alone
    for _ in range(MOST_ROUNDS):
        prior = Prior(mean, 1 / variance)
        subjects = groups.maximized(subjects.scaled, prior)
        own = _variances(subjects, prior)
        before = mean, variance
        mean = subjects.scaled.mean(0)
        variance = np.maximum((subjects.scaled**2 + own).mean(0) - mean**2, LEAST_VARIANCE)
        moved = np.abs(mean - before[0]).max() + np.abs(np.sqrt(variance) - np.sqrt(before[1])).max()
        if moved < SETTLED:
            break
    prior = Prior(mean, 1 / variance)
    subjects = groups.maximized(subjects.scaled, prior)
    return Population(subjects, _variances(subjects, prior), alone, mean, np.sqrt(variance), prior)


def _variances(at: Refitted, prior: Prior) -> Float[np.ndarray, "subject free"]:
    """Variance of each number, from the curvature and the prior."""
    curvature = at.curvature + np.diag(prior.precision + 1e-6)[None]
    return np.maximum(np.einsum("gkk->gk", np.linalg.inv(curvature)), 0.0)
