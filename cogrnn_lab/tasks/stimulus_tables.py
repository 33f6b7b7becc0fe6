"""A part of a table that has one entry for each stimulus: read and exchanged within compiled code."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree


def entry_of(table: PyTree[Any], stimulus: Int[Array, ""]) -> PyTree[Any]:
    """The entry of a stimulus, of arrays with the stimulus first."""
    return jax.tree.map(lambda entries: entries[stimulus], table)


def with_entry(table: PyTree[Any], stimulus: Int[Array, ""], new: PyTree[Any], n_stimuli: int) -> PyTree[Any]:
    """The table with another entry of a stimulus; those of the others stay as they are."""
    is_present = jnp.arange(n_stimuli) == stimulus

    def written(entries: Array, entry: Array) -> Array:
        return jnp.where(is_present.reshape(-1, *[1] * jnp.ndim(entry)), entry, entries)

    return jax.tree.map(written, table, new)
