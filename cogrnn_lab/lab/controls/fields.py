"""Small labelled fields made from the traits of a section, and linked to them both ways."""

import math
import sys
from collections.abc import Mapping
from typing import Any

import ipywidgets as w
import traitlets as t

from cogrnn_lab.lab.page.style import box, plain
from cogrnn_lab.lab.page.style import label as label_of
from cogrnn_lab.lab.settings.section import Section

WHOLE = 2**53 - 1  # whole numbers up to this one are exact in a browser
Words = Mapping[str, tuple[str, str]]  # name of a trait: its label, and what its control tells on hover


def field(
    section: Section, name: str, label: str | None = None, *, options=None, description: str = ""
) -> w.Box:
    """The control of one trait under its name.

    A number, a yes/no, a drop-down where `options` are given or known.
    """
    control = control_for(section, name, options)
    shown = label or name.replace("_", " ")
    control.tooltip = description or shown
    control.add_class(f"cog-set-{name.replace('_', '-')}")
    if isinstance(section.traits()[name], t.Tuple):
        t.link((section, name), (control, "value"), transform=(_as_words, _as_numbers))
    else:
        t.link((section, name), (control, "value"))
    return box((label_of(shown, "cog-name"), control), "cog-field", *_width(getattr(section, name)))


def _width(value: Any) -> tuple[str, ...]:
    """The style class of a field that needs more room than its neighbors: lists of numbers."""
    n_numbers = len(value) if isinstance(value, tuple) else 1
    return ("cog-longer",) if n_numbers > 5 else ("cog-long",) if n_numbers > 2 else ()


def control_for(section: Section, name: str, options=None) -> w.DOMWidget:
    """An unlinked widget that can show and set trait `name`."""
    trait, value = section.traits()[name], getattr(section, name)
    if options is not None:
        return w.Dropdown(options=options, value=value, **plain(w.Dropdown))
    if isinstance(trait, t.Enum):
        return w.Dropdown(options=list(trait.values or ()), value=value, **plain(w.Dropdown))
    if isinstance(trait, t.Bool):
        return w.Checkbox(value=value, indent=False, **plain(w.Checkbox))
    if isinstance(trait, t.Int):
        return w.BoundedIntText(value=value, **_bounds(trait, WHOLE), **plain(w.BoundedIntText))
    if isinstance(trait, t.Float):
        limits = _bounds(trait, sys.float_info.max)
        return w.BoundedFloatText(value=value, step=None, **limits, **plain(w.BoundedFloatText))
    if isinstance(trait, t.Tuple):
        return w.Text(value=_as_words(value), continuous_update=False, **plain(w.Text))
    return w.Text(value=value, continuous_update=False, **plain(w.Text))


def _as_words(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _as_numbers(words: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in words.replace(";", ",").split(",") if word.strip())
    except ValueError:
        numbers = (math.nan,)
    if not all(map(math.isfinite, numbers)):
        raise t.TraitError(f'"{words}" is no list of numbers; expected some with commas, as 0.1, 0.3')
    return numbers


def form(section: Section, columns: int = 2, words: Words | None = None) -> w.Box:
    """All traits of a section as fields in a grid, in the order in which they were declared.

    `words` {name: (label, description)} where the name alone does not say enough.
    """
    known = words or {}
    fields = []
    for name in section.own_names():
        label, description = known.get(name, (None, ""))
        fields.append(field(section, name, label, description=description))
    return box(fields, "cog-grid", f"cog-grid-{columns}")


def _bounds(trait, widest: float | int) -> dict:
    """The limits of a trait for its control; none is the widest there is, as JSON has no infinity."""
    known = {"min": (trait.min, -widest), "max": (trait.max, widest)}
    return {
        name: value if value is not None and math.isfinite(value) else instead
        for name, (value, instead) in known.items()
    }
