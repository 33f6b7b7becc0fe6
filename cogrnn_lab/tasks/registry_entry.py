"""An agent, environment or task under a name, and its settings."""

import copy
import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_parameters import agent_parameters, as_agent, with_values
from cogrnn_lab.tasks.agents.library.side_bias import for_arms
from cogrnn_lab.tasks.parameters import check_again, limits_of
from cogrnn_lab.tasks.trials.numpy_task import NumpyTask, settings_of

Range = tuple[float | int, float | int]
Limited = Mapping[str, Range] | None


@dataclass(frozen=True)
class Setting:
    """One number, flag or tuple of numbers that an entry of a registry can be given.

    Fields:
        name: Keyword under which `make` takes it.
        default: A bool, an int, a float or a tuple of floats.
        allowed: Lowest and highest value; infinite where there is no limit.
        per_subject: Whether subjects can differ in it.
    """

    name: str
    default: bool | int | float | tuple[float, ...]
    allowed: Range = (-math.inf, math.inf)
    per_subject: bool = False


@dataclass(frozen=True)
class Entry:
    """An agent, environment or task under its name, with the settings that it takes.

    Fields:
        name: As it is shown.
        source: A template (an object whose numbers are the defaults), or a class or function that makes one
            without arguments.
        limits: Lowest and highest value of settings, by name, where `source` declares none.
    """

    name: str
    source: Any
    limits: Limited = None

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Settings in the order of their declaration."""
        return tuple(replace(one, allowed=self._limited(one)) for one in _settings_of(self.source))

    def _limited(self, setting: Setting) -> Range:
        lowest, highest = (self.limits or {}).get(setting.name, setting.allowed)
        return lowest, highest

    def make(self, **values: Any) -> Any:
        """Makes the object with some settings changed.

        Arguments:
            values: New values by the names of the settings.

        Raises:
            ValueError: Where a name is none of the settings, or a value is not allowed.
        """
        unknown = set(values) - {one.name for one in self.settings}
        if unknown:
            known = ", ".join(one.name for one in self.settings) or "none"
            raise ValueError(f'"{self.name}" has no setting {sorted(unknown)[0]!r}; it has {known}.')
        return self.source(**values) if callable(self.source) else _changed(self.source, values)


@dataclass(frozen=True)
class AgentEntry(Entry):
    """An agent under its name, with its parameters as settings.

    Fields:
        name, source, limits: As in `Entry`.
    """

    @cached_property
    def template(self) -> Agent:
        """The agent for two alternatives, with the numbers that it has by default."""
        return as_agent(self.source)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """The parameters of the agent, those of the innermost part first."""
        return tuple(replace(one, allowed=self._limited(one)) for one in self._parameters())

    def _parameters(self) -> Iterator[Setting]:
        for one in agent_parameters(self.template):
            value = np.asarray(one.value(self.template), np.float64)
            default = tuple(value.tolist()) if value.ndim else float(value)
            yield Setting(one.name, default, one.limits.allowed, one.per_subject)

    def make(self, *, n_arms: int = 2, **values: Any) -> Agent:
        """Makes the agent with some parameters changed.

        Arguments:
            n_arms: Number of alternatives. A side bias that is one number is towards each after the first.
            values: New values by the names of the parameters.

        Raises:
            ValueError: Where a name is no parameter, or a value is not allowed.
        """
        return for_arms(with_values(self.template, values), n_arms)


def _settings_of(source: Any) -> list[Setting]:
    """Numbers, flags and tuples of floats that a constructor takes by keyword, or that an object holds."""
    declared = {one.name: limits_of(one).allowed for one in _fields_of(source)}
    return [
        Setting(name, default, declared.get(name, (-math.inf, math.inf)))
        for name, default in _defaults_of(source).items()
        if _is_setting(default)
    ]


def _defaults_of(source: Any) -> Mapping[str, Any]:
    kind = source if isinstance(source, type) else type(source)
    if issubclass(kind, NumpyTask):
        return {name: getattr(source, name) for name in settings_of(kind)}
    if callable(source):
        return {name: one.default for name, one in inspect.signature(source).parameters.items()}
    return {one.name: getattr(source, one.name) for one in _fields_of(source) if one.init}


def _fields_of(source: Any) -> tuple[Any, ...]:
    return fields(source) if hasattr(source, "__dataclass_fields__") else ()


def _is_setting(default: Any) -> bool:
    if isinstance(default, tuple):
        return bool(default) and all(isinstance(number, float) for number in default)
    return isinstance(default, (bool, int, float))


def _changed(template: Any, values: Mapping[str, Any]) -> Any:
    """A copy of an object with other values in some of its fields, converted and checked as when it is made.

    `dataclasses.replace` would call the constructor, which may take other arguments than the fields.
    """
    if isinstance(template, NumpyTask):
        known = set(settings_of(type(template)))
        own = {name: value for name, value in vars(template).items() if name in known - set(values)}
        return type(template)(**own, **values)
    changed = copy.copy(template)
    converters = {one.name: one.metadata.get("converter") for one in _fields_of(template)}
    for name, value in values.items():
        convert = converters.get(name)
        object.__setattr__(changed, name, value if convert is None else convert(value))
    check_again(changed)
    return changed
