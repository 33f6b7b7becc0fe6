"""Fixed and slow points of a model under a constant observation, and what happens around them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from cogrnn_lab.analysis.dynamics.phase.constant_inputs import constant_inputs
from cogrnn_lab.analysis.dynamics.phase.continua import lines_of
from cogrnn_lab.analysis.dynamics.phase.recursion import recursion_of
from cogrnn_lab.analysis.dynamics.phase.search import (
    distinct_points,
    jacobians,
    minima,
    readouts,
    speeds,
    starts_among,
)
from cogrnn_lab.analysis.reading.arguments import as_subject
from cogrnn_lab.analysis.reading.latents import Latents
from cogrnn_lab.analysis.reading.visited import visited
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset

STABLE, SADDLE, UNSTABLE, MARGINAL = "stable", "saddle", "unstable", "marginal"
# Speeds and distances in units of the spread of the visited states, which is their total standard deviation.
FIXED_SPEED = 1e-4
APART = 0.02
# Visited states that tell how far a point is from the data.
MOST_STATES = 4000


@dataclass(frozen=True)
class FixedPoints:
    """Points at which a constant observation leaves the state, or nearly so.

    Fields:
        states: (point, latent), by observation, the slowest first.
        observation: (point,) index of the observation.
        observations: (observation, input).
        observation_labels: Names of the observations, in the words of the data.
        speed: (point,) size of the change on one trial, in units of the spread of the visited states.
        is_fixed: (point,) True for fixed points, False for slow ones: minima of the speed that is not 0.
        is_outside: (point,) True where the data never come near.
        eigenvalues: (point, latent) of the Jacobian of one trial, complex, largest first.
        stability: (point,) "stable", "saddle", "unstable"; "marginal" where the largest eigenvalue is about
            1, so that a state stays where it is put along one direction.
        time_constants: (point, latent) -step / log |eigenvalue|, of decay; negative of growth, infinite at 1.
        time_unit: "trials", or "seconds" where the data have a `time_step`.
        line: (point,) number of the line (or surface) of fixed points that the point lies on, counted within
            its observation; -1: none.
        line_length: (point,) how long that is, in units of the state.
        n_starts: (point,) how many starts ended there.
        output: (point, output) what the model reads out there.
        spread: Spread of the visited states.
    """

    states: np.ndarray
    observation: np.ndarray
    observations: np.ndarray
    observation_labels: tuple[str, ...]
    speed: np.ndarray
    is_fixed: np.ndarray
    is_outside: np.ndarray
    eigenvalues: np.ndarray
    stability: tuple[str, ...]
    time_constants: np.ndarray
    time_unit: str
    line: np.ndarray
    line_length: np.ndarray
    n_starts: np.ndarray
    output: np.ndarray
    spread: float

    def of(self, observation: int | str) -> np.ndarray:
        """Find the points of an observation.

        Arguments:
            observation: Its index from 0, or its words.

        Returns:
            (point,) indices.
        """
        if isinstance(observation, str):
            if observation not in self.observation_labels:
                raise ValueError(
                    f"there is no observation {observation!r}; there are {'; '.join(self.observation_labels)}"
                )
            observation = self.observation_labels.index(observation)
        return np.flatnonzero(self.observation == observation)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What each observation does, in words."""
        return tuple(self._sentence(i) for i in range(len(self.observations)))

    def _sentence(self, observation: int) -> str:
        label, own = self.observation_labels[observation], self.of(observation)
        inside = own[self.is_fixed[own] & ~self.is_outside[own]]
        if not len(own):
            return f"{label}: no fixed or slow point was found"
        if not len(inside):
            return f"{label}: {self._none_inside(own)}"
        parts = []
        for line in sorted(set(self.line[inside]) - {-1}):
            length = self.line_length[inside][self.line[inside] == line].max()
            parts.append(
                f"a line of fixed points, {length:.2g} long, along which the state stays where it is"
            )
        alone = inside[self.line[inside] < 0]
        for kind in (STABLE, MARGINAL, SADDLE, UNSTABLE):
            mine = [i for i in alone if self.stability[i] == kind]
            if mine:
                slowest = max(abs(t) for t in self.time_constants[mine, 0])
                plural = "s" if len(mine) > 1 else ""
                parts.append(
                    f"{len(mine)} {kind} point{plural} (slowest time constant {slowest:.3g} {self.time_unit})"
                )
        return f"{label}: {'; '.join(parts)}"

    def _none_inside(self, own: np.ndarray) -> str:
        """What there is where no fixed point lies within what the data visit."""
        slow = own[~self.is_fixed[own]]
        fixed = "fixed points only outside of what the data visit" if len(slow) < len(own) else ""
        if not len(slow):
            return fixed
        if self.is_outside[slow].all():
            return fixed or "slow points only outside of what the data visit"
        return f"slow points, and {fixed or 'no fixed ones'}"


