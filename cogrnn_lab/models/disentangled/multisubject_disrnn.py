"""A disentangled RNN for many subjects, which differ by a learned embedding."""

from collections.abc import Sequence

import equinox as eqx

from cogrnn_lab.counts import checked_count, checked_counts
from cogrnn_lab.models.activation import Activation
from cogrnn_lab.models.disentangled.latent_core import LatentCore, Sizes
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.models.disentangled.subject_context import SubjectContext
from cogrnn_lab.random_numbers import KeyOrSeed, as_key, subkeys


class MultisubjectDisRNN(DisentangledNetwork):
    """Disentangled RNN for many subjects, whose networks also read an embedding of the subject.

    Each subject has an embedding of a few numbers, which passes a bottleneck of its own (`subject`) and then
    one bottleneck for each update network (`update_subject`) and one to the choice network
    (`choice_subject`); the other groups are those of the `DisRNN`. `cl.rollout`, `step` and the network
    itself take `subject`: an index, an embedding, or None for the mean embedding.

    A trained network finds the subjects of a data set by their names, whatever their order there.
    `with_new_subjects` adds subjects to a trained network.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of alternatives.
        n_latents: Number of latents.
        n_subjects: Number of subjects.
        embedding_size: Numbers in a subject's embedding.
        update_width: Units of each update network.
        update_depth: Residual layers of each update network, may be 0.
        choice_width: Units of the choice network.
        choice_depth: Residual layers of the choice network, may be 0.
        activation: Nonlinearity by name, such as "leaky_relu", or a function, such as `jax.nn.elu`.
        max_latent: Limit within which updates keep the latents, ± this.
        subject_names: Names of the subjects, one for each; None to take them from the training data.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: A size is no whole number of at least 1 (a depth: 0), names are double or too many,
            `max_latent` is not positive, or the activation is not known.

    Source:
        Subject embeddings: Dezfouli et al., "Disentangled behavioural representations", NeurIPS 2019.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.MultisubjectDisRNN(2, 2, 3, n_subjects=4, key=jax.random.key(0))
        >>> cl.rollout(model, jnp.zeros((2, 5, 2)), subject=jnp.array([0, 3])).outputs.shape
        (2, 5, 2)
    """

    core: LatentCore
    subjects: SubjectContext

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_latents: int = 5,
        *,
        n_subjects: int,
        embedding_size: int = 2,
        update_width: int = 8,
        update_depth: int = 4,
        choice_width: int = 4,
        choice_depth: int = 2,
        activation: str | Activation = "leaky_relu",
        max_latent: float = 2.0,
        subject_names: Sequence[str] | None = None,
        key: KeyOrSeed | None = None,
    ):
        n_subjects, embedding_size = checked_counts(n_subjects=n_subjects, embedding_size=embedding_size)
        core_key, subject_key = subkeys(as_key(key, "a MultisubjectDisRNN"), 2)
        sizes = Sizes(
            n_inputs,
            n_outputs,
            n_latents,
            update_width,
            update_depth,
            choice_width,
            choice_depth,
            activation,
            max_latent,
        )
        self.core = LatentCore(sizes, context_size=embedding_size, start_range=1.0, key=core_key)
        subjects = SubjectContext.start(n_subjects, embedding_size, n_latents, key=subject_key)
        self.subjects = subjects.with_names(subject_names)

    @property
    def neural(self) -> None:
        """None: the network predicts no activity."""

    n_subjects = property(lambda self: self.subjects.n_subjects)
    embedding_size = property(lambda self: self.subjects.embedding_size)
    subject_names = property(lambda self: self.subjects.names)

    def with_subject_names(self, names: Sequence[str] | None) -> "MultisubjectDisRNN":
        """Name the subjects that the network knows.

        Arguments:
            names: Different names, one for each subject or for the first of them; None to forget all names.

        Returns:
            A copy of the network.

        Raises:
            ValueError: There are more names than subjects, or two are the same.
        """
        return eqx.tree_at(lambda model: model.subjects, self, self.subjects.with_names(names))

    def with_new_subjects(self, n: int = 1, names: Sequence[str] | None = None) -> "MultisubjectDisRNN":
        """Add subjects, whose embeddings start at the mean of the others.

        To place them, train nothing else, on their sessions: `fit(..., freeze=all_but("subjects.weight"))`.

        Arguments:
            n: Number of new subjects.
            names: Their names. None: the names of the first subjects that are trained on and new to the
                network, or the numbers that follow where the others are numbered.

        Returns:
            A copy of the network, with `n` more subjects.

        Raises:
            ValueError: `n` is no whole number of at least 1, the names are not `n` new ones, or the other
                subjects have no names.
        """
        n = checked_count(n, "n", of="new subjects")
        return eqx.tree_at(lambda model: model.subjects, self, self.subjects.with_new_subjects(n, names))
