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
    """

    w_in: np.ndarray
    w_rec: np.ndarray
    w_out: np.ndarray
    order: np.ndarray
    names: tuple[str, ...]
    populations: tuple[str, ...]
    population: np.ndarray
    signs: np.ndarray

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
        signs, populations = np.asarray(model.recurrent_matrix.sign, int), model.populations
    elif isinstance(model, VanillaRNN):
        core = model.core
        layers = core.input_weight[0], core.recurrent_weight[0], core.out_weight
        signs, populations = np.zeros(model.n_hidden, int), (("unit", model.n_hidden),)
    else:
        raise TypeError(
            f"a {type(model).__name__} has no single matrix of weights between units; weights() is for a "
            "ConstrainedRNN or a VanillaRNN"
        )
    w_in, w_rec, w_out = map(np.asarray, layers)
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
    )
