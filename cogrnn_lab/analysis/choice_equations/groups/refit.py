"""The numbers of given equations refitted to many groups of sessions at once.

Rates are fitted as log odds, in which the numbers of subjects are about normal and no bound is in the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from cogrnn_lab.analysis.choice_equations.fitting.likelihood import Information, information
from cogrnn_lab.analysis.choice_equations.fitting.maximum import LEAST_CURVATURE, PULL
from cogrnn_lab.analysis.choice_equations.parts.form import LARGEST, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure
from cogrnn_lab.analysis.choice_equations.parts.trials import NONE, Recorded, Trials

# Rates are between these log odds, .001 and .999.
FARTHEST_RATE = 6.9
# Trials that are led along equations in one compiled call, about.
TRIALS_AT_ONCE = 2_000_000
MOST_STEPS, TOLERANCE = 60, 1e-4
FIRST_DAMPING, MOST_DAMPING, LONGEST_STEP = 1e-3, 1e6, 2.0


@dataclass(frozen=True)
class Scale:
    """The free numbers of a structure on the scale on which they are refitted: rates as log odds."""

    is_rate: Bool[np.ndarray, " free"]

    @classmethod
    def of(cls, structure: Structure) -> "Scale":
        """The scale of each free number."""
        return cls(structure.units.rates[structure.representatives])

    @property
    def bound(self) -> Float[np.ndarray, " free"]:
        """How far from 0 each may be."""
        return np.where(self.is_rate, FARTHEST_RATE, LARGEST)

    def to(self, free: Float[np.ndarray, "*group free"]) -> Float[np.ndarray, "*group free"]:
        """Numbers on this scale."""
        inside = np.clip(free, 1e-9, 1 - 1e-9)
        odds = np.log(inside / (1 - inside))
        return np.clip(np.where(self.is_rate, odds, free), -self.bound, self.bound)

    def back(self, scaled: Float[np.ndarray, "*group free"]) -> Float[np.ndarray, "*group free"]:
        """The numbers themselves."""
        return np.where(self.is_rate, 1 / (1 + np.exp(-np.clip(scaled, -50, 50))), scaled)

    def slope(self, scaled: Float[np.ndarray, "*group free"]) -> Float[np.ndarray, "*group free"]:
        """How the numbers change with those on this scale."""
        rate = self.back(scaled)
        return np.where(self.is_rate, rate * (1 - rate), 1.0)


class Prior(NamedTuple):
    """Normal distribution of each number on its scale, of which all groups are draws."""

    mean: Float[np.ndarray, " free"]
    precision: Float[np.ndarray, " free"]

    @classmethod
    def almost_none(cls, scale: Scale) -> "Prior":
        """The weak pull that fits of equations have; none on rates."""
        return cls(np.zeros(len(scale.is_rate)), np.where(scale.is_rate, 0.0, PULL))


class Refitted(NamedTuple):
    """For each group its numbers on their scale, the curvature there without the prior, and nll in nats."""

    scaled: Float[np.ndarray, "group free"]
    curvature: Float[np.ndarray, "group free free2"]
    nll: Float[np.ndarray, " group"]


class Groups:
    """Sessions by group (indices; one may be in several), ready to be led along equations together."""

    def __init__(self, structure: Structure, data: Recorded, sessions: Sequence[np.ndarray]):
        self.structure, self.scale = structure, Scale.of(structure)
        self._data = data
        self._most = max(len(own) for own in sessions)
        n_trials = data.trials.target.shape[0]
        self._at_once = max(1, min(len(sessions), TRIALS_AT_ONCE // (n_trials * self._most)))
        self._index = np.full((len(sessions), self._most), NONE)
        for group, own in enumerate(sessions):
            self._index[group, : len(own)] = own

    @property
    def n(self) -> int:
        """How many groups."""
        return len(self._index)

    def _informed(self, scaled: np.ndarray) -> tuple[Refitted, np.ndarray]:
        """Nll with its curvature at these numbers, and its slope."""
        structure = self.structure
        directions = jnp.asarray(structure.jacobian.T @ structure.units.directions, jnp.float32)
        vectors = np.stack([structure.vector(free) for free in self.scale.back(scaled)]).astype(np.float32)
        parts: list[Information] = []
        for chosen in self._batches():
            trials = _picked(self._data.trials, jnp.asarray(self._index[chosen]))
            parts.append(_by_group(structure.form, jnp.asarray(vectors[chosen]), directions, trials))
        nll, gradient, fisher = (
            np.concatenate([np.asarray(own, float) for own in part])[: self.n]
            for part in zip(*parts, strict=True)
        )
        slope = self.scale.slope(scaled)
        curvature = fisher * slope[:, :, None] * slope[:, None, :]
        return Refitted(scaled, curvature, nll.sum(1)), gradient * slope

    def _batches(self) -> Iterator[np.ndarray]:
        """Groups of one call; the last is filled up, so that nothing is compiled for it."""
        for start in range(0, self.n, self._at_once):
            yield np.minimum(np.arange(start, start + self._at_once), self.n - 1)

    def maximized(self, start: Float[np.ndarray, "group free"], prior: Prior) -> Refitted:
        """Damped Fisher scoring of all groups side by side, each as far as it takes."""
        scaled = start
        here, gradient = self._informed(scaled)
        damping, bound = np.full(self.n, FIRST_DAMPING), self.scale.bound
        searching = np.ones(self.n, bool)
        for _ in range(MOST_STEPS):
            step, gain = _steps(here, gradient, prior, damping)
            searching &= (gain > TOLERANCE) & (damping < MOST_DAMPING)
            if not searching.any():
                break
            tried = np.where(searching[:, None], np.clip(scaled + step, -bound, bound), scaled)
            there, slope_there = self._informed(tried)
            better = searching & (_loss(there, prior) < _loss(here, prior))
            damping = np.where(better, np.maximum(damping / 5, 1e-7), damping * 8)
            scaled = np.where(better[:, None], tried, scaled)
            gradient = np.where(better[:, None], slope_there, gradient)
            here = Refitted(
                scaled,
                np.where(better[:, None, None], there.curvature, here.curvature),
                np.where(better, there.nll, here.nll),
            )
        return here


def _loss(at: Refitted, prior: Prior) -> Float[np.ndarray, " group"]:
    loss = at.nll + 0.5 * ((at.scaled - prior.mean) ** 2 * prior.precision).sum(1)
    return np.where(np.isfinite(loss), loss, np.inf)


def _steps(
    here: Refitted, gradient: np.ndarray, prior: Prior, damping: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The damped step of each group, and the nats that it is expected to gain."""
    slope = gradient + prior.precision * (here.scaled - prior.mean)
    n = here.scaled.shape[1]
    curvature = here.curvature + np.diag(prior.precision + LEAST_CURVATURE)[None]
    diagonal = np.einsum("gkk->gk", curvature)
    damped = curvature + damping[:, None, None] * diagonal[:, :, None] * np.eye(n)[None]
    step = -np.linalg.solve(damped, slope[:, :, None])[:, :, 0]
    longest = np.maximum(np.abs(step).max(1, initial=0.0), 1e-12)
    step = step * np.minimum(1.0, LONGEST_STEP / longest)[:, None]
    bent = np.einsum("gk,gkl,gl->g", step, curvature, step)
    return step, -(slope * step).sum(1) - 0.5 * bent


@partial(jax.jit, static_argnums=0)
def _by_group(form: Form, vectors: Array, directions: Array, trials: Trials) -> Information:
    return jax.vmap(lambda vector, own: information(form, vector, directions, own))(vectors, trials)


@jax.jit
def _picked(trials: Trials, index: Array) -> Trials:
    """Trials (group, ..., session) of sessions by index; where it is NONE no choice counts."""

    def picked(leaf: Array) -> Array:
        return jnp.moveaxis(jnp.take(leaf, jnp.maximum(index, 0), axis=-1), -2, 0)

    found = jax.tree.map(picked, trials)
    return found._replace(target=jnp.where((index == NONE)[:, None, :], NONE, found.target))
