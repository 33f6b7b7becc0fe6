"""Parameters of an agent that can be fitted: found by name, with their limits."""

import dataclasses
import operator
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.library.scaled_outcomes import ScaledOutcomes
from cogrnn_lab.tasks.agents.parameter_fields import agents_within, parameter_fields
from cogrnn_lab.tasks.agents.subject_parameters import with_parameters
from cogrnn_lab.tasks.parameters import Limits, as_float, check_again, limits_of


@dataclasses.dataclass(frozen=True)
class AgentParameter:
    """A number in an agent, or an array of numbers.

    Fields:
        name: That of the field, or the path to it where two fields have the same name; a scale of rewards
            around the agent (`ScaledOutcomes`) is no part of it.
        path: From the agent, with dots.
        shape: () for a number.
        limits: Of its values.
        per_subject: Whether subjects can differ in it.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    limits: Limits
    per_subject: bool = False

    @property
    def size(self) -> int:
        """Number of its entries."""
        return int(np.prod(self.shape))

    @property
    def entries(self) -> tuple[str, ...]:
        """A name for each entry; those of an array are counted from 1."""
        return (self.name,) if not self.shape else tuple(f"{self.name}_{i + 1}" for i in range(self.size))

    def value(self, agent: Agent) -> Any:
        """Read its value.

        Arguments:
            agent: An agent of the kind whose parameter this is.

        Returns:
            A number or an array.
        """
        return operator.attrgetter(self.path)(agent)


def agent_parameters(agent: Agent) -> tuple[AgentParameter, ...]:
    """List the parameters of an agent and of the agents inside it, the innermost first.

    A parameter is every number in a field that is not static; weights of networks are left out, and so is an
    optional part that is None.

    Arguments:
        agent: An agent.

    Returns:
        The parameters, in a fixed order.

    Example:
        >>> import cogrnn_lab as cl
        >>> [parameter.name for parameter in cl.agent_parameters(cl.SideBias(cl.QLearning()))]
        ['learning_rate', 'inverse_temperature', 'bias']
    """
    found = [one for one in parameter_fields(agent) if one.is_number]
    names = [one.field.name for one in found]
    around = _scales_around(agent)
    return tuple(
        AgentParameter(
            name if names.count(name) == 1 else one.path.removeprefix("agent." * around),
            one.path,
            np.shape(one.value),
            limits_of(one.field),
            one.per_subject,
        )
        for name, one in zip(names, found, strict=True)
    )


def _scales_around(agent: Agent) -> int:
    """How many scales of rewards are around an agent, which have no parameters of their own."""
    return 1 + _scales_around(agent.agent) if isinstance(agent, ScaledOutcomes) else 0


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


def as_arrays(agent: Agent) -> Agent:
    """The agent with every parameter as an array of 32-bit floats."""
    values = {p.path: jnp.asarray(p.value(agent), jnp.float32) for p in agent_parameters(agent)}
    return with_parameters(agent, values)


def with_values(agent: Agent, values: Mapping[str, Any]) -> Agent:
    """The agent with other values of some parameters, by name, checked as when it is made.

    Raises:
        ValueError: Where the agent has no such parameter, or a value is not allowed.
    """
    paths = {parameter.name: parameter.path for parameter in agent_parameters(agent)}
    for name in values:
        if name not in paths:
            raise ValueError(f'the agent has no parameter "{name}"; it has {", ".join(paths) or "none"}.')
    changed = with_parameters(agent, {paths[name]: as_float(value) for name, value in values.items()})
    for one in agents_within(changed):
        check_again(one)
    return changed
