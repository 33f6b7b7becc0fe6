"""Arrays of a constrained network from its constructor's arguments, with every contradiction refused."""

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from cogrnn_lab.argument_kinds import as_numbers
from cogrnn_lab.models.constrained.initializers import Given, Initializer, ScaledIdentity
from cogrnn_lab.models.constrained.matrix import ConstrainedMatrix
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed
from cogrnn_lab.random_numbers import standard_normals, subkeys

NAMES = ("w_in", "w_rec", "w_out", "b_rec", "b_out", "start")
MASKS = {"w_in": "input_mask", "w_rec": "recurrent_mask", "w_out": "output_mask"}


def make_parts(
    sizes: tuple[int, int, int],
    *,
    dale_ratio: float | None,
    signs: Any,
    autapses: bool,
    masks: Mapping[str, Any],
    weights: Mapping[str, Any],
    vectors: Mapping[str, Any],
    fixed: Mapping[str, Any],
    key: PRNGKeyArray,
) -> dict[str, Any]:
    """Make the matrices and vectors of a network with `sizes` (inputs, outputs, units), by name."""
    n_inputs, n_outputs, n_units = sizes
    shapes = {"w_in": (n_units, n_inputs), "w_rec": (n_units, n_units), "w_out": (n_outputs, n_units)}
    unknown = sorted(set(fixed) - set(NAMES))
    if unknown:
        raise ValueError(f"fixed names {', '.join(unknown)}; known are {', '.join(NAMES)}")
    unit_signs = _unit_signs(dale_ratio, signs, n_units)
    obeys_dale = bool(np.any(unit_signs))
    connected = {name: _checked_mask(masks[name], shapes[name], MASKS[name]) for name in shapes}
    if not autapses:
        connected["w_rec"] &= ~np.eye(n_units, dtype=bool)
    connected["w_out"] &= (unit_signs >= 0)[None]
    if not connected["w_out"].any():
        raise ValueError(
            "no unit is connected to an output; with Dale's law the outputs read excitatory units only"
        )
    sign = {
        "w_in": np.full(n_inputs, 1 if obeys_dale else 0, np.int8),
        "w_rec": unit_signs,
        "w_out": np.maximum(unit_signs, 0),
    }
    keys = dict(zip((*shapes, "start"), subkeys(key, 4), strict=True))
    parts: dict[str, Any] = {}
    for name in shapes:
        initializer = checked_initializer(name, weights[name], connected[name], sign[name], autapses)
        values = initializer(keys[name], connected[name], sign[name])
        parts[name] = ConstrainedMatrix(
            PartlyFixed.of(values, fixed.get(name, False), name),
            jnp.asarray(connected[name]),
            jnp.asarray(sign[name]),
        )
    for name, size in {"b_rec": n_units, "b_out": n_outputs, "start": n_units}.items():
        values = _vector(name, vectors[name], size, keys["start"])
        parts[name] = PartlyFixed.of(values, fixed.get(name, False), name)
    return parts


def _unit_signs(dale_ratio: float | None, signs: Any, n_units: int) -> np.ndarray:
    if signs is not None:
        if dale_ratio is not None:
            raise ValueError("got both dale_ratio and signs; give one of them")
        array = np.asarray(signs)
        if array.shape != (n_units,) or not np.isin(array, (-1, 0, 1)).all():
            raise ValueError(
                f"signs has shape {array.shape} and values {sorted(set(array.ravel().tolist()))[:5]}, "
                f"expected ({n_units},): for each unit 1 (excitatory), -1 (inhibitory) or 0 (free)"
            )
        return array.astype(np.int8)
    if dale_ratio is None:
        return np.zeros(n_units, np.int8)
    # The tolerance: 0.29 * 100 is 28.999999999999996.
    n_excitatory = math.floor(dale_ratio * n_units + 1e-9) if 0 < dale_ratio <= 1 else 0
    if n_excitatory == 0:
        raise ValueError(
            f"dale_ratio is {dale_ratio!r}, which of {n_units} units leaves none excitatory; expected the "
            "fraction of excitatory units, above 0 and at most 1, such as 0.8 (None: no law)"
        )
    return np.where(np.arange(n_units) < n_excitatory, 1, -1).astype(np.int8)


def _checked_mask(mask: Any, shape: tuple[int, int], name: str) -> np.ndarray:
    if mask is None:
        return np.ones(shape, bool)
    array = np.asarray(mask)
    if array.shape != shape:
        hint = "; it is (to, from): transpose it" if array.shape == shape[::-1] else ", (to, from)"
        raise ValueError(f"{name} has shape {array.shape}, expected {shape}{hint}")
    if not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} has other values than 0 and 1; it says where there is a connection")
    return array.astype(bool)


