"""All trained parameters of a network as one vector, which takes few operations to update and to compile."""

from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@dataclass(frozen=True)
class ParameterLayout:
    """Where each array of a tree lies in the vector; hashable, so that compiled functions can rely on it."""

    structure: Any  # jax's PyTreeDef
    shapes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, tree: Any) -> "ParameterLayout":
        """The layout of a tree of floating-point arrays."""
        leaves, structure = jax.tree.flatten(tree)
        return cls(structure, tuple(leaf.shape for leaf in leaves))

    def vector(self, tree: Any) -> Float[Array, " parameter"]:
        """The arrays of such a tree, one after the other."""
        return jnp.concatenate([jnp.ravel(leaf) for leaf in self.structure.flatten_up_to(tree)])

    def tree(self, vector: Float[Array, " parameter"]) -> Any:
        """The tree of which this is the vector."""
        ends = list(accumulate(map(prod, self.shapes)))
        parts = [
            vector[end - prod(shape) : end].reshape(shape)
            for end, shape in zip(ends, self.shapes, strict=True)
        ]
        return jax.tree.unflatten(self.structure, parts)
