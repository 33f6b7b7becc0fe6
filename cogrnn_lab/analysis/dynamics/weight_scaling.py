"""Weights of a network, by name, multiplied by factors that may change over time."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from cogrnn_lab.models import ConstrainedRNN, Network

# Where the effective weights of a constrained network lie once it is without constraints.
EFFECTIVE: dict[str, str] = {
    "w_in": "input_matrix.weights.free",
    "w_rec": "recurrent_matrix.weights.free",
    "w_out": "output_matrix.weights.free",
    "b_rec": "recurrent_bias.free",
    "b_out": "output_bias.free",
}


class WeightScales(eqx.Module):
    """Factors (time, *shape) of the weights at each of `paths`."""

    paths: tuple[str, ...] = eqx.field(static=True)
    moving: tuple[Array, ...]


def checked_scales(model: Network, scales: Mapping[str, Any], n_trials: int) -> WeightScales:
    """The factors over time; a `ValueError` says which name or shape does not fit the network."""
    paths = {name: _path(model, name) for name in scales}
    moving = []
    for name, factors in scales.items():
        array = np.asarray(factors, np.float32)
        shape = attrgetter(paths[name])(model).shape
        if array.shape not in ((), shape, (n_trials, *shape)):
            raise ValueError(
                f"weight_scale[{name!r}] has shape {array.shape}, expected that of the weights, {shape}, or "
                f"(time, ...) {(n_trials, *shape)}"
            )
        over_time = array if array.ndim == len(shape) + 1 else np.broadcast_to(array, (n_trials, *shape))
        moving.append(jnp.asarray(over_time))
    return WeightScales(tuple(paths.values()), tuple(moving))


def scaled(model: Network, scales: WeightScales, factors: tuple[Array, ...], is_on: Array) -> Any:
    """The network with its weights multiplied where the perturbation is on; constraints are left behind."""
    model = model.without_constraints() if isinstance(model, ConstrainedRNN) else model
    if not scales.paths:
        return model
    where: Callable[[Any], Any] = lambda m: [attrgetter(path)(m) for path in scales.paths]  # noqa: E731
    weights = [
        weight * jnp.where(is_on, factor, 1.0) for weight, factor in zip(where(model), factors, strict=True)
    ]
    return eqx.tree_at(where, model, weights)


def _path(model: Network, name: str) -> str:
    if isinstance(model, ConstrainedRNN):
        if name not in EFFECTIVE:
            raise ValueError(f"weight_scale names {name!r}; known are {', '.join(EFFECTIVE)}")
        return EFFECTIVE[name]
    try:
        weights = attrgetter(name)(model)
    except AttributeError:
        weights = None
    if not eqx.is_inexact_array(weights):
        raise ValueError(
            f"weight_scale names {name!r}, which is no array of the {type(model).__name__}; give a path such "
            "as 'core.recurrent_weight'"
        )
    return name