def fixed_points(
    model: Any,
    dataset: Dataset,
    observation: Any = None,
    *,
    observations: Any = None,
    subject: Any = None,
    n_starts: int = 64,
    slow: float = 0.02,
    marginal: float = 0.02,
    seed: int = 0,
    along: Latents | None = None,
) -> FixedPoints:
    """Find the fixed and slow points of a model under each observation, from many starts at once.

    Arguments:
        model: Any network, a `Run` or a `Discovery` that has one, or an agent of choices and rewards.
        dataset: Sessions that fit it, whose states are the starts.
        observation: One observation by its words, as "left, rewarded", or as an array (input,); by default
            all.
        observations: (observation, input); by default those that are frequent in the data.
        subject: Name or index of the subject whose dynamics they are, or an embedding (embedding,), for a
            network that knows subjects; by default the mean embedding.
        n_starts: States from which the search starts, half of them visited and half in between.
        slow: Speed up to which a point that is not fixed is told, as a fraction of the spread of the visited
            states in one trial.
        marginal: Distance from 1 up to which the size of an eigenvalue is taken as 1: 0.02 is a time constant
            of 50 trials.
        seed: Seed by which the starts are drawn.
        along: The latents on these data, where they are at hand (not for agents).

    Returns:
        A `FixedPoints`.

    Raises:
        TypeError: The model is no network and no agent.
        ValueError: The data do not fit the model, its states never change, or there is no such observation.

    Source:
        Sussillo & Barak, Neural Computation 2013.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=50)
        >>> found = cl.fixed_points(cl.QLearning(forget_rate=0.2), data, "choice 1, rewarded")
        >>> [[round(float(value), 3) for value in state] for state in found.states]
        [[0.0, 1.0]]
    """
    n_starts = checked_count(n_starts, "n_starts", least=2)
    model, dataset = recursion_of(model, dataset)
    seen = visited(model, dataset, along)
    shown, labels = constant_inputs(model, dataset, observations, observation)
    spread = float(np.sqrt(seen.before.var(0).sum()))
    if spread < 1e-6:
        raise ValueError("the states never change along these data, so there is nothing to start from")
    whose = as_subject(model, subject)
    ended, done = minima(
        model, starts_among(seen.before, n_starts, seed), shown, np.asarray(spread, np.float32), whose
    )
    ended, done = np.asarray(ended, float), np.asarray(done)
    which, states, counts = [], [], []
    for i, (points, ok) in enumerate(zip(ended, done, strict=True)):
        points = points[ok & np.isfinite(points).all(1)]
        speed = _speeds(model, points, shown[i], whose) / spread
        slowly = np.flatnonzero(speed <= slow)
        kept, count = distinct_points(points[slowly], speed[slowly], APART * spread)
        which += [i] * len(kept)
        states += list(points[slowly][kept])
        counts += list(count)
    points = np.array(states).reshape(-1, seen.before.shape[1])
    return _described(
        model, dataset, seen.before, points, np.array(which, int), np.array(counts, int), shown, labels,
        whose=whose, spread=spread, slow=slow, marginal=marginal,
    )  # fmt: skip


