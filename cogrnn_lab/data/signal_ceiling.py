"""Largest R² that any model of a recorded signal can have, where its noiseless values are known."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

NOISELESS = "_noiseless"  # ends the name of the column that holds a signal without noise


def share_without_noise(
    targets: Float[np.ndarray, "session trial target"],
    mask: Bool[np.ndarray, "session trial target"],
    target_names: Sequence[str],
    columns: Mapping[str, np.ndarray],
) -> dict[str, float]:
    """R² of the noiseless values of each signal that has such a column, over the samples that count."""
    shares = {}
    for k, name in enumerate(target_names):
        counted = mask[..., k]
        if name + NOISELESS not in columns or not counted.any():
            continue
        recorded = targets[..., k][counted].astype(np.float64)
        clean = columns[name + NOISELESS][counted].astype(np.float64)
        deviation = np.sum((recorded - recorded.mean()) ** 2)
        if np.isfinite(clean).all() and deviation > 0:
            shares[name] = float(1 - np.sum((recorded - clean) ** 2) / deviation)
    return shares
