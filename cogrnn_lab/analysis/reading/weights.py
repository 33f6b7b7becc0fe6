"""The weights of a network as it uses them, sorted by population."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.counts import checked_count
from cogrnn_lab.models import ConstrainedRNN, Network, VanillaRNN
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of


@dataclass(frozen=True)
class Weights:
    """Effective weights (to, from), with the units sorted by population and there by sign, excitatory first.

    Fields:
        w_in: (unit, input); of a layer above the first from the units of the one below.
        w_rec: (unit, unit).
        w_out: (output, unit); of a layer below the last to the units of the one above.
        order: (unit,) index in the network of each unit here.
        names: (unit,) such as "excitatory 3", counted from 1.
        populations: Names of the populations in order.
        population: (unit,) index of each unit's population.
        signs: (unit,) 1 excitatory, -1 inhibitory, 0 free.
        b_rec: (unit,) biases of the units.
        b_out: (output,) biases of the outputs; None of a layer that is not read out.
        start: (unit,) state before the first trial.
        layer: Number of the layer, from 1, of a network of several.
    """

    w_in: np.ndarray
    w_rec: np.ndarray
    w_out: np.ndarray
    order: np.ndarray
    names: tuple[str, ...]
    populations: tuple[str, ...]
    population: np.ndarray
    signs: np.ndarray
    b_rec: np.ndarray | None = None
    b_out: np.ndarray | None = None
    start: np.ndarray | None = None
    layer: int | None = None

    def in_network_order(self) -> dict[str, np.ndarray]:
        """Give weights, biases and start in the order of the network's units, for `cl.with_weights`.

        Returns:
            {"w_in", "w_rec", "w_out", "b_rec", "b_out", "start": array}; of several layers "w_rec_1" and so
            on, where what leads on from a layer that is not read out is the next one's.
        """
        back = np.argsort(self.order)
        of_units = {"b_rec": self.b_rec, "start": self.start}
        found = {
            "w_in": self.w_in[back],
            "w_rec": self.w_rec[np.ix_(back, back)],
            "w_out": None if self.b_out is None else self.w_out[:, back],
            **{name: None if values is None else values[back] for name, values in of_units.items()},
            "b_out": self.b_out,
        }
        end = "" if self.layer is None else f"_{self.layer}"
        return {
            name if name in ("w_out", "b_out") else f"{name}{end}": values
            for name, values in found.items()
            if values is not None
        }

    def members(self, population: str) -> np.ndarray:
        """Find a population's units, as indices of this result.

        Arguments:
            population: One of `populations`.
        """
        if population not in self.populations:
            raise ValueError(
                f"there is no population {population!r}; known are {', '.join(self.populations)}"
            )
        return np.flatnonzero(self.population == self.populations.index(population))


def weights(model: Network | HoldsNetwork, *, layer: int | None = None) -> Weights:
    """Read the effective weights of a network.

    Arguments:
        model: A `ConstrainedRNN`, or a `VanillaRNN`, which is one population without signs; or a
            `Run` that has one.
        layer: Number of the layer of a `VanillaRNN` of several, from 1.

    Returns:
        A `Weights`.

    Raises:
        TypeError: The network has no single matrix of weights between units, or several layers of which none
            is named.
        ValueError: There is no such layer.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.weights(cl.ConstrainedRNN(1, 2, 10, key=jax.random.key(0))).w_rec.shape
        (10, 10)
    """
    model = network_of(model)
    if not isinstance(model, ConstrainedRNN | VanillaRNN):
        raise TypeError(
            f"a {type(model).__name__} has no single matrix of weights between units; weights() is for a "
            "ConstrainedRNN or a VanillaRNN"
        )
    number = _checked_layer(model, layer)
    if isinstance(model, ConstrainedRNN):
        layers = model.w_in, model.w_rec, model.w_out
        vectors = model.b_rec, model.b_out, model.initial_state()
        signs, populations = np.asarray(model.recurrent_matrix.sign, int), model.populations
    else:
        core, is_last = model.layers[number - 1], number == model.n_layers
        onward = model.core.out_weight if is_last else model.layers[number].input_weight[0]
        layers = core.input_weight[0], core.recurrent_weight[0], onward
        vectors = core.bias[0], model.core.out_bias if is_last else None, core.start
        signs, populations = np.zeros(model.n_hidden, int), (("unit", model.n_hidden),)
    w_in, w_rec, w_out = map(np.asarray, layers)
    b_rec, b_out, start = (None if one is None else np.asarray(one) for one in vectors)
    names, sizes = tuple(name for name, _ in populations), [size for _, size in populations]
    population = np.repeat(np.arange(len(sizes)), sizes)
    place = np.concatenate([np.arange(size) for size in sizes])
    order = np.lexsort((np.arange(signs.size), -signs, population))
    return Weights(
        w_in=w_in[order],
        w_rec=w_rec[np.ix_(order, order)],
        w_out=w_out[:, order],
        order=order,
        names=tuple(f"{names[population[unit]]} {place[unit] + 1}" for unit in order),
        populations=names,
        population=population[order],
        signs=signs[order],
        b_rec=None if b_rec is None else b_rec[order],
        b_out=b_out,
        start=None if start is None else start[order],
        layer=number if getattr(model, "n_layers", 1) > 1 else None,
    )


def _checked_layer(model: Any, layer: int | None) -> int:
    """The number of the layer, which has to be named where there are several."""
    n_layers = model.n_layers if isinstance(model, VanillaRNN) else 1
    if layer is None and n_layers > 1:
        raise TypeError(
            f"the {type(model).__name__} has {n_layers} layers; weights(model, layer=1) reads the first"
        )
    number = 1 if layer is None else checked_count(layer, "layer")
    if number > n_layers:
        expected = "1, as the network has one layer" if n_layers == 1 else f"1 to {n_layers}, its layers"
        raise ValueError(f"layer = {number}; expected {expected}")
    return number
