"""Embeddings of the subjects of a network, and their correlation with what the subjects differ in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of


@dataclass(frozen=True)
class Embeddings:
    """Embeddings by which a network tells its subjects apart.

    Fields:
        values: (subject, dimension).
        openness: (dimension,) 1 - sigma of each dimension's bottleneck.
        names: (subject,) names of the subjects.
    """

    values: np.ndarray
    openness: np.ndarray
    names: tuple[str, ...]

    @property
    def order(self) -> np.ndarray:
        """(dimension,) indices of the dimensions, most open first."""
        return np.argsort(-self.openness, kind="stable")


def embeddings(model: Network | HoldsNetwork) -> Embeddings:
    """Read the embeddings of all subjects that a network knows.

    Arguments:
        model: A network that knows subjects, such as a `MultisubjectDisRNN`, or a `Run` or a `Discovery` that
            has one.

    Returns:
        An `Embeddings`.

    Raises:
        TypeError: The network knows no subjects.

    Example:
        >>> import cogrnn_lab as cl
        >>> network = cl.MultisubjectDisRNN(2, 2, 3, n_subjects=4, key=0)
        >>> cl.embeddings(network).values.shape
        (4, 2)
    """
    network: Any = network_of(model)
    subjects = getattr(network, "subjects", None)
    if subjects is None:
        raise TypeError(
            f"a {type(network).__name__} knows no subjects; embeddings() is for a network that does, such "
            "as a cl.MultisubjectDisRNN"
        )
    values = np.asarray(subjects.embeddings)
    known = tuple(subjects.names or ())
    names = (*known, *(str(i) for i in range(len(known), len(values))))
    return Embeddings(values, 1.0 - np.asarray(subjects.subject.sigma), names)


def embedding_correlation(
    embedding: Float[np.ndarray, " subject"], parameter: Float[np.ndarray, " subject"]
) -> float | None:
    """Correlate one dimension of the embeddings with a parameter by ranks (Spearman).

    The sign is arbitrary, as that of an embedding is.

    Arguments:
        embedding: One number for each subject (subject,).
        parameter: The subjects' true values (subject,).

    Returns:
        The correlation, None where the numbers or the values are all the same.
    """
    if np.ptp(embedding) == 0 or np.ptp(parameter) == 0:
        return None
    from scipy.stats import spearmanr  # slow to import

    return float(np.asarray(spearmanr(embedding, parameter)[0]))
