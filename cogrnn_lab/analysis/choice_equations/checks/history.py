"""Whether past trials still tell of choices what equations do not: a score test of lagged outcomes.

Equations that are only close to what made the choices leave a pattern in what they get wrong: it goes with
choices and outcomes of the trials before. Terms of these, added to the log odds, would then have a slope. How
steep it is against what chance makes of it, with the numbers of the equations free to follow, is the score
statistic (Rao 1948); nothing has to be fitted.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.stats import ncx2

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import trajectories
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.fitting.portions import portions
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Recorded, Trials

# Trials back that are asked about.
LAGS = 5
# A test at this level, of what is left above SPARED nats: a search leaves out what gains less than a number
# costs, so that so much is left to be told by equations that are nothing but shorter than the truth.
LEVEL = 0.001
# Numbers that are kept at once: slopes of the log odds for each trial (4 bytes each, a few times over).
KEPT_AT_ONCE = 10_000_000
# Scaled curvature below which a term is told by the others.
SINGULAR = 1e-5
# Directions are made up to a multiple of this, so that little is compiled.
WIDTH = 8


class HistoryTest(NamedTuple):
    """What past choices and outcomes still tell.

    Fields:
        gain: Nats that further terms of past trials promise to gain, about (half of the score statistic).
        n_terms: Further terms, not counting those that equations tell already.
        spared: Nats that equations may leave, as a search takes up nothing that gains less.
        p_value: Probability of such a gain or a larger one under equations that leave that much.
        lag: Trials back of the term that tells most, 1 for the trial before.
    """

    gain: float
    n_terms: int
    spared: float
    p_value: float
    lag: int

    @property
    def is_significant(self) -> bool:
        """Whether the past tells more than the equations do."""
        return self.p_value < LEVEL


class Sums(NamedTuple):
    """Slope and curvature of the likelihood by numbers of the equations and further terms together."""

    gradient: Float[Array, " direction"]
    fisher: Float[Array, "direction direction2"]


def history_test(fitted: Fitted, data: Recorded, spared: float) -> HistoryTest:
    """Test whether past choices and outcomes still tell of choices what equations do not.

    Arguments:
        fitted: Equations, fitted to these data.
        data: The trials.
        spared: Nats that one number costs in the search of the equations.

    Returns:
        A `HistoryTest`. Terms, for each alternative: it was chosen so many trials ago; what that gave; it
        was chosen in two consecutive trials, and what they gave.

    Source:
        Rao, Math. Proc. Camb. Philos. Soc. 1948 (score test); Fisher scores of a softmax.
    """
    gradient, fisher = _summed(fitted, data)
    lags = _lags()
    n = fitted.structure.n_numbers
    score, inner = gradient[n:], fisher[n:, n:]
    can_move = _movable(fitted)
    if can_move.any():
        own, across = fisher[:n, :n][np.ix_(can_move, can_move)], fisher[:n, n:][can_move]
        follow = np.linalg.lstsq(own + 1e-6 * np.diag(np.diagonal(own) + 1e-6), across, rcond=None)[0]
        score = score - follow.T @ gradient[:n][can_move]
        inner = inner - across.T @ follow
    told_before = np.diagonal(fisher)[n:]
    scale = np.sqrt(np.maximum(told_before, 1e-12))
    values, vectors = np.linalg.eigh(inner / np.outer(scale, scale))
    kept = (values > SINGULAR) & (told_before.max(initial=0.0) > 0)
    along = vectors[:, kept].T @ (score / scale)
    statistic = float((along**2 / values[kept]).sum())
    alone = score**2 / np.maximum(np.diagonal(inner), 1e-3 * np.maximum(told_before, 1e-12))
    df = int(kept.sum())
    # what the search has spared moves the statistic up: it is a noncentral chi-squared (Wald 1943)
    tested = df > 0 and np.isfinite(statistic)
    p_value = float(ncx2.sf(statistic, df, 2 * spared)) if tested else 1.0
    return HistoryTest(statistic / 2, df, float(spared), p_value, int(lags[int(alone.argmax())]))


def _movable(fitted: Fitted) -> np.ndarray:
    """Numbers that are not at a bound."""
    low, high = fitted.structure.bounds()
    return (fitted.free > low) & (fitted.free < high)


def _summed(fitted: Fitted, data: Recorded) -> tuple[np.ndarray, np.ndarray]:
    """Slope and curvature over all sessions, some of them at a time."""
    structure = fitted.structure
    n = structure.n_numbers
    width = -(-n // WIDTH) * WIDTH
    directions = np.zeros((width, structure.form.size), np.float32)
    directions[:n] = structure.jacobian.T @ structure.units.directions
    vector, along = jnp.asarray(fitted.vector, jnp.float32), jnp.asarray(directions)
    half, mean = len(data.relations) // 2, jnp.float32(_mean_gain(data))
    kept = structure.form.n_alternatives * (width + len(_lags()))
    gradient, fisher = 0.0, 0.0
    for part in portions(data.trials, kept, KEPT_AT_ONCE):
        found = _sums(structure.form, vector, along, part, half, mean)
        gradient = gradient + np.asarray(found.gradient, float)
        fisher = fisher + np.asarray(found.fisher, float)
    used = np.r_[np.arange(n), np.arange(width, width + len(_lags()))]
    return np.asarray(gradient)[used], np.asarray(fisher)[np.ix_(used, used)]


def _mean_gain(data: Recorded) -> float:
    gained, happened = _gained(data.trials, len(data.relations) // 2)
    return float((gained * happened).sum() / jnp.maximum(happened.sum(), 1))


def _gained(trials: Trials, half: int) -> tuple[Array, Array]:
    """Reward of the trial before (time, session), and whether there was one."""
    first = trials.relation[:, 0]
    gained = (first % 2 if half == 2 else trials.amount).astype(jnp.float32)
    return gained, first != NONE


@partial(jax.jit, static_argnums=(0, 4))
def _sums(form: Form, vector: Array, directions: Array, trials: Trials, half: int, mean: Array) -> Sums:
    logit = trajectories(form, vector, trials)[0]

    def along(direction: Array) -> Array:
        return jax.jvp(lambda v: trajectories(form, v, trials)[0], (vector,), (direction,))[1]

    own = jax.lax.map(along, directions) if len(directions) else jnp.zeros((0, *logit.shape))
    slopes = jnp.concatenate([own, _further(trials, half, mean)])
    if trials.available is not None:
        logit = jnp.where(trials.available, logit, -1e9)
    counted = (trials.target != NONE)[:, None]
    p = jax.nn.softmax(logit, axis=1)
    chosen = trials.target[:, None] == jnp.arange(logit.shape[1])[None, :, None]
    gradient = jnp.einsum("ktas,tas->k", slopes, jnp.where(counted, chosen - p, 0.0))
    centered = slopes - (slopes * p[None]).sum(2, keepdims=True)
    weighted = (centered * jnp.where(counted, jnp.sqrt(p), 0.0)[None]).reshape(len(slopes), -1)
    return Sums(gradient, weighted @ weighted.T)


def _lags() -> np.ndarray:
    """Trials back of each further term."""
    return np.r_[np.repeat(np.arange(1, LAGS + 1), 2), np.repeat(np.arange(2, LAGS + 1), 3)]


def _further(trials: Trials, half: int, mean: Array) -> Array:
    """Further terms (term, time, alternative, session) of the log odds."""
    gained, happened = _gained(trials, half)
    chosen = ((trials.relation < half) & (trials.relation != NONE)).astype(jnp.float32)
    outcome = jnp.where(happened, gained - mean, 0.0)[:, None]

    def back(leaf: Array, lag: int) -> Array:
        """As it was `lag` - 1 trials earlier; 0 before the session."""
        n = min(lag - 1, leaf.shape[0])
        return jnp.concatenate([jnp.zeros_like(leaf[:n]), leaf[: leaf.shape[0] - n]])

    terms = []
    for lag in range(1, LAGS + 1):
        terms += [back(chosen, lag), back(chosen * outcome, lag)]
    for lag in range(2, LAGS + 1):
        both = back(chosen, lag - 1) * back(chosen, lag)
        new, old = back(outcome, lag - 1), back(outcome, lag)
        terms += [both, both * new, both * new * old]
    return jnp.stack(terms)
