"""Split of a network into trained parameters, frozen arrays, and everything that is not an array.

All trained parameters are one vector, which takes few operations to update and to compile.
"""

from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


class Frozen(NamedTuple):
    """Arrays that training does not change, and of partly frozen ones where they are, and their values."""

    arrays: Any
    held: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class ParameterLayout:
    """Place of each trained array in the vector of parameters, and the leaves that are not arrays.

    Hashable, so that it can be a static argument of compiled functions. Leaves that are not arrays are mostly
    functions, such as the activation of an `eqx.nn.MLP` in a network of your own.
    """

    structure: Any  # jax's PyTreeDef, of the trained arrays
    shapes: tuple[tuple[int, ...], ...]
    others: tuple[Any, ...] = ()
    others_structure: Any = None
    partly: tuple[int, ...] = ()  # which of the trained arrays have entries that are frozen

    @classmethod
    def apart(cls, model: Any, trained: Any) -> tuple["ParameterLayout", Any, Any]:
        """Split a network into layout, trained and frozen arrays; `trained` is as `trained_part` makes it."""
        free, rest = eqx.partition(model, jax.tree.map(lambda mark: bool(np.any(mark)), trained))
        frozen, others = eqx.partition(rest, eqx.is_array_like)
        leaves, structure = jax.tree.flatten(free)
        functions, where = jax.tree.flatten(others)
        marks = [mark for mark in jax.tree.leaves(trained) if np.any(mark)]
        partly = tuple(i for i, mark in enumerate(marks) if not np.all(mark))
        held = tuple((jnp.asarray(~marks[i]), leaves[i]) for i in partly)
        layout = cls(structure, tuple(leaf.shape for leaf in leaves), tuple(functions), where, partly)
        return layout, free, Frozen(frozen, held)

    def model(self, vector: Float[Array | np.ndarray, " parameter"], frozen: "Frozen") -> Any:
        """Join trained parameters and frozen arrays to a network."""
        others = jax.tree.unflatten(self.others_structure, self.others)
        tree = self.tree(vector)
        if self.partly:
            leaves = jax.tree.leaves(tree)
            for i, (is_held, values) in zip(self.partly, frozen.held, strict=True):
                xp: Any = np if isinstance(leaves[i], np.ndarray) else jnp
                leaves[i] = xp.where(is_held, values, leaves[i])
            tree = jax.tree.unflatten(self.structure, leaves)
        return eqx.combine(tree, frozen.arrays, others)

    def vector(self, tree: Any) -> Float[Array, " parameter"]:
        """Concatenate the arrays of such a tree; those of NumPy without compiling anything."""
        leaves = self.structure.flatten_up_to(tree)
        xp: Any = np if all(isinstance(leaf, np.ndarray) for leaf in leaves) else jnp
        return jnp.asarray(xp.concatenate([xp.ravel(leaf) for leaf in leaves]))

    def model_at_hand(self, vector: Float[Array, " parameter"], frozen: Any) -> Any:
        """Compute `model` with NumPy: outside of compiled code each slice would be compiled."""
        model = self.model(np.asarray(vector), frozen)
        return jax.tree.map(lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, model)

    def tree(self, vector: Float[Array | np.ndarray, " parameter"]) -> Any:
        """Cut such a vector into its tree."""
        ends = list(accumulate(map(prod, self.shapes)))
        parts = [
            vector[end - prod(shape) : end].reshape(shape)
            for end, shape in zip(ends, self.shapes, strict=True)
        ]
        return jax.tree.unflatten(self.structure, parts)
