"""Standard errors of fitted parameters, and a reason where there are none."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

# A parameter within this share of its interval from a bound, whose logit may be off by more than
# `WIDE`, is taken to be at the bound.
NEAR, WIDE = 0.01, 2.0
# Eigenvalues of the scaled Hessian below this mean that a combination of parameters is not determined.
SINGULAR = 1e-5
# Share of such a combination that a parameter has to have to be undetermined itself.
INVOLVED = 0.01


class Uncertainty(NamedTuple):
    """(group, parameter): `standard_errors` (NaN with a reason in `notes`), `covariance` of the estimates."""

    standard_errors: Float[np.ndarray, "group parameter"]
    covariance: Float[np.ndarray, "group parameter parameter2"]
    notes: np.ndarray


def uncertainty(
    hessian: Float[np.ndarray, "group parameter parameter2"],
    slopes: Float[np.ndarray, "group parameter"],
    values: Float[np.ndarray, "group parameter"],
    bounds: Float[np.ndarray, "parameter 2"],
    converged: Bool[np.ndarray, " group"],
) -> Uncertainty:
    """From the Hessian of the negative log-likelihood by the free numbers, at the optimum.

    `slopes` of each parameter by its free number give the delta method. A parameter at a bound has no
    standard error; those of the others are then conditional on its value.
    """
    diagonal = np.diagonal(hessian, axis1=1, axis2=2)
    at_low, at_high = _at_bounds(diagonal, values, bounds)
    held = at_low | at_high
    scale = np.sqrt(np.where(held, 1.0, np.maximum(np.abs(diagonal), 1e-12)))
    relative = hessian / (scale[:, :, None] * scale[:, None, :])
    eye = np.eye(values.shape[1])
    relative = np.where(held[:, :, None] | held[:, None, :], eye, relative)
    relative = np.where(np.isfinite(relative), relative, eye)
    eigenvalues, vectors = np.linalg.eigh(relative)
    weak = eigenvalues < SINGULAR
    inverse = np.where(weak, 0.0, 1.0 / np.where(weak, 1.0, eigenvalues))
    covariance = np.einsum("gik,gk,gjk->gij", vectors, inverse, vectors)
    covariance = covariance * (slopes / scale)[:, :, None] * (slopes / scale)[:, None, :]
    undetermined = (vectors**2 * weak[:, None, :]).sum(-1) > INVOLVED
    saddle = (eigenvalues < -SINGULAR).any(-1, keepdims=True)
    notes = np.select(
        [
            ~np.broadcast_to(converged[:, None], held.shape),
            at_low,
            at_high,
            undetermined & saddle,
            undetermined,
        ],
        [
            "the search has not converged",
            "at its lower bound",
            "at its upper bound",
            "not at a maximum of the likelihood (the Hessian is not positive)",
            "not determined by these choices (the Hessian is singular)",
        ],
        "",
    ).astype(object)
    known = notes == ""
    covariance = np.where(known[:, :, None] & known[:, None, :], covariance, np.nan)
    errors = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return Uncertainty(errors, covariance, notes)


def _at_bounds(
    diagonal: Float[np.ndarray, "group parameter"],
    values: Float[np.ndarray, "group parameter"],
    bounds: Float[np.ndarray, "parameter 2"],
) -> tuple[Bool[np.ndarray, "group parameter"], Bool[np.ndarray, "group parameter"]]:
    low, high = bounds.T
    width = np.where(np.isfinite(bounds).all(1), high - low, 1.0)
    flat = ~(diagonal > 1 / WIDE**2)
    at_low = np.isfinite(low) & (values - low < NEAR * width) & flat
    at_high = np.isfinite(high) & (high - values < NEAR * width) & flat
    return at_low, at_high
