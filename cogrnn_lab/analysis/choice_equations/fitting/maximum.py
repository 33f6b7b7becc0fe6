"""The numbers under which the choices are most probable, for a given structure of the equations."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import (
    Information,
    hessian,
    information,
    session_nll,
)
from cogrnn_lab.analysis.choice_equations.fitting.portions import portions
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded

# Directions are made up to one of these, so that a structure with a number less compiles nothing.
WIDTHS = (4, 8, 16, 32, 64, 128)
# Nats that a further step is expected to gain where a search counts as finished.
TOLERANCE = 0.02
# Least curvature in nats: a number without effect stays where it is.
LEAST_CURVATURE = 1e-2
# Curvature of a weak pull of weights to 0, in nats per squared log odds: of numbers that only count by their
# difference it chooses the smallest, and what the choices tell it leaves alone (a standard error of 0.1 is a
# curvature of 100).
PULL = 0.02
FIRST_DAMPING, LONGEST_STEP = 1e-3, 3.0
# Numbers that second derivatives keep at once on their way back along the trials (4 bytes each), and how many
# for each trial, direction and latent, and for each further term as well, as the compiler accounts for them:
# 2.6 to 4.1 without terms, 14 to 16 with four.
KEPT_AT_ONCE, KEPT_EACH, KEPT_EACH_TERM = 100_000_000, 4, 3


@dataclass(frozen=True)
class Fitted:
    """A structure with its numbers: `free`, the `nll` of all choices, and of each session."""

    structure: Structure
    free: Float[np.ndarray, " free"]
    session_nll: Float[np.ndarray, " session"]

    @property
    def nll(self) -> float:
        """Negative log-likelihood of all choices that count, in nats."""
        return float(self.session_nll.sum())

    @property
    def vector(self) -> Float[np.ndarray, " number"]:
        """All numbers of the form."""
        return self.structure.vector(self.free)

    @property
    def unit_values(self) -> Float[np.ndarray, " unit"]:
        """The value of each unit."""
        return self.structure.unit_values(self.free)


def informed(
    structure: Structure,
    vector: Float[np.ndarray, " number"],
    directions: Float[np.ndarray, "direction number"],
    data: Recorded,
) -> Information:
    """Likelihood, slope and curvature in 64-bit numbers; directions in batches whose size was compiled."""
    n = len(directions)
    width = next((w for w in WIDTHS if w >= n), n)
    padded = np.zeros((width, directions.shape[1]), np.float32)
    padded[:n] = directions
    found = information(structure.form, jnp.asarray(vector, jnp.float32), jnp.asarray(padded), data.trials)
    nll, gradient, fisher = (np.asarray(part, float) for part in found)
    return Information(nll, gradient[:n], fisher[:n, :n])  # pyright: ignore[reportArgumentType]


def exact_hessian(fitted: Fitted, data: Recorded) -> Float[np.ndarray, "free free2"]:
    """Second derivatives of the negative log-likelihood by the free numbers."""
    structure = fitted.structure
    n = structure.n_numbers
    width = next((w for w in WIDTHS if w >= n), n)
    directions = np.zeros((width, structure.form.size), np.float32)
    directions[:n] = structure.jacobian.T @ structure.units.directions
    vector, along = jnp.asarray(fitted.vector, jnp.float32), jnp.asarray(directions)
    kept = kept_by_hessian(structure.form, width)
    found = sum(
        np.asarray(hessian(structure.form, vector, along, part), float)
        for part in portions(data.trials, kept, KEPT_AT_ONCE)
    )
    return np.asarray(found)[:n, :n]


def kept_by_hessian(form: Form, width: int) -> int:
    """Count the numbers that second derivatives along so many directions keep of each trial of a session."""
    each = KEPT_EACH + KEPT_EACH_TERM * len(form.terms)
    return each * (width + 1) * form.n_mechanisms * form.n_alternatives


def scored(fitted: Fitted, data: Recorded) -> Float[np.ndarray, " session"]:
    """Negative log-likelihood of each session of other data."""
    vector = jnp.asarray(fitted.vector, jnp.float32)
    return np.asarray(session_nll(fitted.structure.form, vector, data.trials), float)


def maximized(
    structure: Structure, free: Float[np.ndarray, " free"], data: Recorded, max_steps: int = 40
) -> Fitted:
    """Damped Fisher scoring (Levenberg 1944; Marquardt 1963) within the bounds of each number.

    A number at a bound that the slope pushes further out is left there.
    """
    low, high = structure.bounds()
    directions = structure.jacobian.T @ structure.units.directions
    free = np.clip(free, low, high)
    pull = np.where(structure.units.rates[structure.representatives], 0.0, PULL)

    def tried_at(numbers: np.ndarray) -> tuple[Information, Information, float]:
        plain = informed(structure, structure.vector(numbers), directions, data)
        pulled = Information(plain.session_nll, plain.gradient + pull * numbers, plain.fisher + np.diag(pull))
        return plain, pulled, float(plain.session_nll.sum() + 0.5 * pull @ numbers**2)

    plain, at, loss = tried_at(free)
    damping = FIRST_DAMPING
    for _ in range(max_steps):
        step, gain = _step(free, at, low, high, damping)
        if gain < TOLERANCE and damping <= FIRST_DAMPING:
            break
        tried = np.clip(free + step, low, high)
        plain_there, there, loss_there = tried_at(tried)
        better = loss - loss_there
        if np.isfinite(better) and better > 0:
            free, plain, at, loss = tried, plain_there, there, loss_there
            damping = max(damping / 5, 1e-7)
            if better < TOLERANCE / 2:
                break
        else:
            damping *= 8
            if damping > 1e6:
                break
    return Fitted(structure, free, np.asarray(plain.session_nll))


def _step(
    free: np.ndarray, at: Information, low: np.ndarray, high: np.ndarray, damping: float
) -> tuple[np.ndarray, float]:
    """The damped step of those that can move, and the nats that it is expected to gain."""
    gradient, fisher = np.asarray(at.gradient), np.asarray(at.fisher)
    held = ((free <= low) & (gradient > 0)) | ((free >= high) & (gradient < 0))
    step = np.zeros_like(free)
    can = np.flatnonzero(~held)
    if len(can) == 0:
        return step, 0.0
    curvature = fisher[np.ix_(can, can)] + np.diag(np.full(len(can), LEAST_CURVATURE))
    damped = curvature + damping * np.diag(np.diagonal(curvature))
    step[can] = -np.linalg.solve(damped, gradient[can])
    step *= min(1.0, LONGEST_STEP / max(np.abs(step).max(), 1e-12))
    step = np.clip(free + step, low, high) - free
    gain = -(gradient @ step) - 0.5 * step @ fisher @ step
    return step, float(gain)
