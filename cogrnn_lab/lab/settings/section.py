"""A group of settings: traitlets that can be listened to, written as a dictionary and read back."""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import traitlets as t

from cogrnn_lab.tasks.registry_entry import Entry


class Section(t.HasTraits):
    """Settings that belong together. A trait may itself be a `Section`.

    Traits tagged `transient=True` are left out of `to_dict` (what only this visit knows).
    """

    def to_dict(self) -> dict[str, Any]:
        """Settings as a dictionary that JSON can hold."""
        content = {}
        for name, trait in self.traits().items():
            if trait.metadata.get("transient"):
                continue
            value = getattr(self, name)
            content[name] = value.to_dict() if isinstance(value, Section) else value
        return content

    def update(self, content: Mapping[str, Any]) -> None:
        """Take settings from a dictionary made by `to_dict`.

        An unknown name is an error, a missing one is left as is.
        """
        for name, value in content.items():
            if name not in self.traits():
                raise ValueError(
                    f"unknown setting {name!r}; this section has {', '.join(self.trait_names())}"
                )
            if isinstance(getattr(self, name), Section):
                getattr(self, name).update(value)
            else:
                setattr(self, name, value)

    def own_names(self) -> list[str]:
        """Names of the settings, in the order in which they were declared."""
        return sorted(self.traits(), key=lambda name: list(type(self).__dict__).index(name))

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback()` after any change of a trait of this section or of a section within it."""
        for name in self.trait_names():
            value = getattr(self, name)
            if isinstance(value, Section):
                value.on_change(callback)
        self.observe(lambda _: callback(), t.All)

    def set_quietly(self, **values: Any) -> None:
        """Set several traits, telling listeners once all of them are set."""
        with self.hold_trait_notifications():
            for name, value in values.items():
                setattr(self, name, value)


class OneOf(Section):
    """One constructor picked among several by name, with the numbers that it takes.

    `kind` is the picked name; `parameters` the section made from that constructor's own arguments, save those
    that are `given`, or from the settings of an entry of a registry. Numbers of unpicked constructors are
    kept and return when they are picked again. `former` are names of earlier versions, and what they are now.
    """

    kind: Any = t.Unicode()
    parameters: Any = t.Instance(Section).tag(transient=True)

    def __init__(
        self,
        constructors: Mapping[str, Any],
        kind: str | None = None,
        *,
        given: tuple[str, ...] = (),
        sizes: Mapping[str, int] | None = None,
        former: Mapping[str, str] | None = None,
    ):
        self._former = former or {}
        self.constructors = dict(constructors)
        self.by_kind = {
            name: parameters_of(make, given, sizes or {}) for name, make in self.constructors.items()
        }
        kind = kind or next(iter(self.constructors))
        super().__init__(kind=kind, parameters=self.by_kind[kind])

    @t.validate("kind")
    def _known(self, proposal):
        if proposal.value not in self.constructors:
            raise t.TraitError(f"kind is {proposal.value!r}, expected one of {', '.join(self.constructors)}")
        return proposal.value

    @t.observe("kind")
    def _switch(self, change):
        if change.new in getattr(self, "by_kind", {}):
            self.parameters = self.by_kind[change.new]

    @property
    def constructor(self) -> Callable:
        """Constructor of the object that was picked."""
        picked = self.constructors[self.kind]
        return picked.make if isinstance(picked, Entry) else picked

    @property
    def per_subject(self) -> list[str]:
        """Parameters of the picked entry in which subjects can differ."""
        return [one.name for one in self.constructors[self.kind].settings if one.per_subject]

    def make(self, *arguments, **keywords):
        """The object: the picked constructor called with its numbers."""
        return self.constructor(*arguments, **self.parameters.to_dict(), **keywords)

    def to_dict(self) -> dict[str, Any]:
        """The picked name and the numbers of that constructor."""
        return {"kind": self.kind, "parameters": self.parameters.to_dict()}

    def update(self, content: Mapping[str, Any]) -> None:
        """Take the name first, then its numbers."""
        if "kind" in content:
            self.kind = self._former.get(content["kind"], content["kind"])
        self.parameters.update(self._with_present_names(content.get("parameters", {})))

    def _with_present_names(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters as they are called now; those of an earlier version may have had other names."""
        names = self.parameters.trait_names()
        return {
            name if name in names else self._former.get(name, name): value
            for name, value in parameters.items()
        }

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback()` after the kind or any number changed."""
        for parameters in self.by_kind.values():
            parameters.observe(lambda _: callback(), t.All)
        self.observe(lambda _: callback(), "kind")


class WithinLimits:
    """A trait whose refusal says what was expected, as the constructors of agents do."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Check the kind of value, then its limits, within which NaN never is."""
        try:
            checked = super().validate(obj, value)  # pyright: ignore[reportAttributeAccessIssue]
        except t.TraitError:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise
        else:
            if not math.isnan(checked):
                return checked
        trait: Any = self
        ends = [f"{end:g}" for end in (trait.min, trait.max) if end is not None and math.isfinite(end)]
        expected = " to ".join(ends) if len(ends) == 2 else f"{ends[0]} or more" if ends else "a number"
        raise t.TraitError(f"{trait.name} = {value}; expected {expected}")


class Whole(WithinLimits, t.Int):
    """A whole number within limits."""


class Number(WithinLimits, t.Float):
    """A number within limits."""


def settings_section(entry: Entry) -> Section:
    """A section with one trait, with its limits, for every setting of an entry of a registry."""
    traits: dict[str, t.TraitType] = {}
    for one in entry.settings:
        low, high = (end if math.isfinite(end) else None for end in one.allowed)
        if isinstance(one.default, bool):
            traits[one.name] = t.Bool(one.default)
        elif isinstance(one.default, int):
            traits[one.name] = Whole(one.default, min=low, max=high)
        elif isinstance(one.default, float):
            traits[one.name] = Number(one.default, min=low, max=high)
        else:
            traits[one.name] = t.Tuple(default_value=one.default)
    return type("EntrySettings", (Section,), traits)()


def parameters_of(
    constructor: Any, given: tuple[str, ...] = (), sizes: Mapping[str, int] | None = None
) -> Section:
    """A section with one trait for every numeric argument of `constructor` that has a default.

    Arguments `given` by something else, such as the data, are left out; `sizes` are defaults for those that
    have none. An entry of a registry says by itself what can be set.
    """
    if isinstance(constructor, Entry):
        return settings_section(constructor)
    traits: dict[str, t.TraitType] = {}
    for name, argument in inspect.signature(constructor).parameters.items():
        default = argument.default
        if default is argument.empty:
            default = (sizes or {}).get(name)
        if name in given:
            continue
        if isinstance(default, bool):
            traits[name] = t.Bool(default)
        elif isinstance(default, int):
            traits[name] = t.Int(default)
        elif isinstance(default, float):
            traits[name] = t.Float(default)
        elif isinstance(default, tuple) and default and all(isinstance(x, float) for x in default):
            traits[name] = t.Tuple(default_value=default)
    return type(f"{getattr(constructor, '__name__', 'Constructor')}Parameters", (Section,), traits)()
