"""Embeddings of subjects, and the bottlenecks through which a network reads them.

Subject embeddings in networks of behavior: Dezfouli et al., "Disentangled behavioural representations",
NeurIPS 2019; Song et al., "Inferring heterogeneous cognitive strategies", 2021.
"""

from collections.abc import Sequence
from dataclasses import replace
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

    Fields:
        weight: Weights (subject, embedding); with `bias` they sum to the embeddings.
        bias: Bias (embedding,).
        subject: Bottleneck (embedding,), without multiplier, that an embedding passes first.
        update_subject: Bottleneck (embedding, latent) to each update network.
        choice_subject: Bottleneck (embedding,) to the choice network.
        names: Names of the subjects, None before training. Fewer names than subjects: the rest are free
            places.
    """

    weight: Float[Array, "subject embedding"]
    bias: Float[Array, " embedding"]
    subject: Bottleneck
    update_subject: Bottleneck
    choice_subject: Bottleneck
    names: tuple[str, ...] | None = eqx.field(static=True, default=None)

    @classmethod
    def start(
        cls, n_subjects: int, embedding_size: int, n_latents: int, *, key: PRNGKeyArray
    ) -> "SubjectContext":
        """Draw embeddings, normal with standard deviation 1/sqrt(n_subjects), and open bottlenecks."""
        weight_key, spread_key = subkeys(key, 2)
        shapes = ((embedding_size,), (embedding_size, n_latents), (embedding_size,))
        subject, update, choice = Bottleneck.several(shapes, multiplier=(False, True, True), key=spread_key)
        weight = standard_normals(weight_key, {"weight": (n_subjects, embedding_size)})["weight"]
        weight = jnp.asarray(np.float32(n_subjects**-0.5) * weight)
        return cls(weight, jnp.asarray(np.zeros(embedding_size, np.float32)), subject, update, choice)

    @property
    def n_subjects(self) -> int:
        """Number of subjects that are known."""
        return self.weight.shape[0]

    @property
    def embedding_size(self) -> int:
        """Numbers that describe a subject."""
        return self.weight.shape[1]

    @property
    def embeddings(self) -> Float[Array, "subject embedding"]:
        """Embedding of every subject."""
        return self.weight + self.bias[None]

    def with_names(self, names: Sequence[str] | None) -> "SubjectContext":
        """Name the subjects, or the first of them; None forgets all names."""
        names = None if names is None else tuple(str(name) for name in names)
        if names is not None and (len(names) > self.n_subjects or len(set(names)) < len(names)):
            raise ValueError(
                f"subject_names is {names}; expected up to {self.n_subjects} different names (n_subjects)"
            )
        return replace(self, names=names)

    def with_new_subjects(self, n: int, names: Sequence[str] | None = None) -> "SubjectContext":
        """Add `n` subjects, whose embeddings are the mean of the others.

        Without `names`, numbered subjects are numbered on; named ones are followed by free places, which
        training gives to the subjects that are new to it.
        """
        new = jnp.broadcast_to(self.weight.mean(0), (n, self.embedding_size))
        grown = replace(self, weight=jnp.concatenate([self.weight, new]))
        if names is not None and len(names) != n:
            raise ValueError(f"names is {list(names)}; expected a name for each of the {n} new subjects")
        if names is not None and len(self.names or ()) < self.n_subjects:
            raise ValueError(
                f"the {self.n_subjects} subjects before have no names ({', '.join(self.names or ())}); train "
                "the network on them, or make it with subject_names=, before it is given named ones"
            )
        if names is None and self.names == numbers(self.n_subjects):
            return replace(grown, names=numbers(grown.n_subjects))
        return grown if names is None else grown.with_names((*(self.names or ()), *names))

    def index(self, name: str) -> int:
        """Find the index of the subject of this name."""
        if name not in (self.names or ()):
            raise ValueError(
                f'subject "{name}" is unknown; the network knows {", ".join(self.names or ()) or "no names"}'
            )
        return (self.names or ()).index(name)

    def of(self, subject: Any) -> Float[Array, "*subject embedding"]:
        """Look up embeddings.

        Arguments:
            subject: Index of a subject, an array of indices, a name, an embedding, or None for the mean
                embedding.

        Returns:
            Embeddings (*subject, embedding).

        Raises:
            ValueError: A name is unknown or an index out of range. Within compiled code, where no value is
                known, the result is NaN.
        """
        if subject is None:
            return self.embeddings.mean(0)
        if isinstance(subject, str):
            subject = self.index(subject)
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


def numbers(n: int) -> tuple[str, ...]:
    """Name subjects that have no names of their own by their indices."""
    return tuple(str(index) for index in range(n))


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
