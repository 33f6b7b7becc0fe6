"""Agents with one parameter value for each subject, and the values that belong to each session."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Shaped

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.parameter_fields import parameter_fields

# Values by the name of the parameter; that of a part of an agent is written with a dot.
Values = Mapping[str, Any]


class SubjectParameters(NamedTuple):
    """An agent taken apart into what all subjects share and what each has of its own.

    Fields:
        agent: The agent, with any value in place of parameters that differ.
        values: Those parameters by path, (subject,) each, or (subject, entry) for a parameter that is an
            array in each subject; empty for an agent of one subject.
    """

    agent: Agent
    values: dict[str, Shaped[np.ndarray, "subject *entry"]]

    @property
    def n_subjects(self) -> int:
        """Number of subjects; 1 where no parameter differs."""
        return next((len(values) for values in self.values.values()), 1)

    def one(self, subject: int) -> Agent:
        """The agent of one subject (index)."""
        own = {name: values[subject] for name, values in self.values.items()}
        return with_parameters(self.agent, {name: _plain(value) for name, value in own.items()})

    def take(self, subjects: Int[np.ndarray, " n"]) -> "SubjectParameters":
        """Take some of the subjects (indices)."""
        return SubjectParameters(self.agent, self.of_sessions(subjects))

    def of_sessions(
        self, subject: Int[np.ndarray, " session"]
    ) -> dict[str, Shaped[np.ndarray, "session *entry"]]:
        """Values of the subject of each session."""
        return {name: values[subject] for name, values in self.values.items()}


def subject_parameters(agent: Agent | SubjectParameters) -> SubjectParameters:
    """Find the parameters of `agent` that are arrays with one number for each subject.

    Parameters are the fields made by `parameter` and those declared `float`, also of agents inside. All other
    arrays, such as the weights of a network, are shared. An agent that is already taken apart is returned as
    is.

    Raises:
        ValueError: Where such arrays have different lengths or more than one axis.
    """
    if isinstance(agent, SubjectParameters):
        return agent
    values = {
        one.path: np.asarray(one.value, np.float32)
        for one in parameter_fields(agent)
        if one.per_subject and eqx.is_array_like(one.value) and np.ndim(one.value) > 0
    }
    for name, array in values.items():
        if array.ndim > 1 or array.size == 0:
            raise ValueError(
                f"{type(agent).__name__}.{name} has shape {array.shape}; expected one number, or one for "
                "each subject along one axis."
            )
    if len({len(array) for array in values.values()}) > 1:
        sizes = ", ".join(f"{name} {len(array)}" for name, array in values.items())
        raise ValueError(
            f"the parameters of {type(agent).__name__} are for different numbers of subjects: {sizes}; "
            "expected arrays of one length. A parameter that all subjects share is a single number."
        )
    return SubjectParameters(with_parameters(agent, dict.fromkeys(values, np.float32(0))), values)


def with_parameters(agent: Any, values: Values) -> Any:
    """The agent with the parameters at these paths exchanged, unchecked; for code under `jax.vmap`."""
    if not values:
        return agent
    paths = [name.split(".") for name in values]

    def where(tree: Any) -> list[Any]:
        return [reduce(getattr, path, tree) for path in paths]

    return eqx.tree_at(where, agent, list(values.values()))


def for_each_session(function: Callable[..., Any], agent: Agent, values: Values) -> Callable[..., Any]:
    """`function(agent, ...)` of one session as a function of arrays that have the session first.

    `values`: parameters in which the sessions differ, with the session as their first axis.
    """

    def of_all(*arrays: Any) -> Any:
        def of_one(own: dict[str, Array], *rest: Any) -> Any:
            return function(with_parameters(agent, own), *rest)

        return jax.vmap(of_one)(dict(values), *arrays)

    return of_all


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else jnp.asarray(value)
