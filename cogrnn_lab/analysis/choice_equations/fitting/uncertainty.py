"""How sure the numbers of equations are."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted, exact_hessian, informed
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded

# A number whose curvature, scaled, is below this is not told by the choices.
SINGULAR = 1e-6


class Errors(NamedTuple):
    """Of each free number: standard error (NaN where it has none) and an interval; and the covariance."""

    standard_error: Float[np.ndarray, " free"]
    low: Float[np.ndarray, " free"]
    high: Float[np.ndarray, " free"]
    covariance: Float[np.ndarray, "free free2"]


def errors(fitted: Fitted, data: Recorded, level: float) -> Errors:
    """From the exact Hessian at the optimum, or the Fisher information where that is not positive.

    Intervals are estimate ± z × standard error, within the bounds of the number.
    """
    structure = fitted.structure
    if structure.n_numbers == 0:
        nothing = np.zeros(0)
        return Errors(nothing, nothing, nothing, np.zeros((0, 0)))
    curvature = exact_hessian(fitted, data)
    scale = np.sqrt(np.maximum(np.diagonal(curvature), 1e-12))
    scaled = curvature / np.outer(scale, scale)
    if not np.isfinite(scaled).all() or np.linalg.eigvalsh(scaled).min() < SINGULAR:
        directions = structure.jacobian.T @ structure.units.directions
        curvature = np.asarray(informed(structure, fitted.vector, directions, data).fisher)
        scale = np.sqrt(np.maximum(np.diagonal(curvature), 1e-12))
        scaled = curvature / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(scaled)
    told = values > SINGULAR
    covariance = (vectors[:, told] / values[told]) @ vectors[:, told].T / np.outer(scale, scale)
    untold = (vectors[:, ~told] ** 2).sum(1) > 0.01
    error = np.where(untold, np.nan, np.sqrt(np.diagonal(covariance)))
    reach = norm.ppf(0.5 + level / 2) * error
    low, high = structure.bounds()
    return Errors(
        error, np.maximum(fitted.free - reach, low), np.minimum(fitted.free + reach, high), covariance
    )