def _described(
    model, dataset, visited_states, points, which, counts, shown, labels, *, whose, spread, slow, marginal
) -> FixedPoints:
    """Stability, time constants, lines and distance from the data of the points that were found."""
    step, unit = (1.0, "trials") if dataset.time_step is None else (dataset.time_step, "seconds")
    n, size = points.shape
    speed, values = np.zeros(n), np.zeros((n, size), complex)
    line, length, output = np.full(n, -1), np.zeros(n), np.zeros((n, model.n_outputs))
    if n:
        at = points.astype(np.float32)
        derivative = np.asarray(jacobians(model, at, shown[which], whose), float)
        values, vectors = np.linalg.eig(derivative.astype(complex))
        order = np.argsort(-np.abs(values), axis=1, kind="stable")
        values = np.take_along_axis(values, order, 1)
        directions = np.real(np.take_along_axis(vectors, order[:, None], 2))
        speed = np.asarray(speeds(model, at, shown[which], whose), float) / spread
        output = np.asarray(readouts(model, at, whose), float)
    is_fixed = speed <= FIXED_SPEED
    for i in range(len(shown)):
        own = np.flatnonzero((which == i) & is_fixed)
        if len(own):
            near_one = np.abs(values[own] - 1.0)
            slowest = directions[own, :, near_one.argmin(1)]
            line[own], length[own] = lines_of(
                points[own],
                slowest / np.maximum(np.linalg.norm(slowest, axis=1, keepdims=True), 1e-12),
                near_one.min(1) <= marginal,
                lambda states, i=i: _speeds(model, states, shown[i], whose),
                spread,
                slow * spread / 4,
            )
    with np.errstate(divide="ignore"):
        size_of = np.abs(values)
        constants = np.where(np.abs(size_of - 1.0) < 1e-5, np.inf, -step / np.log(size_of))
    return FixedPoints(
        states=points, observation=which, observations=shown, observation_labels=labels, speed=speed,
        is_fixed=is_fixed, is_outside=_outside(points, visited_states, spread), eigenvalues=values,
        stability=tuple(_stability(np.abs(own), marginal) for own in values), time_constants=constants,
        time_unit=unit, line=line, line_length=length, n_starts=counts, output=output, spread=spread,
    )  # fmt: skip


def _speeds(model: Any, states: np.ndarray, observation: np.ndarray, whose: Any) -> np.ndarray:
    """Sizes of change, padded to a round number of states so that few shapes are compiled."""
    if not len(states):
        return np.zeros(0)
    room = 1 << (len(states) - 1).bit_length()
    padded = np.zeros((room, states.shape[1]), np.float32)
    padded[: len(states)] = states
    seen = np.broadcast_to(observation.astype(np.float32), (room, len(observation)))
    return np.asarray(speeds(model, padded, seen, whose), float)[: len(states)]


def _stability(sizes: np.ndarray, marginal: float) -> str:
    """By the sizes of the eigenvalues."""
    if (sizes > 1 + marginal).all():
        return UNSTABLE
    if (sizes > 1 + marginal).any():
        return SADDLE
    return MARGINAL if (sizes >= 1 - marginal).any() else STABLE


def _outside(points: np.ndarray, states: np.ndarray, spread: float) -> np.ndarray:
    """Whether each point is farther from every visited state than these are from one another, or a tenth."""
    if not len(points):
        return np.zeros(0, bool)
    draw = np.random.default_rng(0)
    some = states[draw.permutation(len(states))[:MOST_STATES]]
    tree = KDTree(some)
    unique = np.unique(some, axis=0)
    usual = np.quantile(KDTree(unique).query(unique, 2)[0][:, 1], 0.99) if len(unique) > 1 else 0.0
    return tree.query(points)[0] > max(0.1 * spread, 2.0 * float(usual))
