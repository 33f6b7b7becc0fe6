"""A group of settings: traitlets that can be listened to, written as a dictionary and read back."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import traitlets as t


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
    that are `given`. The numbers of the others are kept, so that going back and forth loses nothing.
    """

    kind = t.Unicode()
    parameters: Any = t.Instance(Section).tag(transient=True)

    def __init__(
        self,
        constructors: Mapping[str, Callable],
        kind: str | None = None,
        *,
        given: tuple[str, ...] = (),
        sizes: Mapping[str, int] | None = None,
    ):
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
        """What was picked."""
        return self.constructors[self.kind]

    def make(self, *arguments, **keywords):
        """The object: the picked constructor called with its numbers."""
        return self.constructor(*arguments, **self.parameters.to_dict(), **keywords)

    def to_dict(self) -> dict[str, Any]:
        """The picked name and the numbers of that constructor."""
        return {"kind": self.kind, "parameters": self.parameters.to_dict()}

    def update(self, content: Mapping[str, Any]) -> None:
        """Take the name first, then its numbers."""
        if "kind" in content:
            self.kind = content["kind"]
        self.parameters.update(content.get("parameters", {}))

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback()` after the kind or any number changed."""
        for parameters in self.by_kind.values():
            parameters.observe(lambda _: callback(), t.All)
        self.observe(lambda _: callback(), "kind")


def parameters_of(
    constructor: Callable, given: tuple[str, ...] = (), sizes: Mapping[str, int] | None = None
) -> Section:
    """A section with one trait for every numeric argument of `constructor` that has a default.

    Arguments `given` by something else, such as the data, are left out; `sizes` are defaults for those that
    have none.
    """
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
