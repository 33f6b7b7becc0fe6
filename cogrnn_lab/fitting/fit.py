"""Maximum likelihood for agents: the parameters under which the recorded choices are most probable."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.groups import GroupKey, group_keys, group_name
from cogrnn_lab.fitting.bounds import Bounds
from cogrnn_lab.fitting.fisher_scoring import maximize_likelihood
from cogrnn_lab.fitting.likelihood import FreeParameters, Problem
from cogrnn_lab.fitting.result import CONVERGED, OUT_OF_STEPS, STUCK, AgentFit
from cogrnn_lab.fitting.session_rows import SessionRows, session_rows
from cogrnn_lab.fitting.standard_errors import uncertainty
from cogrnn_lab.fitting.starts import random_starts
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_parameters import agent_parameters, as_agent, as_arrays
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters

DEFAULT_STARTS = 20
MOST_PARAMETERS = 100


def fit_agent(
    agent: Any,
    dataset: Dataset,
    *,
    by: str = "subject",
    n_starts: int | None = None,
    fixed: Sequence[str] = (),
    bounds: Mapping[str, Any] | None = None,
    seed: int = 0,
    max_steps: int = 100,
) -> AgentFit:
    """Fit the parameters of an agent to recorded choices by maximum likelihood, many starts at once.

    Arguments:
        agent: An agent, or a class or function that makes one. All its numbers are fitted; its own values are
            the first start. A part that is None is absent: `cl.QLearning(forget_rate=0.1)` fits three.
        dataset: Choices and rewards as `agent_logits` reads them. Choices that do not count (instructed) are
            learned from but not fitted; missed ones are skipped; action masks are kept to.
        by: Who has parameters of their own: each "subject", each "session", or "all" together.
        n_starts: Searches for each group; the default is 20, or 1 for an agent whose likelihood has one
            optimum (`Agent.unimodal`).
        fixed: Names of parameters that keep the agent's values.
        bounds: (lowest, highest) of some parameters by name, instead of their own (infinite: none).
        seed: Of the random starts.
        max_steps: Steps after which a search ends unfinished.

    Returns:
        An `AgentFit`, the same to the bit whatever the order of the sessions.

    Raises:
        ValueError: Names or bounds are unknown or impossible, or a group has no choice that counts.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.WinStayLoseShift(), cl.DriftingBandit(), n_sessions=2, n_trials=200)
        >>> cl.fit_agent(cl.WinStayLoseShift, data).parameter_names == tuple(
        ...     parameter.name for parameter in cl.agent_parameters(cl.WinStayLoseShift())
        ... )
        True
    """
    made = as_agent(agent)
    keys = group_keys(dataset, by)
    groups: dict[GroupKey, list[int]] = {}
    for session in np.argsort(dataset.subject, kind="stable"):
        groups.setdefault(keys[session], []).append(int(session))
    return fit_groups(
        made,
        dataset,
        groups,
        by=by,
        n_starts=n_starts,
        fixed=fixed,
        bounds=bounds,
        seed=seed,
        max_steps=max_steps,
    )


def fit_groups(
    agent: Agent,
    dataset: Dataset,
    groups: Mapping[GroupKey, Sequence[int]],
    *,
    by: str,
    n_starts: int | None = None,
    fixed: Sequence[str] = (),
    bounds: Mapping[str, Any] | None = None,
    seed: int = 0,
    max_steps: int = 100,
) -> AgentFit:
    """Fit an agent as `fit_agent` does to groups of sessions (indices); a session may be in several."""
    keep_compilations()
    n_arms = _checked_arms(dataset)
    template = as_arrays(agent)
    fitted, limits = _free_parameters(template, fixed, bounds or {})
    n_starts = _checked_starts(n_starts, agent)
    own = np.concatenate([np.ravel(p.value(template)) for p in fitted.parameters]).astype(float)
    starts = fitted.bounds.free(random_starts(fitted.parameters, own, limits, n_starts, seed))
    starts = np.broadcast_to(starts[:, None], (n_starts, len(groups), len(own))).astype(np.float32)

    order = sorted(groups)  # nothing may depend on the order of the sessions
    rows = session_rows(dataset, [groups[key] for key in order])
    _check_choices(rows, [group_name(key) for key in order])
    problem = Problem(template, fitted, rows, n_arms)
    found = jax.device_get(_searched(problem, jnp.asarray(starts), max_steps))
    found = jax.tree.map(lambda part: part[[order.index(key) for key in groups]], found)
    endings = np.where(found.converged, CONVERGED, np.where(found.stuck, STUCK, OUT_OF_STEPS)).astype(object)
    spread = uncertainty(found.hessian, found.slopes, found.values, limits, endings)
    return AgentFit(
        agents=SubjectParameters(template, _by_group(fitted, found.values)),
        keys=tuple(groups),
        by=by,
        parameter_names=fitted.entries,
        estimates=found.values.astype(float),
        standard_errors=spread.standard_errors,
        covariance=spread.covariance,
        notes=spread.notes,
        nll=found.start_nll.min(1).astype(float),
        n_choices=np.array([dataset.mask[list(sessions), :, 0].sum() for sessions in groups.values()]),
        converged=found.converged,
        start_nll=found.start_nll.T.astype(float),
        endings=endings,
        class_names=dataset.class_names,
    )


class _Found(NamedTuple):
    """Results of the searches for each group, at the best of its starts.

    `hessian` of the negative log-likelihood by the free numbers; `slopes` of the values by these.
    """

    values: Float[Array, "group parameter"]
    slopes: Float[Array, "group parameter"]
    hessian: Float[Array, "group parameter parameter2"]
    converged: Bool[Array, " group"]
    stuck: Bool[Array, " group"]
    start_nll: Float[Array, "group start"]


@eqx.filter_jit
def _searched(problem: Problem, starts: Float[Array, "start group parameter"], max_steps: int) -> _Found:
    search = maximize_likelihood(problem.likelihood, starts, max_steps)
    nll = jnp.where(jnp.isfinite(search.likelihood.nll), search.likelihood.nll, jnp.inf)
    best = jnp.argmin(nll, axis=0)
    lanes = jnp.arange(starts.shape[1])
    free = search.free[best, lanes]

    def values(free):
        return jax.vmap(problem.fitted.bounds.values)(free)

    def gradient(free):
        return problem.likelihood(free[None]).gradient[0]

    def along(direction):
        return jax.jvp(gradient, (free,), (jnp.broadcast_to(direction, free.shape),))[1]

    hessian = jnp.swapaxes(jax.vmap(along)(jnp.eye(free.shape[1])), 0, 1)
    found, slopes = jax.jvp(values, (free,), (jnp.ones_like(free),))
    ended = search.converged[best, lanes], search.stuck[best, lanes]
    return _Found(found, slopes, hessian, *ended, nll.T)


def _by_group(
    fitted: FreeParameters, values: Float[np.ndarray, "group number"]
) -> dict[str, Float[np.ndarray, "group *entry"]]:
    """The fitted parameters by their path in the agent."""
    by_path = fitted.by_path(fitted.split(jnp.asarray(values.T)))
    return {path: np.moveaxis(np.asarray(part), -1, 0) for path, part in by_path.items()}


def _free_parameters(
    template: Agent, fixed: Sequence[str], bounds: Mapping[str, Any]
) -> tuple[FreeParameters, Float[np.ndarray, "parameter 2"]]:
    """The parameters to be fitted, and their bounds."""
    parameters = agent_parameters(template)
    fixed = (fixed,) if isinstance(fixed, str) else tuple(fixed)
    names = [parameter.name for parameter in parameters]
    for name in (*fixed, *bounds):
        if name not in names:
            raise ValueError(
                f'{type(template).__name__} has no parameter "{name}"; its parameters are '
                f"{', '.join(names) or 'none'}."
            )
    free = tuple(parameter for parameter in parameters if parameter.name not in fixed)
    n_free = sum(parameter.size for parameter in free)
    if not 0 < n_free <= MOST_PARAMETERS:
        raise ValueError(
            f"{n_free} numbers of {type(template).__name__} are to be fitted; expected 1 to "
            f"{MOST_PARAMETERS}. Parameters can be kept with fixed=(...)."
        )
    limits = [
        _checked_bounds(p.name, bounds.get(p.name, p.limits.fitted)) for p in free for _ in range(p.size)
    ]
    lowest, highest = zip(*limits, strict=True)
    return FreeParameters(free, Bounds(lowest, highest)), np.array(limits)


def _checked_bounds(name: str, bounds: Any) -> tuple[float, float]:
    try:
        lowest, highest = (float(bound) for bound in bounds)
    except (TypeError, ValueError):
        lowest, highest = np.nan, np.nan
    if not lowest < highest:
        raise ValueError(
            f"bounds of {name} are {bounds!r}; expected (lowest, highest), the first below the second, "
            "infinite for no bound. A parameter that is to keep its value goes to fixed."
        )
    return lowest, highest


def _checked_starts(n_starts: int | None, agent: Agent) -> int:
    if n_starts is None:
        return 1 if agent.unimodal else DEFAULT_STARTS
    if n_starts < 1:
        raise ValueError(f"n_starts = {n_starts}; expected 1 or more.")
    return n_starts


def _checked_arms(dataset: Dataset) -> int:
    if dataset.n_classes is None:
        raise ValueError("the data set is continuous; an agent is fitted to recorded choices.")
    return dataset.n_classes


def _check_choices(rows: SessionRows, names: Sequence[str]) -> None:
    counted = np.bincount(rows.group, (rows.target >= 0).sum(0), len(names))
    if (counted == 0).any():
        none = ", ".join(name for name, n in zip(names, counted, strict=True) if n == 0)
        raise ValueError(f"no choice of {none} counts: every trial is missed, instructed or masked.")
