"""The library of terms that an update may have beside its move to a target; users add to it."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float


class Term(NamedTuple):
    """Term of an update in addition to the move towards a target, with a weight that is fitted.

    Arguments:
        name: Name in tables and sentences.
        formula: Formula as text, z for the latent; for the reader of the code, not shown in results.
        value: Function of the latents (mechanism, alternative, session) in log odds before the update, and
            of the probabilities (alternative, session) with which each alternative was chosen; returns
            the term, in the shape of the latents.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.Term("square", "z^2", lambda latents, probability: latents**2).name
        'square'
    """

    name: str
    formula: str
    value: Callable[[Array, Array], Array]


def _probability(
    latents: Float[Array, "mechanism alternative session"], probability: Float[Array, "alternative session"]
) -> Float[Array, "mechanism alternative session"]:
    return jnp.broadcast_to(probability[None], latents.shape)


def _times_own(latents: Array, probability: Array) -> Array:
    return probability[None] * latents


def _other(latents: Array, probability: Array) -> Array:
    return jnp.roll(latents, -1, axis=0)


def _times_other(latents: Array, probability: Array) -> Array:
    return probability[None] * jnp.roll(latents, -1, axis=0)


PROBABILITY = Term("choice probability", "p", _probability)
PROBABILITY_OWN = Term("choice probability × own value", "p z", _times_own)
OTHER = Term("the next latent", "z'", _other)
PROBABILITY_OTHER = Term("choice probability × the next latent", "p z'", _times_other)

TERMS = (PROBABILITY, PROBABILITY_OWN, OTHER, PROBABILITY_OTHER)
