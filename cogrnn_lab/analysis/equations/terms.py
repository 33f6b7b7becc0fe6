"""The library of terms that an update may have beside its move to a target; users add to it."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float


class Term(NamedTuple):
    """One term of an update: its name, its formula, and its value for every latent.

    `value(latents, probability)` of `latents` (mechanism, alternative, session), in log odds before the
    update, and the `probability` (alternative, session) with which each alternative had been chosen from
    them; the result has the shape of the latents.
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