def checked_initializer(name: str, weights: Any, connected, sign, autapses: bool) -> Initializer:
    """Start a matrix; weights that were given are refused where they break a constraint."""
    if isinstance(weights, ScaledIdentity) and not autapses:
        raise ValueError(f"{name} is ScaledIdentity, which connects units to themselves, but autapses=False")
    if isinstance(weights, Initializer) and not isinstance(weights, Given):
        return weights
    array = as_numbers(weights.weights if isinstance(weights, Given) else weights, name)
    if array.shape != connected.shape:
        hint = "; it is (to, from): transpose it" if array.shape == connected.shape[::-1] else ", (to, from)"
        raise ValueError(f"{name} has shape {array.shape}, expected {connected.shape}{hint}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that are not finite")
    _check_signs(name, array, sign)
    stray = np.argwhere((array != 0) & ~connected)
    if len(stray):
        to, source = stray[0]
        reason = "output_mask, and Dale's law, say" if name == "w_out" else f"{MASKS[name]} says"
        reason = "autapses=False says" if name == "w_rec" and to == source and not autapses else reason
        raise ValueError(
            f"{name}[{to}, {source}] is {array[to, source]:g}, but {reason} that there is no connection "
            f"({len(stray)} such weights); give 0 there"
        )
    return Given(array)


def _check_signs(name: str, array: np.ndarray, sign: np.ndarray) -> None:
    wrong = np.argwhere(array * sign[None] < 0)
    if len(wrong):
        to, source = wrong[0]
        kind = "an excitatory" if sign[source] > 0 else "an inhibitory"
        kind = f"input {source}, and inputs are excitatory" if name == "w_in" else f"{kind} unit"
        raise ValueError(
            f"{name}[{to}, {source}] is {array[to, source]:g} from {kind}: Dale's law gives all outgoing "
            f"weights of a unit one sign ({len(wrong)} weights break it). Give the weights as the network "
            "shall use them, with their signs"
        )


def _vector(name: str, given: Any, size: int, key: PRNGKeyArray):
    if given is None:
        return np.float32(0.1) + np.float32(0.01) * standard_normals(key, {name: (size,)})[name]
    array = as_numbers(given, name).astype(np.float32)
    if array.shape not in ((), (size,)):
        raise ValueError(f"{name} has shape {array.shape}, expected ({size},) or one number for all")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that are not finite")
    return np.broadcast_to(array, (size,))


def checked_tau(tau: Any, dt: float, n_units: int) -> float | tuple[float, ...]:
    """Convert time constants to numbers that a file can hold, and refuse those that are not above `dt`."""
    array = np.asarray(tau, np.float64)
    if array.shape not in ((), (n_units,)):
        raise ValueError(
            f"tau has shape {array.shape}, expected one number, or one for each of {n_units} units"
        )
    if not (np.isfinite(dt) and dt > 0):
        raise ValueError(f"dt is {dt!r}, expected a positive number (ms)")
    if not (np.isfinite(array).all() and array.min() > dt):
        raise ValueError(
            f"tau is {array.min():g} and dt {dt:g} (ms), expected tau above dt: a unit must not decay in "
            f"less than one step (tau is 100 by default; for steps of {dt:g} ms give it, such as tau="
            f"{2 * dt:g})"
        )
    return float(array) if array.ndim == 0 else tuple(array.tolist())


def checked_populations(
    populations: Any, n_units: int, dale_ratio: float | None
) -> tuple[tuple[str, int], ...]:
    """Give names and sizes of the populations; by default the excitatory and the inhibitory units."""
    if populations is None:
        if dale_ratio is None:
            return (("unit", n_units),)
        n_excitatory = math.floor(dale_ratio * n_units + 1e-9)
        pairs = (("excitatory", n_excitatory), ("inhibitory", n_units - n_excitatory))
        return tuple(pair for pair in pairs if pair[1])
    pairs = tuple(populations.items()) if isinstance(populations, Mapping) else tuple(map(tuple, populations))
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError(f"two populations have the same name: {', '.join(str(name) for name, _ in pairs)}")
    total = sum(size for _, size in pairs)
    if total != n_units or any(size < 1 for _, size in pairs):
        raise ValueError(
            f"the populations have {total} units ({dict(pairs)}), expected {n_units} in all, and at least 1 "
            "in each"
        )
    return tuple((str(name), int(size)) for name, size in pairs)
