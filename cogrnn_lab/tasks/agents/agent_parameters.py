"""The numbers in an agent that can be fitted: found by name, with their limits."""

import dataclasses
import operator
from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.subject_parameters import with_parameters
from cogrnn_lab.tasks.parameters import Limits, limits_of


@dataclasses.dataclass(frozen=True)
class AgentParameter:
    """One number in an agent, or one array of numbers.

    `name` is that of the field, with the path to it where two fields have the same; `path` from the agent;
    `shape` () for a number; `limits` of its values.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    limits: Limits

    @property
    def size(self) -> int:
        """How many numbers it is."""
        return int(np.prod(self.shape))

    @property
    def entries(self) -> tuple[str, ...]:
        """A name for each of its numbers; those of an array are counted from 1."""
        return (self.name,) if not self.shape else tuple(f"{self.name}_{i + 1}" for i in range(self.size))

    def value(self, agent: Agent) -> Any:
        """Its value in an agent of this kind."""
        return operator.attrgetter(self.path)(agent)


def agent_parameters(agent: Agent) -> tuple[AgentParameter, ...]:
    """The parameters of an agent and of the agents inside it, the innermost first.

    Every number is one, in fields that are not static, except within networks; a part that is None is absent.
    """
    found = list(_walk(agent, ""))
    names = [path.rsplit(".", 1)[-1] for path, _, _ in found]
    return tuple(
        AgentParameter(name if names.count(name) == 1 else path, path, np.shape(value), limits)
        for name, (path, value, limits) in zip(names, found, strict=True)
    )


def as_agent(agent_or_class: Any) -> Agent:
    """The agent itself, or one made by a class or function that needs no arguments."""
    if isinstance(agent_or_class, Agent):
        return agent_or_class
    if not callable(agent_or_class):
        raise TypeError(f"got {agent_or_class!r}; expected an agent, such as cl.QLearning() or its class.")
    try:
        made = agent_or_class()
    except TypeError as error:
        name = getattr(agent_or_class, "__name__", repr(agent_or_class))
        raise TypeError(
            f"{name} cannot be made without arguments ({error}); pass an agent, such as "
            "cl.SideBias(cl.QLearning())."
        ) from error
    if not isinstance(made, Agent):
        raise TypeError(f"{agent_or_class!r} makes a {type(made).__name__}; expected an agent.")
    return made


def _walk(agent: Agent, prefix: str) -> Iterator[tuple[str, Any, Limits]]:
    inside, own = [], []
    for field in dataclasses.fields(agent):
        if field.metadata.get("static", False):
            continue
        value = getattr(agent, field.name)
        path = prefix + field.name
        if isinstance(value, Agent):
            inside.append((value, f"{path}."))
        elif is_number(value, field):
            own.append((path, value, limits_of(field)))
    for agent_inside, path in inside:
        yield from _walk(agent_inside, path)
    yield from own


def is_number(value: Any, field: Any) -> bool:
    """Whether a field holds numbers that can be changed: a whole number is one if it is declared float."""
    declared = field.type in (float, "float") and isinstance(value, int) and not isinstance(value, bool)
    return declared or eqx.is_inexact_array_like(value)


def as_arrays(agent: Agent) -> Agent:
    """The agent with every parameter as an array of 32-bit floats."""
    values = {p.path: jnp.asarray(p.value(agent), jnp.float32) for p in agent_parameters(agent)}
    return with_parameters(agent, values)
