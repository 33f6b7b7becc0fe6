"""The networks' formulas in plain NumPy, one trial after the other, in double precision."""

from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


def doubles(*arrays: Any) -> list[np.ndarray]:
    """The arrays in double precision."""
    return [np.asarray(array, np.float64) for array in arrays]


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x)


def residual_mlp(network: Any, x: np.ndarray, at: Any = (), activation=leaky_relu) -> np.ndarray:
    """Outputs of a `ResidualMLP`, or of the one at `at` of a stack."""
    in_weight, hidden, out_weight = doubles(
        network.in_weight[at], network.hidden_weight[at], network.out_weight[at]
    )
    in_bias, hidden_bias, out_bias = doubles(
        network.in_bias[at], network.hidden_bias[at], network.out_bias[at]
    )
    stream = in_weight @ x + in_bias
    for weight, bias in zip(hidden, hidden_bias, strict=True):
        stream = stream + activation(weight @ stream + bias)
    return out_weight @ stream + out_bias


def divergence(mean: Any, sigma: Any) -> np.ndarray:
    """Kullback-Leibler divergence (nats) of N(mean, sigma²) from N(0, 1)."""
    mean, sigma = doubles(mean, sigma)
    return np.log(1.0 / sigma) + (sigma**2 + mean**2) / 2.0 - 0.5
