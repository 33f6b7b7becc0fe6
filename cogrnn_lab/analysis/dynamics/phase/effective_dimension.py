"""How many dimensions the states of a model really use."""

from typing import Any

import numpy as np

from cogrnn_lab.analysis.dynamics.phase.recursion import recursion_of
from cogrnn_lab.analysis.reading.latents import Latents, latents
from cogrnn_lab.data import Dataset


def effective_dimension(model: Any, dataset: Dataset, *, along: Latents | None = None) -> float:
    """Compute the participation ratio of the states: (sum of variances)² / sum of squared variances.

    The variances are those of the principal components over all valid trials: n equal ones give n, one alone
    gives 1. It depends on the units of the latents, as principal components do.

    Arguments:
        model: Any network, a `Run` or a `Discovery` that has one, or an agent of choices and rewards.
        dataset: Sessions that fit it.
        along: The latents on these data, where they are at hand (not for agents).

    Returns:
        The dimension, from 1 to the number of latents; 0 where the states never change.

    Raises:
        TypeError: The model is no network and no agent.
        ValueError: The data do not fit the model.

    Source:
        Gao et al., "A theory of multineuronal dimensionality, dynamics and measurement", bioRxiv 2017.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=50)
        >>> 1 <= cl.effective_dimension(cl.GRU(2, 2, 4, key=0), data) <= 4
        True
    """
    model, dataset = recursion_of(model, dataset)
    along = latents(model, dataset) if along is None else along
    states = np.asarray(along.states, float)[np.asarray(along.valid, bool)]
    variance = np.linalg.svd(states - states.mean(0), compute_uv=False) ** 2
    if not variance.sum() > 1e-12 * max(float((states**2).sum()), 1e-30):
        return 0.0
    return float(variance.sum() ** 2 / (variance**2).sum())
