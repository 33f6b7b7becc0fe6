"""Weights of a network, by name, multiplied by factors that may change over time, or exchanged."""

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
    """Factors (time, *shape) of the weights at each of `paths`; and new weights at each of `edited`."""

    paths: tuple[str, ...] = eqx.field(static=True)
    moving: tuple[Array, ...]
    edited: tuple[str, ...] = eqx.field(static=True, default=())
    new: tuple[Array, ...] = ()


def checked_scales(
    model: Network, scales: Mapping[str, Any], n_trials: int, edits: Mapping[str, Any] | None = None
) -> WeightScales:
    """Check the factors and spread them over time, and the new weights.

    Raises:
        ValueError: A name or a shape does not fit the network.
    """
    paths = {name: _path(model, name, "weight_scale") for name in scales}
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
    edited, new = [], []
    for name, values in (edits or {}).items():
        edited.append(_path(model, name, "weights"))
        array, shape = np.asarray(values, np.float32), attrgetter(edited[-1])(model).shape
        if array.shape not in ((), shape) or not np.isfinite(array).all():
            raise ValueError(
                f"weights[{name!r}] has shape {array.shape}, expected finite numbers of that of the weights, "
                f"{shape}"
            )
        new.append(jnp.asarray(np.broadcast_to(array, shape)))
    return WeightScales(tuple(paths.values()), tuple(moving), tuple(edited), tuple(new))


def scaled(model: Network, scales: WeightScales, factors: tuple[Array, ...], is_on: Array) -> Any:
    """Exchange and multiply weights of a network where the perturbation is on; constraints are dropped."""
    model = model.without_constraints() if isinstance(model, ConstrainedRNN) else model
    if scales.edited:
        edited: Callable[[Any], Any] = lambda m: [attrgetter(path)(m) for path in scales.edited]  # noqa: E731
        pairs = zip(edited(model), scales.new, strict=True)
        model = eqx.tree_at(edited, model, [jnp.where(is_on, new, old) for old, new in pairs])
    if not scales.paths:
        return model
    where: Callable[[Any], Any] = lambda m: [attrgetter(path)(m) for path in scales.paths]  # noqa: E731
    weights = [
        weight * jnp.where(is_on, factor, 1.0) for weight, factor in zip(where(model), factors, strict=True)
    ]
    return eqx.tree_at(where, model, weights)


def _path(model: Network, name: str, argument: str) -> str:
    if isinstance(model, ConstrainedRNN):
        if name not in EFFECTIVE:
            raise ValueError(f"{argument} names {name!r}; known are {', '.join(EFFECTIVE)}")
        return EFFECTIVE[name]
    try:
        weights = attrgetter(name)(model)
    except AttributeError:
        weights = None
    if not eqx.is_inexact_array(weights):
        raise ValueError(
            f"{argument} names {name!r}, which is no array of the {type(model).__name__}; give a path such "
            "as 'core.recurrent_weight'"
        )
    return name
