"""Where the searches for the best parameters of an agent begin."""

import numpy as np
from jaxtyping import Float

from cogrnn_lab.tasks.agents.agent_parameters import AgentParameter

MARGIN = 0.05  # of an interval between two bounds, at either end


def random_starts(
    parameters: tuple[AgentParameter, ...],
    own: Float[np.ndarray, " entry"],
    bounds: Float[np.ndarray, "entry 2"],
    n_starts: int,
    seed: int,
) -> Float[np.ndarray, "start entry"]:
    """The agent's own values, then a Latin hypercube over the typical values (McKay et al. 1979).

    Where nobody knows what is typical it is the interval between the bounds, or within 2 of the agent's
    value.
    """
    low, high = np.array(
        [typical_range(p, own[i], bounds[i]) for i, p in enumerate(_each_entry(parameters))]
    ).T
    rng = np.random.default_rng(seed)
    n_random = n_starts - 1
    strata = rng.permuted(np.tile(np.arange(n_random), (len(own), 1)), axis=1).T
    share = (strata + rng.random(strata.shape)) / max(n_random, 1)
    return np.concatenate([np.clip(own, *bounds.T)[None], low + share * (high - low)])


def typical_range(
    parameter: AgentParameter, own: float, bounds: Float[np.ndarray, "2"]
) -> tuple[float, float]:
    """Between which values a start, or a simulated subject, has this parameter."""
    lowest, highest = bounds
    between = np.isfinite(bounds).all()
    if parameter.limits.typical is not None:
        low, high = np.clip(parameter.limits.typical, lowest, highest)
    elif between:
        low, high = lowest, highest
    else:
        reach = 2.0 * max(1.0, abs(own))
        low, high = np.clip([own - reach, own + reach], lowest, highest)
    if between and (low >= high or parameter.limits.typical is None):
        low, high = lowest + MARGIN * (highest - lowest), highest - MARGIN * (highest - lowest)
    return float(low), float(high)


def _each_entry(parameters: tuple[AgentParameter, ...]) -> list[AgentParameter]:
    return [parameter for parameter in parameters for _ in range(parameter.size)]
