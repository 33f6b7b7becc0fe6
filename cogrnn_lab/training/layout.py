"""A network as what training changes, what it leaves alone, and what is no array at all.

All trained parameters are one vector, which takes few operations to update and to compile.
"""

from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


@dataclass(frozen=True)
class ParameterLayout:
    """Where each trained array lies in the vector, and the leaves of the network that are no arrays.

    Hashable, so that compiled functions can rely on it. Leaves that are no arrays are functions above all,
    such as the activation of an `eqx.nn.MLP` in a network of one's own.
    """

    structure: Any  # jax's PyTreeDef, of the trained arrays
    shapes: tuple[tuple[int, ...], ...]
    others: tuple[Any, ...] = ()
    others_structure: Any = None

    @classmethod
    def apart(cls, model: Any, trained: Any) -> tuple["ParameterLayout", Any, Any]:
        """Layout, trained arrays and frozen arrays of a network; `trained` is a tree of bools like it."""
        free, rest = eqx.partition(model, trained)
        frozen, others = eqx.partition(rest, eqx.is_array_like)
        leaves, structure = jax.tree.flatten(free)
        functions, where = jax.tree.flatten(others)
        return cls(structure, tuple(leaf.shape for leaf in leaves), tuple(functions), where), free, frozen

    def model(self, vector: Float[Array | np.ndarray, " parameter"], frozen: Any) -> Any:
        """The network with these trained parameters and frozen arrays."""
        others = jax.tree.unflatten(self.others_structure, self.others)
        return eqx.combine(self.tree(vector), frozen, others)

    def vector(self, tree: Any) -> Float[Array, " parameter"]:
        """The arrays of such a tree, one after the other; of NumPy's arrays without anything to compile."""
        leaves = self.structure.flatten_up_to(tree)
        xp: Any = np if all(isinstance(leaf, np.ndarray) for leaf in leaves) else jnp
        return jnp.asarray(xp.concatenate([xp.ravel(leaf) for leaf in leaves]))

    def model_at_hand(self, vector: Float[Array, " parameter"], frozen: Any) -> Any:
        """`model`, cut out by NumPy: outside of compiled code each cut would be compiled."""
        model = self.model(np.asarray(vector), frozen)
        return jax.tree.map(lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, model)

    def tree(self, vector: Float[Array | np.ndarray, " parameter"]) -> Any:
        """The tree of which this is the vector."""
        ends = list(accumulate(map(prod, self.shapes)))
        parts = [
            vector[end - prod(shape) : end].reshape(shape)
            for end, shape in zip(ends, self.shapes, strict=True)
        ]
        return jax.tree.unflatten(self.structure, parts)
