"""Correlation of subject embeddings with a parameter in which the subjects are known to differ."""

import numpy as np
from jaxtyping import Float


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
