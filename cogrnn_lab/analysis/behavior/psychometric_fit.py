"""A logistic psychometric function with lapses, fitted by maximum likelihood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit, xlogy

LARGEST_LAPSE = 0.4


@dataclass(frozen=True)
class PsychometricFit:
    """A logistic function of the level x (Wichmann and Hill 2001).

    Of choices: p = lapse_low + (1 - lapse_low - lapse_high) · logistic(slope · (x - bias)), where the lapses
    are the proportions of choices against the strongest evidence for the other options and for this one. Of
    correct choices, x being a strength from 0 on: p = guess + (1 - guess - lapse_high) ·
    (2 logistic(slope · x) - 1), with the chance level `guess` given by the number of options; between two
    options it is the same observer, without bias and with equal lapses.

    `slope` per unit of x, `bias` in units of x, `nll` negative log-likelihood (nats, summed over trials).
    """

    of: str
    slope: float
    bias: float
    lapse_low: float
    lapse_high: float
    guess: float
    nll: float

    def predict(self, levels: Any) -> np.ndarray:
        """Proportion at each of these levels."""
        lapses = self.lapse_low, self.lapse_high
        x = np.asarray(levels, float)
        return np.asarray(_proportion(x, self.of, self.slope, self.bias, *lapses, self.guess))

    def threshold(self, proportion: float = 0.75) -> float:
        """The level at which the proportion is reached; NaN where it never is."""
        if self.of == "choice":
            part, bias = (proportion - self.lapse_low) / (1 - self.lapse_low - self.lapse_high), self.bias
        else:
            part, bias = 0.5 + 0.5 * (proportion - self.guess) / (1 - self.guess - self.lapse_high), 0.0
        return float(bias + logit(part) / self.slope) if 0 < part < 1 and self.slope else float("nan")


def _proportion(x, of, slope, bias, lapse_low, lapse_high, guess):
    if of == "choice":
        return lapse_low + (1 - lapse_low - lapse_high) * expit(slope * (x - bias))
    return guess + (1 - guess - lapse_high) * (2 * expit(slope * x) - 1)


def _slopes(x, of, slope, bias, lapse_low, lapse_high, guess):
    """Derivatives of the proportion by (slope, bias, lapse_low, lapse_high), or by (slope, lapse_high)."""
    if of == "choice":
        rise = expit(slope * (x - bias))
        steep = (1 - lapse_low - lapse_high) * rise * (1 - rise)
        return np.stack([steep * (x - bias), -steep * slope, 1 - rise, -rise])
    rise = expit(slope * x)
    return np.stack([(1 - guess - lapse_high) * 2 * rise * (1 - rise) * x, 1 - 2 * rise])


def negative_log_likelihood(
    parameters: np.ndarray, x: np.ndarray, n_chosen: np.ndarray, n: np.ndarray, of: str, guess: float
) -> tuple[float, np.ndarray]:
    """By (slope, bias, lapse_low, lapse_high) of choices or (slope, lapse_high) of correct ones; gradient."""
    all_parameters = _unpacked(parameters, of)
    p = np.clip(_proportion(x, of, *all_parameters, guess), 1e-9, 1 - 1e-9)
    nll = -float((xlogy(n_chosen, p) + xlogy(n - n_chosen, 1 - p)).sum())
    by_proportion = (n - n_chosen) / (1 - p) - n_chosen / p
    return nll, _slopes(x, of, *all_parameters, guess) @ by_proportion


def _unpacked(parameters: np.ndarray, of: str) -> tuple[float, float, float, float]:
    if of == "choice":
        slope, bias, low, high = parameters
        return slope, bias, low, high
    return parameters[0], 0.0, 0.0, parameters[1]


def fitted(levels: np.ndarray, n_chosen: np.ndarray, n: np.ndarray, of: str, guess: float) -> PsychometricFit:
    """The most likely function, from several starting points.

    **Raises:** `ValueError` where there are fewer levels than parameters, or strengths below 0.
    """
    n_parameters = 4 if of == "choice" else 2
    if len(levels) < n_parameters:
        raise ValueError(
            f"a fit of {n_parameters} parameters needs as many levels, not {len(levels)}; leave out fit=True."
        )
    if of == "correct" and levels.min() < 0:
        raise ValueError(
            f"levels go from {levels.min():g} on; a fit of correct choices needs strengths from 0 on. For "
            'signed evidence fit of="choice".'
        )
    scale = float(np.abs(levels).max()) or 1.0
    x = levels / scale

    lapse = (0.0, LARGEST_LAPSE)
    if of == "choice":
        bounds = [(-200.0, 200.0), (float(x.min()), float(x.max())), lapse, lapse]
        starts = [[slope, bias, 0.02, 0.02] for slope in (-10, 10) for bias in (-0.3, 0.0, 0.3)]
    else:
        bounds, starts = [(0.0, 200.0), lapse], [[slope, 0.02] for slope in (1, 4, 20)]
    low, high = np.array(bounds).T
    tries = [
        minimize(
            negative_log_likelihood,
            np.clip(start, low, high),
            args=(x, n_chosen, n, of, guess),
            jac=True,
            bounds=bounds,
            method="L-BFGS-B",
            options={"maxiter": 500},
        )
        for start in starts
    ]
    best = min(tries, key=lambda result: result.fun)
    slope, bias, lapse_low, lapse_high = (float(value) for value in _unpacked(best.x, of))
    return PsychometricFit(
        of,
        slope / scale,
        bias * scale,
        lapse_low,
        lapse_high,
        0.0 if of == "choice" else guess,
        float(best.fun),
    )
