"""A logistic psychometric function with lapses, fitted by maximum likelihood."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit, xlogy

LARGEST_LAPSE = 0.4


@dataclass(frozen=True)
class PsychometricFit:
    """Logistic function of the level x with lapses.

    Of choices: p = lapse_low + (1 - lapse_low - lapse_high) · logistic(slope · (x - bias)), where the lapses
    are the proportions of choices against the strongest evidence for the other options and for this one. Of
    correct choices, x being a strength from 0 on: p = guess + (1 - guess - lapse_high) ·
    (2 logistic(slope · x) - 1), with the chance level `guess` given by the number of options; between two
    options it is the same observer, without bias and with equal lapses.

    Fields:
        of: "choice" or "correct".
        slope: Per unit of x.
        bias: In units of x; 0 of correct choices.
        lapse_low: Proportion of choices against the strongest evidence for the other options.
        lapse_high: Proportion of choices against the strongest evidence for this option.
        guess: Chance level of correct choices; 0 of choices.
        nll: Negative log-likelihood in nats, summed over trials.
        intervals: (low, high) of the fitted parameters by name, from a parametric bootstrap at `confidence`;
            None where none was asked for.

    Source:
        Wichmann and Hill, Perception & Psychophysics 2001 (I: the function; II: the bootstrap).
    """

    of: str
    slope: float
    bias: float
    lapse_low: float
    lapse_high: float
    guess: float
    nll: float
    intervals: Mapping[str, tuple[float, float]] | None = None

    def predict(self, levels: Any) -> np.ndarray:
        """Predict the proportion at levels of the parameter.

        Arguments:
            levels: (level,) in units of x.

        Returns:
            (level,) from 0 to 1.
        """
        lapses = self.lapse_low, self.lapse_high
        x = np.asarray(levels, float)
        return np.asarray(_proportion(x, self.of, self.slope, self.bias, *lapses, self.guess))

    def threshold(self, proportion: float = 0.75) -> float:
        """Find the level at which a proportion is reached.

        Arguments:
            proportion: Between 0 and 1.

        Returns:
            The level in units of x; NaN where the proportion is never reached.
        """
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
    """Compute the negative log-likelihood and its gradient by the parameters that are fitted."""
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


def fit_logistic(
    levels: np.ndarray,
    n_chosen: np.ndarray,
    n: np.ndarray,
    of: str,
    guess: float,
    near: PsychometricFit | None = None,
) -> PsychometricFit:
    """Fit the most likely function, from several starting points or from one fit that is `near`.

    Raises:
        ValueError: There are fewer levels than parameters, or strengths below 0.
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
    if near is not None:
        known = [near.slope * scale, near.bias / scale, near.lapse_low, near.lapse_high]
        starts = [known if of == "choice" else [known[0], known[3]]]
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


def with_intervals(
    fit: PsychometricFit, levels: np.ndarray, n: np.ndarray, n_bootstrap: int, confidence: float, seed: int
) -> PsychometricFit:
    """Add percentile intervals by a parametric bootstrap: refits of data that the fit itself generates."""
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(n, np.clip(fit.predict(levels), 0.0, 1.0), (n_bootstrap, len(levels)))
    refits = [fit_logistic(levels, n_chosen, n, fit.of, fit.guess, near=fit) for n_chosen in drawn]
    names = ("slope", "bias", "lapse_low", "lapse_high") if fit.of == "choice" else ("slope", "lapse_high")
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    intervals = {}
    for name in names:
        low, high = np.quantile([getattr(one, name) for one in refits], tails)
        intervals[name] = float(low), float(high)
    return replace(fit, intervals=intervals)
