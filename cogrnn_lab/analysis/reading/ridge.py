"""Cross-validated ridge regression of many targets at once, in closed form."""

import numpy as np
from jaxtyping import Float

# Strengths of the penalty in units of the number of rows, the predictors having unit variance.
STRENGTHS = 10.0 ** np.arange(-4.0, 2.1, 0.5)


def ridge(
    x: Float[np.ndarray, "row predictor"], y: Float[np.ndarray, "row target"]
) -> tuple[np.ndarray, np.ndarray]:
    """Fit weights (predictor, target) and levels (target,) for predictors as they are.

    The strength of the penalty is chosen for each target by leaving out one row at a time, whose residual is
    known without refitting (Hastie, Tibshirani & Friedman, "Elements of statistical learning", 2009, 7.10).
    """
    n = len(x)
    center, level = x.mean(0), y.mean(0)
    scale = np.where(x.std(0) > 1e-12, x.std(0), 1.0)
    u, d, v = np.linalg.svd((x - center) / scale, full_matrices=False)
    shrunk = d**2 / (d**2 + n * STRENGTHS[:, None])  # (strength, direction)
    seen = u.T @ (y - level)
    left = (y - level) - np.einsum("nd,sd,dt->snt", u, shrunk, seen)
    leverage = 1.0 / n + np.einsum("nd,sd->sn", u**2, shrunk)
    errors = ((left / np.maximum(1.0 - leverage, 1e-6)[..., None]) ** 2).sum(1)
    best = errors.argmin(0)
    back = d / (d**2 + n * STRENGTHS[best][:, None])  # (target, direction)
    weights = v.T @ (back.T * seen) / scale[:, None]
    return weights, level - center @ weights


def held_out_predictions(
    x: Float[np.ndarray, "row predictor"], y: Float[np.ndarray, "row target"], fold: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Predict each row by a fit on the other folds, and by the mean of those alone: (row, target) each."""
    predicted, means = np.zeros_like(y), np.zeros_like(y)
    for one in np.unique(fold):
        aside = fold == one
        weights, level = ridge(x[~aside], y[~aside])
        predicted[aside] = x[aside] @ weights + level
        means[aside] = y[~aside].mean(0)
    return predicted, means


def r2_of(y: np.ndarray, predicted: np.ndarray, means: np.ndarray) -> np.ndarray:
    """R² (target,) against the means of the rows that were fitted; below 0 where these predict better."""
    total = ((y - means) ** 2).sum(0)
    return 1.0 - ((y - predicted) ** 2).sum(0) / np.where(total > 0, total, np.nan)
