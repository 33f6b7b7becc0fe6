"""Likelihood of recorded choices under an agent, with its gradient and Fisher information.

Derivatives travel forward along the trials. Agents have few parameters, so this costs no more than going
backward, needs no memory of the trials, and gives the Fisher information on the way.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from cogrnn_lab.fitting.bounds import Bounds
from cogrnn_lab.fitting.derivatives import DifferentiatedAgent, Values
from cogrnn_lab.fitting.fisher_scoring import Likelihood
from cogrnn_lab.fitting.session_rows import SessionRows
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import preferences
from cogrnn_lab.tasks.agents.agent_parameters import AgentParameter
from cogrnn_lab.tasks.agents.leading import after_trial
from cogrnn_lab.tasks.agents.recorded_trials import shown
from cogrnn_lab.tasks.agents.subject_parameters import with_parameters


class FreeParameters(NamedTuple):
    """Fitted parameters of an agent, and their bounds (one for each number)."""

    parameters: tuple[AgentParameter, ...]
    bounds: Bounds

    @property
    def entries(self) -> tuple[str, ...]:
        """The name of each number."""
        return tuple(entry for parameter in self.parameters for entry in parameter.entries)

    def split(self, numbers: Float[Array, "parameter *lane"]) -> Values:
        """Split numbers, one after the other, into the values of each parameter."""
        ends = np.cumsum([parameter.size for parameter in self.parameters])[:-1]
        parts = jnp.split(numbers, ends)
        return [
            part.reshape(*parameter.shape, *numbers.shape[1:])
            for parameter, part in zip(self.parameters, parts, strict=True)
        ]

    def by_path(self, values: Values) -> dict[str, Float[Array, "..."]]:
        """Give the value of each parameter by its path in the agent."""
        return {p.path: value for p, value in zip(self.parameters, values, strict=True)}


class Problem(NamedTuple):
    """An agent and the choices to which it is fitted.

    `template` has the values of all parameters that are not `fitted`; `rows` the choices of `n_arms`.
    """

    template: Agent
    fitted: FreeParameters
    rows: SessionRows
    n_arms: int

    def likelihood(self, free: Float[Array, "start group parameter"]) -> Likelihood:
        """Compute the likelihood of the choices of each group under each of its sets of free numbers."""
        n_starts, n_groups, _ = free.shape
        along = _differentiated(self, self._of_lanes(free))
        return Likelihood(*(self._of_groups(part, n_starts, n_groups) for part in along))

    def nll(self, free: Float[Array, "start group parameter"]) -> Float[Array, "start group"]:
        """Compute the negative log-likelihood alone, which is ten times cheaper."""
        n_starts, n_groups, _ = free.shape
        return self._of_groups(_undifferentiated(self, self._of_lanes(free)), n_starts, n_groups)

    def _of_lanes(self, free: Float[Array, "start group parameter"]) -> Float[Array, "parameter lane"]:
        """Lanes are (start, row)."""
        return jnp.moveaxis(free[:, self.rows.group], 2, 0).reshape(free.shape[2], -1)

    def _of_groups(self, values: Float[Array, "*part lane"], n_starts: int, n_groups: int) -> Array:
        """Sums over the rows of each group, (start, group, part)."""
        by_row = jnp.moveaxis(values.reshape(*values.shape[:-1], n_starts, -1), -1, 0)
        summed = jax.ops.segment_sum(by_row, self.rows.group, n_groups)
        return jnp.moveaxis(summed, -1, 0)


def _differentiated(problem: Problem, free: Float[Array, "parameter lane"]) -> Likelihood:
    """Likelihood of each lane, with the lane as the last axis.

    With the lanes last the compiler makes vectors of them; lanes first, this took four times longer.
    """
    template, fitted, rows, n_arms = problem
    n_free, n_lanes = free.shape
    agent = DifferentiatedAgent(template, fitted.parameters, n_arms)
    numbers, slopes = jax.jvp(over_lanes(fitted.bounds.values), (free,), (jnp.ones_like(free),))
    values, slopes = fitted.split(numbers), fitted.split(slopes)
    # by the free numbers, not by the parameters themselves
    directions = [over_lanes(lambda s: jnp.diag(s) if s.ndim else s[None])(slope) for slope in slopes]
    fresh = over_lanes(agent.start)(values, directions)

    def one_trial(mind, fresh, values, directions, choice, reward, begins, stimulus):
        mind = jax.tree.map(lambda new, old: jnp.where(begins, new, old), fresh, mind)
        return agent.trial(mind, values, directions, choice, reward, stimulus)

    def trial(carry, recorded):
        mind, total, totals = carry
        choice, reward, target, begins, available, stimulus = _for_lanes(recorded, n_lanes)
        told = choice, reward, begins, stimulus
        mind, logits, slopes = over_lanes(one_trial)(mind, fresh, values, directions, *told)
        nll, *others = _scored(logits, slopes, target, available)
        return (mind, _added(total, nll), jax.tree.map(jnp.add, totals, others)), None

    nothing = [
        jnp.zeros((n_free, n_lanes)),
        tuple(jnp.zeros((n_free - i, n_lanes)) for i in range(n_free)),
    ]
    (_, total, (gradient, triangle)), _ = jax.lax.scan(
        trial, (fresh, _ExactSum.zero(n_lanes), nothing), _recorded(rows)
    )
    return Likelihood(total.value, gradient, _symmetric(triangle))


def _undifferentiated(problem: Problem, free: Float[Array, "parameter lane"]) -> Float[Array, " lane"]:
    """Negative log-likelihood of each lane."""
    template, fitted, rows, n_arms = problem
    values = fitted.split(over_lanes(fitted.bounds.values)(free))

    def agent(values):
        return with_parameters(template, fitted.by_path(values))

    fresh = over_lanes(lambda values: jax.tree.map(jnp.asarray, agent(values).initial_state(n_arms)))(values)

    def one_trial(state, fresh, values, choice, reward, begins, stimulus):
        state = jax.tree.map(lambda new, old: jnp.where(begins, new, old), fresh, state)
        made = agent(values)
        state = shown(made, state, stimulus)
        return after_trial(made, state, choice, reward), preferences(made, state, n_arms)

    def trial(carry, recorded):
        state, total = carry
        choice, reward, target, begins, available, stimulus = _for_lanes(recorded, free.shape[1])
        state, logits = over_lanes(one_trial)(state, fresh, values, choice, reward, begins, stimulus)
        return (state, _added(total, _probabilities(logits, target, available)[0])), None

    (_, total), _ = jax.lax.scan(trial, (fresh, _ExactSum.zero(free.shape[1])), _recorded(rows))
    return total.value


class _ExactSum(NamedTuple):
    """Sum of many numbers in 32 bits, with its rounding error (Kahan 1965)."""

    value: Float[Array, " lane"]
    lost: Float[Array, " lane"]

    @classmethod
    def zero(cls, n_lanes: int) -> "_ExactSum":
        return cls(jnp.zeros(n_lanes), jnp.zeros(n_lanes))


def _added(total: _ExactSum, term: Float[Array, " lane"]) -> _ExactSum:
    missing = term - total.lost
    value = total.value + missing
    return _ExactSum(value, (value - total.value) - missing)


def _recorded(rows: SessionRows) -> tuple[Any, ...]:
    """Recorded choices, outcomes and stimuli of every trial."""
    columns = (rows.choice, rows.reward, rows.target, rows.begins, rows.available, rows.stimulus)
    return jax.tree.map(jnp.asarray, columns)


def _for_lanes(recorded: tuple[Any, ...], n_lanes: int) -> tuple[Any, ...]:
    """One trial of every row, repeated for the sets of parameters."""
    return jax.tree.map(lambda x: jnp.concatenate([x] * (n_lanes // x.shape[-1]), axis=-1), recorded)


def _scored(
    logits: Float[Array, "arm lane"],
    slopes: Float[Array, "parameter arm lane"],
    target: Int[Array, " lane"],
    available: Bool[Array, "arm lane"] | None,
) -> tuple[Array, Array, tuple[Array, ...]]:
    """Of one trial: negative log-likelihood, gradient, and the rows of the information's upper triangle.

    Written arm by arm, because sums over a short axis would not be vectorized.
    """
    nll, probability = _probabilities(logits, target, available)
    arms = range(len(probability))
    mean = _sum(probability[arm][None] * slopes[:, arm] for arm in arms)
    chosen = _sum(jnp.where((target == arm)[None], slopes[:, arm], 0.0) for arm in arms)
    centered = [slopes[:, arm] - mean for arm in arms]
    weighted = [probability[arm][None] * centered[arm] for arm in arms]
    triangle = tuple(
        _sum(centered[arm][i:] * weighted[arm][i][None] for arm in arms) for i in range(slopes.shape[0])
    )
    return nll, mean - chosen, triangle


def _probabilities(
    logits: Float[Array, "arm lane"],
    target: Int[Array, " lane"],
    available: Bool[Array, "arm lane"] | None,
) -> tuple[Float[Array, " lane"], list[Float[Array, " lane"]]]:
    """Negative log-likelihood of one trial and the probability of each arm; all 0 where no choice counts."""
    arms = range(logits.shape[0])
    if available is not None:
        logits = jnp.where(available, logits, -jnp.inf)
    largest = reduce(jnp.maximum, [logits[arm] for arm in arms])
    odds = [jnp.exp(logits[arm] - largest) for arm in arms]
    total, counted = _sum(odds), target >= 0
    chosen = _sum(jnp.where(target == arm, logits[arm], 0.0) for arm in arms)
    nll = jnp.where(counted, jnp.log(total) + largest - chosen, 0.0)
    return nll, [jnp.where(counted, odd / total, 0.0) for odd in odds]


def _sum(terms) -> Array:
    return reduce(jnp.add, terms)


def _symmetric(triangle: tuple[Array, ...]) -> Float[Array, "parameter parameter2 lane"]:
    """The matrix whose upper triangle has these rows."""
    n = len(triangle)
    upper = jnp.stack([jnp.pad(row, ((i, 0), (0, 0))) for i, row in enumerate(triangle)])
    return jnp.where(np.tri(n, k=-1, dtype=bool)[..., None], jnp.swapaxes(upper, 0, 1), upper)


def over_lanes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Vectorize a function over the last axis of its arguments and results."""
    return jax.vmap(function, in_axes=-1, out_axes=-1)
