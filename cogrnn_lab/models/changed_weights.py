"""A network with some of its weights exchanged, by their documented names."""

from operator import attrgetter
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.argument_kinds import as_numbers
from cogrnn_lab.models.constrained.matrix import ConstrainedMatrix
from cogrnn_lab.models.constrained.partly_fixed import PartlyFixed
from cogrnn_lab.models.constrained.parts import checked_initializer
from cogrnn_lab.models.constrained.rnn import ConstrainedRNN
from cogrnn_lab.models.constrained.started import Started
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.part_places import place_of

MATRICES = {"w_in": "input_matrix", "w_rec": "recurrent_matrix", "w_out": "output_matrix"}
VECTORS = {"b_rec": "recurrent_bias", "b_out": "output_bias", "start": "start_state"}


def with_weights(
    model: Network | HoldsNetwork,
    *,
    w_in: Any = None,
    w_rec: Any = None,
    w_out: Any = None,
    b_rec: Any = None,
    b_out: Any = None,
    start: Any = None,
    **of_layers: Any,
) -> Any:
    """Make a copy of a network with other weights, in the order of its own units.

    Those of a `ConstrainedRNN` are effective weights (to, from) and have to obey its connections and Dale's
    law; entries that were fixed are fixed at the new values. Of a GRU, LSTM or VanillaRNN the first
    axis of `w_in`, `w_rec` and `b_rec` is the gate. `cl.weights(model).in_network_order()` gives the present
    ones.

    Arguments:
        model: A `ConstrainedRNN`, `GRU`, `LSTM` or `VanillaRNN`, or a `Run` that has one.
        w_in: New weights from the inputs, (unit, input); None for the present ones, as below.
        w_rec: New recurrent weights, (unit, unit).
        w_out: New weights to the outputs, (output, unit).
        b_rec: New biases of the units, (unit,).
        b_out: New biases of the outputs, (output,).
        start: New state before the first trial, (state,).
        of_layers: Of a network of several layers, the same with the number of the layer, as `w_rec_1`;
            `w_in_2` is from the units of the first layer. `w_out` and `b_out` are of the last one.

    Returns:
        The copy.

    Raises:
        TypeError: The network has no weights of these names, or no such layer.
        ValueError: An array has another shape, is not finite, or contradicts connections or signs.

    Example:
        >>> import cogrnn_lab as cl
        >>> model = cl.ConstrainedRNN(2, 1, 10, key=0)
        >>> half = cl.with_weights(model, w_rec=0.5 * model.w_rec)
        >>> bool((half.w_rec == 0.5 * model.w_rec).all())
        True
    """
    network = network_of(model)
    given = {"w_in": w_in, "w_rec": w_rec, "w_out": w_out, "b_rec": b_rec, "b_out": b_out, "start": start}
    given |= of_layers
    changes = {name: values for name, values in given.items() if values is not None}
    names = network.part_names
    if not names:
        raise TypeError(
            f"a {type(network).__name__} has no weights of these names (networks within it have); change its "
            "arrays with eqx.tree_at"
        )
    unknown = [name for name in changes if name not in names]
    if unknown:
        raise TypeError(f"the network has no {', '.join(unknown)}; it has {', '.join(names)}")
    for name, values in changes.items():
        if isinstance(network, ConstrainedRNN):
            where, part = _constrained(network, name, values)
        else:
            where = place_of(network, name)
            part = _like(where(network), values, name)
        network = eqx.tree_at(where, network, part)
    if changes and isinstance(network, ConstrainedRNN):
        # From these weights another network of the kind would not be started: replicates are refused.
        object.__setattr__(network, "started", Started(None))
    return network


def _constrained(network: ConstrainedRNN, name: str, values: Any) -> tuple[Any, Any]:
    """Where a part of a constrained network is, and the new one."""
    where = attrgetter(MATRICES.get(name) or VECTORS[name])
    old = where(network)
    if name in VECTORS:
        array = np.asarray(_like(old.value, values, name))
        return where, PartlyFixed.of(array, np.asarray(old.is_fixed), name)
    connected, sign = np.asarray(old.connected), np.asarray(old.sign)
    checked: Any = checked_initializer(name, as_numbers(values, name), connected, sign, autapses=True)
    array = np.asarray(checked.weights, np.float32)
    fixed = PartlyFixed.of(array, np.asarray(old.weights.is_fixed), name)
    return where, ConstrainedMatrix(fixed, old.connected, old.sign)


def _like(old: Any, values: Any, name: str) -> Any:
    """Values as an array like the old one, whose first axis may be left out where it has length 1."""
    array = as_numbers(values, name).astype(np.float32)
    array = array[None] if array.shape == old.shape[1:] and old.shape[0] == 1 else array
    if array.shape != old.shape:
        raise ValueError(f"{name} has shape {array.shape}, expected {old.shape}, as the network has it")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that are not finite")
    return jnp.asarray(array)
