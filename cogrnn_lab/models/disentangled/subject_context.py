"""What a network knows of each subject: an embedding, and the bottlenecks through which it is read.

Subject embeddings in networks of behavior: Dezfouli et al., "Disentangled behavioural representations",
NeurIPS 2019; Song et al., "Inferring heterogeneous cognitive strategies", 2021.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.random_numbers import standard_normals, subkeys


class SubjectContext(eqx.Module):
    """Embeddings of subjects: a linear layer on the one-hot subject, and three bottlenecks.

    Fields: `weight` (subject, embedding) and `bias` (embedding,), whose sum is a subject's embedding;
    `subject` (embedding,) the bottleneck that it passes first, without multiplier; `update_subject`
    (embedding, latent) to each update network and `choice_subject` (embedding,) to the choice network.
    """

    weight: Float[Array, "subject embedding"]
    bias: Float[Array, " embedding"]
    subject: Bottleneck
    update_subject: Bottleneck
    choice_subject: Bottleneck

    @classmethod
    def start(
        cls, n_subjects: int, embedding_size: int, n_latents: int, *, key: PRNGKeyArray
    ) -> "SubjectContext":
        """Embeddings normal with standard deviation 1/sqrt(n_subjects), all bottlenecks open."""
        weight_key, spread_key = subkeys(key, 2)
        shapes = ((embedding_size,), (embedding_size, n_latents), (embedding_size,))
        bottlenecks = Bottleneck.several(shapes, multiplier=(False, True, True), key=spread_key)
        weight = standard_normals(weight_key, {"weight": (n_subjects, embedding_size)})["weight"]
        weight = jnp.asarray(np.float32(n_subjects**-0.5) * weight)
        return cls(weight, jnp.asarray(np.zeros(embedding_size, np.float32)), *bottlenecks)

    @property
    def n_subjects(self) -> int:
        """How many subjects are known."""
        return self.weight.shape[0]

    @property
    def embedding_size(self) -> int:
        """Numbers that describe a subject."""
        return self.weight.shape[1]

    @property
    def embeddings(self) -> Float[Array, "subject embedding"]:
        """Embedding of every subject."""
        return self.weight + self.bias[None]

    def with_new_subjects(self, n: int) -> "SubjectContext":
        """The same with `n` more subjects, whose embeddings are the mean of the others."""
        new = jnp.broadcast_to(self.weight.mean(0), (n, self.embedding_size))
        return eqx.tree_at(lambda context: context.weight, self, jnp.concatenate([self.weight, new]))

    def of(self, subject: Any) -> Float[Array, "*subject embedding"]:
        """Embedding of subjects by index; a vector of real numbers is itself an embedding, None the mean one.

        Raises `ValueError` for an index out of range; within compiled code, where no value is known, the
        result is NaN.
        """
        if subject is None:
            return self.embeddings.mean(0)
        subject = jnp.asarray(subject)
        if jnp.issubdtype(subject.dtype, jnp.floating):
            if subject.shape[-1:] != (self.embedding_size,):
                raise ValueError(
                    f"an embedding has {self.embedding_size} numbers, got shape {subject.shape}; the index "
                    "of a subject is a whole number"
                )
            return subject
        check_subjects(subject, self.n_subjects)
        inside = (subject >= 0) & (subject < self.n_subjects)
        return jnp.where(inside[..., None], self.embeddings[jnp.where(inside, subject, 0)], jnp.nan)


def check_subjects(subject: Any, n_subjects: int) -> None:
    """Refuse indices out of range, where their values are known."""
    if isinstance(subject, Tracer):
        return
    indices = np.asarray(subject)
    outside = (indices < 0) | (indices >= n_subjects)
    if outside.any():
        raise ValueError(
            f"subject {indices[outside].ravel()[0]} is unknown: the network has {n_subjects} subjects, "
            "counted from 0; make it with more n_subjects, or add new ones with model.with_new_subjects()"
        )
