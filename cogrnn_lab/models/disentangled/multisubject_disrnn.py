"""A disentangled RNN for many subjects, which differ by a learned embedding."""

import equinox as eqx
from jaxtyping import PRNGKeyArray

from cogrnn_lab.models.disentangled.latent_core import LatentCore, check_sizes
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.models.disentangled.subject_context import SubjectContext
from cogrnn_lab.random_numbers import subkeys


class MultisubjectDisRNN(DisentangledNetwork):
    """A `DisRNN` whose update networks and choice network also read who the subject is.

    Each subject has an embedding of a few numbers, which passes a bottleneck of its own (`subject`) and then
    one bottleneck for each update network (`update_subject`) and one to the choice network
    (`choice_subject`). `rollout` and `step` take the `subject`: an index, or an embedding.

    Arguments: those of `DisRNN`, and `n_subjects` and `embedding_size`. `with_new_subjects` adds subjects to
    a trained network.

    Information groups: those of the `DisRNN`, and `subject`, `update_subject`, `choice_subject`.
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
        activation: str = "leaky_relu",
        max_latent: float = 2.0,
        key: PRNGKeyArray,
    ):
        check_sizes(n_subjects=n_subjects, embedding_size=embedding_size)
        core_key, subject_key = subkeys(key, 2)
        self.core = LatentCore(
            n_inputs,
            n_outputs,
            n_latents,
            update_width=update_width,
            update_depth=update_depth,
            choice_width=choice_width,
            choice_depth=choice_depth,
            activation=activation,
            max_latent=max_latent,
            context_size=embedding_size,
            start_range=1.0,
            key=core_key,
        )
        self.subjects = SubjectContext.start(n_subjects, embedding_size, n_latents, key=subject_key)

    @property
    def neural(self) -> None:
        """It predicts no activity."""

    n_subjects = property(lambda self: self.subjects.n_subjects)
    embedding_size = property(lambda self: self.subjects.embedding_size)

    def with_new_subjects(self, n: int = 1) -> "MultisubjectDisRNN":
        """The same network with `n` more subjects, whose embeddings start at the mean of the others.

        To place them, train nothing else, on their sessions: `fit(..., freeze=all_but("subjects.weight"))`.
        """
        check_sizes(n=n)
        return eqx.tree_at(lambda model: model.subjects, self, self.subjects.with_new_subjects(n))
