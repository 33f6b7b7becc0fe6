"""The one walk over the parameters of an agent and of the agents inside it."""

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

import equinox as eqx

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.parameters import Parameter


class ParameterField(NamedTuple):
    """A field that may hold a parameter: path from the outermost agent, value, and declaration."""

    path: str
    value: Any
    field: Any

    @property
    def declared_float(self) -> bool:
        """Whether the field is declared `float`, so that it is a parameter even if it holds 1."""
        return self.field.type in (float, "float")

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers that can be changed without compiling anything anew."""
        whole = isinstance(self.value, int) and not isinstance(self.value, bool)
        return (self.declared_float and whole) or eqx.is_inexact_array_like(self.value)

    @property
    def per_subject(self) -> bool:
        """Whether it is one number in each subject: declared `float` or `Parameter`, not `Parameters`."""
        return self.declared_float or set(get_args(Parameter)) <= set(get_args(self.field.type))


def parameter_fields(player: Any, prefix: str = "") -> Iterator[ParameterField]:
    """Every field of a module, such as an agent, that is not static; those of agents inside it come first."""
    own = []
    for field in dataclasses.fields(player):
        if field.metadata.get("static", False):
            continue
        value, path = getattr(player, field.name), prefix + field.name
        if isinstance(value, Agent):
            yield from parameter_fields(value, f"{path}.")
        else:
            own.append(ParameterField(path, value, field))
    yield from own


def agents_within(agent: Agent) -> Iterator[Agent]:
    """The agents inside an agent, the innermost first, and the agent itself."""
    for field in dataclasses.fields(agent):
        value = getattr(agent, field.name)
        if isinstance(value, Agent):
            yield from agents_within(value)
    yield agent
