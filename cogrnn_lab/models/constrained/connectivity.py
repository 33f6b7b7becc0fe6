"""Masks of who connects to whom, for the matrices of a constrained network."""

from collections.abc import Mapping

import jax
import numpy as np
from jaxtyping import Bool

from cogrnn_lab.counts import checked_counts
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


def sparse_mask(
    n_to: int, n_from: int, probability: float, *, autapses: bool = True, key: KeyOrSeed
) -> Bool[np.ndarray, "to from"]:
    """Draw which units are connected, each pair with the same probability.

    Arguments:
        n_to: Number of units that receive.
        n_from: Number of units that send.
        probability: Probability of each connection, from 0 to 1.
        autapses: Whether units may connect to themselves.
        key: Random key, or a seed.

    Returns:
        Mask (to, from), True where there is a connection.

    Raises:
        ValueError: `probability` is not from 0 to 1.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> bool(cl.sparse_mask(3, 3, 1.0, autapses=False, key=jax.random.key(0)).diagonal().any())
        False
    """
    checked_counts(0, n_to=n_to, n_from=n_from)
    _check_probability(probability, "probability")
    mask = np.array(jax.random.bernoulli(as_key(key), float(probability), (n_to, n_from)))
    return mask if autapses else mask & ~np.eye(n_to, n_from, dtype=bool)


def block_mask(
    connections: Mapping[tuple[str, str], bool | float],
    sources: Mapping[str, int],
    targets: Mapping[str, int] | None = None,
    *,
    key: KeyOrSeed | None = None,
) -> Bool[np.ndarray, "to from"]:
    """Make a mask of connections between named populations, whose units follow each other in the order given.

    Arguments:
        connections: {(from, to): True, False, or the probability of each connection}; pairs that are not
            named are not connected.
        sources: {population that sends: number of units}.
        targets: {population that receives: number of units}; None for the same as `sources`, as for recurrent
            weights.
        key: Random key or seed, needed where a connection has a probability.

    Returns:
        Mask (to, from), True where there is a connection.

    Raises:
        ValueError: A population is unknown, a probability is not from 0 to 1, or the key is missing.

    Example:
        >>> import cogrnn_lab as cl
        >>> units = {"sensory": 2, "motor": 1}
        >>> cl.block_mask({("sensory", "motor"): True}, units).astype(int)
        array([[0, 0, 0],
               [0, 0, 0],
               [1, 1, 0]])
    """
    targets = sources if targets is None else targets
    blocks = {
        (to, source): np.zeros((n_to, n_from), bool)
        for to, n_to in targets.items()
        for source, n_from in sources.items()
    }
    for index, ((source, to), value) in enumerate(connections.items()):
        if (to, source) not in blocks:
            raise ValueError(
                f"connection from {source!r} to {to!r}: known are from {', '.join(sources)} to "
                f"{', '.join(targets)}"
            )
        shape = blocks[to, source].shape
        blocks[to, source] = _block(shape, value, f"connection from {source!r} to {to!r}", key, index)
    return np.block([[blocks[to, source] for source in sources] for to in targets])


def _block(shape, value, name: str, key, index: int) -> np.ndarray:
    if isinstance(value, bool | np.bool_) or value in (0, 1):
        return np.full(shape, bool(value))
    _check_probability(value, name)
    if key is None:
        raise ValueError(f"{name} has probability {value}: pass key= to draw it")
    return sparse_mask(shape[0], shape[1], value, key=jax.random.fold_in(as_key(key), index))


def _check_probability(value: float, name: str) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} is {value}, expected a probability from 0 to 1")
