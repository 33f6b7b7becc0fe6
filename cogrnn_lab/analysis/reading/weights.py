"""The weights of a network as it uses them, sorted by population."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.models import ConstrainedRNN, Network, VanillaRNN
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of


@dataclass(frozen=True)
class Weights:
    """Effective weights (to, from), with the units sorted by population and there by sign, excitatory first.

    Fields:
        w_in: (unit, input).
        w_rec: (unit, unit).
        w_out: (output, unit).
        order: (unit,) index in the network of each unit here.
        names: (unit,) such as "excitatory 3", counted from 1.
        populations: Names of the populations in order.
        population: (unit,) index of each unit's population.
        signs: (unit,) 1 excitatory, -1 inhibitory, 0 free.
        b_rec: (unit,) biases of the units.
        b_out: (output,) biases of the outputs.
        start: (unit,) state before the first trial.
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

    def in_network_order(self) -> dict[str, np.ndarray]:
        """Give weights, biases and start in the order of the network's units, for `cl.with_weights`.

        Returns:
            {"w_in", "w_rec", "w_out", "b_rec", "b_out", "start": array}.
        """
        back = np.argsort(self.order)
        of_units = {"b_rec": self.b_rec, "start": self.start}
        found = {
            "w_in": self.w_in[back],
            "w_rec": self.w_rec[np.ix_(back, back)],
            "w_out": self.w_out[:, back],
            **{name: None if values is None else values[back] for name, values in of_units.items()},
            "b_out": self.b_out,
        }
        return {name: values for name, values in found.items() if values is not None}

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


def weights(model: Network | HoldsNetwork) -> Weights:
    """Read the effective weights of a network.

    Arguments:
        model: A `ConstrainedRNN`, or a `VanillaRNN`, which is one population without signs; or a
            `Run` that has one.

    Returns:
        A `Weights`.

    Raises:
        TypeError: The network has no single matrix of weights between units.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.weights(cl.ConstrainedRNN(1, 2, 10, key=jax.random.key(0))).w_rec.shape
        (10, 10)
    """
    model = network_of(model)
    if isinstance(model, ConstrainedRNN):
        layers = model.w_in, model.w_rec, model.w_out
        vectors = model.b_rec, model.b_out, model.initial_state()
        signs, populations = np.asarray(model.recurrent_matrix.sign, int), model.populations
    elif isinstance(model, VanillaRNN) and model.n_layers == 1:
        core = model.core
        layers = core.input_weight[0], core.recurrent_weight[0], core.out_weight
        vectors = core.bias[0], core.out_bias, core.start
        signs, populations = np.zeros(model.n_hidden, int), (("unit", model.n_hidden),)
    else:
        raise TypeError(
            f"a {type(model).__name__} has no single matrix of weights between units; weights() is for a "
            "ConstrainedRNN or a VanillaRNN of one layer"
        )
    w_in, w_rec, w_out = map(np.asarray, layers)
    b_rec, b_out, start = map(np.asarray, vectors)
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
        b_rec=b_rec[order],
        b_out=b_out,
        start=start[order],
    )
